#include "contract/bus/buses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headroom::bus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Message message(std::string key, std::string body, std::string topic = "overloads") {
    Message made;
    made.topic = std::move(topic);
    made.key = std::move(key);
    made.body = std::move(body);
    return made;
}

std::vector<std::string> bodies(const std::vector<Message>& messages) {
    std::vector<std::string> out;
    for (const Message& each : messages) {
        out.push_back(each.body);
    }
    return out;
}

/// What became of a call that may still wait.
template <class T>
using Pending = std::shared_ptr<std::optional<Result<T>>>;

template <class T>
Awaitable<void> keep(Awaitable<Result<T>> call, Pending<T> into) {
    Result<T> answer = co_await std::move(call);
    into->emplace(std::move(answer));
}

class BusContract : public ::testing::TestWithParam<BusUnderTest> {
  protected:
    void make(InProcessBusOptions options = {}) { bus_ = GetParam().make(context_.get_executor(), options); }
    void SetUp() override { make(); }

    template <class T>
    Pending<T> start(Awaitable<Result<T>> call) {
        auto pending = std::make_shared<std::optional<Result<T>>>();
        spawn(context_.get_executor(), keep<T>(std::move(call), pending));
        run_ready();
        return pending;
    }
    void run_ready() {
        context_.restart();
        context_.poll();
    }
    /// The answer of a call that must not wait for anything that does not come.
    template <class T>
    Result<T> finish(const Pending<T>& pending) {
        context_.restart();
        while (!pending->has_value() && context_.run_one_for(seconds{10}) > 0) {
        }
        EXPECT_TRUE(pending->has_value()) << "the call still waits";
        return pending->has_value() ? **pending : Result<T>(Error{Errc::timeout, "still waits"});
    }
    void publish(Message one) {
        const Result<void> published = finish(start(bus_->publish(std::move(one))));
        EXPECT_TRUE(published.has_value()) << published.error().message;
    }
    std::vector<Message> next(Subscription& subscription, std::size_t max = 100) {
        Result<std::vector<Message>> batch = finish(start(subscription.next(max)));
        EXPECT_TRUE(batch.has_value()) << batch.error().message;
        return batch ? std::move(*batch) : std::vector<Message>{};
    }
    /// `count` messages or more, in as many batches as it takes, not acknowledged.
    std::vector<Message> take(Subscription& subscription, std::size_t count) {
        std::vector<Message> all;
        while (all.size() < count) {
            std::vector<Message> batch = next(subscription);
            if (batch.empty()) {
                break;
            }
            all.insert(all.end(), batch.begin(), batch.end());
        }
        return all;
    }
    Result<void> done(Subscription& subscription, const Message& last) {
        return finish(start(subscription.done(last)));
    }

    asio::io_context context_;
    std::unique_ptr<Bus> bus_;
};

TEST_P(BusContract, CarriesAMessageWithItsKeyAndBody) {
    const auto reader = bus_->subscribe("overloads", "flex");
    publish(message("F-1", "{\"a\":1}"));
    const std::vector<Message> batch = next(*reader);
    ASSERT_EQ(batch.size(), 1U);
    EXPECT_EQ(batch[0].topic, "overloads");
    EXPECT_EQ(batch[0].key, "F-1");
    EXPECT_EQ(batch[0].body, "{\"a\":1}");
}

TEST_P(BusContract, WaitsForAMessage) {
    const auto reader = bus_->subscribe("overloads", "flex");
    const auto waiting = start(reader->next(10));
    EXPECT_FALSE(waiting->has_value());
    publish(message("F-1", "late"));
    EXPECT_THAT(bodies(*finish(waiting)), ElementsAre("late"));
}

TEST_P(BusContract, KeepsTheOrderOfEachKey) {
    const auto reader = bus_->subscribe("overloads", "flex");
    for (int i = 0; i < 60; ++i) {
        publish(message("F-" + std::to_string(i % 6), std::to_string(i)));
    }
    std::map<std::string, std::vector<int>> by_key;
    for (const Message& each : take(*reader, 60)) {
        by_key[each.key].push_back(std::stoi(each.body));
    }
    ASSERT_EQ(by_key.size(), 6U);
    for (const auto& [key, order] : by_key) {
        EXPECT_EQ(order.size(), 10U) << key;
        EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << key;
    }
}

TEST_P(BusContract, ABatchIsOfOnePartitionAndNoLargerThanAsked) {
    const auto reader = bus_->subscribe("overloads", "flex");
    for (int i = 0; i < 40; ++i) {
        publish(message("F-" + std::to_string(i), std::to_string(i)));
    }
    std::size_t seen = 0;
    while (seen < 40) {
        const std::vector<Message> batch = next(*reader, 3);
        ASSERT_FALSE(batch.empty());
        ASSERT_LE(batch.size(), 3U);
        for (const Message& each : batch) {
            EXPECT_EQ(each.partition, batch.front().partition);
        }
        EXPECT_TRUE(done(*reader, batch.back()));
        seen += batch.size();
    }
    EXPECT_EQ(seen, 40U);
}

TEST_P(BusContract, EveryGroupSeesEveryMessage) {
    const auto one = bus_->subscribe("overloads", "flex");
    const auto two = bus_->subscribe("overloads", "desk");
    publish(message("F-1", "a"));
    publish(message("F-1", "b"));
    EXPECT_THAT(bodies(take(*one, 2)), ElementsAre("a", "b"));
    EXPECT_THAT(bodies(take(*two, 2)), ElementsAre("a", "b"));
}

TEST_P(BusContract, TopicsAreApart) {
    const auto reader = bus_->subscribe("overloads", "flex");
    publish(message("F-1", "plan", "plans"));
    publish(message("F-1", "overload"));
    EXPECT_THAT(bodies(next(*reader)), ElementsAre("overload"));
}

TEST_P(BusContract, AGroupSeesWhatIsPublishedAfterItsFirstSubscription) {
    publish(message("F-1", "before anybody"));
    const auto first = bus_->subscribe("overloads", "flex");
    publish(message("F-1", "between"));
    const auto second = bus_->subscribe("overloads", "desk");
    publish(message("F-1", "after"));
    EXPECT_THAT(bodies(take(*first, 2)), ElementsAre("between", "after"));
    EXPECT_THAT(bodies(take(*second, 1)), ElementsAre("after"));
}

TEST_P(BusContract, ReadersOfAGroupShareTheKeys) {
    const auto one = bus_->subscribe("overloads", "flex");
    const auto two = bus_->subscribe("overloads", "flex");
    for (int i = 0; i < 64; ++i) {
        publish(message("F-" + std::to_string(i % 32), std::to_string(i)));
    }
    std::set<std::string> keys[2];
    std::size_t seen = 0;
    Subscription* readers[2] = {one.get(), two.get()};
    for (int side = 0; side < 2; ++side) {
        while (true) {
            const auto pending = start(readers[side]->next(100));
            if (!pending->has_value()) {
                break;  // nothing more for this one
            }
            const std::vector<Message> batch = finish(pending).value();
            for (const Message& each : batch) {
                keys[side].insert(each.key);
            }
            seen += batch.size();
        }
    }
    EXPECT_EQ(seen, 64U);
    EXPECT_FALSE(keys[0].empty());
    EXPECT_FALSE(keys[1].empty());
    for (const std::string& key : keys[0]) {
        EXPECT_FALSE(keys[1].contains(key)) << key;
    }
}

TEST_P(BusContract, UnacknowledgedMessagesOfADestroyedReaderGoToTheOthers) {
    auto leaving = bus_->subscribe("overloads", "flex");
    for (int i = 0; i < 20; ++i) {
        publish(message("F-" + std::to_string(i), std::to_string(i)));
    }
    const std::vector<Message> taken = take(*leaving, 20);
    ASSERT_EQ(taken.size(), 20U);
    EXPECT_TRUE(done(*leaving, taken.front()));  // this one, and nothing before it
    const auto staying = bus_->subscribe("overloads", "flex");
    leaving.reset();
    std::vector<std::string> again = bodies(take(*staying, 19));
    EXPECT_EQ(again.size(), 19U);
    EXPECT_EQ(std::count(again.begin(), again.end(), taken.front().body), 0);
}

TEST_P(BusContract, AReaderThatWaitsGetsWhatADestroyedOneHeld) {
    auto leaving = bus_->subscribe("overloads", "flex");
    publish(message("F-1", "a"));
    ASSERT_THAT(bodies(next(*leaving)), ElementsAre("a"));
    const auto staying = bus_->subscribe("overloads", "flex");
    const auto waiting = start(staying->next(10));
    EXPECT_FALSE(waiting->has_value());
    leaving.reset();
    EXPECT_THAT(bodies(*finish(waiting)), ElementsAre("a"));
}

TEST_P(BusContract, AGroupWithoutReadersKeepsItsMessagesForTheNext) {
    auto reader = bus_->subscribe("overloads", "flex");
    publish(message("F-1", "a"));
    ASSERT_THAT(bodies(next(*reader)), ElementsAre("a"));
    reader.reset();
    publish(message("F-1", "b"));
    const auto later = bus_->subscribe("overloads", "flex");
    EXPECT_THAT(bodies(take(*later, 2)), ElementsAre("a", "b"));
}

TEST_P(BusContract, WhatIsDoneIsNotSeenAgain) {
    auto reader = bus_->subscribe("overloads", "flex");
    publish(message("F-1", "a"));
    publish(message("F-1", "b"));
    publish(message("F-1", "c"));
    const std::vector<Message> batch = next(*reader);
    ASSERT_EQ(batch.size(), 3U);
    EXPECT_TRUE(done(*reader, batch[1]));  // and a before it
    reader = bus_->subscribe("overloads", "flex");
    EXPECT_THAT(bodies(next(*reader)), ElementsAre("c"));
}

TEST_P(BusContract, TwoReadersNeverHoldMessagesOfOneKey) {
    const auto one = bus_->subscribe("overloads", "flex");
    const std::vector<std::string> keys{"F-1", "F-2", "F-3", "F-4", "F-5", "F-6", "F-7", "F-8"};
    for (const std::string& key : keys) {
        publish(message(key, key + " first"));
    }
    std::vector<Message> held = take(*one, keys.size());
    const auto two = bus_->subscribe("overloads", "flex");
    for (const std::string& key : keys) {
        publish(message(key, key + " second"));
    }
    // While the first reader is at work on all partitions, the second gets nothing.
    const auto waiting = start(two->next(100));
    EXPECT_FALSE(waiting->has_value());
    std::map<int, Message> last;
    for (const Message& each : held) {
        last[each.partition] = each;
    }
    for (const auto& [partition, each] : last) {
        EXPECT_TRUE(done(*one, each));
    }
    const Result<std::vector<Message>> moved = finish(waiting);
    ASSERT_TRUE(moved.has_value());
    ASSERT_FALSE(moved->empty());
    EXPECT_TRUE(moved->front().body.ends_with("second"));
    EXPECT_EQ(done(*one, moved->back()).error().code, Errc::conflict);
}

TEST_P(BusContract, APublisherWaitsWhileTheTopicIsFull) {
    make({.capacity = 3, .partitions = 2});
    const auto reader = bus_->subscribe("overloads", "flex");
    for (const char* body : {"a", "b", "c"}) {
        publish(message("F-1", body));
    }
    const auto fourth = start(bus_->publish(message("F-1", "d")));
    const auto fifth = start(bus_->publish(message("F-1", "e")));
    EXPECT_FALSE(fourth->has_value());
    const std::vector<Message> batch = next(*reader);
    EXPECT_THAT(bodies(batch), ElementsAre("a", "b", "c"));
    run_ready();
    EXPECT_FALSE(fourth->has_value()) << "taken is not done";
    EXPECT_TRUE(done(*reader, batch[0]));
    EXPECT_TRUE(finish(fourth).has_value());
    run_ready();
    EXPECT_FALSE(fifth->has_value());
    EXPECT_TRUE(done(*reader, batch[2]));
    EXPECT_TRUE(finish(fifth).has_value());
    EXPECT_THAT(bodies(take(*reader, 2)), ElementsAre("d", "e"));
}

TEST_P(BusContract, TheSlowestGroupSetsThePace) {
    make({.capacity = 1, .partitions = 1});
    const auto quick = bus_->subscribe("overloads", "quick");
    const auto slow = bus_->subscribe("overloads", "slow");
    publish(message("F-1", "a"));
    const auto second = start(bus_->publish(message("F-1", "b")));
    EXPECT_TRUE(done(*quick, next(*quick).back()));
    run_ready();
    EXPECT_FALSE(second->has_value());
    EXPECT_TRUE(done(*slow, next(*slow).back()));
    EXPECT_TRUE(finish(second).has_value());
}

TEST_P(BusContract, FullTopicsDoNotHoldUpOthersNorThoseWithoutReaders) {
    make({.capacity = 1, .partitions = 1});
    const auto reader = bus_->subscribe("overloads", "flex");
    publish(message("F-1", "a"));
    for (int i = 0; i < 5; ++i) {
        publish(message("F-1", "x", "plans"));
    }
}

TEST_P(BusContract, CloseEndsEveryWait) {
    make({.capacity = 1, .partitions = 1});
    const auto idle = bus_->subscribe("plans", "desk");
    const auto reader = bus_->subscribe("overloads", "flex");
    publish(message("F-1", "a"));
    const auto waiting_reader = start(idle->next(10));
    const auto waiting_publisher = start(bus_->publish(message("F-1", "b")));
    bus_->close();
    EXPECT_THAT(*finish(waiting_reader), IsEmpty());
    EXPECT_EQ(finish(waiting_publisher).error().code, Errc::unavailable);
    EXPECT_EQ(finish(start(bus_->publish(message("F-1", "c")))).error().code, Errc::unavailable);
    EXPECT_THAT(next(*reader), IsEmpty());
    EXPECT_THAT(next(*bus_->subscribe("overloads", "late")), IsEmpty());
    bus_->close();
}

TEST_P(BusContract, DestroyingAReaderOrTheBusEndsItsWaits) {
    auto reader = bus_->subscribe("overloads", "flex");
    auto other = bus_->subscribe("overloads", "desk");
    const auto first = start(reader->next(10));
    const auto second = start(other->next(10));
    reader.reset();
    EXPECT_THAT(*finish(first), IsEmpty());
    EXPECT_FALSE(second->has_value());
    bus_.reset();
    EXPECT_THAT(*finish(second), IsEmpty());
    const Message never = message("F-1", "x");
    EXPECT_EQ(done(*other, never).error().code, Errc::unavailable);
}

TEST_P(BusContract, WaitsThatAreNeverAnsweredDieWithTheirContext) {
    auto context = std::make_unique<asio::io_context>();
    const std::unique_ptr<Bus> bus =
        GetParam().make(context->get_executor(), {.capacity = 1, .partitions = 1});
    const auto reader = bus->subscribe("overloads", "flex");
    const auto idle = bus->subscribe("plans", "flex");
    const auto read = std::make_shared<std::optional<Result<std::vector<Message>>>>();
    const auto first = std::make_shared<std::optional<Result<void>>>();
    const auto second = std::make_shared<std::optional<Result<void>>>();
    spawn(context->get_executor(), keep<std::vector<Message>>(idle->next(1), read));
    spawn(context->get_executor(), keep<void>(bus->publish(message("F-1", "a")), first));
    spawn(context->get_executor(), keep<void>(bus->publish(message("F-1", "b")), second));
    context->poll();
    EXPECT_TRUE(first->has_value());
    context.reset();  // the coroutines are destroyed while they wait
    EXPECT_FALSE(read->has_value());
    EXPECT_FALSE(second->has_value());
    bus->close();
}

TEST_P(BusContract, RefusesWhatMeansNothing) {
    const auto reader = bus_->subscribe("overloads", "flex");
    EXPECT_EQ(finish(start(bus_->publish(message("F-1", "x", "")))).error().code, Errc::invalid);
    EXPECT_EQ(finish(start(reader->next(0))).error().code, Errc::invalid);
    publish(message("F-1", "a"));
    Message given = next(*reader).back();
    Message later = given;
    later.offset += 1;
    EXPECT_EQ(done(*reader, later).error().code, Errc::invalid);
    Message elsewhere = given;
    elsewhere.topic = "plans";
    EXPECT_EQ(done(*reader, elsewhere).error().code, Errc::invalid);
    elsewhere = given;
    elsewhere.partition = 99;
    EXPECT_EQ(done(*reader, elsewhere).error().code, Errc::invalid);
    elsewhere.partition = -1;
    EXPECT_EQ(done(*reader, elsewhere).error().code, Errc::invalid);
    EXPECT_TRUE(done(*reader, given));
    EXPECT_TRUE(done(*reader, given));  // again is harmless
}

INSTANTIATE_TEST_SUITE_P(Buses, BusContract, buses(), bus_name);

}  // namespace
}  // namespace headroom::bus
