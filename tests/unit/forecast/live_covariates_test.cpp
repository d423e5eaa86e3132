#include "forecast/live_covariates.hpp"

#include "core/random.hpp"
#include "forecast/live_forecast.hpp"
#include "forecast/live_training.hpp"
#include "unit/forecast/periods.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {
namespace {

constexpr int told_days = 60;
const std::size_t temperature = live_column("temperature_c").value();
const std::size_t demand_ahead = live_column("national_demand_ahead_mw").value();
const std::size_t demand = live_column("national_demand_mw").value();

/// What came: warmer and colder days, no two alike.
double warmth(std::int64_t period) {
    const Random random(21);
    const auto day = static_cast<std::uint64_t>(period / 48);
    return 10.0 + 6.0 * random.normal(1, day) +
           3.0 * std::sin(2.0 * std::numbers::pi * static_cast<double>(period % 48) / 48.0);
}
/// What is said of it so long before: worse, the longer.
double said_warmth(std::int64_t now, std::int64_t period) {
    return warmth(period) + 0.01 * static_cast<double>(period - now);
}
double national(std::int64_t period) {
    return 30'000.0 - 400.0 * warmth(period);
}

/// Heated by electricity: 4 kW more for each degree colder.
std::vector<float> heated(std::uint64_t feeder, std::int64_t first, std::int64_t count) {
    const Random random(5);
    std::vector<float> kw;
    for (std::int64_t i = first; i < first + count; ++i) {
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(i % 48) / 48.0;
        kw.push_back(static_cast<float>(120.0 + 20.0 * std::sin(angle) - 4.0 * warmth(i) +
                                        random.normal(feeder, static_cast<std::uint64_t>(i))));
    }
    return kw;
}

/// Speaks half-hour by half-hour, as feeds do, from the first day on; keeps all that it stored.
struct World {
    void speak(std::int64_t until, bool is_demand_told = true) {
        for (; now < until; ++now) {
            for (std::int64_t period = now; period < now + 3 * 48; ++period) {
                book.note(temperature, now, period, said_warmth(now, period));
                if (is_demand_told && period < now + 2 * 48) {
                    book.note(demand_ahead, now, period, national(period));
                }
            }
            if (is_demand_told) {
                book.note(demand, now, now, national(now - 1));
            }
            keep(book.take_changes());
        }
    }
    void keep(const std::vector<CovariateSeries>& changes) {
        for (const CovariateSeries& change : changes) {
            auto& all = stored[change.column * 10 + change.said];
            for (std::size_t i = 0; i < change.values.size(); ++i) {
                all[change.first + static_cast<std::int64_t>(i)] = change.values[i];
            }
        }
    }
    [[nodiscard]] CovariateTable as_stored() const {
        std::vector<CovariateSeries> out;
        for (const auto& [place, values] : stored) {
            CovariateSeries& series = out.emplace_back();
            series.column = place / 10;
            series.said = place % 10;
            series.first = values.begin()->first;
            for (std::int64_t i = series.first; i <= values.rbegin()->first; ++i) {
                const auto found = values.find(i);
                series.values.push_back(found == values.end() ? std::numeric_limits<float>::quiet_NaN()
                                                              : found->second);
            }
        }
        return table_of(out);
    }

    std::int64_t now = first_period;
    CovariateBook book{first_period};
    std::map<std::size_t, std::map<std::int64_t, float>> stored;
};

std::vector<LiveHistory> histories(std::int64_t count) {
    std::vector<LiveHistory> out;
    for (const std::uint64_t feeder : {1U, 2U}) {
        out.push_back({.name = "F-" + std::to_string(feeder) + "/p_kw/sum",
                       .first = first_period,
                       .kw = heated(feeder, first_period, count)});
    }
    return out;
}

LiveTrainOptions quick_with_held_days() {
    LiveTrainOptions options;
    options.learn.trees = {.rounds_max = 25, .depth_max = 4, .eta = 0.25, .bins = 32};
    options.learn.width_trees = {.rounds_max = 4, .depth_max = 2, .eta = 0.3, .bins = 32};
    options.leads_s = {1800, 4 * 3600, 24 * 3600};
    options.held_days = 6;
    return options;
}

TEST(CovariateBook, KeepsWhatWasSaidAsLongBeforeAsALeadIsLong) {
    CovariateBook book(first_period);
    book.note(temperature, first_period, first_period + 30, 4.0);
    book.note(temperature, first_period + 10, first_period + 30, 6.0);
    book.note(temperature, first_period + 29, first_period + 30, 7.0);
    const auto table = book.table();
    const Covariate& column = table->columns[temperature];
    const std::int64_t slot = first_period + 30;
    EXPECT_EQ(column.at(0, slot, slot - 24), 4.0) << "twelve hours before";
    EXPECT_EQ(column.at(0, slot, slot - 8), 6.0);
    EXPECT_EQ(column.at(0, slot, slot - 1), 7.0);
    EXPECT_EQ(column.at(0, slot, slot + 5), 7.0) << "and afterwards";
    EXPECT_TRUE(std::isnan(column.at(0, slot, slot - 48))) << "nothing had been said a day before";
    EXPECT_TRUE(std::isnan(column.at(0, slot + 1, slot)));
}

TEST(CovariateBook, WhatIsNoNumberOrOutOfReachSaysNothing) {
    CovariateBook book(first_period);
    book.note(temperature, first_period, first_period + 2, std::nan(""));
    book.note(temperature, first_period, first_period + 10'000, 5.0);
    book.note(demand, first_period, first_period - 2, 30'000.0);  // measured: of now alone
    EXPECT_TRUE(book.take_changes().empty());
    book.note(demand, first_period, first_period, 30'000.0);
    EXPECT_EQ(book.take_changes().size(), 1U);
    EXPECT_TRUE(book.take_changes().empty());
}

TEST(CovariateBook, AfterARestartItGoesOnWithWhatWasStored) {
    World world;
    world.speak(first_period + 100);
    CovariateBook again(first_period + 100);
    const CovariateTable stored = world.as_stored();
    for (std::size_t column = 0; column < live_columns.size(); ++column) {
        const Covariate& kept = stored.columns[column];
        for (std::size_t said = 0; said < std::max<std::size_t>(1, kept.said.size()); ++said) {
            const GridSeries& cells = kept.said.empty() ? kept.by_series[0] : kept.said[said].values;
            again.lay_in({.column = column,
                          .said = said,
                          .first = cells.first,
                          .values = {cells.values.begin(), cells.values.end()}});
        }
    }
    const auto before = world.book.table();
    const auto after = again.table();
    for (std::int64_t slot = first_period; slot < first_period + 200; ++slot) {
        for (const std::size_t column : {temperature, demand_ahead, demand}) {
            const double one = before->columns[column].at(0, slot, first_period + 99);
            const double two = after->columns[column].at(0, slot, first_period + 99);
            ASSERT_EQ(std::isnan(one), std::isnan(two)) << slot;
            ASSERT_TRUE(std::isnan(one) || one == two) << slot;
        }
    }
}

/// Rows made while serving, half-hour by half-hour, and rows made of what was stored in the end.
TEST(LiveCovariates, RowsAreThoseOfTheTrainingBitForBitAndNeverAheadOfWhatWasSaid) {
    World world;
    const Panel panel{
        .step_s = 1800,
        .series = {{"F-1", {.first = first_period, .values = std::vector<double>(40 * 48, 50.0)}}}};
    std::vector<std::size_t> columns{temperature, demand_ahead, demand};
    const auto rows_of = [&](const CovariateTable& table, std::int64_t origin, std::int64_t lead) {
        std::vector<const Covariate*> covariates;
        for (const std::size_t column : columns) {
            covariates.push_back(&table.columns[column]);
        }
        const RowMaker maker(panel, Region::england_and_wales, covariates);
        std::vector<float> row(maker.columns().size());
        maker.make(0, origin + lead, origin, {.level = 50.0, .spread = 10.0}, row);
        return row;
    };
    std::vector<std::vector<float>> served;
    const std::vector<std::int64_t> leads{1, 2, 8, 24, 48, 96};
    for (std::int64_t origin = first_period + 20 * 48; origin < first_period + 20 * 48 + 60; origin += 7) {
        world.speak(origin + 1);
        for (const std::int64_t lead : leads) {
            served.push_back(rows_of(*world.book.table(), origin, lead));
        }
        // What is said later in the half-hour in which the row may be made changes nothing.
        world.book.note(temperature, origin + 1, origin + 1, -30.0);
        world.book.note(temperature, origin + 1, origin + 25, -30.0);
        for (std::size_t i = 0; i < leads.size(); ++i) {
            const std::vector<float> again = rows_of(*world.book.table(), origin, leads[i]);
            for (std::size_t c = 0; c < again.size(); ++c) {
                ASSERT_EQ(std::bit_cast<std::uint32_t>(again[c]),
                          std::bit_cast<std::uint32_t>(served[served.size() - leads.size() + i][c]));
            }
        }
    }
    world.speak(first_period + 25 * 48);
    const CovariateTable stored = world.as_stored();
    std::size_t at = 0;
    for (std::int64_t origin = first_period + 20 * 48; origin < first_period + 20 * 48 + 60; origin += 7) {
        for (const std::int64_t lead : leads) {
            const std::vector<float> offline = rows_of(stored, origin, lead);
            for (std::size_t c = 0; c < offline.size(); ++c) {
                ASSERT_EQ(std::bit_cast<std::uint32_t>(offline[c]),
                          std::bit_cast<std::uint32_t>(served[at][c]))
                    << "column " << c << ", lead " << lead;
            }
            ++at;
        }
    }
}

TEST(LiveCovariates, AModelLearntWithThemIsBetterAndCarriesTheirNames) {
    World world;
    world.speak(first_period + told_days * 48);
    const CovariateTable stored = world.as_stored();
    const std::vector<LiveHistory> all = histories(told_days * 48);
    const std::int64_t now = first_period + told_days * 48;
    const auto without = train_challenger(all, now, nullptr, quick_with_held_days(), nullptr);
    ASSERT_TRUE(without) << without.error().message;
    EXPECT_TRUE(without->ensemble.covariates.empty());
    const LiveModel plain = LiveModel::make(without->ensemble, "plain").value();

    const auto with = train_challenger(all, now, &plain, quick_with_held_days(), nullptr, stored);
    ASSERT_TRUE(with) << with.error().message;
    EXPECT_EQ(with->ensemble.covariates,
              (std::vector<std::string>{"temperature_c", "national_demand_ahead_mw", "national_demand_mw"}));
    EXPECT_NE(with->ensemble.schema_hash, without->ensemble.schema_hash);
    EXPECT_LT(with->trial.pinball, 0.8 * with->trial.champion_pinball) << "the load follows the cold";
    EXPECT_TRUE(LiveModel::make(with->ensemble, "m"));
}

TEST(LiveCovariates, WhatWasNotKnownForLongIsNotLearntFrom) {
    World world;
    world.now = first_period + 55 * 48;
    world.speak(first_period + told_days * 48);
    EXPECT_TRUE(learnable(world.as_stored(), first_period, world.now, 14).empty());
    EXPECT_EQ(learnable(world.as_stored(), first_period, world.now, 3).size(), 3U);
}

TEST(LiveCovariates, AChangedDemandChangesTheForecastAndASilentFeedIsSaid) {
    World world;
    const std::int64_t now = first_period + told_days * 48;
    world.speak(now);
    const std::vector<LiveHistory> all = histories(told_days * 48);
    const auto learnt =
        train_challenger(all, now, nullptr, quick_with_held_days(), nullptr, world.as_stored());
    ASSERT_TRUE(learnt);
    const LiveModel model = LiveModel::make(learnt->ensemble, "m").value();
    const std::span<const float> past = std::span(all[0].kw).last(live_past_periods);
    const features::HalfHours halves{.first = now - static_cast<std::int64_t>(past.size()), .kw = past};
    const std::vector points{
        LivePoint{.past = halves, .series = model.series(all[0].name), .scale = live_scale(halves, now)}};
    const auto p50 = [&](const CovariateTable* table) {
        LiveForecaster live;
        live.look(model, now, points, table);
        live.forecast({}, {.from = 0, .to = 48});
        EXPECT_EQ(live.fault(0), Fallback::none);
        EXPECT_EQ(live.lacks_feed(), table == nullptr);
        return live.rows()[47][3];
    };
    const std::int32_t usual = p50(world.book.table().get());
    for (std::int64_t period = now - 1; period < now + 96; ++period) {
        world.book.note(demand_ahead, now - 1, period, national(period) + 6'000.0);
        world.book.note(temperature, now - 1, period, warmth(period) - 15.0);
    }
    const std::int32_t cold = p50(world.book.table().get());
    EXPECT_GT(cold, usual + 10'000) << "a colder day, a larger load";
    const std::int32_t without_feed = p50(nullptr);
    EXPECT_NEAR(without_feed, usual, 40'000) << "without a feed it still serves";
}

TEST(LiveCovariates, AModelOfOtherCovariatesIsRefused) {
    const std::vector<LiveHistory> all = histories(45 * 48);
    LiveTrainOptions options = quick_with_held_days();
    auto learnt = train_challenger(all, first_period + 45 * 48, nullptr, options, nullptr);
    ASSERT_TRUE(learnt);
    learnt->ensemble.covariates = {"moon_phase"};
    EXPECT_EQ(LiveModel::make(learnt->ensemble, "m").error().code, Errc::conflict);
    learnt->ensemble.covariates = {"temperature_c"};
    EXPECT_EQ(LiveModel::make(learnt->ensemble, "m").error().code, Errc::conflict)
        << "the name alone is not the rows";
}

}  // namespace
}  // namespace headroom::forecast
