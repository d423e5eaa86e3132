#include "desk/scenarios.hpp"

#include "agents/asset_histories.hpp"
#include "core/units.hpp"
#include "desk/scenario_recompute.hpp"
#include "scenario/asset_import.hpp"
#include "store/series.hpp"
#include "unit/agents/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace headroom::desk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const UtcTime morning = parse_utc("2026-11-24T09:00:00Z").value();
const Caller caller{.id = "op-1", .kind = "user", .role = "operator", .ip = {}, .reason = "test"};

/// The parts around the desk, without any weather service.
class ScenariosTest : public ::testing::Test {
  protected:
    ScenariosTest() {
        audit::LogOptions log_options{.dir = folder_.path() / "audit",
                                      .origin = "test.example/audit",
                                      .key = Ed25519KeyPair::from_secret(std::string(32, '\7')).value(),
                                      .wall_clock = wall_};
        log_options.reserve_bytes = 1UL << 16U;
        log_options.allocate_step = 1UL << 18U;
        log_ = audit::Log::open(std::move(log_options)).value();
        blobs_ = std::make_unique<audit::BlobStore>(audit::BlobStore::open(folder_.path() / "blobs").value());
        auto kept = store::open_sqlite_records(folder_.path() / "records.db").value();
        auto ahead = store::AheadFile::open(folder_.path() / "records.ahead", *kept).value();
        records_ = std::make_unique<agents::RecordStore>(std::move(kept), std::move(ahead));
        journal_ = std::make_unique<agents::Journal>(context_.get_executor(), *log_, *blobs_, *records_);
        journal_->on_entry([this](const audit::Entry& entry) { entries_.push_back(entry); });
        weather_ = std::make_unique<agents::ScenarioWeather>(context_.get_executor(), wall_, nullptr,
                                                             "no service in a test");
        make({});
    }
    ~ScenariosTest() override {
        until([this] { return scenarios_->idle(); });
        context_.restart();
        context_.poll();  // what the last run began is begun
        until([this] { return journal_->idle() && records_->idle(); });
        scenarios_.reset();
    }

    void make(ScenarioOptions options) {
        until([this] { return !scenarios_ || scenarios_->idle(); });
        scenarios_ = std::make_unique<Scenarios>(Scenarios::Parts{.executor = context_.get_executor(),
                                                                  .wall = wall_,
                                                                  .journal = *journal_,
                                                                  .weather = *weather_,
                                                                  .assets = scenario::built_in_assets(),
                                                                  .network_assets = {}},
                                                 std::move(options));
    }
    void until(const std::function<bool()>& is_done) {
        const auto latest = steady_now() + seconds{60};
        while (!is_done()) {
            ASSERT_LT(steady_now(), latest);
            context_.restart();
            context_.run_for(milliseconds{2});
        }
    }
    template <class T>
    T await(Awaitable<T> work) {
        std::optional<T> out;
        spawn(context_.get_executor(), deliver(std::move(work), out));
        until([&] { return out.has_value(); });
        return std::move(*out);
    }
    template <class T>
    static Awaitable<void> deliver(Awaitable<T> work, std::optional<T>& out) {
        T value = co_await std::move(work);
        out = std::move(value);
    }
    static ScenarioOrder heatwave(std::int64_t hours_long = 24) {
        ScenarioOrder order{.seed = 7};
        order.scenario = scenario::predefined_scenarios().front().scenario;
        for (const scenario::ListedScenario& one : scenario::predefined_scenarios()) {
            if (one.scenario.id == "london_heatwave_3d") {
                order.scenario = one.scenario;
            }
        }
        order.scenario.hours = hours_long;
        return order;
    }

    agents::test::Folder folder_;
    asio::io_context context_;
    ManualWallClock wall_{morning};
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<agents::RecordStore> records_;
    std::unique_ptr<agents::Journal> journal_;
    std::vector<audit::Entry> entries_;
    std::unique_ptr<agents::ScenarioWeather> weather_;
    std::unique_ptr<Scenarios> scenarios_;
};

TEST_F(ScenariosTest, ARunIsKeptAndWrittenDownWithAnInputThatGivesItAgain) {
    const Result<Scenarios::Told> told = await(scenarios_->run(heatwave(), caller));
    ASSERT_TRUE(told.has_value()) << told.error().message;
    EXPECT_THAT(told->run->result.risks, ::testing::Not(IsEmpty()));
    EXPECT_EQ(told->run->origins.at(0).why, "no service in a test");
    const Result<ScenarioRunAnswer> answer = scenarios_->run_answer(told->run_id);
    EXPECT_EQ(answer->state, "done");
    EXPECT_EQ(answer->done, 1.0);

    until([this] { return !entries_.empty(); });
    EXPECT_EQ(entries_[0].type, "scenario.run");
    EXPECT_EQ(entries_[0].actor.id, "op-1");
    const json::Value body(entries_[0].body);
    const Result<std::string> kept = journal_->get_blob(body.text("/input/sha256"));
    ASSERT_TRUE(kept.has_value()) << kept.error().message;
    const Result<scenario::RunInput> input = scenario::run_input_from_json(json::parse(*kept).value());
    ASSERT_TRUE(input.has_value()) << input.error().message;
    EXPECT_EQ(scenario::run(*input).value(), told->run->result);
}

TEST_F(ScenariosTest, AStoredRunIsMadeAgainToTheBit) {
    const Result<Scenarios::Told> told = await(scenarios_->run(heatwave(), caller));
    ASSERT_TRUE(await(scenarios_->run(heatwave(2), caller)).has_value());
    until([this] { return entries_.size() == 2; });
    const Result<const audit::Entry*> entry = find_run(entries_, told->run_id);
    ASSERT_TRUE(entry.has_value()) << entry.error().message;
    const auto kept = [this](const std::string& sha256) { return journal_->get_blob(sha256); };
    const Result<RecomputedRun> again = recompute(**entry, kept);
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_TRUE(again->same) << again->detail;
    EXPECT_EQ(again->recomputed_sha256.size(), 64U);
    EXPECT_EQ(again->recorded_sha256, again->recomputed_sha256);
    EXPECT_EQ(again->run->result, told->run->result);
    EXPECT_EQ(find_run(entries_, told->run->input_sha256.substr(0, 12)).value(), *entry);
    EXPECT_THAT(find_run(entries_, "run-99").error().message, HasSubstr("run-2 (London, heatwave)"));
    EXPECT_EQ(find_run(entries_, told->run->input_sha256.substr(0, 7)).error().code, Errc::not_found);
}

TEST_F(ScenariosTest, ARunThatWasTamperedWithIsNotTheSame) {
    const Result<Scenarios::Told> told = await(scenarios_->run(heatwave(), caller));
    until([this] { return !entries_.empty(); });
    scenario::RunInput other = told->run->input;
    other.assets.front().capacity_kw *= 2.0;
    const auto another = [&](const std::string&) { return Result(json::write(scenario::to_json(other))); };
    EXPECT_FALSE(recompute(entries_[0], another)->same);
    const auto kept = [this](const std::string& sha256) { return journal_->get_blob(sha256); };
    audit::Entry entry = entries_[0];
    entry.body.set("result_sha256", std::string(64, '0'));
    EXPECT_THAT(recompute(entry, kept)->detail, HasSubstr("another hash"));
    entry.body.set("result_sha256", "");  // as entries were before
    EXPECT_TRUE(recompute(entry, kept)->same);
    entry.body.set("risks", json::Object{{"critical", 1'000}});
    EXPECT_FALSE(recompute(entry, kept)->same);
    const auto none = [](const std::string&) { return Result<std::string>(Error{Errc::not_found, "no"}); };
    EXPECT_EQ(recompute(entry, none).error().code, Errc::corrupt);
    entry.body.set("input", json::Object{});
    EXPECT_EQ(recompute(entry, kept).error().code, Errc::not_found);
}

TEST_F(ScenariosTest, RunsInTheBackgroundAreWatchedAndStopped) {
    const Result<ScenarioRunAnswer> started = scenarios_->start(heatwave(), caller);
    ASSERT_TRUE(started.has_value());
    EXPECT_EQ(started->state, "waiting");
    EXPECT_EQ(scenarios_->finished(started->run_id).error().code, Errc::conflict);
    EXPECT_TRUE(scenarios_->cancel(started->run_id).has_value());
    until([this] { return scenarios_->idle(); });
    EXPECT_EQ(scenarios_->run_answer(started->run_id)->state, "cancelled");
    EXPECT_TRUE(scenarios_->cancel(started->run_id).has_value());  // it is over: let go of
    EXPECT_EQ(scenarios_->run_answer(started->run_id).error().code, Errc::not_found);
}

TEST_F(ScenariosTest, WhatCannotBeRunIsRefused) {
    ScenarioOrder nowhere = heatwave();
    nowhere.scenario.place = "Atlantis";
    EXPECT_EQ(scenarios_->check(nowhere).error().code, Errc::not_found);
    ScenarioOrder lost = heatwave();
    lost.scenario.lost_elements = {"F-NONE"};
    EXPECT_EQ(scenarios_->check(lost).error().pointer, "/lost_elements");

    make({.points_max = 1000.0});
    EXPECT_EQ(scenarios_->check(heatwave()).error().pointer, "/duration_hours");
    make({.waiting_max = 1});
    EXPECT_TRUE(scenarios_->start(heatwave(), caller).has_value());
    EXPECT_EQ(scenarios_->start(heatwave(), caller).error().code, Errc::unavailable);
}

TEST_F(ScenariosTest, OnlySoManyAreKeptAndTheNewestStays) {
    make({.runs_kept = 2});
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) {
        ids.push_back(await(scenarios_->run(heatwave(2), caller))->run_id);
    }
    const std::vector<ScenarioRunAnswer> kept = scenarios_->runs();
    ASSERT_THAT(kept, SizeIs(2));
    EXPECT_EQ(kept[0].run_id, ids[2]);
    make({.points_kept_max = 1.0});
    const std::string id = await(scenarios_->run(heatwave(2), caller))->run_id;
    EXPECT_TRUE(scenarios_->finished(id).has_value());
}

TEST_F(ScenariosTest, OnesOwnFilesStandBesideTheBuiltInOnes) {
    const std::filesystem::path dir = folder_.path() / "scenarios";
    std::filesystem::create_directories(dir);
    std::ofstream(dir / "mine.toml")
        << "place = \"London\"\nevent = \"flood\"\nstart = \"2027-01-01T00:00:00Z\"\nhours = 6\n";
    std::ofstream(dir / "bad.toml") << "place = 3\n";
    make({.dir = dir});
    const ScenariosAnswer answer = await(scenarios_->list());
    std::vector<std::string> own;
    for (const ScenarioAnswer& one : answer.scenarios) {
        if (!one.built_in) {
            own.push_back(one.id);
        }
    }
    EXPECT_THAT(own, ElementsAre("mine"));
    EXPECT_GT(answer.scenarios.size(), 5U);
    EXPECT_THAT(answer.faults, ElementsAre(HasSubstr("bad.toml:1")));
    EXPECT_EQ(await(scenarios_->find("mine"))->hours, 6);
    EXPECT_EQ(await(scenarios_->find("none")).error().code, Errc::not_found);
}

TEST_F(ScenariosTest, TwoRunsAreSetSideBySide) {
    const Result<Scenarios::Told> first = await(scenarios_->run(heatwave(), caller));
    ScenarioOrder hotter = heatwave();
    hotter.scenario.levers.temperature_max_c = 42.0;
    const Result<Scenarios::Told> second = await(scenarios_->run(hotter, caller));
    const ScenarioDiffAnswer diff = diff_answer(*first->run, *second->run);
    ASSERT_EQ(diff.assets.size(), first->run->input.assets.size());
    EXPECT_GT(diff.other_sums.temperature_max_c, diff.sums.temperature_max_c);
    EXPECT_GT(diff.assets.front().change_percent, 0.0);
    const ScenarioDiffAnswer same = diff_answer(*first->run, *first->run);
    EXPECT_EQ(same.assets.front().change_percent, 0.0);
}

/// Feeders of our own network with half-hours that were recorded here, and one without.
class OwnNetworkTest : public ScenariosTest {
  protected:
    OwnNetworkTest() {
        series_ = std::make_unique<agents::SeriesStore>(
            store::open_sqlite_series(folder_.path() / "series.db").value());
        EXPECT_TRUE(network_.add(grid::Substation{
            .id = {"S-1"}, .name = "S-1", .lat = 51.5, .lon = -0.1, .rating = Kilowatts{5'000.0}}));
        for (const char* id : {"F-1", "F-2", "F-3"}) {
            EXPECT_TRUE(network_.add(grid::Feeder{.id = {id},
                                                  .parent = "S-1",
                                                  .name = id,
                                                  .kind = "domestic",
                                                  .lat = 51.5,
                                                  .lon = -0.1,
                                                  .rating = Kilowatts{400.0}}));
        }
        until([this] { return scenarios_->idle(); });
        scenarios_ = std::make_unique<Scenarios>(
            Scenarios::Parts{.executor = context_.get_executor(),
                             .wall = wall_,
                             .journal = *journal_,
                             .weather = *weather_,
                             .assets = scenario::built_in_assets(),
                             .network_assets = [this] { return scenario::assets_of_network(network_, {}); },
                             .histories =
                                 [this](std::vector<std::string> ids) {
                                     return agents::recorded_histories(*series_, std::move(ids), morning);
                                 }},
            ScenarioOptions{});
    }
    void record(const std::string& feeder, int days, float night_kw, float evening_kw) {
        std::vector<float> kw;
        for (int i = 0; i < days * 48; ++i) {
            kw.push_back(i % 48 >= 34 && i % 48 < 42 ? evening_kw : night_kw);
        }
        std::vector<store::SeriesBlock> blocks;
        blocks.push_back({.key = feeder + "/p_kw/sum",
                          .start = parse_utc("2026-11-24T00:00:00Z").value() - std::chrono::days{days},
                          .step = period_length,
                          .values = std::move(kw)});
        series_->post(std::move(blocks));
    }
    static ScenarioOrder winter_evening() {
        ScenarioOrder order{.seed = 3};
        order.scenario.place = scenario::own_network_place;
        order.scenario.event = scenario::Event::cold_snap;
        order.scenario.start = parse_utc("2026-12-01T00:00:00Z").value();
        order.scenario.hours = 24;
        return order;
    }

    grid::Network network_;
    std::unique_ptr<agents::SeriesStore> series_;
};

TEST_F(OwnNetworkTest, IsProjectedFromWhatWasRecordedOfItAndSaysWhereItWasNot) {
    record("F-1", 60, 40.0F, 310.0F);
    record("F-2", 5, 40.0F, 310.0F);
    const Result<Scenarios::Told> told = await(scenarios_->run(winter_evening(), caller));
    ASSERT_TRUE(told.has_value()) << told.error().message;
    const scenario::RunInput& input = told->run->input;
    const auto asset = [&](const std::string& id) {
        return static_cast<std::size_t>(std::ranges::find(input.assets, id, &scenario::Asset::id) -
                                        input.assets.begin());
    };
    ASSERT_TRUE(input.assets.at(asset("F-1")).history.has_value());
    EXPECT_TRUE(input.assets.at(asset("F-2")).history.has_value());
    EXPECT_FALSE(input.assets.at(asset("F-3")).history.has_value());
    const scenario::AssetOutcome& own = told->run->result.outcomes.at(asset("F-1"));
    EXPECT_NEAR(own.peak_kw, 310.0, 25.0) << "as on its own evenings";
    EXPECT_GE(own.peak_time, parse_utc("2026-12-01T17:00:00Z").value());
    EXPECT_LT(own.peak_time, parse_utc("2026-12-01T21:00:00Z").value());
    const scenario::AssetOutcome& none = told->run->result.outcomes.at(asset("F-3"));
    EXPECT_EQ(told->run->result.outcomes.at(asset("F-2")).peak_kw, none.peak_kw)
        << "five days are too few: the class profile stands in";
    EXPECT_NE(own.peak_kw, none.peak_kw);
    const json::Value written(scenario::to_json(input));
    const Result<scenario::RunInput> again = scenario::run_input_from_json(written);
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(scenario::run(*again).value(), told->run->result) << "re-computable from the stored input";
}

TEST_F(OwnNetworkTest, FlexibilityThatWasBoughtIsAddedBackToWhatWasRecorded) {
    record("F-1", 60, 40.0F, 250.0F);  // as metered: 60 kW were turned down every evening
    record("F-2", 60, 40.0F, 250.0F);
    std::vector<float> bought;
    for (int i = 0; i < 60 * 48; ++i) {
        bought.push_back(i % 48 >= 34 && i % 48 < 42 ? 60.0F : 0.0F);
    }
    series_->post(
        {store::SeriesBlock{.key = "F-1/p_kw/sum/dispatched",
                            .start = parse_utc("2026-11-24T00:00:00Z").value() - std::chrono::days{60},
                            .step = period_length,
                            .values = std::move(bought)}});
    const Result<Scenarios::Told> told = await(scenarios_->run(winter_evening(), caller));
    ASSERT_TRUE(told.has_value()) << told.error().message;
    const auto peak = [&](const std::string& id) {
        return std::ranges::find(told->run->result.outcomes, id, &scenario::AssetOutcome::asset_id)->peak_kw;
    };
    EXPECT_NEAR(peak("F-1"), 310.0, 25.0) << "had nothing been bought";
    EXPECT_NEAR(peak("F-2"), 250.0, 20.0) << "where nobody says so, the meter's word stands";
    const auto asset = std::ranges::find(told->run->input.assets, "F-1", &scenario::Asset::id);
    EXPECT_THAT(asset->history->source, HasSubstr("bought in 480 of them added back"));
    EXPECT_EQ(scenario::run(told->run->input).value(), told->run->result) << "the input holds what was used";
}

// The same metered readings twice: where our own events turned load down, the higher peak is projected; what
// is published of the same half-hours is not added a second time.
TEST_F(OwnNetworkTest, WhatOurOwnEventsDeliveredIsAddedBackOnce) {
    const auto evenings = [](const std::string& key, float kw) {
        store::SeriesBlock block{.key = key,
                                 .start = parse_utc("2026-11-24T00:00:00Z").value() - std::chrono::days{60},
                                 .step = period_length,
                                 .values = {}};
        for (int i = 0; i < 60 * 48; ++i) {
            block.values.push_back(i % 48 >= 34 && i % 48 < 42 ? kw : 0.0F);
        }
        return block;
    };
    record("F-1", 60, 40.0F, 250.0F);
    record("F-2", 60, 40.0F, 250.0F);
    series_->post({evenings("F-1/p_kw/sum/delivered", 60.0F), evenings("F-1/p_kw/sum/dispatched", 45.0F)});
    const Result<Scenarios::Told> told = await(scenarios_->run(winter_evening(), caller));
    ASSERT_TRUE(told.has_value()) << told.error().message;
    const auto peak = [&](const std::string& id) {
        return std::ranges::find(told->run->result.outcomes, id, &scenario::AssetOutcome::asset_id)->peak_kw;
    };
    EXPECT_NEAR(peak("F-1"), 310.0, 25.0) << "had nobody been asked";
    EXPECT_NEAR(peak("F-2"), 250.0, 20.0);
    const auto asset = std::ranges::find(told->run->input.assets, "F-1", &scenario::Asset::id);
    EXPECT_THAT(asset->history->source, HasSubstr("our own events turned down in 480 of them added back"));
}

}  // namespace
}  // namespace headroom::desk
