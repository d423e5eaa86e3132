#include "net/kafka_consumer.hpp"

#include "core/clock.hpp"
#include "unit/net/kafka_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace headroom::net {
namespace {

using testing::KafkaFeed;
using testing::KafkaMockCluster;

constexpr const char* readings_topic = "readings";

KafkaConsumerSettings settings_of(const KafkaMockCluster& cluster, bool cooperative = true) {
    KafkaConsumerSettings out;
    out.cluster = cluster.settings();
    out.topics = {readings_topic};
    out.group = "rooms";
    out.cooperative = cooperative;
    out.session_timeout = milliseconds{6'000};
    return out;
}

/// Where to go on with each partition.
using Places = std::map<std::pair<std::string, int>, std::int64_t>;

/// A member of a group that keeps what it is handed. What is revoked it notes in `places`, where another
/// member finds it: the made-up brokers take no commit while a group rebalances, as real ones do.
class Member {
  public:
    Member(const KafkaConsumerSettings& settings, Places& places) : places_(places) {
        KafkaConsumer::Handlers handlers;
        handlers.start_of = [this](const std::string& name, int partition) -> std::optional<std::int64_t> {
            const auto found = places_.find({name, partition});
            return found == places_.end() ? std::nullopt : std::optional(found->second);
        };
        handlers.revoked = [this](std::span<const KafkaPosition> gone) {
            revoked_ += gone.size();
            for (const KafkaPosition& position : gone) {
                if (position.next_offset >= 0) {
                    places_[{position.topic, position.partition}] = position.next_offset;
                }
            }
        };
        handlers.fault = [this](const Error& fault) { faults_.push_back(fault.message); };
        handlers.statistics = [this](std::string_view) { statistics_ += 1; };
        auto opened = KafkaConsumer::open(settings, std::move(handlers));
        HEADROOM_ASSERT(opened.has_value());
        consumer_ = std::move(*opened);
    }

    void poll(milliseconds timeout = milliseconds{20}) {
        const auto polled = consumer_->poll(100, timeout, [this](std::span<const KafkaRecord> records) {
            for (const KafkaRecord& record : records) {
                values_.emplace_back(record.value);
            }
        });
        HEADROOM_ASSERT(polled.has_value());
    }
    /// Polls until it holds so many messages; thirty seconds at most.
    bool has(std::size_t count) {
        const SteadyTime until = steady_now() + seconds{30};
        while (values_.size() < count && steady_now() < until) {
            poll();
        }
        return values_.size() >= count;
    }
    void close() { consumer_->close(); }
    KafkaConsumer& consumer() { return *consumer_; }
    const std::vector<std::string>& values() const { return values_; }
    std::size_t revoked() const { return revoked_; }
    int statistics() const { return statistics_; }
    const std::vector<std::string>& faults() const { return faults_; }

  private:
    Places& places_;
    std::vector<std::string> values_;
    std::vector<std::string> faults_;
    std::size_t revoked_ = 0;
    int statistics_ = 0;
    std::unique_ptr<KafkaConsumer> consumer_;
};

std::vector<std::string> send(KafkaFeed& feed, int partitions, int from, int to) {
    std::vector<std::string> sent;
    for (int i = from; i < to; ++i) {
        sent.push_back(std::to_string(i));
        feed.send(readings_topic, i % partitions, sent.back());
    }
    feed.flush();
    return sent;
}

std::vector<std::string> sorted(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    return values;
}

TEST(KafkaConsumer, ReadsOnFromWhatWasCommitted) {
    KafkaMockCluster cluster;
    cluster.create(readings_topic, 1);
    KafkaFeed feed(cluster.settings());
    send(feed, 1, 0, 10);
    Places first_places;
    Places none;
    {
        Member first(settings_of(cluster), first_places);
        ASSERT_TRUE(first.has(10));
        EXPECT_EQ(first.consumer().positions(), (std::vector<KafkaPosition>{{readings_topic, 0, 10}}));
        const KafkaPosition at{readings_topic, 0, 4};
        ASSERT_TRUE(first.consumer().commit({&at, 1}).has_value());
        first.close();
    }

    Member second(settings_of(cluster), none);

    ASSERT_TRUE(second.has(6));
    EXPECT_EQ(second.values(), (std::vector<std::string>{"4", "5", "6", "7", "8", "9"}));
}

TEST(KafkaConsumer, NothingIsCommittedByItselfAndAStartThatIsGivenStands) {
    KafkaMockCluster cluster;
    cluster.create(readings_topic, 2);
    KafkaFeed feed(cluster.settings());
    send(feed, 2, 0, 10);
    Places first_places;
    {
        Member first(settings_of(cluster), first_places);
        ASSERT_TRUE(first.has(10));
        first.close();
    }
    EXPECT_EQ(first_places, (Places{{{readings_topic, 0}, 5}, {{readings_topic, 1}, 5}}));

    // The even numbers are in partition 0, the odd ones in partition 1, which has a start of its own.
    Places second_places{{{readings_topic, 1}, 3}};
    Member second(settings_of(cluster), second_places);

    ASSERT_TRUE(second.has(7));
    EXPECT_EQ(sorted(second.values()), (std::vector<std::string>{"0", "2", "4", "6", "7", "8", "9"}));
}

/// A second member joins while messages flow, and goes on where the first one left off.
void share_out(bool cooperative) {
    constexpr int partitions = 4;
    KafkaMockCluster cluster;
    cluster.create(readings_topic, partitions);
    KafkaFeed feed(cluster.settings());
    std::vector<std::string> sent = send(feed, partitions, 0, 200);
    Places places;
    Member first(settings_of(cluster, cooperative), places);
    ASSERT_TRUE(first.has(100));
    Member second(settings_of(cluster, cooperative), places);
    const SteadyTime until = steady_now() + seconds{40};
    int next = 200;
    while ((second.consumer().counts().partitions == 0 ||
            first.values().size() + second.values().size() < sent.size()) &&
           steady_now() < until) {
        if (next < 1000) {
            for (const std::string& more : send(feed, partitions, next, next + 20)) {
                sent.push_back(more);
            }
            next += 20;
        }
        first.poll();
        second.poll();
    }

    EXPECT_GT(second.consumer().counts().partitions, 0U);
    EXPECT_GT(first.revoked(), 0U);
    std::vector<std::string> got = first.values();
    got.insert(got.end(), second.values().begin(), second.values().end());
    EXPECT_EQ(sorted(got), sorted(sent));
}

TEST(KafkaConsumer, ACooperativeRebalanceLosesAndDoublesNothing) {
    share_out(true);
}

TEST(KafkaConsumer, AnEagerRebalanceLosesAndDoublesNothing) {
    share_out(false);
}

TEST(KafkaConsumer, GetsOverABrokerThatGoesAndComes) {
    KafkaMockCluster cluster;
    cluster.create(readings_topic, 3);
    for (int partition = 0; partition < 3; ++partition) {
        cluster.lead(readings_topic, partition, partition + 1);
    }
    KafkaFeed feed(cluster.settings());
    std::vector<std::string> sent = send(feed, 3, 0, 30);
    Places places;
    Member member(settings_of(cluster), places);
    ASSERT_TRUE(member.has(30));

    cluster.set_down(2, true);
    for (int i = 0; i < 5; ++i) {
        member.poll();
    }
    cluster.set_down(2, false);
    for (const std::string& more : send(feed, 3, 30, 60)) {
        sent.push_back(more);
    }

    ASSERT_TRUE(member.has(60));
    EXPECT_EQ(sorted(member.values()), sorted(sent));
}

TEST(KafkaConsumer, FollowsANewLeader) {
    KafkaMockCluster cluster;
    cluster.create(readings_topic, 1);
    cluster.lead(readings_topic, 0, 1);
    KafkaFeed feed(cluster.settings());
    send(feed, 1, 0, 10);
    Places places;
    Member member(settings_of(cluster), places);
    ASSERT_TRUE(member.has(10));

    cluster.lead(readings_topic, 0, 3);
    send(feed, 1, 10, 20);

    ASSERT_TRUE(member.has(20));
    EXPECT_EQ(member.values().size(), 20U);
    EXPECT_EQ(member.values().back(), "19");
}

TEST(KafkaConsumer, FetchErrorsLoseNothing) {
    constexpr std::int16_t fetch = 1;
    KafkaMockCluster cluster;
    cluster.create(readings_topic, 1);
    KafkaFeed feed(cluster.settings());
    send(feed, 1, 0, 10);
    rd_kafka_mock_push_request_errors(cluster.handle(), fetch, 4, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                                      RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_UNKNOWN);
    Places places;
    Member member(settings_of(cluster), places);

    ASSERT_TRUE(member.has(10));
    EXPECT_EQ(member.values(), (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
}

TEST(KafkaConsumer, TellsTheLibrarysFigures) {
    KafkaMockCluster cluster;
    cluster.create(readings_topic, 1);
    KafkaConsumerSettings settings = settings_of(cluster);
    settings.statistics_every = milliseconds{20};
    Places places;
    Member member(settings, places);
    const SteadyTime until = steady_now() + seconds{20};
    while (member.statistics() == 0 && steady_now() < until) {
        member.poll();
    }
    EXPECT_GT(member.statistics(), 0);
}

TEST(KafkaConsumer, NamesTheSettingThatIsWrong) {
    KafkaConsumerSettings good;
    good.cluster.brokers = "127.0.0.1:1";
    good.topics = {readings_topic};
    good.group = "rooms";
    const auto fault_of = [&](auto change) {
        KafkaConsumerSettings settings = good;
        change(settings);
        const auto opened = KafkaConsumer::open(settings, {});
        return opened ? std::string("nothing") : opened.error().message;
    };

    EXPECT_EQ(fault_of([](auto&) {}), "nothing");
    EXPECT_NE(fault_of([](auto& s) { s.topics = {}; }).find("topics"), std::string::npos);
    EXPECT_NE(fault_of([](auto& s) { s.group.clear(); }).find("group"), std::string::npos);
    EXPECT_NE(fault_of([](auto& s) { s.cluster.brokers.clear(); }).find("brokers"), std::string::npos);
    EXPECT_NE(fault_of([](auto& s) { s.cluster.password = "x"; }).find("password"), std::string::npos);
    EXPECT_NE(fault_of([](auto& s) {
                  s.cluster.options["enable.auto.commit"] = "true";
              }).find("enable.auto.commit"),
              std::string::npos);
    EXPECT_NE(fault_of([](auto& s) { s.cluster.options["no.such.option"] = "1"; }).find("no.such.option"),
              std::string::npos);
    EXPECT_NE(fault_of([](auto& s) {
                  s.cluster.user = "u";
                  s.cluster.password = "p";
                  s.cluster.sasl_mechanism = "NONE-SUCH";
              }).find("Kafka"),
              std::string::npos);
}

TEST(KafkaProducer, SendsByKeyAndTellsWhatFailed) {
    KafkaMockCluster cluster;
    cluster.create(readings_topic, 4);
    KafkaFeed feed(cluster.settings());
    for (int i = 0; i < 40; ++i) {
        feed.send(readings_topic, -1, std::to_string(i), "F-" + std::to_string(i % 8));
    }
    feed.flush();
    EXPECT_EQ(feed.producer().counts().delivered, 40U);
    EXPECT_EQ(feed.producer().counts().failed, 0U);

    EXPECT_EQ(feed.producer().send(readings_topic, "k", std::string(2'000'000, 'x')).error().code,
              Errc::invalid);
}

}  // namespace
}  // namespace headroom::net
