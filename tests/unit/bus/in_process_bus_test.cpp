#include "bus/bus.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace headroom::bus {
namespace {

Message message(std::string key, std::string body) {
    Message made;
    made.topic = "overloads";
    made.key = std::move(key);
    made.body = std::move(body);
    return made;
}

Awaitable<void> publish_all(Bus& bus, std::string key, int count, int& published) {
    for (int i = 0; i < count; ++i) {
        Message next = message(key, std::to_string(i));
        const Result<void> done = co_await bus.publish(std::move(next));
        EXPECT_TRUE(done.has_value());
        ++published;
    }
}

Awaitable<void> read_all(Bus& bus, std::size_t count, std::map<std::string, std::vector<int>>& seen) {
    const std::unique_ptr<Subscription> subscription = bus.subscribe("overloads", "flex");
    std::size_t left = count;
    while (left > 0) {
        const Result<std::vector<Message>> batch = co_await subscription->next(7);
        EXPECT_TRUE(batch.has_value() && !batch->empty());
        for (const Message& each : *batch) {
            seen[each.key].push_back(std::stoi(each.body));
        }
        left -= std::min(left, batch->size());
        const Result<void> done = co_await subscription->done(batch->back());
        EXPECT_TRUE(done.has_value());
    }
}

TEST(InProcessBus, ManyPublishersPassThroughASmallTopicInOrder) {
    asio::io_context context;
    const std::unique_ptr<Bus> bus =
        make_in_process_bus(context.get_executor(), {.capacity = 5, .partitions = 3});
    std::map<std::string, std::vector<int>> seen;
    int published = 0;
    spawn(context.get_executor(), read_all(*bus, 2000, seen));
    for (const char* key : {"F-1", "F-2", "F-3", "F-4"}) {
        spawn(context.get_executor(), publish_all(*bus, key, 500, published));
    }
    context.run();
    EXPECT_EQ(published, 2000);
    ASSERT_EQ(seen.size(), 4U);
    for (const auto& [key, order] : seen) {
        ASSERT_EQ(order.size(), 500U) << key;
        for (int i = 0; i < 500; ++i) {
            ASSERT_EQ(order[static_cast<std::size_t>(i)], i) << key;
        }
    }
}

Awaitable<void> read_keys(Subscription& subscription, std::size_t count, std::vector<std::string>& keys) {
    while (keys.size() < count) {
        const Result<std::vector<Message>> batch = co_await subscription.next(100);
        EXPECT_TRUE(batch.has_value() && !batch->empty());
        for (const Message& each : *batch) {
            keys.push_back(each.key);
        }
        const Result<void> done = co_await subscription.done(batch->back());
        EXPECT_TRUE(done.has_value());
    }
}

TEST(InProcessBus, PublishersThatWaitAreServedInTheOrderTheyCame) {
    asio::io_context context;
    const std::unique_ptr<Bus> bus =
        make_in_process_bus(context.get_executor(), {.capacity = 1, .partitions = 4});
    const std::unique_ptr<Subscription> reader = bus->subscribe("overloads", "flex");
    const std::vector<std::string> order{"F-3", "F-1", "F-6", "F-2", "F-5", "F-4"};
    int published = 0;
    for (const std::string& key : order) {
        spawn(context.get_executor(), publish_all(*bus, key, 1, published));
    }
    context.poll();
    EXPECT_EQ(published, 1);  // the others wait, whatever their partition
    std::vector<std::string> keys;
    spawn(context.get_executor(), read_keys(*reader, order.size(), keys));
    context.restart();
    context.run();
    EXPECT_EQ(published, 6);
    EXPECT_EQ(keys, order);
}

}  // namespace
}  // namespace headroom::bus
