#pragma once

#include "agents/record_store.hpp"
#include "audit/blob_store.hpp"
#include "audit/log.hpp"
#include "core/async.hpp"

#include <functional>
#include <string>
#include <vector>

namespace headroom::agents {

/// The one way in which an agent makes something true: blob (fsync) → audit entry durable → record projection
/// → only then is it sent or published. One io_context thread.
class Journal {
  public:
    /// Called on the io thread for each entry as it becomes durable, in order of seq (projection, event
    /// stream).
    using Listener = std::function<void(const audit::Entry&)>;

    Journal(audit::Log& log, audit::BlobStore& blobs, RecordStore& records);

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

    void on_entry(Listener listener) { listeners_.push_back(std::move(listener)); }
    [[nodiscard]] bool healthy() const { return healthy_; }
    [[nodiscard]] audit::Log& log() { return log_; }
    [[nodiscard]] RecordStore& records() { return records_; }

  private:
    audit::Log& log_;
    audit::BlobStore& blobs_;
    RecordStore& records_;
    Worker blob_worker_;
    std::vector<Listener> listeners_;
    bool healthy_ = true;
};

/// The system itself as the actor of an entry.
[[nodiscard]] audit::Actor system_actor(std::string id = "core");

}  // namespace headroom::agents
