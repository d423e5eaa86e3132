#include "agents/journal.hpp"

#include "agents/projection.hpp"
#include "core/log.hpp"

#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace headroom::agents {
namespace {

constexpr milliseconds follow_again_after = seconds{1};

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

/// Several groups in one transaction: each sees what those before it made.
Result<void> write_projection(store::Records& records,
                              const std::vector<std::shared_ptr<const std::vector<audit::Entry>>>& groups,
                              const BlobReader& blob) {
    std::map<std::pair<std::string, std::string>, store::Record> changed;
    const RecordReader read = [&](const std::string& kind,
                                  const std::string& id) -> std::optional<store::Record> {
        if (const auto made = changed.find({kind, id}); made != changed.end()) {
            return made->second;
        }
        Result<store::Record> found = records.get(kind, id);
        return found ? std::optional(std::move(*found)) : std::nullopt;
    };
    store::Batch together;
    for (const auto& entries : groups) {
        Result<store::Batch> batch = project(*entries, read, blob);
        if (!batch) {
            return batch.error();
        }
        HEADROOM_ASSERT(batch->removes.empty());
        for (store::Record& record : batch->puts) {
            std::pair<std::string, std::string> key{record.kind, record.id};
            changed.insert_or_assign(std::move(key), std::move(record));
        }
        together.applied_seq = batch->applied_seq;
    }
    if (changed.empty()) {
        // Nothing to show for these entries: the position moves with the next ones that make a record, and a
        // restart passes over them once more. Most of a Beckn conversation is of this kind.
        return {};
    }
    for (auto& [key, record] : changed) {
        together.puts.push_back(std::move(record));
    }
    return records.write(together);
}

}  // namespace

Journal::Journal(asio::any_io_executor executor, audit::Log& log, audit::BlobStore& blobs,
                 RecordStore& records)
    : executor_(std::move(executor)),
      log_(log),
      blobs_(blobs),
      records_(records),
      blob_worker_("blobs"),
      again_(executor_) {}

void Journal::take_in(std::vector<audit::Draft> drafts, std::function<void(Result<audit::Committed>)> done) {
    pending_.fetch_add(1, std::memory_order_acq_rel);
    ++submitted_;
    noted_.push_back({std::make_shared<std::vector<audit::Draft>>(std::move(drafts)), std::move(done)});
}

void Journal::submit(std::vector<audit::Draft> drafts, std::function<void(Result<audit::Committed>)> done) {
    take_in(std::move(drafts), std::move(done));
    push_out();
}

void Journal::push_out() {
    std::vector<Submission> all = std::exchange(noted_, {});
    std::vector<audit::Append> appends;
    for (Submission& each : all) {
        // On the log's thread: the projection follows on the store's thread, in the order of the log, while
        // whoever waits goes on.
        auto durable = [this, kept = each.drafts,
                        done = std::move(each.done)](Result<audit::Committed> committed) {
            if (!committed) {
                finish(std::move(committed), {}, done);
                return;
            }
            const Entries entries =
                std::make_shared<const std::vector<audit::Entry>>(entries_of(std::move(*kept), *committed));
            bool is_first = false;
            {
                const std::lock_guard lock(mutex_);
                is_first = to_project_.empty();
                to_project_.push_back(entries);
            }
            if (is_first) {
                records_.post([this](store::Records& records) { project_on(records); });
            }
            finish(std::move(committed), entries, done);
        };
        appends.push_back({.drafts = each.drafts, .done = std::move(durable)});
    }
    if (!appends.empty()) {
        log_.append_all(std::move(appends));
    }
}

/// On the store's thread, for whatever has become durable meanwhile. Entries that it refused are taken up
/// again from the log with the next ones.
void Journal::project_on(store::Records& records) {
    std::vector<Entries> groups;
    {
        const std::lock_guard lock(mutex_);
        groups.swap(to_project_);
    }
    const bool is_behind = !is_projected_.load(std::memory_order_acquire);
    if (groups.empty() && !is_behind) {
        return;
    }
    const BlobReader blob = [this](const std::string& sha256) { return get_blob(sha256); };
    Result<void> projected;
    if (!is_behind) {
        projected = write_projection(records, groups, blob);
    } else {
        const auto read = [this](std::uint64_t seq) { return log_.read(seq); };
        const Result<std::uint64_t> caught_up = catch_up(read, log_.durable_size(), records, blob);
        projected = caught_up ? Result<void>{} : Result<void>(caught_up.error());
    }
    is_projected_.store(projected.has_value(), std::memory_order_release);
    if (!projected) {
        if (!is_behind) {
            log::error("the records cannot follow the audit log: nothing new will be started",
                       {{"error", projected.error().message}});
        }
        asio::post(executor_, [this] { follow_again(); });
    } else if (is_behind) {
        log::info("the records have caught up with the audit log", {{"size", log_.durable_size()}});
    }
}

/// On the io thread: also without new entries the records shall catch up once the disk has space again.
void Journal::follow_again() {
    again_.expires_after(follow_again_after);
    again_.async_wait([this](const boost::system::error_code& fault) {
        if (!fault) {
            records_.post([this](store::Records& records) { project_on(records); });
        }
    });
}

void Journal::finish(Result<audit::Committed> result, Entries entries,
                     const std::function<void(Result<audit::Committed>)>& done) {
    asio::post(executor_, [this, result = std::move(result), entries = std::move(entries), done] {
        if (!result && result.error().code == Errc::invalid) {
            // A draft of ours that the log does not take is our own fault, not the disk's: others still go
            // through.
            log::error("an audit entry was refused", {{"error", result.error().message}});
        } else if (!result && !std::exchange(was_refused_, true)) {
            log::error("the audit log takes no entries: nothing new will be started",
                       {{"error", result.error().message}});
        } else if (result) {
            was_refused_ = false;
        }
        done(result);
        asio::post(executor_, [this, entries] { tell(entries); });  // behind whoever has waited for it
    });
    // After the post, so that "nothing pending" means that every result has reached the executor.
    pending_.fetch_sub(1, std::memory_order_release);
}

void Journal::tell(const Entries& entries) {
    for (std::size_t i = 0; entries && i < entries->size(); ++i) {
        for (const Listener& listener : listeners_) {
            listener((*entries)[i]);
        }
    }
    ++finished_;
    while (!waiters_.empty() && waiters_.front().first <= finished_) {
        auto waiter = std::move(waiters_.front().second);
        waiters_.pop_front();
        waiter();
    }
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
    auto ticket = std::make_shared<Later<Result<audit::Committed>>>();
    submit(std::move(drafts), [ticket](Result<audit::Committed> result) { ticket->set(std::move(result)); });
    return ticket;
}

Awaitable<Result<audit::Committed>> Journal::settled(Ticket ticket) {
    co_return co_await Later<Result<audit::Committed>>::of(std::move(ticket));
}

Awaitable<Result<void>> Journal::durable(Ticket ticket) {
    const Result<audit::Committed> committed = co_await settled(std::move(ticket));
    co_return committed ? Result<void>{} : Result<void>(committed.error());
}

void Journal::note(audit::Draft draft) {
    std::vector<audit::Draft> drafts;
    drafts.push_back(std::move(draft));
    if (noted_.empty()) {
        asio::post(executor_, [this] { push_out(); });
    }
    take_in(std::move(drafts), [](const Result<audit::Committed>&) {});
}

Awaitable<Result<void>> Journal::flush() {
    push_out();
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

audit::Actor actor_of(const Caller& caller) {
    audit::Actor actor;
    actor.id = caller.id;
    actor.kind = caller.kind;
    actor.ip = caller.ip;
    return actor;
}

audit::Actor system_actor(std::string id) {
    audit::Actor actor;
    actor.id = std::move(id);
    actor.kind = "system";
    return actor;
}

}  // namespace headroom::agents
