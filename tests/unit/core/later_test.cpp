#include "core/later.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom {
namespace {

TEST(LaterTest, GivesItsValueToEveryoneWhoWaitsBeforeAndAfter) {
    asio::io_context context;
    auto later = std::make_shared<Later<std::string>>();
    std::vector<std::string> seen;
    auto body = [&](std::string name) -> Awaitable<void> {
        std::shared_ptr<Later<std::string>> mine = later;
        const std::string value = co_await Later<std::string>::of(std::move(mine));
        seen.push_back(std::move(name) + value);
    };
    spawn(context.get_executor(), body("first "));
    spawn(context.get_executor(), body("second "));
    context.poll();
    EXPECT_TRUE(seen.empty());
    later->set("done");
    spawn(context.get_executor(), body("late "));
    context.restart();
    context.run();
    EXPECT_THAT(seen, ::testing::UnorderedElementsAre("first done", "second done", "late done"));
}

TEST(LaterTest, LivesAsLongAsSomebodyWaits) {
    asio::io_context context;
    auto later = std::make_shared<Later<int>>();
    Later<int>* const bare = later.get();
    int seen = 0;
    auto body = [&](std::shared_ptr<Later<int>> mine) -> Awaitable<void> {
        seen = co_await Later<int>::of(std::move(mine));
    };
    spawn(context.get_executor(), body(std::move(later)));
    context.poll();
    bare->set(7);  // nobody but the waiter holds it
    context.restart();
    context.run();
    EXPECT_EQ(seen, 7);
}

}  // namespace
}  // namespace headroom
