#include "store/followed_records.hpp"

#include "core/log.hpp"

#include <iterator>

namespace headroom::store {
namespace {

/// Above this the file is written over from its start, once the store has everything.
constexpr std::size_t ahead_bytes_kept = 1UL << 20U;
/// Above this the store has fallen so far behind that its callers wait for it.
constexpr std::size_t ahead_bytes_max = 32UL << 20U;

}  // namespace

std::optional<std::uint64_t> FollowedRecords::put_ahead(const Batch& batch) {
    // While a batch goes past the file, nothing may be put into it: a restart would write the older one last.
    if (ahead_ == nullptr || is_behind_.load(std::memory_order_acquire) ||
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
void FollowedRecords::follow(Batch batch, std::uint64_t number) {
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
void FollowedRecords::write_followers() {
    std::vector<Batch> batches;
    std::uint64_t last = 0;
    {
        const std::lock_guard lock(mutex_);
        batches.swap(to_follow_);
        last = last_to_follow_;
    }
    Batch together;
    for (Batch& batch : batches) {
        HEADROOM_ASSERT(batch.removes.empty());  // would have to keep their place between the puts
        std::move(batch.puts.begin(), batch.puts.end(), std::back_inserter(together.puts));
    }
    together.puts.push_back(AheadFile::followed(last));
    Result<void> written = write_left_over();
    if (written) {
        written = records_.write(together);
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
Result<void> FollowedRecords::write_left_over() {
    while (!left_over_.empty()) {
        const auto& [batch, count] = left_over_.front();
        if (const Result<void> written = records_.write(batch); !written) {
            return written;
        }
        following_.fetch_sub(count, std::memory_order_release);
        left_over_.pop_front();
    }
    return {};
}

/// On the store's thread, while nothing is put into the file.
Result<void> FollowedRecords::catch_up_and_write(const Batch& batch) {
    if (const Result<void> caught_up = write_left_over(); !caught_up) {
        return caught_up;
    }
    if (ahead_ != nullptr) {
        ahead_->rewind();
        is_behind_.store(false, std::memory_order_release);
    }
    return records_.write(batch);
}

Awaitable<Result<void>> FollowedRecords::keep(Batch batch) {
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

void FollowedRecords::note(Batch batch) {
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

}  // namespace headroom::store
