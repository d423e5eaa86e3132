#pragma once

#include "agents/record_store.hpp"
#include "audit/blob_store.hpp"
#include "audit/log.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/later.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

/// The one way in which an agent makes something true: blob (fsync) → audit entry durable → only then is it
/// sent or published. The record projection follows the log on the store's thread, ahead of every later read
/// of the store, and is made up for at the next start when the process dies in between. One io_context
/// thread.
class Journal {
  public:
    /// Called on the io thread for each entry once it is durable, in order of seq (event stream, metrics):
    /// behind those who wait for it, whose work is more urgent.
    using Listener = std::function<void(const audit::Entry&)>;

    /// Entries on their way to the disk, to be waited for with `settled`.
    using Ticket = std::shared_ptr<Later<Result<audit::Committed>>>;

    Journal(asio::any_io_executor executor, audit::Log& log, audit::BlobStore& blobs, RecordStore& records);

    /// Waits until the entries are power-durable.
    /// Errors: `unavailable` when the log cannot take entries (disk full, sync failed): then nothing may be
    /// started.
    Awaitable<Result<audit::Committed>> commit(std::vector<audit::Draft> drafts);
    /// The same in two parts, for work that may go on meanwhile: entries begun later stand behind these in
    /// the log. Whatever they license waits for `settled`.
    [[nodiscard]] Ticket begin(std::vector<audit::Draft> drafts);
    static Awaitable<Result<audit::Committed>> settled(Ticket ticket);
    /// The same without what was committed.
    static Awaitable<Result<void>> durable(Ticket ticket);

    /// Appends in order without waiting: durable at the latest with the next `commit`, and in one sync with
    /// it when that follows before the io thread is free again. For facts that start nothing (sent, received,
    /// acked, timeout). A failure is logged and shows in `healthy`.
    void note(audit::Draft draft);
    /// Hands what was noted to the log now: for the end of the process, when no io thread may run any more.
    void push_out();

    /// Waits until everything noted so far is durable and projected.
    Awaitable<Result<void>> flush();

    /// Stores a large decision input; answers {"sha256":…, "size":…} for the entry's body.
    Awaitable<Result<json::Value>> put_blob(std::string bytes);
    /// Reads one back, hash checked. Blocking: for restarts and replays.
    [[nodiscard]] Result<std::string> get_blob(const std::string& sha256) const { return blobs_.get(sha256); }

    void on_entry(Listener listener) { listeners_.push_back(std::move(listener)); }
    /// The log takes entries and the records follow it.
    [[nodiscard]] bool healthy() const {
        return log_.state() == audit::LogState::running && is_projected_.load(std::memory_order_acquire);
    }
    /// Nothing is on its way to the disk, the store or a waiting coroutine. Any thread.
    [[nodiscard]] bool idle() const {
        return pending_.load(std::memory_order_acquire) == 0 && blob_worker_.pending() == 0;
    }
    [[nodiscard]] audit::Log& log() { return log_; }
    [[nodiscard]] const audit::Log& log() const { return log_; }
    [[nodiscard]] RecordStore& records() { return records_; }

  private:
    using Entries = std::shared_ptr<const std::vector<audit::Entry>>;

    void submit(std::vector<audit::Draft> drafts, std::function<void(Result<audit::Committed>)> done);
    void take_in(std::vector<audit::Draft> drafts, std::function<void(Result<audit::Committed>)> done);
    void finish(Result<audit::Committed> result, Entries entries,
                const std::function<void(Result<audit::Committed>)>& done);
    /// To the listeners, and to whoever waits for everything up to here.
    void tell(const Entries& entries);
    void project_on(store::Records& records);
    void follow_again();

    asio::any_io_executor executor_;
    audit::Log& log_;
    audit::BlobStore& blobs_;
    RecordStore& records_;
    Worker blob_worker_;
    std::vector<Listener> listeners_;
    bool was_refused_ = false;              ///< the last answer of the log, so that a change is told once
    asio::steady_timer again_;              ///< until the records try to follow once more
    std::atomic<bool> is_projected_{true};  ///< set by the store's thread
    std::atomic<std::size_t> pending_{0};
    struct Submission {
        std::shared_ptr<std::vector<audit::Draft>> drafts;
        std::function<void(Result<audit::Committed>)> done;
    };
    std::vector<Submission> noted_;  ///< not with the log yet; io thread
    std::mutex mutex_;
    std::vector<Entries> to_project_;  ///< durable, and the store's thread has not taken them up
    std::uint64_t submitted_ = 0;      // io thread
    std::uint64_t finished_ = 0;       // io thread
    std::deque<std::pair<std::uint64_t, std::function<void()>>> waiters_;
};

/// The system itself as the actor of an entry.
[[nodiscard]] audit::Actor system_actor(std::string id = "core");
/// Whoever gave a command, as the actor of its entry.
[[nodiscard]] audit::Actor actor_of(const Caller& caller);

}  // namespace headroom::agents
