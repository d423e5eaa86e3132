#pragma once

#include "audit/log.hpp"
#include "audit/segment.hpp"
#include "audit/writer.hpp"
#include "core/json_size.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::audit {

/// The queue and the thread around a `Writer`.
class Log::Engine {
  public:
    Engine(LogOptions options, VerifierKey verifier, File lock, Restored restored)
        : options_(std::move(options)),
          verifier_(std::move(verifier)),
          lock_(std::move(lock)),
          writer_(options_, options_.files != nullptr ? *options_.files : system_files(),
                  std::move(restored)) {}

    ~Engine() { halt(); }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    Result<void> start() {
        if (auto opened = writer_.open(); !opened) {
            return opened;
        }
        thread_ = std::thread([this] { run(); });
        return {};
    }

    void append(const std::vector<Draft>& drafts, AppendDone done) {
        Group group;
        Result<void> ready = check_count(drafts.size());
        if (ready) {
            ready = prepare_into(group, drafts);
        }
        if (!ready) {
            done(ready.error());
            return;
        }
        group.done = std::move(done);
        std::vector<Group> groups;
        groups.push_back(std::move(group));
        take_in(std::move(groups));
    }

    void append_all(std::vector<Append> appends) {
        std::vector<Group> groups;
        std::vector<std::pair<AppendDone, Error>> refused;
        for (Append& append : appends) {
            if (const Result<void> checked = check_count(append.drafts->size()); !checked) {
                refused.emplace_back(std::move(append.done), checked.error());
                continue;
            }
            groups.push_back(unprepared(std::move(append)));
        }
        take_in(std::move(groups));
        for (auto& [done, why] : refused) {
            done(std::move(why));
        }
    }

    void checkpoint(CheckpointDone done) {
        {
            const std::scoped_lock lock(mutex_);
            if (!is_stopping_) {
                checkpoints_.push_back(std::move(done));
                changed_.notify_one();
                return;
            }
        }
        done(Error{Errc::unavailable, "audit_closed: the audit log is closed", ""});
    }

    void wake() {
        const std::scoped_lock lock(mutex_);
        is_nudged_ = true;
        changed_.notify_one();
    }

    Result<void> seal_and_close() {
        if (!halt()) {
            return {};
        }
        Result<void> sealed = writer_.seal();
        writer_.close();
        lock_.close();
        return sealed;
    }

    [[nodiscard]] std::uint64_t queued() const {
        const std::scoped_lock lock(mutex_);
        return queued_entries_;
    }
    [[nodiscard]] const LogOptions& options() const { return options_; }
    [[nodiscard]] const VerifierKey& verifier() const { return verifier_; }
    [[nodiscard]] const Writer& writer() const { return writer_; }
    [[nodiscard]] const LogIndex& index() const { return writer_.index(); }

  private:
    /// Lets the thread write what waits and end; false when it had ended before.
    bool halt() {
        {
            const std::scoped_lock lock(mutex_);
            is_stopping_ = true;
            changed_.notify_one();
        }
        const bool was_running = thread_.joinable();
        if (was_running) {
            thread_.join();
        }
        return was_running;
    }

    [[nodiscard]] Result<void> check_count(std::size_t drafts) const {
        if (drafts == 0 || drafts > options_.queue_entries) {
            return Error{Errc::invalid,
                         "an append takes 1 to " + std::to_string(options_.queue_entries) + " entries, not " +
                             std::to_string(drafts),
                         ""};
        }
        return {};
    }

    [[nodiscard]] Result<void> prepare_into(Group& group, const std::vector<Draft>& drafts) const {
        group.is_stopping = true;
        group.bytes = 0;
        group.drafts.reserve(drafts.size());
        for (const Draft& draft : drafts) {
            Result<PreparedDraft> prepared = prepare(draft);
            if (!prepared) {
                return prepared.error();
            }
            group.bytes += prepared->leaf_bytes_max() + record_overhead;
            group.is_stopping = group.is_stopping && is_stopping_type(prepared->type);
            group.drafts.push_back(std::move(*prepared));
        }
        if (group.bytes > options_.queue_bytes) {
            return Error{Errc::invalid,
                         "an append of " + std::to_string(group.bytes) + " bytes is above the queue's " +
                             std::to_string(options_.queue_bytes),
                         ""};
        }
        return {};
    }

    /// Counted by a bound of its bytes, which is close and quickly found.
    [[nodiscard]] static Group unprepared(Append append) {
        constexpr std::size_t beside_the_body = 512;
        Group group;
        group.is_stopping = true;
        for (const Draft& draft : *append.drafts) {
            group.bytes += json::text_bytes_max(draft.body) + beside_the_body + record_overhead;
            group.is_stopping = group.is_stopping && is_stopping_type(draft.type);
        }
        group.waiting = std::move(append.drafts);
        group.done = std::move(append.done);
        return group;
    }

    /// On the writer's thread. Those that are invalid are told so and left out.
    [[nodiscard]] std::vector<Group> prepare_waiting(std::vector<Group> batch) const {
        std::vector<Group> ready;
        ready.reserve(batch.size());
        for (Group& group : batch) {
            if (group.waiting != nullptr) {
                const Result<void> prepared = prepare_into(group, *std::exchange(group.waiting, nullptr));
                if (!prepared) {
                    group.done(prepared.error());
                    continue;
                }
            }
            ready.push_back(std::move(group));
        }
        return ready;
    }

    void take_in(std::vector<Group> groups) {
        std::vector<std::pair<AppendDone, Error>> refused;
        {
            const std::scoped_lock lock(mutex_);
            for (Group& group : groups) {
                if (std::optional<Error> why = enqueue(group)) {
                    refused.emplace_back(std::move(group.done), std::move(*why));
                }
            }
            if (is_waiting_ && !queue_.empty()) {
                changed_.notify_one();
            }
        }
        for (auto& [done, why] : refused) {
            done(std::move(why));
        }
    }

    /// Under the lock.
    std::optional<Error> enqueue(Group& group) {
        const LogState state = writer_.state();
        if (is_stopping_) {
            return Error{Errc::unavailable, "audit_closed: the audit log is closed", ""};
        }
        if (state == LogState::failed || (state == LogState::read_only && !group.is_stopping)) {
            return writer_.refusal();
        }
        if (queued_entries_ + group.size() > options_.queue_entries ||
            queued_bytes_ + group.bytes > options_.queue_bytes) {
            return Error{
                Errc::unavailable,
                "audit_queue_full: " + std::to_string(queued_entries_) + " entries wait for the disk", ""};
        }
        queued_entries_ += group.size();
        queued_bytes_ += group.bytes;
        queue_.push_back(std::move(group));
        return std::nullopt;
    }

    /// Takes what waits, up to the bounds of a batch; the first group always.
    std::vector<Group> take_batch() {
        std::vector<Group> batch;
        std::size_t records = 0;
        std::size_t bytes = 0;
        while (!queue_.empty()) {
            const Group& next = queue_.front();
            if (!batch.empty() && (records + next.size() > options_.batch_records ||
                                   bytes + next.bytes > options_.batch_bytes)) {
                break;
            }
            records += next.size();
            bytes += next.bytes;
            batch.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        queued_entries_ -= records;
        queued_bytes_ -= bytes;
        return batch;
    }

    /// What is due by the clock costs syncs: it waits for a pause between commits, but not for long.
    [[nodiscard]] bool may_housekeep(bool has_committed) const {
        return !has_committed || steady_now() >= writer_.next_due() + options_.put_off_max;
    }

    void run() {
        std::unique_lock lock(mutex_);
        SteadyTime committed{};
        while (true) {
            is_waiting_ = true;
            const SteadyTime due = std::max(writer_.next_due(), committed + options_.quiet);
            changed_.wait_until(lock, due, [this] {
                return !queue_.empty() || !checkpoints_.empty() || is_nudged_ || is_stopping_;
            });
            is_waiting_ = false;
            std::vector<Group> batch = take_batch();
            std::vector<CheckpointDone> checkpoints = std::exchange(checkpoints_, {});
            const bool is_asked = std::exchange(is_nudged_, false);
            const bool is_last = is_stopping_ && queue_.empty();
            lock.unlock();
            batch = prepare_waiting(std::move(batch));
            const bool has_committed = !batch.empty();
            if (has_committed) {
                writer_.commit(std::move(batch));
                committed = steady_now();
            }
            if (is_asked || is_last || may_housekeep(has_committed)) {
                writer_.housekeep(is_asked);
            }
            for (const CheckpointDone& done : checkpoints) {
                done(writer_.give_checkpoint());
            }
            lock.lock();
            if (is_last) {
                return;
            }
        }
    }

    LogOptions options_;
    VerifierKey verifier_;
    File lock_;
    Writer writer_;
    std::thread thread_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Group> queue_;
    std::vector<CheckpointDone> checkpoints_;
    std::size_t queued_entries_ = 0;
    std::size_t queued_bytes_ = 0;
    bool is_waiting_ = false;
    bool is_nudged_ = false;
    bool is_stopping_ = false;
};

}  // namespace headroom::audit
