#include "beckn/need_clearing.hpp"
#include "core/random.hpp"
#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace headroom::beckn {
namespace {

using test::evening;

const UtcTime noon = parse_utc("2027-01-14T12:00:00Z").value();

flex::IntervalGrid wanted(std::vector<std::int64_t> watts) {
    return {.start = evening, .step = period_length, .values = std::move(watts)};
}

StandingBid bid(std::string id, UtcTime at, std::vector<flex::BidStep> steps) {
    return {.id = std::move(id), .at = at, .curve = {std::move(steps)}};
}

TEST(NeedClearing, PaysEverybodyThePriceOfTheLastStepThatIsTaken) {
    const Clearing cleared = clear(
        wanted({60'000}), {bid("a", noon, {{30'000, 100}, {50'000, 300}}), bid("b", noon, {{20'000, 200}})});

    // a's first 30 kW at 100, b's 20 kW at 200, and 10 of a's further 20 kW at 300.
    EXPECT_EQ(cleared.cleared_w.values, std::vector<std::int64_t>{60'000});
    EXPECT_EQ(cleared.price_per_mwh.values, std::vector<std::int64_t>{300});
    EXPECT_EQ(cleared.awards_w.at("a").values, std::vector<std::int64_t>{40'000});
    EXPECT_EQ(cleared.awards_w.at("b").values, std::vector<std::int64_t>{20'000});
}

TEST(NeedClearing, TakesTheEarlierOfEqualPricesFirstAndThenTheSmallerId) {
    const Clearing by_time = clear(
        wanted({10'000}), {bid("a", noon + seconds{1}, {{10'000, 100}}), bid("b", noon, {{8'000, 100}})});
    EXPECT_EQ(by_time.awards_w.at("b").values, std::vector<std::int64_t>{8'000});
    EXPECT_EQ(by_time.awards_w.at("a").values, std::vector<std::int64_t>{2'000});

    const Clearing by_id =
        clear(wanted({10'000}), {bid("b", noon, {{10'000, 100}}), bid("a", noon, {{8'000, 100}})});
    EXPECT_EQ(by_id.awards_w.at("a").values, std::vector<std::int64_t>{8'000});
    EXPECT_EQ(by_id.awards_w.at("b").values, std::vector<std::int64_t>{2'000});
}

TEST(NeedClearing, ReadsACurveThatFallsAsUpToItsHighestPower) {
    // The published example offers less at a higher price; what stands at a price stands at a higher one.
    const Clearing cleared = clear(wanted({200'000}), {bid("a", noon, {{90'000, 150}, {70'000, 250}})});

    EXPECT_EQ(cleared.cleared_w.values, std::vector<std::int64_t>{90'000});
    EXPECT_EQ(cleared.price_per_mwh.values, std::vector<std::int64_t>{150});
}

TEST(NeedClearing, LeavesOpenWhatNobodyOffers) {
    const Clearing cleared =
        clear(wanted({10'000, 10'000}), {{.id = "a", .at = noon, .curve = {{{4'000, 100}}, {{0, 100}}}}});
    EXPECT_EQ(cleared.cleared_w.values, (std::vector<std::int64_t>{4'000, 0}));
    EXPECT_EQ(cleared.price_per_mwh.values, (std::vector<std::int64_t>{100, 0}));
}

/// Bids of any shape, with few different prices and times so that ties are common.
std::vector<StandingBid> any_bids(const Random& random, std::uint64_t round, std::size_t slots) {
    std::uint64_t draw = 0;
    const auto next = [&](std::uint64_t bound) {
        return static_cast<std::int64_t>(random.below(bound, round, draw++, 1));
    };
    std::vector<StandingBid> bids;
    const std::int64_t count = 1 + next(8);
    for (std::int64_t i = 0; i < count; ++i) {
        StandingBid one{.id = "bid-" + std::to_string(i), .at = noon + seconds{next(3)}, .curve = {}};
        for (std::size_t slot = 0; slot < slots; ++slot) {
            std::vector<flex::BidStep> steps;
            const std::int64_t points = 1 + next(4);
            for (std::int64_t point = 0; point < points; ++point) {
                steps.push_back({next(20'000), 100 * next(6)});
            }
            one.curve.push_back(std::move(steps));
        }
        bids.push_back(std::move(one));
    }
    return bids;
}

/// The lowest price at which a bid offers so much.
std::int64_t ask_for(const std::vector<flex::BidStep>& steps, std::int64_t power_w) {
    std::int64_t ask = std::numeric_limits<std::int64_t>::max();
    for (const flex::BidStep& step : steps) {
        if (step.power_w >= power_w) {
            ask = std::min(ask, step.price_per_mwh);
        }
    }
    return ask;
}

TEST(NeedClearing, KeepsItsPromisesWhateverIsBid) {
    const Random random(20270114);
    constexpr std::size_t slots = 3;
    for (std::uint64_t round = 0; round < 500; ++round) {
        std::vector<StandingBid> bids = any_bids(random, round, slots);
        flex::IntervalGrid need = wanted({});
        for (std::size_t slot = 0; slot < slots; ++slot) {
            need.values.push_back(static_cast<std::int64_t>(random.below(50'000, round, slot, 2)));
        }
        const Clearing cleared = clear(need, bids);
        for (std::size_t slot = 0; slot < slots; ++slot) {
            std::int64_t awarded = 0;
            std::int64_t offered = 0;
            for (const StandingBid& one : bids) {
                std::int64_t most = 0;
                for (const flex::BidStep& step : one.curve[slot]) {
                    most = std::max(most, step.power_w);
                }
                offered += most;
                const auto award = cleared.awards_w.find(one.id);
                const std::int64_t got = award == cleared.awards_w.end() ? 0 : award->second.values[slot];
                awarded += got;
                ASSERT_LE(got, most);
                if (got > 0) {  // nobody is paid below his step
                    ASSERT_LE(ask_for(one.curve[slot], got), cleared.price_per_mwh.values[slot]);
                }
                if (got < most) {  // nobody is passed over who asked less
                    ASSERT_GE(ask_for(one.curve[slot], got + 1), cleared.price_per_mwh.values[slot])
                        << one.id;
                }
            }
            ASSERT_EQ(awarded, cleared.cleared_w.values[slot]);
            ASSERT_EQ(awarded, std::min(offered, need.values[slot]));
        }
        // Whoever is listed first has nothing of it.
        for (std::size_t turn = 0; turn < bids.size(); ++turn) {
            std::rotate(bids.begin(), bids.begin() + 1, bids.end());
            const Clearing again = clear(need, bids);
            ASSERT_EQ(again.awards_w, cleared.awards_w);
            ASSERT_EQ(again.price_per_mwh, cleared.price_per_mwh);
        }
    }
}

}  // namespace
}  // namespace headroom::beckn
