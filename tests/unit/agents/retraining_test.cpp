#include "agents/retraining.hpp"

#include "forecast/model_file.hpp"
#include "unit/agents/retraining_room.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace headroom::agents {
namespace {

using test::days_stored;
using test::Folder;
using test::loads;
using test::morning;
using test::quick;
using test::RetrainingRoom;

Caller engineer(std::string reason) {
    return {.id = "eve", .kind = "user", .role = "engineer", .ip = {}, .reason = std::move(reason)};
}

TEST(Retraining, TrainsAtStartServesTheWinnerAndWritesTheSwapDown) {
    const Folder folder;
    std::string first;
    {
        RetrainingRoom room(folder.path());
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
    RetrainingRoom again(folder.path(), morning + hours{1});
    again.make_agent(quick());
    ASSERT_TRUE(again.agent->start());
    EXPECT_EQ(again.agent->serving(), first) << "the champion is back after a restart";
    again.tick_and_join();
    EXPECT_TRUE(again.entries.empty()) << "by day nothing is trained again";
}

TEST(Retraining, AChallengerThatDoesNotWinIsDiscardedAndWrittenDown) {
    const Folder folder;
    RetrainingRoom room(folder.path());
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
    RetrainingRoom room(folder.path());
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
        RetrainingRoom room(folder.path());
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
        RetrainingRoom room(folder.path());
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
    RetrainingRoom room(folder.path());
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
    RetrainingRoom room(folder.path());
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
    RetrainingRoom room(folder.path());
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
