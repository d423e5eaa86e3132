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
    const auto kept = std::make_shared<std::vector<audit::Draft>>(std::move(drafts));
    // On the log's thread: the projection follows on the store's thread, in the order of the log, while
    // whoever waits goes on.
    auto durable = [this, kept, done = std::move(done)](Result<audit::Committed> committed) {
        if (!committed) {
            finish(std::move(committed), {}, done);
            return;
        }
        const Entries entries =
            std::make_shared<const std::vector<audit::Entry>>(entries_of(std::move(*kept), *committed));
        records_.post([this, entries](store::Records& records) { project_on(records, *entries); });
        finish(std::move(committed), entries, done);
    };
    log_.append(*kept, std::move(durable));
}

/// On the store's thread. Entries that it refused are taken up again from the log with the next ones.
void Journal::project_on(store::Records& records, const std::vector<audit::Entry>& entries) {
    const BlobReader blob = [this](const std::string& sha256) { return get_blob(sha256); };
    Result<void> projected;
    if (is_projected_.load(std::memory_order_acquire)) {
        projected = write_projection(records, entries, blob);
    } else {
        const auto read = [this](std::uint64_t seq) { return log_.read(seq); };
        const Result<std::uint64_t> caught_up = catch_up(read, log_.durable_size(), records, blob);
        projected = caught_up ? Result<void>{} : Result<void>(caught_up.error());
    }
    const bool was_projected = is_projected_.exchange(projected.has_value(), std::memory_order_acq_rel);
    if (!projected && was_projected) {
        log::error("the records cannot follow the audit log: nothing new will be started",
                   {{"seq", entries.front().seq}, {"error", projected.error().message}});
    } else if (projected && !was_projected) {
        log::info("the records have caught up with the audit log", {{"seq", entries.back().seq}});
    }
}

void Journal::finish(Result<audit::Committed> result, Entries entries,
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
        for (const audit::Entry& entry : entries ? *entries : std::vector<audit::Entry>{}) {
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

Journal::Ticket Journal::begin(std::vector<audit::Draft> drafts) {
    auto ticket = std::make_shared<Commitment>();
    submit(std::move(drafts), [ticket](Result<audit::Committed> result) {
        ticket->result = std::move(result);
        for (const std::function<void()>& waiter : std::exchange(ticket->waiters, {})) {
            waiter();
        }
    });
    return ticket;
}

Awaitable<Result<audit::Committed>> Journal::settled(Ticket ticket) {
    if (!ticket->result) {
        auto start = [ticket](auto done) {
            auto shared = std::make_shared<decltype(done)>(std::move(done));
            ticket->waiters.emplace_back([shared] { (*shared)(true); });
        };
        co_await await_callback<bool>(std::move(start));
    }
    co_return *ticket->result;
}

void Journal::note(audit::Draft draft) {
    std::vector<audit::Draft> drafts;
    drafts.push_back(std::move(draft));
    submit(std::move(drafts), [](const Result<audit::Committed>&) {});
}

Awaitable<Result<void>> Journal::flush() {
    if (finished_ != submitted_) {
        auto start = [this](auto done) {
            auto shared = std::make_shared<decltype(done)>(std::move(done));
            waiters_.emplace_back(submitted_, [shared] { (*shared)(true); });
        };
        co_await await_callback<bool>(std::move(start));
    }
    auto nothing = [](store::Records&) { return true; };  // behind every projection that was asked for
    co_await records_.run(std::move(nothing));
    co_return healthy() ? Result<void>{}
                        : Result<void>(Error{Errc::unavailable, "the audit log takes no entries"});
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
