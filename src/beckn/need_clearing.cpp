#include "beckn/need_clearing.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace headroom::beckn {

namespace {

/// More power of one bid from one price on.
struct Increment {
    std::int64_t price_per_mwh = 0;
    UtcTime at{};
    const std::string* id = nullptr;
    std::int64_t power_w = 0;
};

void add_increments(const StandingBid& bid, std::vector<flex::BidStep> curve, std::vector<Increment>& into) {
    std::stable_sort(curve.begin(), curve.end(), [](const flex::BidStep& a, const flex::BidStep& b) {
        return a.price_per_mwh < b.price_per_mwh;
    });
    std::int64_t reached_w = 0;
    for (const flex::BidStep& step : curve) {
        if (step.power_w > reached_w) {
            into.push_back({step.price_per_mwh, bid.at, &bid.id, step.power_w - reached_w});
            reached_w = step.power_w;
        }
    }
}

flex::IntervalGrid empty_like(const flex::IntervalGrid& grid) {
    return {
        .start = grid.start, .step = grid.step, .values = std::vector<std::int64_t>(grid.values.size(), 0)};
}

}  // namespace

Clearing clear(const flex::IntervalGrid& wanted_w, const std::vector<StandingBid>& bids) {
    Clearing clearing{.cleared_w = empty_like(wanted_w), .price_per_mwh = empty_like(wanted_w)};
    for (std::size_t slot = 0; slot < wanted_w.values.size(); ++slot) {
        std::vector<Increment> steps;
        for (const StandingBid& bid : bids) {
            if (slot < bid.curve.size()) {
                add_increments(bid, bid.curve[slot], steps);
            }
        }
        std::sort(steps.begin(), steps.end(), [](const Increment& a, const Increment& b) {
            return std::tie(a.price_per_mwh, a.at, *a.id) < std::tie(b.price_per_mwh, b.at, *b.id);
        });
        std::int64_t left_w = std::max<std::int64_t>(0, wanted_w.values[slot]);
        for (const Increment& step : steps) {
            const std::int64_t taken_w = std::min(left_w, step.power_w);
            if (taken_w == 0) {
                break;
            }
            left_w -= taken_w;
            clearing.cleared_w.values[slot] += taken_w;
            clearing.price_per_mwh.values[slot] = step.price_per_mwh;
            const auto [award, is_new] = clearing.awards_w.try_emplace(*step.id, empty_like(wanted_w));
            award->second.values[slot] += taken_w;
        }
    }
    return clearing;
}

}  // namespace headroom::beckn
