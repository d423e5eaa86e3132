#pragma once

#include "rehearsal/rehearsal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

namespace headroom::rehearsal {

/// One substation with feeders F-1, F-2 …, rated 100 kW on the sum.
inline grid::Network network_of_feeders(int count, const std::string& kind = "domestic") {
    grid::Network network;
    EXPECT_TRUE(
        network.add(grid::Substation{.id = grid::SubstationId{"S-1"}, .name = "S-1", .kind = "secondary"}));
    for (int i = 1; i <= count; ++i) {
        EXPECT_TRUE(network.add(grid::Feeder{.id = grid::FeederId{"F-" + std::to_string(i)},
                                             .parent = "S-1",
                                             .kind = kind,
                                             .rating = Kilowatts{100.0}}));
    }
    return network;
}

inline WatchedLimit watched(const std::string& feeder, std::vector<double> load_kw, std::int64_t first = 0,
                            double limit_kw = 100.0) {
    grid::Limit limit;
    limit.asset = feeder;
    limit.value = limit_kw;
    limit.source = "test";
    limit.verified_by = "test";
    return {.limit = limit, .substation = "S-1", .load_kw = {.first = first, .values = std::move(load_kw)}};
}

/// Days of load with a peak at 18:00 UTC, higher on every third day; half-hours.
inline std::vector<double> days_of_load(int days, double peak_kw, double peak_third_kw) {
    std::vector<double> out;
    for (int day = 0; day < days; ++day) {
        const double peak = day % 3 == 0 ? peak_third_kw : peak_kw;
        for (int slot = 0; slot < 48; ++slot) {
            const double distance = static_cast<double>(slot - 36) / 6.0;
            const double ripple = 2.0 * std::sin(static_cast<double>(day * 48 + slot) * 0.7);
            out.push_back(40.0 + (peak - 40.0) * std::exp(-distance * distance) + ripple);
        }
    }
    return out;
}

inline flex::Offer offer(const std::string& id, const std::string& feeder, std::int64_t w,
                         std::int64_t pounds_per_mwh) {
    flex::Offer out;
    out.provider = "test";
    out.id = id;
    out.der = id;
    out.feeder = feeder;
    out.power = Watts{w};
    out.utilisation = MicroPoundsPerMwh{pounds_per_mwh * 1'000'000};
    return out;
}

}  // namespace headroom::rehearsal
