// What holds for any network: drawn ones, by seed.
#include "contingency/loss_orders.hpp"
#include "contingency/shelf.hpp"
#include "contingency/shelf_input.hpp"
#include "unit/contingency/shelf_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace headroom::contingency {
namespace {

struct Drawn {
    std::vector<std::string> ties;
    std::unique_ptr<ShelfWorld> world;
};

/// Primaries, substations and feeders with ties at every level; loads, limits and DERs `scale` times as
/// large.
Drawn drawn(unsigned seed, double scale = 1.0, const std::string& without_tie = "") {
    std::mt19937 random(seed);
    const auto pick = [&](int from, int to) {
        return from + static_cast<int>(random() % static_cast<unsigned>(to - from + 1));
    };
    const auto text = [](double value) { return std::to_string(value); };
    std::string rows;
    std::vector<std::string> feeders;
    std::vector<std::string> stations;
    const int primaries = pick(1, 3);
    for (int p = 0; p < primaries; ++p) {
        const std::string primary = "P-" + std::to_string(p);
        rows += "substation," + primary + ",,,,," + text(scale * pick(300, 2000)) + ",primary,,\n";
        for (int s = 0; s < pick(1, 4); ++s) {
            const std::string station = primary + "-S" + std::to_string(s);
            stations.push_back(station);
            rows += "substation," + station + "," + primary + ",,,," + text(scale * pick(0, 600)) +
                    ",secondary,,\n";
            for (int f = 0; f < pick(1, 4); ++f) {
                const std::string feeder = station + "-F" + std::to_string(f);
                feeders.push_back(feeder);
                rows += "feeder," + feeder + "," + station + ",,,," + text(scale * pick(60, 300)) + ",,,\n";
            }
        }
    }
    Drawn out;
    const int ties = pick(0, 2 * static_cast<int>(feeders.size()));
    for (int t = 0; t < ties; ++t) {
        const std::vector<std::string>& ends = pick(0, 4) == 0 ? stations : feeders;
        const std::string& a = ends[random() % ends.size()];
        const std::string& b = feeders[random() % feeders.size()];
        const std::string id = "T-" + std::to_string(t);
        const std::string rating = text(scale * pick(20, 400));
        const std::string kind = pick(0, 1) == 0 ? "remote" : "manual:" + std::to_string(pick(5, 500));
        if (a != b && id != without_tie) {
            out.ties.push_back(id);
            rows += "tie," + id + "," + a + "|" + b + ",,,," + rating + "," + kind + ",,\n";
        }
    }
    out.world = std::make_unique<ShelfWorld>(rows);
    ShelfWorld& world = *out.world;
    world.now += minutes{pick(0, 29)};
    world.build();
    for (const std::string& feeder : feeders) {
        const bool by_phase = pick(0, 4) > 0;
        std::vector<double> kw;
        for (int phase = 0; phase < (by_phase ? 3 : 1); ++phase) {
            kw.push_back(scale * pick(-5, by_phase ? 60 : 180));
        }
        world.load(feeder, kw);
        ElementLoad& load = world.state.elements[world.at(feeder)].load;
        for (std::size_t t = 0; t < shelf_periods; ++t) {  // not flat
            const std::int64_t factor = pick(80, 120);
            for (std::size_t phase = 0; phase < phase_count; ++phase) {
                load.high[phase][t] = std::max(load.median[phase][t], load.median[phase][t] * factor / 100);
            }
        }
        for (int d = 0; d < pick(0, 3); ++d) {
            const auto place = static_cast<std::size_t>(pick(0, 3));
            world.der(feeder, feeder + "-D" + std::to_string(d), place, scale * pick(1, 30), pick(0, 40));
        }
        if (pick(0, 9) == 0) {
            world.set(feeder,
                      pick(0, 1) == 0 ? grid::OperationalState::outage : grid::OperationalState::abnormal);
        }
        if (pick(0, 5) == 0) {
            ArmedRelief armed{.event = "ev-" + feeder, .phase = static_cast<std::size_t>(pick(0, 2))};
            armed.relief_w.fill(static_cast<std::int64_t>(scale * pick(1, 20) * 1000));
            world.state.elements[world.at(feeder)].armed.push_back(armed);
        }
    }
    add_up_loads(*world.shelf, world.state, world.has_own);
    return out;
}

std::string bytes_of(const ShelfPlan& plan) {
    return json::write_canonical(to_json(plan)).value();
}

class ShelfProperties : public ::testing::TestWithParam<unsigned> {};

/// What orders relieve on a phase of an element: those on it and below.
std::int64_t relief_on(const ShelfNetwork& network, const std::vector<ShelfOrder>& orders,
                       std::size_t element, std::size_t phase, std::size_t t) {
    std::int64_t relief = 0;
    for (const ShelfOrder& order : orders) {
        const std::size_t on = phase_place(grid::parse_phase(order.phase).value());
        if (!network.is_within(network.find(order.feeder), element)) {
            continue;
        }
        relief += phase == phase_sum || on == phase ? order.power_w[t]
                  : on == phase_sum                 ? order.power_w[t] / 3
                                                    : 0;
    }
    return relief;
}

TEST_P(ShelfProperties, NoCarrierIsPushedOverItsLimit) {
    const Drawn made = drawn(GetParam());
    const ShelfNetwork& network = *made.world->shelf;
    const ShelfState& state = made.world->state;
    const ReliefTotals totals = relief_totals(network, state);
    for (std::size_t lost = 0; lost < network.elements().size(); ++lost) {
        const Transfer transfer = find_transfer(network, state, totals, lost, {});
        const LossOrders orders = orders_for(network, state, transfer);
        EXPECT_EQ(orders.short_w, 0);
        for (const Move& move : transfer.moves) {
            for (std::size_t t = 0; t < shelf_periods; ++t) {
                EXPECT_LE(move.load_w[phase_sum][t], network.ties()[move.way.tie].rating_w);
            }
        }
        for (const Carried& carried : transfer.carried) {
            EXPECT_FALSE(network.is_within(lost, carried.element));
            for (std::size_t phase = 0; phase < phase_count; ++phase) {
                const std::int64_t limit = network.elements()[carried.element].limits[phase].binding_w;
                for (std::size_t t = 0; limit > 0 && t < shelf_periods; ++t) {
                    if (carried.after_w[phase_sum][t] == carried.before_w[phase_sum][t]) {
                        continue;
                    }
                    const std::int64_t relief = relief_on(network, orders.orders, carried.element, phase, t);
                    EXPECT_LE(carried.after_w[phase][t] - relief, limit)
                        << network.elements()[lost].id << " onto " << network.elements()[carried.element].id;
                }
            }
        }
        std::int64_t least = 0;
        for (std::size_t t = 0; t < shelf_periods; ++t) {
            least = std::min(least, transfer.unrestored_w[t]);
        }
        EXPECT_EQ(least, 0);
    }
}

TEST_P(ShelfProperties, TheSameStateGivesTheSameBytes) {
    const Drawn once = drawn(GetParam());
    const Drawn again = drawn(GetParam());
    const std::vector<ShelfPlan> a = make_shelf(*once.world->shelf, once.world->state);
    const std::vector<ShelfPlan> b = make_shelf(*again.world->shelf, again.world->state);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(bytes_of(a[i]), bytes_of(b[i]));
    }
}

TEST_P(ShelfProperties, WhatTheLogKeepsOfAPlanGivesItAgain) {
    const Drawn made = drawn(GetParam());
    const ShelfNetwork& network = *made.world->shelf;
    for (const ShelfPlan& plan : make_shelf(network, made.world->state)) {
        const ShelfInput input = input_for(network, made.world->state, network.find(plan.element));
        const Result<std::string> text = json::write_canonical(to_json(input));
        ASSERT_TRUE(text.has_value()) << text.error().message;
        const Result<ShelfInput> read = shelf_input_from_json(*json::parse(*text));
        ASSERT_TRUE(read.has_value()) << read.error().message << read.error().pointer;
        const Result<ShelfPlan> again = plan_loss(*read);
        ASSERT_TRUE(again.has_value()) << again.error().message;
        EXPECT_EQ(bytes_of(*again), bytes_of(plan)) << plan.element;
    }
}

TEST_P(ShelfProperties, ATieThatIsNotUsedCanGo) {
    const Drawn made = drawn(GetParam());
    for (const ShelfPlan& plan : make_shelf(*made.world->shelf, made.world->state)) {
        if (plan.unused.empty()) {
            continue;
        }
        const std::string gone = plan.unused.front().tie;
        const Drawn less = drawn(GetParam(), 1.0, gone);
        ShelfPlan before = plan;
        ShelfPlan after = less.world->plan(plan.element);
        for (ShelfPlan* one : {&before, &after}) {
            one->unused.clear();
            one->reason.clear();  // may name the tie
        }
        EXPECT_EQ(bytes_of(before), bytes_of(after)) << plan.element << " without " << gone;
    }
}

TEST_P(ShelfProperties, TenTimesEverythingIsTheSamePlan) {
    const Drawn small = drawn(GetParam());
    const Drawn large = drawn(GetParam(), 10.0);
    large.world->state.guard.power_per_feeder_minute_max =
        Watts{small.world->state.guard.power_per_feeder_minute_max.value * 10};
    for (const ShelfPlan& plan : make_shelf(*small.world->shelf, small.world->state)) {
        const ShelfPlan scaled = large.world->plan(plan.element);
        EXPECT_EQ(scaled.cover, plan.cover) << plan.element << ": " << plan.reason << " / " << scaled.reason;
        EXPECT_EQ(scaled.switching.size(), plan.switching.size());
        EXPECT_NEAR(static_cast<double>(scaled.interrupted_peak_w),
                    static_cast<double>(plan.interrupted_peak_w) * 10.0, 100.0);  // roots are rounded
        EXPECT_NEAR(static_cast<double>(scaled.unrestored_peak_w),
                    static_cast<double>(plan.unrestored_peak_w) * 10.0,
                    2000.0 + static_cast<double>(plan.interrupted_peak_w) * 0.02);
    }
}

TEST_P(ShelfProperties, ARefreshedShelfIsThatOfANewOne) {
    Drawn made = drawn(GetParam());
    ShelfWorld& world = *made.world;
    Shelf shelf(*world.shelf);
    shelf.begin(world.state);
    while (shelf.advance(3) > 0) {
    }
    shelf.begin(world.state);
    EXPECT_EQ(shelf.due(), 0U);
    std::mt19937 random(GetParam() + 1000);
    for (int round = 0; round < 6; ++round) {
        const std::size_t at = random() % world.state.elements.size();
        ElementState& element = world.state.elements[at];
        switch (round) {
            case 0:
                element.load.high[phase_sum].fill(77'000);
                break;
            case 1:
                element.state.state = grid::OperationalState::outage;
                break;
            case 2:
                element.flex.push_back({"new", phase_sum, Watts{9'000}, 0, grid::DerClass::hvac});
                break;
            case 3:
                element.over_band_w = -5'000;
                break;
            case 4:
                world.state.conditions.feeders_over_limit = 9;
                break;
            default:
                element.state = {};
                break;
        }
        shelf.begin(world.state);
        if (round % 2 == 0) {
            while (shelf.advance(2) > 0) {  // else its elements wait for the next sweep
            }
        }
    }
    while (shelf.advance(100) > 0) {
    }
    const ReliefTotals totals = relief_totals(*world.shelf, world.state);
    for (std::size_t i = 0; i < shelf.plans().size(); ++i) {
        EXPECT_EQ(bytes_of(shelf.plans()[i]), bytes_of(plan_loss(*world.shelf, world.state, totals, i)));
    }
    EXPECT_EQ(shelf.ranked().size(), shelf.plans().size());
}

INSTANTIATE_TEST_SUITE_P(Drawn, ShelfProperties, ::testing::Range(1U, 61U));

}  // namespace
}  // namespace headroom::contingency
