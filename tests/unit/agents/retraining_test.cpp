#include "agents/retraining.hpp"

#include "core/random.hpp"
#include "forecast/model_file.hpp"
#include "store/series.hpp"
#include "unit/agents/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <string>
#include <thread>
#include <vector>

namespace headroom::agents {
namespace {

using test::Folder;

const UtcTime morning = parse_utc("2026-11-24T09:00:00Z").value();  // a Tuesday
constexpr int days_stored = 40;

grid::Network two_feeders() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (const char* id : {"F-1", "F-2"}) {
        EXPECT_TRUE(network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}));
        EXPECT_TRUE(network.add(grid::Limit{
            .asset = id, .phase = grid::Phase::sum, .value = 500.0, .source = "t", .verified_by = "t"}));
    }
    return network;
}

/// Weekdays and weekends differ: more to learn than the ridge can.
std::vector<float> loads(std::uint64_t feeder, UtcTime from, int periods) {
    const Random random(9);
    std::vector<float> kw;
    for (int i = 0; i < periods; ++i) {
        const std::int64_t period = features::period_index(from) + i;
        const bool is_weekend = (period / 48 + 4) % 7 == 0 || (period / 48 + 4) % 7 == 6;
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(period % 48) / 48.0;
        const double noise = random.normal(feeder, static_cast<std::uint64_t>(period));
        kw.push_back(static_cast<float>((is_weekend ? 60.0 : 90.0) +
                                        (is_weekend ? 10.0 : 30.0) * std::sin(angle) + noise));
    }
    return kw;
}

RetrainingOptions quick() {
    RetrainingOptions options;
    options.is_on = true;
    options.train.learn.trees = {.rounds_max = 20, .depth_max = 4, .eta = 0.3, .bins = 32};
    options.train.learn.width_trees = {.rounds_max = 4, .depth_max = 2, .eta = 0.3, .bins = 32};
    options.train.leads_s = {1800, 4 * 3600, 12 * 3600};
    return options;
}

/// The parts around the agent, on a virtual clock, with a store of half-hours.
class Room {
  public:
    explicit Room(const std::filesystem::path& folder, UtcTime now = morning)
        : clock(now), network(two_feeders()), monitor(network, registry, {.rules = {}, .half_hours = 1400}) {
        audit::LogOptions log_options{.dir = folder / "audit",
                                      .origin = "test.example/audit",
                                      .key = Ed25519KeyPair::from_secret(std::string(32, '\7')).value(),
                                      .wall_clock = wall_};
        log_options.reserve_bytes = 1UL << 16U;
        log_options.allocate_step = 1UL << 18U;
        log_ = audit::Log::open(std::move(log_options)).value();
        blobs_ = std::make_unique<audit::BlobStore>(audit::BlobStore::open(folder / "blobs").value());
        auto kept = store::open_sqlite_records(folder / "records.db").value();
        auto ahead = store::AheadFile::open(folder / "records.ahead", *kept).value();
        records_ = std::make_unique<RecordStore>(std::move(kept), std::move(ahead));
        journal = std::make_unique<Journal>(context_.get_executor(), *log_, *blobs_, *records_);
        journal->on_entry([this](const audit::Entry& entry) { entries.push_back(entry); });
        series = std::make_unique<SeriesStore>(store::open_sqlite_series(folder / "series.db").value());
        folder_ = folder;
    }
    ~Room() {
        agent.reset();
        until([this] { return journal->idle() && series->idle(); });
    }

    void make_agent(RetrainingOptions options) {
        agent = std::make_unique<Retraining>(
            Retraining::Parts{context_.get_executor(), clock, *journal, *series, network, monitor,
                              std::move(*ModelStore::open(folder_ / "models"))},
            std::move(options));
    }
    void store_history(int days = days_stored) {
        std::vector<store::SeriesBlock> blocks;
        for (const std::uint64_t feeder : {1U, 2U}) {
            const UtcTime from = floor_period(clock.now()) - std::chrono::days{days};
            blocks.push_back({"F-" + std::to_string(feeder) + "/p_kw/sum", from, period_length,
                              loads(feeder, from, days * 48)});
            monitor.warm(registry.find("F-" + std::to_string(feeder), grid::Quantity::p_kw, grid::Phase::sum),
                         blocks.back());
        }
        series->post(std::move(blocks));
    }
    /// Lets everything that is at work end; the clock stands still.
    void until(const std::function<bool()>& is_done) {
        const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        while (!is_done()) {
            ASSERT_LT(std::chrono::steady_clock::now(), latest);
            context_.restart();
            context_.run_for(std::chrono::milliseconds{2});
        }
    }
    void tick_and_join() {
        agent->tick();
        until([this] { return agent->idle() && journal->idle() && series->idle(); });
    }
    template <class T>
    T wait(Awaitable<T> work) {
        std::optional<T> result;
        spawn(context_.get_executor(), [](Awaitable<T> inner, std::optional<T>& out) -> Awaitable<void> {
            out.emplace(co_await std::move(inner));
        }(std::move(work), result));
        until([&] { return result.has_value(); });
        return std::move(*result);
    }
    [[nodiscard]] forecast::Method method() {
        monitor.tick(clock.now());
        monitor.tick(clock.now() + minutes{4});
        return monitor
            .forecast_ahead(registry.find("F-1", grid::Quantity::p_kw, grid::Phase::sum), clock.now(), 4)
            ->method;
    }

    VirtualClock clock;
    telemetry::PointRegistry registry;
    grid::Network network;
    monitor::Monitor monitor;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<SeriesStore> series;
    std::unique_ptr<Retraining> agent;
    std::vector<audit::Entry> entries;

  private:
    std::filesystem::path folder_;
    asio::io_context context_;
    ManualWallClock wall_{morning};
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<RecordStore> records_;
};

Caller engineer(std::string reason) {
    return {.id = "eve", .kind = "user", .role = "engineer", .ip = {}, .reason = std::move(reason)};
}

TEST(Retraining, TrainsAtStartServesTheWinnerAndWritesTheSwapDown) {
    const Folder folder;
    std::string first;
    {
        Room room(folder.path());
        room.store_history();
        room.make_agent(quick());
        ASSERT_TRUE(room.agent->start());
        room.agent->tick();
        EXPECT_FALSE(room.agent->idle());
        EXPECT_EQ(room.method(), forecast::Method::seasonal_naive) << "serving goes on meanwhile";
        room.until([&] { return room.agent->idle(); });
        first = room.agent->serving();
        ASSERT_EQ(first.size(), 12U) << room.agent->status().outcome;
        EXPECT_EQ(room.method(), forecast::Method::ensemble);
        room.until([&] { return !room.entries.empty(); });
        const audit::Entry& entry = room.entries.back();
        EXPECT_EQ(entry.type, "forecast.model.promoted");
        const json::Value body(entry.body);
        EXPECT_EQ(body.text("/model"), first);
        EXPECT_EQ(body.text("/origin"), "start");
        EXPECT_EQ(body.text("/judged_to"), "2026-11-24T00:00:00.000Z");
        EXPECT_LT(body.integer("/pinball_ppm"), body.integer("/champion_pinball_ppm"));
        EXPECT_EQ(body.text("/sha256").substr(0, 12), first);
        // The next night: once, not before its hour.
        room.clock.advance_to(parse_utc("2026-11-25T01:59:00Z").value());
        room.tick_and_join();
        EXPECT_EQ(room.entries.size(), 1U);
    }
    Room again(folder.path(), morning + hours{1});
    again.make_agent(quick());
    ASSERT_TRUE(again.agent->start());
    EXPECT_EQ(again.agent->serving(), first) << "the champion is back after a restart";
    again.tick_and_join();
    EXPECT_TRUE(again.entries.empty()) << "by day nothing is trained again";
}

TEST(Retraining, AChallengerThatDoesNotWinIsDiscardedAndWrittenDown) {
    const Folder folder;
    Room room(folder.path());
    room.store_history();
    room.make_agent(quick());
    ASSERT_TRUE(room.agent->start());
    room.tick_and_join();
    const std::string champion = room.agent->serving();
    ASSERT_FALSE(champion.empty());
    // The same data, the same seed: the challenger is the champion's equal and does not win.
    room.clock.advance_to(morning + hours{13});
    room.agent.reset();
    RetrainingOptions options = quick();
    options.hour = 23;
    room.make_agent(options);
    ASSERT_TRUE(room.agent->start());
    room.clock.advance_to(parse_utc("2026-11-24T23:30:00Z").value());
    room.tick_and_join();
    EXPECT_EQ(room.agent->serving(), champion);
    room.until([&] { return room.entries.size() == 2; });
    EXPECT_EQ(room.entries.back().type, "forecast.model.refused");
    EXPECT_EQ(json::Value(room.entries.back().body).text("/serving"), champion);
    EXPECT_EQ(room.agent->store().models().size(), 1U) << "what lost is not kept";
    room.tick_and_join();
    EXPECT_EQ(room.entries.size(), 2U) << "once a night";
}

TEST(Retraining, SaysWhyNothingWasLearntAndNothingFlaggedIsLearntFrom) {
    const Folder folder;
    Room room(folder.path());
    room.store_history();
    std::vector<store::SeriesBlock> raw;  // trust has kept three weeks of both apart
    for (const char* id : {"F-1", "F-2"}) {
        raw.push_back({std::string(id) + "/p_kw/sum/raw", floor_period(morning) - std::chrono::days{25},
                       period_length, std::vector<float>(21 * 48, 5.0F)});
    }
    room.series->post(std::move(raw));
    room.make_agent(quick());
    ASSERT_TRUE(room.agent->start());
    room.tick_and_join();
    EXPECT_TRUE(room.agent->serving().empty());
    EXPECT_THAT(room.agent->status().outcome, testing::HasSubstr("28 are needed"));
    EXPECT_TRUE(room.entries.empty()) << "there was no challenger to refuse";
    EXPECT_THAT(room.agent->status().outcome, testing::HasSubstr("failed"));
}

TEST(Retraining, WhatTheOperatorHadBoughtIsAddedBackBeforeItIsLearntFrom) {
    const auto learn = [](bool is_told) {
        const Folder folder;
        Room room(folder.path());
        room.store_history();
        const UtcTime from = floor_period(morning) - std::chrono::days{days_stored};
        std::vector<float> bought(days_stored * 48, 0.0F);
        for (std::size_t i = 0; i < bought.size(); i += 48) {
            bought[i] = 12.0F;
        }
        if (is_told) {
            room.series->post({store::SeriesBlock{"F-1/p_kw/sum/dispatched", from, period_length, bought}});
        }
        room.make_agent(quick());
        EXPECT_TRUE(room.agent->start());
        room.tick_and_join();
        room.until([&] { return !room.entries.empty(); });
        const json::Value body(room.entries.back().body);
        EXPECT_EQ(body.integer("/dispatched_half_hours"), is_told ? days_stored : 0);
        return room.agent->serving();
    };
    const std::string natural = learn(true);
    EXPECT_EQ(natural.size(), 12U);
    EXPECT_NE(natural, learn(false)) << "another history makes another model";
}

// The same evenings, once as they came and once with our own events in them: what is learnt is the same.
TEST(Retraining, WhatOurEventsDeliveredIsAddedBackBeforeItIsLearntFrom) {
    const auto learn = [](bool had_events) {
        const Folder folder;
        Room room(folder.path());
        room.store_history();
        if (had_events) {
            const UtcTime from = floor_period(morning) - std::chrono::days{days_stored};
            std::vector<float> delivered(days_stored * 48, 0.0F);
            for (std::size_t i = 0; i < delivered.size(); i += 48) {
                delivered[i] = 12.0F;
            }
            store::SeriesBlock metered{"F-1/p_kw/sum", from, period_length,
                                       loads(1U, from, days_stored * 48)};
            for (std::size_t i = 0; i < metered.values.size(); ++i) {
                metered.values[i] -= delivered[i];
            }
            room.series->post({std::move(metered),
                               store::SeriesBlock{"F-1/p_kw/sum/delivered", from, period_length, delivered}});
        }
        room.make_agent(quick());
        EXPECT_TRUE(room.agent->start());
        room.tick_and_join();
        room.until([&] { return !room.entries.empty(); });
        const json::Value body(room.entries.back().body);
        EXPECT_EQ(body.integer("/delivered_half_hours"), had_events ? days_stored : 0);
        EXPECT_EQ(body.integer("/dispatched_half_hours"), 0);
        return body.integer("/pinball_ppm");
    };
    EXPECT_NEAR(static_cast<double>(learn(true)), static_cast<double>(learn(false)), 50.0);
}

TEST(Retraining, APersonPromotesAndRevertsWithAReason) {
    const Folder folder;
    Room room(folder.path());
    room.store_history();
    room.make_agent(quick());
    ASSERT_TRUE(room.agent->start());
    room.tick_and_join();
    const std::string first = room.agent->serving();
    RetrainingOptions other = quick();
    other.train.learn.seed = 8;
    other.hour = 10;
    const Folder outside;
    forecast::Ensemble second = room.agent->store().load(first).value()->ensemble();
    second.seed = 99;
    const std::filesystem::path file = outside.path() / "second.model";
    ASSERT_TRUE(forecast::save_model(second, file));
    room.agent.reset();
    other.model = file;
    other.is_on = false;
    room.make_agent(other);
    ASSERT_TRUE(room.agent->start());
    const std::string named = room.agent->serving();
    EXPECT_NE(named, first);
    EXPECT_EQ(room.agent->status().state, "off");

    EXPECT_EQ(room.wait(room.agent->revert(engineer(""))).error().code, Errc::invalid);
    ASSERT_TRUE(room.wait(room.agent->revert(engineer("it forecasts too low"))));
    EXPECT_EQ(room.agent->serving(), first);
    EXPECT_EQ(room.wait(room.agent->revert(engineer("again"))).error().code, Errc::conflict);
    EXPECT_EQ(room.wait(room.agent->promote("000000000000", engineer("why not"))).error().code,
              Errc::not_found);
    ASSERT_TRUE(room.wait(room.agent->promote(named, engineer("it was better after all"))));
    EXPECT_EQ(room.agent->serving(), named);
    EXPECT_EQ(room.wait(room.agent->promote(named, engineer("again"))).error().code, Errc::conflict);
    ASSERT_EQ(room.entries.size(), 4U);
    EXPECT_EQ(room.entries[2].type, "forecast.model.reverted");
    EXPECT_EQ(room.entries[2].actor.id, "eve");
    EXPECT_EQ(json::Value(room.entries[2].body).text("/reason"), "it forecasts too low");
}

TEST(Retraining, EndsSoonWhenItIsStoppedInTheMiddle) {
    const Folder folder;
    Room room(folder.path());
    room.store_history();
    RetrainingOptions options = quick();
    options.train.learn.trees.rounds_max = 100'000;  // hours
    room.make_agent(options);
    ASSERT_TRUE(room.agent->start());
    room.agent->tick();
    room.until([&] { return room.agent->status().state == "training"; });
    room.agent->stop();
    room.until([&] { return room.agent->idle(); });
    EXPECT_EQ(room.agent->status().outcome, "cancelled");
    EXPECT_TRUE(room.entries.empty());
}

TEST(ModelStore, AFileThatWasChangedIsNotServed) {
    const Folder folder;
    Room room(folder.path());
    room.store_history();
    room.make_agent(quick());
    ASSERT_TRUE(room.agent->start());
    room.tick_and_join();
    const std::string id = room.agent->serving();
    const std::filesystem::path file = folder.path() / "models" / (id + ".model");
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 5);
    room.agent.reset();
    ASSERT_TRUE(room.monitor.serve(nullptr));
    RetrainingOptions off;
    room.make_agent(off);
    ASSERT_TRUE(room.agent->start()) << "a broken champion does not keep the control room down";
    EXPECT_TRUE(room.agent->serving().empty());
    room.until([&] { return room.entries.size() == 2; });
    EXPECT_EQ(room.entries.back().type, "forecast.model.refused");
}

}  // namespace
}  // namespace headroom::agents
