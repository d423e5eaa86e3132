#include "net/kafka_producer.hpp"

#include "core/clock.hpp"
#include "net/kafka_conf.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace headroom::net {
namespace {

constexpr int wait_for_room_ms = 50;

Result<KafkaConf> producer_conf(const KafkaProducerSettings& settings) {
    Result<KafkaConf> conf = make_kafka_conf(settings.cluster);
    if (!conf) {
        return conf.error();
    }
    const std::vector<std::pair<std::string, std::string>> options{
        {"enable.idempotence", settings.all_replicas ? "true" : "false"},
        {"acks", settings.all_replicas ? "all" : "1"},
        {"linger.ms", std::to_string(settings.linger.count())},
        {"queue.buffering.max.messages", std::to_string(settings.queued_messages_max)},
        {"queue.buffering.max.kbytes",
         std::to_string(std::max<std::size_t>(1, settings.queued_bytes_max / 1024))},
        {"message.timeout.ms", std::to_string(settings.delivery_timeout.count())},
        {"partitioner", "murmur2_random"}};
    for (const auto& [name, value] : options) {
        if (settings.cluster.options.contains(name)) {
            continue;
        }
        if (const Result<void> set = set_kafka_option(conf->get(), name, value); !set) {
            return set.error();
        }
    }
    return conf;
}

}  // namespace

class KafkaProducer::Impl {
  public:
    ~Impl() {
        if (handle_ != nullptr) {
            rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
            rd_kafka_destroy(handle_);
        }
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    explicit Impl(milliseconds delivery_timeout) : delivery_timeout_(delivery_timeout) {}

    Result<void> open(const KafkaProducerSettings& settings) {
        Result<KafkaConf> conf = producer_conf(settings);
        if (!conf) {
            return conf.error();
        }
        rd_kafka_conf_set_opaque(conf->get(), this);
        rd_kafka_conf_set_dr_msg_cb(conf->get(), &Impl::on_delivery);
        const Result<rd_kafka_t*> handle = make_kafka_handle(RD_KAFKA_PRODUCER, std::move(*conf));
        if (!handle) {
            return handle.error();
        }
        handle_ = *handle;
        return {};
    }

    Result<void> send(const std::string& topic, std::string_view key, std::string_view value,
                      std::int32_t partition) {
        const SteadyTime until = steady_now() + delivery_timeout_;
        while (true) {
            const rd_kafka_resp_err_t code = queue_copy(topic, key, value, partition);
            if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
                counts_.queued += 1;
                rd_kafka_poll(handle_, 0);
                return {};
            }
            if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                return kafka_error(code, "send to Kafka topic " + topic);
            }
            if (steady_now() > until) {
                return Error{Errc::timeout, "the queue to Kafka stayed full: no broker takes messages", {}};
            }
            rd_kafka_poll(handle_, wait_for_room_ms);
        }
    }

    Result<void> flush(milliseconds timeout) {
        const rd_kafka_resp_err_t code = rd_kafka_flush(handle_, static_cast<int>(timeout.count()));
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return kafka_error(code, "messages wait for Kafka's answer");
        }
        if (first_failure_) {
            return Error{Errc::unavailable,
                         std::to_string(counts_.failed) + " messages were not delivered: " + *first_failure_,
                         {}};
        }
        return {};
    }

    [[nodiscard]] Counts counts() const { return counts_; }

  private:
    rd_kafka_resp_err_t queue_copy(const std::string& topic, std::string_view key, std::string_view value,
                                   std::int32_t partition) {
        std::array<rd_kafka_vu_t, 5> parts{};
        parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
        parts[0].u.cstr = topic.c_str();
        parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
        parts[1].u.i32 = partition;
        parts[2].vtype = RD_KAFKA_VTYPE_KEY;
        parts[2].u.mem = {const_cast<char*>(key.data()), key.size()};
        parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
        parts[3].u.mem = {const_cast<char*>(value.data()), value.size()};
        parts[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        parts[4].u.i = RD_KAFKA_MSG_F_COPY;
        rd_kafka_error_t* const error = rd_kafka_produceva(handle_, parts.data(), parts.size());
        if (error == nullptr) {
            return RD_KAFKA_RESP_ERR_NO_ERROR;
        }
        const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
        return code;
    }

    static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
        auto& producer = *static_cast<Impl*>(self);
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            producer.counts_.delivered += 1;
            return;
        }
        producer.counts_.failed += 1;
        if (!producer.first_failure_) {
            producer.first_failure_ = rd_kafka_err2str(message->err);
        }
    }

    milliseconds delivery_timeout_;
    rd_kafka_t* handle_ = nullptr;
    Counts counts_;
    std::optional<std::string> first_failure_;
};

KafkaProducer::KafkaProducer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaProducer::~KafkaProducer() = default;

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::open(const KafkaProducerSettings& settings) {
    auto impl = std::make_unique<Impl>(settings.delivery_timeout);
    if (const Result<void> opened = impl->open(settings); !opened) {
        return opened.error();
    }
    return std::unique_ptr<KafkaProducer>(new KafkaProducer(std::move(impl)));
}

Result<void> KafkaProducer::send(const std::string& topic, std::string_view key, std::string_view value,
                                 std::int32_t partition) {
    return impl_->send(topic, key, value, partition);
}

Result<void> KafkaProducer::flush(milliseconds timeout) {
    return impl_->flush(timeout);
}

KafkaProducer::Counts KafkaProducer::counts() const {
    return impl_->counts();
}

}  // namespace headroom::net
