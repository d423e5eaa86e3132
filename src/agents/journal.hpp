#pragma once

#include "agents/record_store.hpp"
#include "audit/blob_store.hpp"
#include "audit/log.hpp"
#include "core/async.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

/// The one way in which an agent makes something true: blob (fsync) → audit entry durable → record projection
/// → only then is it sent or published. One io_context thread.
class Journal {
  public:
    /// Called on the io thread for each entry as it becomes durable, in order of seq (projection, event
    /// stream).
    using Listener = std::function<void(const audit::Entry&)>;

    Journal(asio::any_io_executor executor, audit::Log& log, audit::BlobStore& blobs, RecordStore& records);

    /// Waits until the entries are power-durable and their projection is process-durable.
    /// Errors: `unavailable` when the log cannot take entries (disk full, sync failed): then nothing may be
    /// started.
    Awaitable<Result<audit::Committed>> commit(std::vector<audit::Draft> drafts);

    /// Appends in order without waiting: durable at the latest with the next `commit`. For facts that start
    /// nothing (sent, received, acked, timeout). A failure is logged and shows in `healthy`.
    void note(audit::Draft draft);

    /// Waits until everything noted so far is durable and projected.
    Awaitable<Result<void>> flush();

    /// Stores a large decision input; answers {"sha256":…, "size":…} for the entry's body.
    Awaitable<Result<json::Value>> put_blob(std::string bytes);
    /// Reads one back, hash checked. Blocking: for restarts and replays.
    [[nodiscard]] Result<std::string> get_blob(const std::string& sha256) const { return blobs_.get(sha256); }

    void on_entry(Listener listener) { listeners_.push_back(std::move(listener)); }
    [[nodiscard]] bool healthy() const { return healthy_; }
    /// Nothing is on its way to the disk, the store or a waiting coroutine. Any thread.
    [[nodiscard]] bool idle() const {
        return pending_.load(std::memory_order_acquire) == 0 && blob_worker_.pending() == 0;
    }
    [[nodiscard]] audit::Log& log() { return log_; }
    [[nodiscard]] RecordStore& records() { return records_; }

  private:
    void submit(std::vector<audit::Draft> drafts, std::function<void(Result<audit::Committed>)> done);
    void finish(Result<audit::Committed> result, std::vector<audit::Entry> entries,
                const std::function<void(Result<audit::Committed>)>& done);

    asio::any_io_executor executor_;
    audit::Log& log_;
    audit::BlobStore& blobs_;
    RecordStore& records_;
    Worker blob_worker_;
    std::vector<Listener> listeners_;
    bool healthy_ = true;
    std::atomic<std::size_t> pending_{0};
    std::uint64_t submitted_ = 0;  // io thread
    std::uint64_t finished_ = 0;   // io thread
    std::deque<std::pair<std::uint64_t, std::function<void()>>> waiters_;
};

/// The system itself as the actor of an entry.
[[nodiscard]] audit::Actor system_actor(std::string id = "core");

}  // namespace headroom::agents
