#include "agents/record_store.hpp"

#include "core/log.hpp"

#include <iterator>
#include <set>

namespace headroom::agents {
namespace {

/// Above this the file is written over from its start, once the store has everything.
constexpr std::size_t ahead_bytes_kept = 1UL << 20U;
/// Above this the store has fallen so far behind that its callers wait for it.
constexpr std::size_t ahead_bytes_max = 32UL << 20U;

}  // namespace

std::optional<std::uint64_t> RecordStore::put_ahead(const store::Batch& batch) {
    // While a batch goes past the file, nothing may be put into it: a restart would write the older one last.
    if (!ahead_ || is_behind_.load(std::memory_order_acquire) ||
        past_file_.load(std::memory_order_acquire) > 0) {
        return std::nullopt;
    }
    if (ahead_->size() > ahead_bytes_kept && following_.load(std::memory_order_acquire) == 0) {
        ahead_->rewind();
    }
    if (ahead_->size() > ahead_bytes_max) {
        return std::nullopt;
    }
    const Result<std::uint64_t> number = ahead_->append(batch);
    return number ? std::optional(*number) : std::nullopt;
}

/// One transaction takes whatever has come together until the store's thread gets to it.
void RecordStore::follow(store::Batch batch, std::uint64_t number) {
    following_.fetch_add(1, std::memory_order_acq_rel);
    bool is_first = false;
    {
        const std::lock_guard lock(mutex_);
        is_first = to_follow_.empty();
        to_follow_.push_back(std::move(batch));
        last_to_follow_ = number;
    }
    if (is_first) {
        thread_.post_later([this] { write_followers(); });
    }
}

/// On the store's thread.
void RecordStore::write_followers() {
    std::vector<store::Batch> batches;
    std::uint64_t last = 0;
    {
        const std::lock_guard lock(mutex_);
        batches.swap(to_follow_);
        last = last_to_follow_;
    }
    store::Batch together;
    for (store::Batch& batch : batches) {
        HEADROOM_ASSERT(batch.removes.empty());  // would have to keep their place between the puts
        std::move(batch.puts.begin(), batch.puts.end(), std::back_inserter(together.puts));
    }
    together.puts.push_back(store::AheadFile::followed(last));
    Result<void> written = write_left_over();
    if (written) {
        written = records_->write(together);
    }
    if (written) {
        following_.fetch_sub(batches.size(), std::memory_order_release);
        return;
    }
    // They stand in the file; tried again before whatever is written next.
    log::error("records could not follow what is ahead of them", {{"error", written.error().message}});
    left_over_.emplace_back(std::move(together), batches.size());
    is_behind_.store(true, std::memory_order_release);
}

/// On the store's thread.
Result<void> RecordStore::write_left_over() {
    while (!left_over_.empty()) {
        const auto& [batch, count] = left_over_.front();
        if (const Result<void> written = records_->write(batch); !written) {
            return written;
        }
        following_.fetch_sub(count, std::memory_order_release);
        left_over_.pop_front();
    }
    return {};
}

/// On the store's thread, while nothing is put into the file.
Result<void> RecordStore::catch_up_and_write(const store::Batch& batch) {
    if (const Result<void> caught_up = write_left_over(); !caught_up) {
        return caught_up;
    }
    if (ahead_) {
        ahead_->rewind();
        is_behind_.store(false, std::memory_order_release);
    }
    return records_->write(batch);
}

Awaitable<Result<void>> RecordStore::keep(store::Batch batch) {
    if (const std::optional<std::uint64_t> number = put_ahead(batch)) {
        follow(std::move(batch), *number);
        co_return Result<void>{};
    }
    past_file_.fetch_add(1, std::memory_order_acq_rel);
    auto job = [this, batch = std::move(batch)] {
        Result<void> written = catch_up_and_write(batch);
        past_file_.fetch_sub(1, std::memory_order_release);
        return written;
    };
    co_return co_await thread_.run(std::move(job));
}

void RecordStore::note(store::Batch batch) {
    if (const std::optional<std::uint64_t> number = put_ahead(batch)) {
        follow(std::move(batch), *number);
        return;
    }
    past_file_.fetch_add(1, std::memory_order_acq_rel);
    thread_.post([this, batch = std::move(batch)] {
        const Result<void> written = catch_up_and_write(batch);
        past_file_.fetch_sub(1, std::memory_order_release);
        if (!written) {
            log::error("records could not be kept", {{"error", written.error().message}});
        }
    });
}

Awaitable<Result<void>> RecordStore::write(store::Batch batch) {
    auto job = [this, batch = std::move(batch)] { return records_->write(batch); };
    co_return co_await thread_.run(std::move(job));
}

Awaitable<Result<store::Record>> RecordStore::get(std::string kind, std::string id) {
    auto job = [this, kind = std::move(kind), id = std::move(id)] { return records_->get(kind, id); };
    co_return co_await thread_.run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list(std::string kind, std::string after,
                                                                std::size_t limit) {
    auto job = [this, kind = std::move(kind), after = std::move(after), limit] {
        return records_->list(kind, after, limit);
    };
    co_return co_await thread_.run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list_by_state(std::string kind,
                                                                         std::string state) {
    auto job = [this, kind = std::move(kind), state = std::move(state)] {
        return records_->list_by_state(kind, state);
    };
    co_return co_await thread_.run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list_by_corr(std::string corr) {
    auto job = [this, corr = std::move(corr)] { return records_->list_by_corr(corr); };
    co_return co_await thread_.run(std::move(job));
}

Awaitable<Result<void>> RecordStore::reserve(std::vector<store::Reservation> wanted,
                                             std::vector<Watts> offered, UtcTime now) {
    const std::set<std::string> ders = book_.begin_writing(wanted);
    auto job = [wanted, offered = std::move(offered), now](store::Records& records) {
        return records.reserve(wanted, offered, now);
    };
    const Result<void> reserved = co_await run_first(std::move(job));
    book_.end_writing(ders);
    if (reserved) {
        book_.add(wanted);
    }
    co_return reserved;
}

Awaitable<Result<void>> RecordStore::release(std::string contract) {
    const std::set<std::string> ders = book_.begin_writing(contract);
    auto job = [contract](store::Records& records) { return records.release(contract); };
    const Result<void> released = co_await run_first(std::move(job));
    book_.end_writing(ders);
    if (released) {
        book_.release(contract);
    }
    co_return released;
}

Awaitable<Result<RecordStore::Reserved>> RecordStore::reserved(std::vector<std::string> ders, UtcTime now) {
    Reserved out;
    std::vector<std::string> unknown;
    for (std::string& der : ders) {
        if (book_.knows(der)) {
            out[der] = book_.of(der, now);
        } else {
            unknown.push_back(std::move(der));
        }
    }
    if (unknown.empty()) {
        co_return out;
    }
    auto job = [unknown = std::move(unknown), now](store::Records& records) -> Result<Reserved> {
        Reserved read;
        for (const std::string& der : unknown) {
            Result<std::vector<store::Reservation>> found = records.reservations(der, now);
            if (!found) {
                return found.error();
            }
            read[der] = std::move(*found);
        }
        return read;
    };
    Result<Reserved> read = co_await run_first(std::move(job));
    if (!read) {
        co_return read;
    }
    for (const auto& [der, all] : *read) {
        book_.learn(der, all);
    }
    out.merge(*read);
    co_return out;
}

Awaitable<Result<std::uint64_t>> RecordStore::next_number(std::string name) {
    auto job = [this, name = std::move(name)] { return records_->next_number(name); };
    co_return co_await thread_.run(std::move(job));
}

}  // namespace headroom::agents
