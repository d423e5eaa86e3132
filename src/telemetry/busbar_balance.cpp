#include "telemetry/busbar_balance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace headroom::telemetry {
namespace {

// Rounding and meter class explain this much.
constexpr double tolerance_kw = 0.5;
constexpr double tolerance_share = 0.02;
// More often than this, it is a fault of the installation, not of a moment.
constexpr std::uint64_t off_one_in = 20;
constexpr std::uint64_t times_min = 12;

}  // namespace

void BusbarBalance::enter(PointRef point, std::size_t sum) {
    if (sum_of_.size() <= point) {
        sum_of_.resize(point + std::size_t{1}, none);
    }
    HEADROOM_ASSERT(sum_of_[point] == none);
    sum_of_[point] = sum;
}

void BusbarBalance::expect(PointRef busbar, const std::vector<PointRef>& feeders) {
    enter(busbar, sums_.size());
    for (const PointRef feeder : feeders) {
        enter(feeder, sums_.size());
    }
    sums_.push_back({.busbar = busbar, .feeders = feeders.size()});
}

void BusbarBalance::take(const Reading& reading) {
    if (reading.point >= sum_of_.size() || sum_of_[reading.point] == none) {
        return;
    }
    Sum& sum = sums_[sum_of_[reading.point]];
    if (reading.interval_start != sum.at) {
        close(sum);
        sum.at = reading.interval_start;
    }
    if (reading.point == sum.busbar) {
        sum.busbar_kw = reading.value;
        sum.has_busbar = true;
    } else {
        sum.feeders_kw += reading.value;
        ++sum.feeders_seen;
    }
}

void BusbarBalance::close(Sum& sum) {
    if (sum.has_busbar && sum.feeders > 0 && sum.feeders_seen == sum.feeders) {
        ++sum.compared;
        sum.busbar_total_kw += sum.busbar_kw;
        sum.feeders_total_kw += sum.feeders_kw;
        const double tolerance = std::max(tolerance_kw, tolerance_share * std::abs(sum.feeders_kw));
        sum.off += std::abs(sum.busbar_kw - sum.feeders_kw) > tolerance ? 1 : 0;
    }
    sum.has_busbar = false;
    sum.feeders_seen = 0;
    sum.feeders_kw = 0.0;
}

std::vector<Finding> BusbarBalance::findings() const {
    std::map<std::string, std::string> by_place;
    for (Sum sum : sums_) {
        close(sum);
        if (sum.compared < times_min || sum.off * off_one_in <= sum.compared) {
            continue;
        }
        const PointKey& key = registry_.key(sum.busbar);
        const auto times = static_cast<double>(sum.compared);
        std::string& detail = by_place[key.point_id];
        detail += detail.empty() ? "the busbar is not the sum of its feeders: " : "; ";
        detail +=
            fmt::format("{} at {} of {} times, on average {:.1f} kW against {:.1f} kW of {} {}",
                        grid::to_string(key.phase), sum.off, sum.compared, sum.busbar_total_kw / times,
                        sum.feeders_total_kw / times, sum.feeders, sum.feeders == 1 ? "feeder" : "feeders");
    }
    std::vector<Finding> found;
    for (auto& [place, detail] : by_place) {
        found.push_back({place, "balance", std::move(detail)});
    }
    return found;
}

}  // namespace headroom::telemetry
