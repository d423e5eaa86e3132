#include "net/kafka_consumer.hpp"

#include "core/clock.hpp"
#include "net/kafka_conf.hpp"
#include "net/kafka_membership.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstring>
#include <utility>

namespace headroom::net {
namespace {

constexpr std::size_t topics_max = 64;
constexpr std::size_t poll_max = 10'000;
/// What `fetch.queue.backoff.ms` came with.
constexpr int first_with_queue_backoff = 0x020200ff;
constexpr int committed_timeout_ms = 5'000;
/// Should an assignment that is waited for never come, commits go on after this.
constexpr auto rebalance_limit = seconds{20};
/// How often a member hears of a rebalance: the others stand still that long.
constexpr auto heartbeats_per_session = 20;

struct FreeQueue {
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct FreeHandle {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};

Result<void> check_consumer(const KafkaConsumerSettings& settings) {
    if (settings.topics.empty() || settings.topics.size() > topics_max) {
        return bad_kafka_setting("topics", "are needed, at most " + std::to_string(topics_max));
    }
    for (const std::string& topic : settings.topics) {
        if (topic.empty() || topic.size() > 249) {
            return bad_kafka_setting("topics", "must have names of 1 to 249 characters");
        }
    }
    if (settings.group.empty() || settings.group.size() > 255 || settings.member.size() > 255) {
        return bad_kafka_setting("group", "must have 1 to 255 characters, and a member at most 255");
    }
    return {};
}

Result<KafkaConf> consumer_conf(const KafkaConsumerSettings& settings) {
    if (const Result<void> good = check_consumer(settings); !good) {
        return good.error();
    }
    Result<KafkaConf> conf = make_kafka_conf(settings.cluster);
    if (!conf) {
        return conf.error();
    }
    const auto ms = [](milliseconds time) { return std::to_string(time.count()); };
    std::vector<std::pair<std::string, std::string>> options{
        {"group.id", settings.group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", settings.from_newest ? "latest" : "earliest"},
        {"partition.assignment.strategy", settings.cooperative ? "cooperative-sticky" : "range,roundrobin"},
        {"queued.max.messages.kbytes",
         std::to_string(std::max<std::size_t>(1, settings.queued_bytes_max / 1024))},
        {"fetch.message.max.bytes", std::to_string(settings.message_bytes_max)},
        {"session.timeout.ms", ms(settings.session_timeout)},
        {"heartbeat.interval.ms",
         ms(std::max<milliseconds>(milliseconds{100}, settings.session_timeout / heartbeats_per_session))},
        {"fetch.wait.max.ms", ms(settings.fetch_wait)},
        {"statistics.interval.ms", ms(settings.statistics_every)}};
    if (!settings.member.empty()) {
        options.emplace_back("group.instance.id", settings.member);
    }
    if (rd_kafka_version() >= first_with_queue_backoff) {
        options.emplace_back("fetch.queue.backoff.ms", ms(settings.fetch_wait));
    }
    for (const auto& [name, value] : options) {
        // The user's word stands where nothing hangs on it.
        if (settings.cluster.options.contains(name)) {
            continue;
        }
        if (const Result<void> set = set_kafka_option(conf->get(), name, value); !set) {
            return set.error();
        }
    }
    return conf;
}

/// As it stands, for the user may have given another.
milliseconds heartbeat_of(const rd_kafka_conf_t* conf) {
    std::array<char, 32> text{};
    std::size_t size = text.size();
    HEADROOM_ASSERT(rd_kafka_conf_get(conf, "heartbeat.interval.ms", text.data(), &size) == RD_KAFKA_CONF_OK);
    std::int64_t ms = 0;
    std::from_chars(text.data(), text.data() + std::strlen(text.data()), ms);
    return milliseconds{std::max<std::int64_t>(1, ms)};
}

}  // namespace

class KafkaConsumer::Impl {
  public:
    explicit Impl(Handlers handlers) : handlers_(std::move(handlers)) {}
    ~Impl() { close(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> open(const KafkaConsumerSettings& settings);
    Result<std::size_t> poll(std::size_t max, milliseconds timeout, const Take& take);
    [[nodiscard]] std::vector<KafkaPosition> positions() const { return held_; }
    [[nodiscard]] bool may_commit() const {
        const SteadyTime now = steady_now();
        return (assignments_awaited_ == 0 || now >= awaited_until_) && membership_->may_commit(now);
    }
    Result<void> commit(std::span<const KafkaPosition> positions);
    void close();
    [[nodiscard]] Counts counts() const;

  private:
    static void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code,
                             rd_kafka_topic_partition_list_t* list, void* self);
    static int on_statistics(rd_kafka_t*, char* text, std::size_t size, void* self);
    static void on_fault(rd_kafka_t* handle, int code, const char* reason, void* self);

    void assign(rd_kafka_topic_partition_list_t* list);
    std::int64_t later_start(const std::string& topic, std::int32_t partition, std::int64_t start);
    void give_up(rd_kafka_topic_partition_list_t* list);
    KafkaPosition* find(const char* topic, std::int32_t partition);
    void gather(std::size_t count);
    bool is_next(const rd_kafka_message_t& message);
    void tell_fault(const Error& fault) const {
        if (handlers_.fault) {
            handlers_.fault(fault);
        }
    }

    const Handlers handlers_;
    std::unique_ptr<KafkaMembership> membership_;  // told by the handle, so it goes later
    std::unique_ptr<rd_kafka_t, FreeHandle> handle_;
    std::unique_ptr<rd_kafka_queue_t, FreeQueue> queue_;
    std::vector<KafkaPosition> held_;
    std::size_t last_found_ = 0;  // neighbours are mostly of one partition
    std::vector<rd_kafka_message_t*> messages_;
    std::vector<KafkaRecord> records_;
    std::optional<Error> fatal_;
    bool is_cooperative_ = false;
    int assignments_awaited_ = 0;
    SteadyTime awaited_until_{};
    std::atomic<std::uint64_t> message_count_ = 0;
    std::atomic<std::uint64_t> bytes_ = 0;
    std::atomic<std::uint64_t> repeated_ = 0;
    std::atomic<std::uint64_t> skipped_ = 0;
    std::atomic<std::uint64_t> rebalances_ = 0;
    std::atomic<std::uint64_t> partitions_ = 0;
};

Result<void> KafkaConsumer::Impl::open(const KafkaConsumerSettings& settings) {
    Result<KafkaConf> conf = consumer_conf(settings);
    if (!conf) {
        return conf.error();
    }
    rd_kafka_conf_set_opaque(conf->get(), this);
    rd_kafka_conf_set_rebalance_cb(conf->get(), &Impl::on_rebalance);
    rd_kafka_conf_set_stats_cb(conf->get(), &Impl::on_statistics);
    rd_kafka_conf_set_error_cb(conf->get(), &Impl::on_fault);
    // Whether a handle can be made of them is tried without interceptors: one that fails after an interceptor
    // has been added to it frees what the settings still point to (librdkafka 2.0).
    const Result<rd_kafka_t*> tried =
        make_kafka_handle(RD_KAFKA_CONSUMER, KafkaConf(rd_kafka_conf_dup(conf->get())));
    if (!tried) {
        return tried.error();
    }
    rd_kafka_destroy(*tried);
    membership_ = std::make_unique<KafkaMembership>(heartbeat_of(conf->get()));
    membership_->attach(conf->get());
    const Result<rd_kafka_t*> handle = make_kafka_handle(RD_KAFKA_CONSUMER, std::move(*conf));
    if (!handle) {
        return handle.error();
    }
    handle_.reset(*handle);
    is_cooperative_ = settings.cooperative;
    rd_kafka_poll_set_consumer(handle_.get());
    queue_.reset(rd_kafka_queue_get_consumer(handle_.get()));
    std::vector<KafkaPosition> topics;
    for (const std::string& topic : settings.topics) {
        topics.push_back(
            {.topic = topic, .partition = RD_KAFKA_PARTITION_UA, .next_offset = RD_KAFKA_OFFSET_INVALID});
    }
    const KafkaPartitions list = to_partition_list(topics);
    const rd_kafka_resp_err_t code = rd_kafka_subscribe(handle_.get(), list.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return Error{Errc::invalid, kafka_error(code, "Kafka topics").message, "/topics"};
    }
    return {};
}

KafkaPosition* KafkaConsumer::Impl::find(const char* topic, std::int32_t partition) {
    const auto is_it = [&](const KafkaPosition& held) {
        return held.partition == partition && held.topic == topic;
    };
    if (last_found_ < held_.size() && is_it(held_[last_found_])) {
        return &held_[last_found_];
    }
    const auto found = std::find_if(held_.begin(), held_.end(), is_it);
    if (found == held_.end()) {
        return nullptr;
    }
    last_found_ = static_cast<std::size_t>(found - held_.begin());
    return &*found;
}

void KafkaConsumer::Impl::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code,
                                       rd_kafka_topic_partition_list_t* list, void* self) {
    auto& consumer = *static_cast<Impl*>(self);
    consumer.rebalances_.fetch_add(1, std::memory_order_relaxed);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        consumer.assignments_awaited_ = std::max(0, consumer.assignments_awaited_ - 1);
        consumer.assign(list);
    } else {
        if (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
            consumer.tell_fault(kafka_error(code, "Kafka rebalance"));
        }
        // Cooperatively, the rest of this round's assignment comes first, even when it is empty; then the
        // member joins once more, and a commit would wait behind that on the same connection.
        const bool is_lost = rd_kafka_assignment_lost(consumer.handle_.get()) != 0;
        consumer.give_up(list);
        consumer.assignments_awaited_ = consumer.is_cooperative_ && !is_lost ? 2 : 1;
        consumer.awaited_until_ = steady_now() + rebalance_limit;
    }
    consumer.partitions_.store(consumer.held_.size(), std::memory_order_relaxed);
}

/// The later of a start that is given and what the group has committed: where the commit is ahead, another
/// member has read on in the meantime.
std::int64_t KafkaConsumer::Impl::later_start(const std::string& topic, std::int32_t partition,
                                              std::int64_t start) {
    const KafkaPosition asked{.topic = topic, .partition = partition, .next_offset = RD_KAFKA_OFFSET_INVALID};
    const KafkaPartitions list = to_partition_list({&asked, 1});
    const rd_kafka_resp_err_t code = rd_kafka_committed(handle_.get(), list.get(), committed_timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        tell_fault(kafka_error(code, "Kafka: what the group has committed"));
        return start;
    }
    return std::max(start, list->elems[0].offset);
}

void KafkaConsumer::Impl::assign(rd_kafka_topic_partition_list_t* list) {
    for (int i = 0; i < list->cnt; ++i) {
        rd_kafka_topic_partition_t& at = list->elems[i];
        KafkaPosition position{.topic = at.topic, .partition = at.partition, .next_offset = -1};
        if (handlers_.start_of) {
            if (const auto start = handlers_.start_of(position.topic, position.partition)) {
                at.offset = later_start(position.topic, position.partition, *start);
                position.next_offset = at.offset;
            }
        }
        held_.push_back(std::move(position));
    }
    if (is_cooperative_) {
        if (rd_kafka_error_t* error = rd_kafka_incremental_assign(handle_.get(), list)) {
            tell_fault(kafka_error(rd_kafka_error_code(error), "Kafka assignment"));
            rd_kafka_error_destroy(error);
        }
        return;
    }
    const rd_kafka_resp_err_t code = rd_kafka_assign(handle_.get(), list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        tell_fault(kafka_error(code, "Kafka assignment"));
    }
}

void KafkaConsumer::Impl::give_up(rd_kafka_topic_partition_list_t* list) {
    std::vector<KafkaPosition> gone;
    for (int i = 0; i < list->cnt; ++i) {
        if (const KafkaPosition* held = find(list->elems[i].topic, list->elems[i].partition)) {
            gone.push_back(*held);
        }
    }
    const auto& handler = rd_kafka_assignment_lost(handle_.get()) != 0 ? handlers_.lost : handlers_.revoked;
    if (handler && !gone.empty()) {
        handler(gone);
    }
    std::erase_if(held_, [&](const KafkaPosition& held) {
        return std::any_of(gone.begin(), gone.end(), [&](const KafkaPosition& other) {
            return other.partition == held.partition && other.topic == held.topic;
        });
    });
    if (is_cooperative_) {
        if (rd_kafka_error_t* error = rd_kafka_incremental_unassign(handle_.get(), list)) {
            tell_fault(kafka_error(rd_kafka_error_code(error), "Kafka assignment"));
            rd_kafka_error_destroy(error);
        }
        return;
    }
    static_cast<void>(rd_kafka_assign(handle_.get(), nullptr));
}

int KafkaConsumer::Impl::on_statistics(rd_kafka_t*, char* text, std::size_t size, void* self) {
    const auto& consumer = *static_cast<Impl*>(self);
    if (consumer.handlers_.statistics) {
        consumer.handlers_.statistics(std::string_view(text, size));
    }
    return 0;  // the library frees the text
}

void KafkaConsumer::Impl::on_fault(rd_kafka_t* handle, int code, const char* reason, void* self) {
    auto& consumer = *static_cast<Impl*>(self);
    Error fault = kafka_error(static_cast<rd_kafka_resp_err_t>(code), "Kafka");
    fault.message += std::string(" (") + reason + ")";
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        std::array<char, 512> text{};
        const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(handle, text.data(), text.size());
        fault = kafka_error(fatal, std::string("Kafka: ") + text.data());
        consumer.fatal_ = fault;
    }
    consumer.tell_fault(fault);
}

/// Whether the message is one that its partition's reader has not had.
bool KafkaConsumer::Impl::is_next(const rd_kafka_message_t& message) {
    KafkaPosition* const held = find(rd_kafka_topic_name(message.rkt), message.partition);
    if (held == nullptr || message.offset < held->next_offset) {
        repeated_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    if (held->next_offset >= 0 && message.offset > held->next_offset) {
        skipped_.fetch_add(static_cast<std::uint64_t>(message.offset - held->next_offset),
                           std::memory_order_relaxed);
    }
    held->next_offset = message.offset + 1;
    return true;
}

void KafkaConsumer::Impl::gather(std::size_t count) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const rd_kafka_message_t& message = *messages_[i];
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                tell_fault(kafka_error(message.err, "Kafka"));
            }
            continue;
        }
        if (!is_next(message)) {
            continue;
        }
        bytes += message.len;
        records_.push_back({.topic = rd_kafka_topic_name(message.rkt),
                            .partition = message.partition,
                            .offset = message.offset,
                            .key = {static_cast<const char*>(message.key), message.key_len},
                            .value = {static_cast<const char*>(message.payload), message.len}});
    }
    message_count_.fetch_add(records_.size(), std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

Result<std::size_t> KafkaConsumer::Impl::poll(std::size_t max, milliseconds timeout, const Take& take) {
    HEADROOM_ASSERT(handle_ != nullptr && max > 0);
    max = std::min(max, poll_max);
    messages_.resize(max);
    records_.clear();
    // The library waits for a full batch; we wait for the first message and take what stands behind it.
    const ssize_t first =
        rd_kafka_consume_batch_queue(queue_.get(), static_cast<int>(timeout.count()), messages_.data(), 1);
    std::size_t count = first > 0 ? 1 : 0;
    if (count > 0 && max > 1) {
        const ssize_t more = rd_kafka_consume_batch_queue(queue_.get(), 0, messages_.data() + 1, max - 1);
        count += more > 0 ? static_cast<std::size_t>(more) : 0;
    }
    // After both: a partition that went in between is not read any more.
    gather(count);
    if (!records_.empty()) {
        take(records_);
    }
    const std::size_t taken = records_.size();
    records_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        rd_kafka_message_destroy(messages_[i]);
    }
    if (fatal_) {
        return *fatal_;
    }
    return taken;
}

Result<void> KafkaConsumer::Impl::commit(std::span<const KafkaPosition> positions) {
    std::vector<KafkaPosition> known;
    std::copy_if(positions.begin(), positions.end(), std::back_inserter(known),
                 [](const KafkaPosition& position) { return position.next_offset >= 0; });
    if (known.empty()) {
        return {};
    }
    const KafkaPartitions list = to_partition_list(known);
    const rd_kafka_resp_err_t code = rd_kafka_commit(handle_.get(), list.get(), 0);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_error(code, "Kafka commit");
    }
    for (int i = 0; i < list->cnt; ++i) {
        if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return kafka_error(list->elems[i].err, std::string("Kafka commit of ") + list->elems[i].topic);
        }
    }
    return {};
}

void KafkaConsumer::Impl::close() {
    if (!handle_) {
        return;
    }
    const rd_kafka_resp_err_t code = rd_kafka_consumer_close(handle_.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        tell_fault(kafka_error(code, "Kafka close"));
    }
    queue_.reset();
    handle_.reset();
}

KafkaConsumer::Counts KafkaConsumer::Impl::counts() const {
    return {.messages = message_count_.load(std::memory_order_relaxed),
            .bytes = bytes_.load(std::memory_order_relaxed),
            .repeated = repeated_.load(std::memory_order_relaxed),
            .skipped = skipped_.load(std::memory_order_relaxed),
            .rebalances = rebalances_.load(std::memory_order_relaxed),
            .partitions = partitions_.load(std::memory_order_relaxed)};
}

KafkaConsumer::KafkaConsumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaConsumer::~KafkaConsumer() = default;

Result<std::unique_ptr<KafkaConsumer>> KafkaConsumer::open(const KafkaConsumerSettings& settings,
                                                           Handlers handlers) {
    auto impl = std::make_unique<Impl>(std::move(handlers));
    if (const Result<void> opened = impl->open(settings); !opened) {
        return opened.error();
    }
    return std::unique_ptr<KafkaConsumer>(new KafkaConsumer(std::move(impl)));
}

Result<std::size_t> KafkaConsumer::poll(std::size_t max, milliseconds timeout, const Take& take) {
    return impl_->poll(max, timeout, take);
}

std::vector<KafkaPosition> KafkaConsumer::positions() const {
    return impl_->positions();
}

bool KafkaConsumer::may_commit() const {
    return impl_->may_commit();
}

Result<void> KafkaConsumer::commit(std::span<const KafkaPosition> positions) {
    return impl_->commit(positions);
}

void KafkaConsumer::close() {
    impl_->close();
}

KafkaConsumer::Counts KafkaConsumer::counts() const {
    return impl_->counts();
}

}  // namespace headroom::net
