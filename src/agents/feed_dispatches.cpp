#include "agents/feed_dispatches.hpp"

#include "core/small_letters.hpp"
#include "features/half_hour_ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

namespace headroom::agents {
namespace {

using feeds::ukpn::FlexibilityDispatch;

constexpr double kw_per_mw = 1'000.0;

/// Elements by what a zone may call them.
class Zones {
  public:
    explicit Zones(const grid::Network& network) {
        for (const grid::Substation& each : network.substations()) {
            add(each.id.value, each.source_ref, each.name);
        }
        for (const grid::Feeder& each : network.feeders()) {
            add(each.id.value, each.source_ref, each.name);
        }
    }
    /// Nobody's id: empty.
    [[nodiscard]] std::string element(const std::string& zone) const {
        if (const auto known = by_id_.find(zone); known != by_id_.end()) {
            return known->second;
        }
        const auto named = by_name_.find(small_letters(zone));
        return named == by_name_.end() ? std::string() : named->second;
    }

  private:
    void add(const std::string& id, const std::string& source_ref, const std::string& name) {
        by_id_.emplace(id, id);
        if (!source_ref.empty()) {
            by_id_.emplace(source_ref, id);
        }
        if (!name.empty()) {
            const auto [known, is_new] = by_name_.emplace(small_letters(name), id);
            if (!is_new) {
                known->second.clear();  // two of a name: neither is meant for certain
            }
        }
    }
    std::map<std::string, std::string> by_id_;
    std::map<std::string, std::string> by_name_;
};

/// What an element carries at most, in kW; 0 where nobody says so.
double capacity_kw(const grid::Network& network, const std::string& element) {
    double most = 0.0;
    if (const grid::Substation* substation = network.substation(element)) {
        most = substation->rating.value;
    } else if (const grid::Feeder* feeder = network.feeder(element)) {
        most = feeder->rating.value;
    }
    for (const grid::Limit* limit : network.limits_of(element)) {
        if (limit->phase == grid::Phase::sum &&
            (limit->quantity == grid::Quantity::p_kw || limit->quantity == grid::Quantity::s_kva)) {
            most = std::max(most, limit->value);
        }
    }
    return most;
}

/// The element and what supplies it, from below.
std::vector<std::string> upwards(const grid::Network& network, std::string element) {
    std::vector<std::string> out;
    while (!element.empty()) {
        const grid::Substation* substation = network.substation(element);
        const grid::Feeder* feeder = network.feeder(element);
        out.push_back(std::move(element));
        element = substation != nullptr ? substation->parent : feeder != nullptr ? feeder->parent : "";
    }
    return out;
}

bool lowers_import(const FlexibilityDispatch& dispatch) {
    return dispatch.kind == "demand_turn_down" || dispatch.kind == "generation_turn_up";
}

using Half = std::pair<std::int64_t, double>;
/// The half-hours of [start, end) with the share of each that lies in it.
std::vector<Half> halves_of(UtcTime start, UtcTime end) {
    std::vector<Half> out;
    for (UtcTime at = floor_period(start); at < end; at += period_length) {
        const milliseconds inside = std::min(end, at + period_length) - std::max(start, at);
        out.emplace_back(
            features::period_index(at),
            static_cast<double>(inside.count()) / static_cast<double>(milliseconds{period_length}.count()));
    }
    return out;
}

}  // namespace

DispatchedLoad dispatched_load(const grid::Network& network,
                               const std::vector<FlexibilityDispatch>& dispatches, std::int64_t first,
                               std::int64_t now) {
    const Zones zones(network);
    DispatchedLoad out{.kw = {}, .first = first, .end = first, .concerns = 0, .not_believed = {}};
    using Key =
        std::tuple<std::string, std::string, std::string, std::string, UtcTime, UtcTime, double, double>;
    std::set<Key> seen;
    for (const FlexibilityDispatch& each : dispatches) {
        const std::int64_t behind = features::period_index(each.end - milliseconds{1}) + 1;
        out.end = std::max(out.end, std::min(behind, now));
        const std::string element = each.zone.empty() ? std::string() : zones.element(each.zone);
        const bool is_new = seen.emplace(each.unit, each.zone, each.product, each.kind, each.start, each.end,
                                         each.requested_mw, each.utilisation_gbp_per_mwh)
                                .second;
        if (element.empty() || !is_new) {
            continue;
        }
        out.concerns += 1;
        const double kw = each.requested_mw * kw_per_mw;
        const double most = capacity_kw(network, element);
        if (kw > most) {
            out.not_believed.push_back(
                {each.unit + " " + format_utc(each.start),
                 most > 0.0 ? fmt::format("{:.0f} kW are more than {} carries, {:.0f} kW", kw, element, most)
                            : element + " has no rating that it could be held against"});
            continue;
        }
        for (const std::string& place : upwards(network, element)) {
            for (const auto& [period, share] : halves_of(each.start, each.end)) {
                if (period >= first && period < now) {
                    out.kw[place][period] += (lowers_import(each) ? kw : -kw) * share;
                }
            }
        }
    }
    return out;
}

std::string dispatched_key(std::string_view element) {
    return std::string(element) + "/p_kw/sum/dispatched";
}

store::SeriesBlock dispatched_block(const DispatchedLoad& load, const std::string& element) {
    store::SeriesBlock block{.key = dispatched_key(element),
                             .start = features::period_start(load.first),
                             .step = period_length,
                             .values = {}};
    const auto known = load.kw.find(element);
    for (std::int64_t period = load.first; period < load.end; ++period) {
        double kw = 0.0;
        if (known != load.kw.end()) {
            if (const auto at = known->second.find(period); at != known->second.end()) {
                kw = at->second;
            }
        }
        block.values.push_back(static_cast<float>(kw));
    }
    return block;
}

double natural_load_kw(double metered_kw, double dispatched_kw) {
    return std::isfinite(dispatched_kw) ? metered_kw + dispatched_kw : metered_kw;
}

}  // namespace headroom::agents
