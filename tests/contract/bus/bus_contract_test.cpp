// What every implementation of bus::Bus must do. Another implementation joins by one more line in INSTANTIATE_TEST_SUITE_P.
#include "bus/bus.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace headroom::bus {
namespace {

struct Factory {
    std::string name;
    std::function<std::unique_ptr<Bus>(asio::io_context&, std::size_t capacity)> make;
};

class BusContract : public testing::TestWithParam<Factory> {
  protected:
    void open(std::size_t capacity = 1000) { bus_ = GetParam().make(context_, capacity); }
    void run(Awaitable<void> work) {
        spawn(context_.get_executor(), std::move(work));
        context_.restart();
        context_.poll();
    }
    asio::io_context context_;
    std::unique_ptr<Bus> bus_;
};

Awaitable<void> publish(Bus& bus, std::string key, std::string body, int* published = nullptr) {
    Message message{.topic = "overloads", .key = std::move(key), .body = std::move(body)};
    const Result<void> done = co_await bus.publish(std::move(message));
    if (done && published != nullptr) {
        ++*published;
    }
}

Awaitable<void> read_one(Subscription& subscription, std::vector<Message>& into, bool acknowledge) {
    Result<std::vector<Message>> batch = co_await subscription.next(1);
    if (batch && !batch->empty()) {
        into.push_back(batch->front());
        if (acknowledge) {
            const Result<void> done = co_await subscription.done(batch->back());
            EXPECT_TRUE(done);
        }
    }
}

std::vector<std::string> bodies(const std::vector<Message>& messages) {
    std::vector<std::string> out;
    for (const Message& message : messages) {
        out.push_back(message.body);
    }
    return out;
}

TEST_P(BusContract, OrderIsKeptPerKey) {
    open();
    const auto reader = bus_->subscribe("overloads", "g");
    std::vector<Message> seen;
    for (int i = 0; i < 3; ++i) {
        run(publish(*bus_, "F1", std::to_string(i)));
    }
    for (int i = 0; i < 3; ++i) {
        run(read_one(*reader, seen, true));
    }
    EXPECT_EQ(bodies(seen), (std::vector<std::string>{"0", "1", "2"}));
}

TEST_P(BusContract, EveryGroupSeesEveryMessageAfterItsFirstSubscription) {
    open();
    run(publish(*bus_, "F1", "before"));
    const auto a = bus_->subscribe("overloads", "a");
    const auto b = bus_->subscribe("overloads", "b");
    run(publish(*bus_, "F1", "after"));
    std::vector<Message> seen_a;
    std::vector<Message> seen_b;
    run(read_one(*a, seen_a, true));
    run(read_one(*b, seen_b, true));
    EXPECT_EQ(bodies(seen_a), (std::vector<std::string>{"after"}));
    EXPECT_EQ(bodies(seen_b), (std::vector<std::string>{"after"}));
}

TEST_P(BusContract, ReadersOfAGroupShareAndNeverBothHoldAKey) {
    open();
    const auto first = bus_->subscribe("overloads", "g");
    const auto second = bus_->subscribe("overloads", "g");
    run(publish(*bus_, "F1", "1"));
    run(publish(*bus_, "F1", "2"));
    std::vector<Message> seen_first;
    std::vector<Message> seen_second;
    run(read_one(*first, seen_first, false));
    run(read_one(*second, seen_second, true));
    EXPECT_EQ(bodies(seen_first), (std::vector<std::string>{"1"}));
    EXPECT_TRUE(seen_second.empty()) << "the key is with the first reader until it is done";
}

TEST_P(BusContract, WhatWasNotDoneIsGivenAgain) {
    open();
    auto lost = bus_->subscribe("overloads", "g");
    const auto other = bus_->subscribe("overloads", "g");
    run(publish(*bus_, "F1", "1"));
    std::vector<Message> seen;
    run(read_one(*lost, seen, false));
    lost.reset();
    run(read_one(*other, seen, true));
    EXPECT_EQ(bodies(seen), (std::vector<std::string>{"1", "1"}));
}

TEST_P(BusContract, AFullTopicMakesItsPublisherWait) {
    open(2);
    const auto reader = bus_->subscribe("overloads", "g");
    int published = 0;
    for (int i = 0; i < 3; ++i) {
        run(publish(*bus_, "F1", std::to_string(i), &published));
    }
    EXPECT_EQ(published, 2);
    std::vector<Message> seen;
    run(read_one(*reader, seen, true));
    run(read_one(*reader, seen, true));
    EXPECT_EQ(published, 3);
}

TEST_P(BusContract, ClosingEndsEveryWait) {
    open(1);
    const auto reader = bus_->subscribe("overloads", "g");
    std::vector<Message> seen;
    bool ended = false;
    run([](Subscription& subscription, bool& flag) -> Awaitable<void> {
        Result<std::vector<Message>> batch = co_await subscription.next(1);
        flag = batch.has_value() && batch->empty();
    }(*reader, ended));
    EXPECT_FALSE(ended);
    bus_->close();
    context_.restart();
    context_.poll();
    EXPECT_TRUE(ended);
    int published = 0;
    run(publish(*bus_, "F1", "late", &published));
    EXPECT_EQ(published, 0);
}

TEST_P(BusContract, AForeignMessageCannotBeAcknowledged) {
    open();
    const auto reader = bus_->subscribe("overloads", "g");
    bool refused = false;
    run([](Subscription& subscription, bool& flag) -> Awaitable<void> {
        const Message foreign{.topic = "plans"};
        const Result<void> done = co_await subscription.done(foreign);
        flag = !done && done.error().code == Errc::invalid;
    }(*reader, refused));
    EXPECT_TRUE(refused);
}

INSTANTIATE_TEST_SUITE_P(Implementations, BusContract,
                         testing::Values(Factory{"InProcess",
                                                 [](asio::io_context& context, std::size_t capacity) {
                                                     return make_in_process_bus(context.get_executor(),
                                                                                {.capacity = capacity, .partitions = 4});
                                                 }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace headroom::bus
