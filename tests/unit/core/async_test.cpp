#include "core/async.hpp"

#include "unit/core/times.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace headroom {
namespace {

Awaitable<void> keep_double(Worker& worker, int input, int& output) {
    auto job = [input] { return 2 * input; };
    output = co_await worker.run(std::move(job));
}

TEST(WorkerTest, AnswersOnTheCoroutinesOwnThread) {
    asio::io_context context;
    Worker worker("doubler");
    std::thread::id job_thread;
    std::thread::id after_thread;
    auto both = [&]() -> Awaitable<void> {
        auto job = [] { return std::this_thread::get_id(); };
        job_thread = co_await worker.run(std::move(job));
        after_thread = std::this_thread::get_id();
    };
    auto work = both();
    spawn(context.get_executor(), std::move(work));
    context.run();

    EXPECT_NE(job_thread, std::this_thread::get_id());
    EXPECT_EQ(after_thread, std::this_thread::get_id());
}

TEST(WorkerTest, CarriesResultsThatCannotBeDefaultConstructed) {
    asio::io_context context;
    Worker worker("files");
    std::string message;
    auto body = [&]() -> Awaitable<void> {
        auto job = []() -> Result<int> { return Error{Errc::unavailable, "disk is full", ""}; };
        const Result<int> answer = co_await worker.run(std::move(job));
        message = answer ? "value" : answer.error().message;
    };
    spawn(context.get_executor(), body());
    context.run();
    EXPECT_EQ(message, "disk is full");
}

TEST(WorkerTest, CarriesMoveOnlyValues) {
    asio::io_context context;
    Worker worker("maker");
    int seen = 0;
    auto body = [&]() -> Awaitable<void> {
        auto job = [] { return std::make_unique<int>(7); };
        const std::unique_ptr<int> made = co_await worker.run(std::move(job));
        seen = *made;
    };
    spawn(context.get_executor(), body());
    context.run();
    EXPECT_EQ(seen, 7);
}

TEST(WorkerTest, RunsJobsInTheOrderPosted) {
    std::vector<int> order;
    {
        Worker worker("queue");
        for (int i = 0; i < 200; ++i) {
            worker.post([&order, i] { order.push_back(i); });
        }
    }  // the end runs what is queued
    ASSERT_EQ(order.size(), 200U);
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
    }
}

TEST(WorkerTest, ServesManyCoroutinesAtOnce) {
    asio::io_context context;
    Worker worker("doubler");
    std::vector<int> outputs(500, -1);
    for (int i = 0; i < 500; ++i) {
        spawn(context.get_executor(), keep_double(worker, i, outputs[static_cast<std::size_t>(i)]));
    }
    context.run();
    for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(outputs[static_cast<std::size_t>(i)], 2 * i);
    }
}

TEST(AwaitCallback, TakesACallFromTheSameThread) {
    asio::io_context context;
    int seen = 0;
    auto body = [&]() -> Awaitable<void> {
        auto start = [](auto done) { done(41); };
        seen = co_await await_callback<int>(std::move(start));
        ++seen;
    };
    spawn(context.get_executor(), body());
    context.run();
    EXPECT_EQ(seen, 42);
}

TEST(AwaitCallback, TakesCallsFromOtherThreads) {
    asio::io_context context;
    std::string seen;
    std::thread caller;
    auto body = [&]() -> Awaitable<void> {
        for (int round = 0; round < 50; ++round) {
            auto start = [&caller](auto done) {
                caller = std::thread([done = std::move(done)]() mutable { done(std::string("x")); });
            };
            seen += co_await await_callback<std::string>(std::move(start));
            caller.join();
        }
    };
    spawn(context.get_executor(), body());
    context.run();
    EXPECT_EQ(seen, std::string(50, 'x'));
}

TEST(SlotTest, GivesTheValueSetBeforeTheDeadline) {
    asio::io_context context;
    VirtualClock clock(noon);
    Slot<std::string> slot(context.get_executor(), clock);
    std::optional<std::string> seen;
    auto body = [&]() -> Awaitable<void> { seen = co_await slot.wait(noon + seconds{10}); };
    spawn(context.get_executor(), body());
    context.poll();
    EXPECT_EQ(clock.next_timer(), noon + seconds{10});
    EXPECT_TRUE(slot.set("on_confirm"));
    EXPECT_FALSE(slot.set("again"));
    context.restart();
    context.run();
    EXPECT_EQ(seen, "on_confirm");
    EXPECT_EQ(clock.next_timer(), UtcTime::max());
}

TEST(SlotTest, GivesNothingOnceTheDeadlineHasPassed) {
    asio::io_context context;
    VirtualClock clock(noon);
    Slot<int> slot(context.get_executor(), clock);
    bool ended = false;
    std::optional<int> seen = 1;
    auto body = [&]() -> Awaitable<void> {
        seen = co_await slot.wait(noon + seconds{10});
        ended = true;
    };
    spawn(context.get_executor(), body());
    context.poll();
    clock.advance_to(noon + seconds{9});
    context.restart();
    context.poll();
    EXPECT_FALSE(ended);
    clock.advance_to(noon + seconds{10});
    EXPECT_FALSE(slot.set(5));  // the deadline was first
    context.restart();
    context.run();
    EXPECT_TRUE(ended);
    EXPECT_FALSE(seen.has_value());
}

TEST(SlotTest, GivesAValueThatWasThereBeforehand) {
    asio::io_context context;
    VirtualClock clock(noon);
    Slot<int> slot(context.get_executor(), clock);
    EXPECT_TRUE(slot.set(3));
    std::optional<int> seen;
    auto body = [&]() -> Awaitable<void> { seen = co_await slot.wait(noon); };
    spawn(context.get_executor(), body());
    context.run();
    EXPECT_EQ(seen, 3);
}

TEST(WaitUntil, GoesOnWhenTheDomainClockGetsThere) {
    asio::io_context context;
    VirtualClock clock(noon);
    std::vector<int> order;
    auto body = [&](int id, UtcTime when) -> Awaitable<void> {
        co_await wait_until(clock, when);
        order.push_back(id);
    };
    spawn(context.get_executor(), body(2, noon + minutes{2}));
    spawn(context.get_executor(), body(1, noon + minutes{1}));
    context.poll();
    EXPECT_TRUE(order.empty());
    clock.advance_to(noon + minutes{1});
    context.restart();
    context.poll();
    EXPECT_EQ(order, std::vector<int>{1});
    clock.advance_to(noon + minutes{5});
    context.restart();
    context.run();
    EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(WaitUntil, MayBeLeftAsleepWhenEverythingEnds) {
    VirtualClock clock(noon);
    {
        asio::io_context context;
        spawn(context.get_executor(), wait_until(clock, noon + minutes{1}));
        context.poll();
    }
    clock.advance_to(noon + minutes{2});  // the sleeper is gone; its timer finds nobody
    EXPECT_EQ(clock.next_timer(), UtcTime::max());
}

TEST(SystemClock, RunsTimersInOrderAndLetsTheContextEnd) {
    asio::io_context context;
    const std::unique_ptr<DomainClock> clock = make_system_clock(context);
    std::vector<int> order;
    const UtcTime now = clock->now();
    clock->at(now + milliseconds{3}, [&] { order.push_back(3); });
    clock->at(now - hours{1}, [&] { order.push_back(1); });
    clock->at(now, [&] { order.push_back(2); });
    const auto never = clock->at(UtcTime::max(), [&] { order.push_back(4); });
    clock->at(now + milliseconds{4}, [&] { clock->cancel(never); });
    context.run();
    EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
    EXPECT_GE(clock->now(), now + milliseconds{4});
}

TEST(SystemClock, ForgetsItsTimersWhenItDies) {
    asio::io_context context;
    bool ran = false;
    {
        const auto clock = make_system_clock(context);
        clock->at(clock->now() - seconds{1}, [&] { ran = true; });
    }
    context.run();
    EXPECT_FALSE(ran);
}

TEST(SystemClock, LetsOtherWorkInBetweenWhenATimerKeepsSettingItself) {
    asio::io_context context;
    const auto clock = make_system_clock(context);
    int rounds = 0;
    bool stop = false;
    std::function<void()> again = [&] {
        ++rounds;
        if (!stop) {
            clock->at(clock->now(), again);
        }
    };
    clock->at(clock->now(), again);
    asio::post(context, [&] { asio::post(context, [&] { stop = true; }); });
    context.run();
    EXPECT_GE(rounds, 1);
    EXPECT_TRUE(stop);
}

TEST(SpawnDeathTest, StopsTheProcessWhenAnExceptionLeaves) {
    const auto run = [] {
        asio::io_context context;
        auto body = []() -> Awaitable<void> {
            throw std::runtime_error("a bug of ours");
            co_return;
        };
        spawn(context.get_executor(), body());
        context.run();
    };
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(run(), "a bug of ours");
}

TEST(Spawn, TakesACancelledOperationForAnEnd) {
    asio::io_context context;
    asio::steady_timer timer(context, std::chrono::steady_clock::time_point::max());
    auto body = [&]() -> Awaitable<void> { co_await timer.async_wait(asio::use_awaitable); };
    spawn(context.get_executor(), body());
    context.poll();
    timer.cancel();
    context.restart();
    context.run();
    SUCCEED();
}

}  // namespace
}  // namespace headroom
