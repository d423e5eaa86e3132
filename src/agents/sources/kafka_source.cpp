#include "agents/sources/kafka_source.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace headroom::agents {
namespace {

constexpr milliseconds poll_for{50};
constexpr milliseconds reopen_first{200};
constexpr milliseconds reopen_longest{10'000};

std::string partition_of(std::string_view topic, std::int32_t partition) {
    return std::string(topic) + "/" + std::to_string(partition);
}

/// Messages that wait in the partitions we hold, from the library's figures; -1 when it does not know yet.
std::int64_t lag_in(const json::Value& statistics) {
    std::int64_t lag = -1;
    const json::Value* const topics = statistics.get("topics");
    if (topics == nullptr || topics->as_object() == nullptr) {
        return lag;
    }
    for (const auto& [topic, figures] : topics->as_object()->members()) {
        const json::Value* const partitions = figures.get("partitions");
        if (partitions == nullptr || partitions->as_object() == nullptr) {
            continue;
        }
        for (const auto& [partition, of] : partitions->as_object()->members()) {
            const std::int64_t waits = of.integer("/consumer_lag", -1);
            if (partition != "-1" && waits >= 0) {
                lag = std::max<std::int64_t>(0, lag) + waits;
            }
        }
    }
    return lag;
}

std::int64_t brokers_up_in(const json::Value& statistics) {
    std::int64_t up = 0;
    const json::Value* const brokers = statistics.get("brokers");
    if (brokers != nullptr && brokers->as_object() != nullptr) {
        for (const auto& [name, of] : brokers->as_object()->members()) {
            up += of.text("/state") == "UP" && of.integer("/nodeid", -1) >= 0 ? 1 : 0;
        }
    }
    return up;
}

}  // namespace

Result<std::unique_ptr<KafkaSource>> KafkaSource::make(telemetry::PointRegistry& registry, ReadingsSink sink,
                                                       std::function<UtcTime()> now,
                                                       KafkaSourceOptions options, Checkpoints* checkpoints) {
    std::unique_ptr<KafkaSource> source(
        new KafkaSource(registry, std::move(sink), std::move(now), std::move(options), checkpoints));
    // Opened here, so that a wrong setting is told at the start and not in the log of the night.
    if (const Result<void> opened = source->open(); !opened) {
        return opened.error();
    }
    return source;
}

KafkaSource::KafkaSource(telemetry::PointRegistry& registry, ReadingsSink sink, std::function<UtcTime()> now,
                         KafkaSourceOptions options, Checkpoints* checkpoints)
    : options_(std::move(options)),
      checkpoints_(checkpoints),
      intake_(registry, std::move(sink), std::move(now), options_.intake) {}

KafkaSource::~KafkaSource() {
    stop();
}

Result<void> KafkaSource::open() {
    net::KafkaConsumer::Handlers handlers;
    handlers.start_of = [this](const std::string& topic,
                               std::int32_t partition) -> std::optional<std::int64_t> {
        return checkpoints_ == nullptr
                   ? std::nullopt
                   : checkpoints_->take_start(options_.name, partition_of(topic, partition));
    };
    handlers.revoked = [this](std::span<const net::KafkaPosition> gone) { give_up(gone, false); };
    handlers.lost = [this](std::span<const net::KafkaPosition> gone) { give_up(gone, true); };
    handlers.statistics = [this](std::string_view json) { note_statistics(json); };
    handlers.fault = [this](const Error& fault) {
        log::warn("Kafka", {{"source", options_.name}, {"fault", fault.message}});
    };
    Result<std::unique_ptr<net::KafkaConsumer>> opened =
        net::KafkaConsumer::open(options_.broker, std::move(handlers));
    if (!opened) {
        return opened.error();
    }
    consumer_ = std::move(*opened);
    return {};
}

void KafkaSource::start() {
    HEADROOM_ASSERT(!thread_.joinable());
    thread_ = std::thread([this] { run(); });
}

void KafkaSource::stop() {
    request_stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void KafkaSource::run() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the main thread's
    milliseconds delay = reopen_first;
    while (!is_stopping_) {
        if (!consumer_) {
            if (const Result<void> opened = open(); !opened) {
                log::error("Kafka cannot be read",
                           {{"source", options_.name}, {"why", opened.error().message}});
            }
        }
        if (consumer_) {
            read();
            consumer_->close();
            consumer_.reset();
        }
        pause(delay);
        delay = std::min(delay * 2, reopen_longest);
    }
    is_stopped_ = true;
}

void KafkaSource::pause(milliseconds time) const {
    const SteadyTime until = steady_now() + time;
    while (!is_stopping_ && steady_now() < until) {
        std::this_thread::sleep_for(std::min<milliseconds>(time, poll_for));
    }
}

void KafkaSource::read() {
    while (!is_stopping_) {
        const Result<std::size_t> polled =
            consumer_->poll(options_.poll_messages, poll_for,
                            [this](std::span<const net::KafkaRecord> records) { take(records); });
        {
            const std::lock_guard lock(mutex_);
            figures_.consumer = consumer_->counts();
            figures_.connected = figures_.consumer.partitions > 0;
        }
        if (!polled) {
            log::error("Kafka's reader is of no more use and is made anew",
                       {{"source", options_.name}, {"why", polled.error().message}});
            return;
        }
        commit_saved();
    }
}

void KafkaSource::take(std::span<const net::KafkaRecord> records) {
    if (checkpoints_ == nullptr) {
        std::for_each(records.begin(), records.end(), [this](const auto& record) { take_in(record); });
        intake_.flush();
        return;
    }
    Checkpoints::Batch batch(*checkpoints_);
    std::for_each(records.begin(), records.end(), [this](const auto& record) { take_in(record); });
    intake_.flush();
    advance(batch, records);
}

void KafkaSource::take_in(const net::KafkaRecord& record) {
    telemetry::DecodeContext context;
    if (options_.key_is_feeder && !record.key.empty()) {
        if (!is_valid_id(record.key)) {
            intake_.refuse("a message's key is no feeder's id");
            return;
        }
        context.point_id = record.key;
    }
    intake_.take(record.value, context);
}

void KafkaSource::advance(Checkpoints::Batch& batch, std::span<const net::KafkaRecord> records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        const net::KafkaRecord& record = records[i];
        const bool goes_on = i + 1 < records.size() && records[i + 1].partition == record.partition &&
                             records[i + 1].topic == record.topic;
        if (!goes_on) {
            const std::string name = partition_of(record.topic, record.partition);
            first_places_.try_emplace(name, record.offset + 1);
            batch.advance(options_.name, name, record.offset + 1);
        }
    }
}

void KafkaSource::give_up(std::span<const net::KafkaPosition> positions, bool is_lost) {
    if (checkpoints_ == nullptr) {
        return;
    }
    if (!is_lost && checkpoints_->take("partitions given up").has_value()) {
        // All that is held, and known as committed: another commit right behind this one would meet the group
        // in the middle of its rebalance, and a commit of the generation before costs the whole assignment.
        static_cast<void>(checkpoints_->saved_since(options_.name, known_checkpoint_));
        if (const Result<void> committed = consumer_->commit(consumer_->positions()); !committed) {
            // Whoever reads them next begins at the commit before: at least once, but not less.
            log::warn("partitions were given up without a commit",
                      {{"source", options_.name}, {"why", committed.error().message}});
        }
    }
    for (const net::KafkaPosition& position : positions) {
        const std::string name = partition_of(position.topic, position.partition);
        first_places_.erase(name);
        checkpoints_->release(options_.name, name);
    }
}

void KafkaSource::commit_saved() {
    if (checkpoints_ == nullptr || !consumer_->may_commit()) {
        return;
    }
    const auto saved = checkpoints_->saved_since(options_.name, known_checkpoint_);
    if (!saved) {
        return;
    }
    // Only what we hold and have read since it came to us: a place from before must not take the group back.
    std::vector<net::KafkaPosition> positions;
    for (const net::KafkaPosition& held : consumer_->positions()) {
        const std::string name = partition_of(held.topic, held.partition);
        const auto found = std::find_if(saved->begin(), saved->end(), [&](const SourcePosition& position) {
            return position.partition == name;
        });
        const auto first = first_places_.find(name);
        if (found != saved->end() && first != first_places_.end() && found->next_offset >= first->second) {
            positions.push_back({held.topic, held.partition, found->next_offset});
        }
    }
    if (const Result<void> committed = consumer_->commit(positions); !committed) {
        log::warn("Kafka took no commit; the next checkpoint tries again",
                  {{"source", options_.name}, {"why", committed.error().message}});
    }
}

void KafkaSource::note_statistics(std::string_view text) {
    const Result<json::Value> statistics = json::parse(text);
    if (!statistics) {
        return;
    }
    const std::lock_guard lock(mutex_);
    figures_.lag = lag_in(*statistics);
    figures_.brokers_up = brokers_up_in(*statistics);
}

KafkaSource::Figures KafkaSource::figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
}

}  // namespace headroom::agents
