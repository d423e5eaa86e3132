#include "agents/journal.hpp"

#include "agents/projection.hpp"
#include "core/log.hpp"

#include <memory>
#include <utility>

namespace headroom::agents {
namespace {

std::vector<audit::Entry> entries_of(std::vector<audit::Draft> drafts, const audit::Committed& committed) {
    std::vector<audit::Entry> entries;
    entries.reserve(drafts.size());
    std::uint64_t seq = committed.first_seq;
    for (audit::Draft& draft : drafts) {
        entries.push_back({.seq = seq++,
                           .ts = committed.ts,
                           .type = std::move(draft.type),
                           .actor = std::move(draft.actor),
                           .body = std::move(draft.body),
                           .corr = std::move(draft.corr),
                           .caus = std::move(draft.caus),
                           .outcome = std::move(draft.outcome)});
    }
    return entries;
}

Result<void> write_projection(store::Records& records, const std::vector<audit::Entry>& entries,
                              const BlobReader& blob) {
    const RecordReader read = [&records](const std::string& kind,
                                         const std::string& id) -> std::optional<store::Record> {
        Result<store::Record> found = records.get(kind, id);
        return found ? std::optional(std::move(*found)) : std::nullopt;
    };
    const Result<store::Batch> batch = project(entries, read, blob);
    if (!batch) {
        return batch.error();
    }
    if (batch->puts.empty() && batch->removes.empty()) {
        // Nothing to show for these entries: the position moves with the next ones that make a record, and a
        // restart passes over them once more. Most of a Beckn conversation is of this kind, and each write
        // would hold up the outbox.
        return {};
    }
    return records.write(*batch);
}

}  // namespace

Journal::Journal(asio::any_io_executor executor, audit::Log& log, audit::BlobStore& blobs,
                 RecordStore& records)
    : executor_(std::move(executor)), log_(log), blobs_(blobs), records_(records), blob_worker_("blobs") {}

void Journal::submit(std::vector<audit::Draft> drafts, std::function<void(Result<audit::Committed>)> done) {
    pending_.fetch_add(1, std::memory_order_acq_rel);
    ++submitted_;
    auto kept = std::make_shared<std::vector<audit::Draft>>(drafts);
    // On the log's thread: the projection follows on the store's thread, in the order of the log.
    auto durable = [this, kept, done = std::move(done)](Result<audit::Committed> committed) {
        if (!committed) {
            finish(std::move(committed), {}, done);
            return;
        }
        records_.post([this, kept, committed = std::move(committed), done](store::Records& records) {
            std::vector<audit::Entry> entries = entries_of(std::move(*kept), *committed);
            const Result<void> projected = write_projection(
                records, entries, [this](const std::string& sha256) { return get_blob(sha256); });
            if (!projected) {
                log::error("the records could not follow the audit log",
                           {{"seq", committed->first_seq}, {"error", projected.error().message}});
                finish(projected.error(), std::move(entries), done);
                return;
            }
            finish(committed, std::move(entries), done);
        });
    };
    log_.append(std::move(drafts), std::move(durable));
}

void Journal::finish(Result<audit::Committed> result, std::vector<audit::Entry> entries,
                     const std::function<void(Result<audit::Committed>)>& done) {
    asio::post(executor_, [this, result = std::move(result), entries = std::move(entries), done] {
        if (!result && result.error().code == Errc::invalid) {
            // A draft of ours that the log does not take is our own fault, not the disk's: others still go
            // through.
            log::error("an audit entry was refused", {{"error", result.error().message}});
        } else if (!result && healthy_) {
            healthy_ = false;
            log::error("the audit log takes no entries: nothing new will be started",
                       {{"error", result.error().message}});
        } else if (result) {
            healthy_ = true;
        }
        for (const audit::Entry& entry : entries) {
            for (const Listener& listener : listeners_) {
                listener(entry);
            }
        }
        done(result);
        ++finished_;
        while (!waiters_.empty() && waiters_.front().first <= finished_) {
            auto waiter = std::move(waiters_.front().second);
            waiters_.pop_front();
            waiter();
        }
    });
    // After the post, so that "nothing pending" means that every result has reached the executor.
    pending_.fetch_sub(1, std::memory_order_release);
}

Awaitable<Result<audit::Committed>> Journal::commit(std::vector<audit::Draft> drafts) {
    auto start = [this, drafts = std::move(drafts)](auto done) mutable {
        auto shared = std::make_shared<decltype(done)>(std::move(done));
        submit(std::move(drafts),
               [shared](Result<audit::Committed> result) { (*shared)(std::move(result)); });
    };
    co_return co_await await_callback<Result<audit::Committed>>(std::move(start));
}

void Journal::note(audit::Draft draft) {
    std::vector<audit::Draft> drafts;
    drafts.push_back(std::move(draft));
    submit(std::move(drafts), [](const Result<audit::Committed>&) {});
}

Awaitable<Result<void>> Journal::flush() {
    if (finished_ == submitted_) {
        co_return healthy_ ? Result<void>{}
                           : Result<void>(Error{Errc::unavailable, "the audit log takes no entries"});
    }
    auto start = [this](auto done) {
        auto shared = std::make_shared<decltype(done)>(std::move(done));
        waiters_.emplace_back(submitted_, [this, shared] {
            (*shared)(healthy_ ? Result<void>{}
                               : Result<void>(Error{Errc::unavailable, "the audit log takes no entries"}));
        });
    };
    co_return co_await await_callback<Result<void>>(std::move(start));
}

Awaitable<Result<json::Value>> Journal::put_blob(std::string bytes) {
    auto job = [this, bytes = std::move(bytes)]() -> Result<json::Value> {
        const Result<std::string> sha256 = blobs_.put(bytes);
        if (!sha256) {
            return sha256.error();
        }
        return json::Value(json::Object{{"sha256", *sha256}, {"size", bytes.size()}});
    };
    co_return co_await blob_worker_.run(std::move(job));
}

audit::Actor system_actor(std::string id) {
    audit::Actor actor;
    actor.id = std::move(id);
    actor.kind = "system";
    return actor;
}

}  // namespace headroom::agents
