#include "agents/turns.hpp"
#include "core/gather.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::agents {
namespace {

Awaitable<void> step_in_turn(Turns& turns, std::string key, std::string name,
                             std::vector<std::string>& seen) {
    const Turns::Turn turn = co_await turns.take(std::move(key));
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    seen.push_back(name + " in");
    asio::steady_timer soon(executor, std::chrono::milliseconds{0});
    auto token = asio::as_tuple(asio::use_awaitable);
    co_await soon.async_wait(token);
    seen.push_back(name + " out");
}

TEST(Turns, OneAfterTheOtherPerKey) {
    asio::io_context context;
    Turns turns;
    std::vector<std::string> seen;
    spawn(context.get_executor(), step_in_turn(turns, "F1", "a", seen));
    spawn(context.get_executor(), step_in_turn(turns, "F1", "b", seen));
    context.run();
    EXPECT_EQ(seen, (std::vector<std::string>{"a in", "a out", "b in", "b out"}));
}

TEST(Turns, OtherKeysDoNotWait) {
    asio::io_context context;
    Turns turns;
    std::vector<std::string> seen;
    spawn(context.get_executor(), step_in_turn(turns, "F1", "a", seen));
    spawn(context.get_executor(), step_in_turn(turns, "F2", "b", seen));
    context.run();
    ASSERT_EQ(seen.size(), 4U);
    EXPECT_EQ(seen[1], "b in");
}

Awaitable<int> doubled(int value) {
    co_return value * 2;
}

Awaitable<void> gather_into(std::vector<int>& values, bool& done) {
    std::vector<Awaitable<int>> work;
    for (int i = 0; i < 5; ++i) {
        work.push_back(doubled(i));
    }
    values = co_await gather(std::move(work));
    std::vector<Awaitable<int>> nothing;
    const std::vector<int> none = co_await gather(std::move(nothing));
    done = none.empty();
}

TEST(Gather, AnswersInTheOrderAskedAndTakesNothing) {
    asio::io_context context;
    std::vector<int> values;
    bool done = false;
    spawn(context.get_executor(), gather_into(values, done));
    context.run();
    EXPECT_EQ(values, (std::vector<int>{0, 2, 4, 6, 8}));
    EXPECT_TRUE(done);
}

}  // namespace
}  // namespace headroom::agents
