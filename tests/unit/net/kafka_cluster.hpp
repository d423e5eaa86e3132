#pragma once

#include "core/result.hpp"
#include "net/kafka_producer.hpp"

#include <memory>
#include <string>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace headroom::net::testing {

/// librdkafka's own cluster of made-up brokers, in this process: for faults that a real one shows seldom.
class KafkaMockCluster {
  public:
    explicit KafkaMockCluster(int brokers = 3) {
        char text[256];
        owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
        HEADROOM_ASSERT(owner_ != nullptr);
        cluster_ = rd_kafka_mock_cluster_new(owner_, brokers);
        HEADROOM_ASSERT(cluster_ != nullptr);
    }
    ~KafkaMockCluster() {
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(owner_);
    }
    KafkaMockCluster(const KafkaMockCluster&) = delete;
    KafkaMockCluster& operator=(const KafkaMockCluster&) = delete;

    void create(const std::string& topic, int partitions) {
        HEADROOM_ASSERT(rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1) ==
                        RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    [[nodiscard]] KafkaCluster settings() const {
        KafkaCluster out;
        out.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
        // So that what is broken is tried again soon.
        out.options = {{"reconnect.backoff.ms", "20"},
                       {"reconnect.backoff.max.ms", "100"},
                       {"topic.metadata.refresh.fast.interval.ms", "50"},
                       {"retry.backoff.ms", "20"},
                       {"fetch.error.backoff.ms", "20"}};
        return out;
    }
    void set_down(int broker, bool down) {
        HEADROOM_ASSERT((down ? rd_kafka_mock_broker_set_down(cluster_, broker)
                              : rd_kafka_mock_broker_set_up(cluster_, broker)) == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    void lead(const std::string& topic, int partition, int broker) {
        HEADROOM_ASSERT(rd_kafka_mock_partition_set_leader(cluster_, topic.c_str(), partition, broker) ==
                        RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    rd_kafka_mock_cluster_t* handle() { return cluster_; }

  private:
    rd_kafka_t* owner_ = nullptr;
    rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

/// Sends and waits for the answers.
class KafkaFeed {
  public:
    explicit KafkaFeed(const KafkaCluster& cluster) {
        KafkaProducerSettings settings;
        settings.cluster = cluster;
        settings.linger = milliseconds{0};
        settings.delivery_timeout = milliseconds{20'000};
        auto opened = KafkaProducer::open(settings);
        HEADROOM_ASSERT(opened.has_value());
        producer_ = std::move(*opened);
    }
    void send(const std::string& topic, int partition, const std::string& value,
              const std::string& key = {}) {
        HEADROOM_ASSERT(producer_->send(topic, key, value, partition).has_value());
    }
    void flush() { HEADROOM_ASSERT(producer_->flush(milliseconds{20'000}).has_value()); }
    KafkaProducer& producer() { return *producer_; }

  private:
    std::unique_ptr<KafkaProducer> producer_;
};

}  // namespace headroom::net::testing
