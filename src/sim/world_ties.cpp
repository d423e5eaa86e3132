// Where load can move when something is lost: open points between neighbours.
#include "sim/world_plan.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace headroom::sim {
namespace {

constexpr minutes link_box{45};         // a crew with a key
constexpr minutes pole_switch{60};      // a crew that climbs or goes into a substation
constexpr minutes remote_control{2};    // the control room's own system
constexpr double link_box_share = 0.6;  // of the smaller feeder's rating: a thinner cable at its end
constexpr double between_primaries_kw = 6'000.0;

class TieMaker {
  public:
    explicit TieMaker(grid::Network& network) : network_(network) {}

    void join(const std::string& a, const std::string& b, double rating_kw, minutes switching, bool is_remote,
              double lat, double lon) {
        grid::Tie tie;
        tie.id = {numbered_id("TIE", ++count_, 3)};
        tie.ends = {a, b};
        tie.name = "open point " + a + " – " + b;
        tie.rating = Kilowatts{rating_kw};
        tie.switching = switching;
        tie.is_remote = is_remote;
        tie.lat = lat;
        tie.lon = lon;
        tie.source_ref = "illustrative: simulated, no real network";
        const Result<void> added = network_.add(std::move(tie));
        HEADROOM_ASSERT(added.has_value());
    }

    void join(const grid::Feeder& a, const grid::Feeder& b, double share, minutes switching, bool is_remote) {
        join(a.id.value, b.id.value,
             std::max(1.0, std::floor(share * std::min(a.rating.value, b.rating.value))), switching,
             is_remote, (a.lat + b.lat) / 2.0, (a.lon + b.lon) / 2.0);
    }

  private:
    grid::Network& network_;
    int count_ = 0;
};

}  // namespace

void WorldPlan::add_ties() {
    TieMaker maker(network_);
    const auto line = [&](const std::string& id) -> const grid::Feeder& { return *network_.feeder(id); };

    // Link boxes: every low-voltage feeder meets at most one of the next substation of its primary, half of
    // them of the one before it.
    const std::size_t to_next = primary_count * feeders_per_secondary;
    for (std::size_t f = 0; f + to_next < feeders_.size(); ++f) {
        const std::size_t turn = f / to_next;
        if ((turn + f) % 2 == 0) {
            maker.join(line(feeders_[f].id), line(feeders_[f + to_next].id), link_box_share, link_box, false);
        }
    }

    // Rings at 11 kV, every second switch under remote control.
    const std::size_t per_primary = hv_feeders_.size() / primary_count;
    for (std::size_t h = 0; h < hv_feeders_.size(); ++h) {
        const std::size_t at_primary = h % per_primary;
        const std::size_t next = at_primary + 1 < per_primary ? h + 1 : (h + 1) % hv_feeders_.size();
        if (next != h) {
            const bool is_remote = at_primary % 2 == 0;
            maker.join(line(hv_feeders_[h].id), line(hv_feeders_[next].id), 1.0,
                       is_remote ? remote_control : pole_switch, is_remote);
        }
    }

    const std::vector<grid::Substation>& stations = network_.substations();
    for (std::size_t p = 0; p < primary_count; ++p) {
        const grid::Substation& a = stations[p];
        const grid::Substation& b = stations[(p + 1) % primary_count];
        maker.join(a.id.value, b.id.value, between_primaries_kw, remote_control, true, (a.lat + b.lat) / 2.0,
                   (a.lon + b.lon) / 2.0);
    }
}

}  // namespace headroom::sim
