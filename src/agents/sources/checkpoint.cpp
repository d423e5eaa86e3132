#include "agents/sources/checkpoint.hpp"

#include "core/log.hpp"

#include <csignal>

namespace headroom::agents {

Checkpoints::Checkpoints(Parts parts, milliseconds every) : parts_(std::move(parts)), every_(every) {}

Checkpoints::~Checkpoints() {
    stop();
}

void Checkpoints::start() {
    HEADROOM_ASSERT(!thread_.joinable());
    thread_ = std::thread([this] { run(); });
}

void Checkpoints::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Checkpoints::run() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are the main thread's
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, every_, [this] { return is_stopping_; })) {
        lock.unlock();
        static_cast<void>(take("time"));  // told and counted there; the next one is tried in its turn
        lock.lock();
    }
}

void Checkpoints::enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_closed_; });
    batches_ += 1;
}

void Checkpoints::leave() {
    bool is_awaited = false;
    {
        const std::lock_guard lock(mutex_);
        batches_ -= 1;
        is_awaited = is_closed_ && batches_ == 0;
    }
    if (is_awaited) {
        changed_.notify_all();
    }
}

Result<void> Checkpoints::take(const std::string& why) {
    const std::lock_guard only_one(taking_);
    {
        std::unique_lock lock(mutex_);
        is_closed_ = true;
        changed_.wait(lock, [this] { return batches_ == 0; });
    }
    const SteadyTime begun = steady_now();
    Result<std::vector<SourcePosition>> written = write(begun);
    open(begun);  // when it has not come to that
    {
        const std::lock_guard lock(mutex_);
        (written ? counts_.taken : counts_.failed) += 1;
        if (written) {
            saved_ = std::move(*written);
        }
    }
    if (!written) {
        log::error("no checkpoint: after a crash, readings are read again from the last one",
                   {{"why", why}, {"error", written.error().message}});
        return written.error();
    }
    return {};
}

void Checkpoints::open(SteadyTime begun) {
    {
        const std::lock_guard lock(mutex_);
        if (!is_closed_) {
            return;
        }
        is_closed_ = false;
        counts_.last_ms = milliseconds_between(begun, steady_now());
    }
    changed_.notify_all();
}

/// Begins between batches; answers the positions that are durable now.
Result<std::vector<SourcePosition>> Checkpoints::write(SteadyTime begun) {
    if (const Result<void> settled = parts_.settle(); !settled) {
        return settled.error();
    }
    std::vector<SourcePosition> positions;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, next_offset] : positions_) {
            positions.push_back({key.first, key.second, next_offset});
        }
    }
    if (const Result<void> saved = parts_.save(positions, parts_.note(), [&] { open(begun); }); !saved) {
        return saved.error();
    }
    return positions;
}

void Checkpoints::advance(const std::string& source, const std::string& partition, std::int64_t next_offset) {
    const std::lock_guard lock(mutex_);
    positions_[{source, partition}] = next_offset;
}

void Checkpoints::restore(std::span<const SourcePosition> positions) {
    const std::lock_guard lock(mutex_);
    for (const SourcePosition& position : positions) {
        // Kept in later checkpoints until its partition is read or given up.
        positions_[{position.source, position.partition}] = position.next_offset;
        starts_[{position.source, position.partition}] = position.next_offset;
    }
}

std::optional<std::int64_t> Checkpoints::take_start(const std::string& source, const std::string& partition) {
    const std::lock_guard lock(mutex_);
    const auto found = starts_.find({source, partition});
    if (found == starts_.end()) {
        return std::nullopt;
    }
    const std::int64_t start = found->second;
    starts_.erase(found);
    return start;
}

void Checkpoints::release(const std::string& source, const std::string& partition) {
    const std::lock_guard lock(mutex_);
    const auto found = positions_.find({source, partition});
    if (found != positions_.end()) {
        starts_[found->first] = found->second;
    }
}

std::optional<std::vector<SourcePosition>> Checkpoints::saved_since(const std::string& source,
                                                                    std::uint64_t& known) const {
    const std::lock_guard lock(mutex_);
    if (counts_.taken == known) {
        return std::nullopt;
    }
    known = counts_.taken;
    std::vector<SourcePosition> out;
    for (const SourcePosition& position : saved_) {
        if (position.source == source) {
            out.push_back(position);
        }
    }
    return out;
}

Checkpoints::Counts Checkpoints::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

}  // namespace headroom::agents
