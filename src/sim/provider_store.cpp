#include "core/log.hpp"
#include "sim/provider_impl.hpp"

#include <iterator>
#include <utility>

// The order book on disk: process-durable at once in the file ahead, in the store a little later.
namespace headroom::sim {

namespace {

constexpr std::size_t ahead_bytes_kept = 1UL
                                         << 20U;  // written over above this, once the store has everything
constexpr std::size_t ahead_bytes_max = 32UL << 20U;

}  // namespace

Awaitable<Result<void>> ProviderSim::Impl::write(Counter* counter, std::string transaction) {
    const BookedOrder* booked = counter->desk.find(transaction);
    HEADROOM_ASSERT(booked != nullptr);
    if (changed_) {
        changed_(counter->desk.spec().id);
    }
    store::Batch batch;
    batch.puts.push_back({.kind = order_kind,
                          .id = counter->desk.spec().id + "." + transaction,
                          .corr = transaction,
                          .state = counter->desk.spec().id,
                          .json = json::write(to_json(*booked)),
                          .applied_seq = 0});
    if (parts_.ahead != nullptr) {
        co_return put_ahead(std::move(batch));
    }
    auto job = [this, batch = std::move(batch)] { return parts_.orders.write(batch); };
    co_return co_await writer_.run(std::move(job));
}

/// A batch that the store refuses stays in the file, and everything after it: a restart writes them in order.
Result<void> ProviderSim::Impl::put_ahead(store::Batch batch) {
    store::AheadFile& ahead = *parts_.ahead;
    if (ahead.size() > ahead_bytes_kept && following_.load(std::memory_order_acquire) == 0) {
        ahead.rewind();
    }
    if (ahead.size() > ahead_bytes_max) {
        return Error{Errc::unavailable, "the order book has fallen too far behind the file ahead of it"};
    }
    const Result<std::uint64_t> number = ahead.append(batch);
    if (!number) {
        return number.error();
    }
    following_.fetch_add(1, std::memory_order_acq_rel);
    bool is_first = false;
    {
        const std::lock_guard lock(mutex_);
        is_first = to_follow_.empty();
        to_follow_.push_back(std::move(batch));
        last_to_follow_ = *number;
    }
    if (is_first) {
        writer_.post_later([this] { write_followers(); });
    }
    return {};
}

/// On the writer's thread: one transaction takes the orders that have come together.
void ProviderSim::Impl::write_followers() {
    std::vector<store::Batch> batches;
    std::uint64_t last = 0;
    {
        const std::lock_guard lock(mutex_);
        batches.swap(to_follow_);
        last = last_to_follow_;
    }
    store::Batch together;
    for (store::Batch& batch : batches) {
        std::move(batch.puts.begin(), batch.puts.end(), std::back_inserter(together.puts));
    }
    if (!has_refused_) {  // else a restart would pass over what was refused
        together.puts.push_back(store::AheadFile::followed(last));
    }
    if (const Result<void> written = parts_.orders.write(together); written) {
        following_.fetch_sub(batches.size(), std::memory_order_release);
    } else {
        has_refused_ = true;
        log::error("the order book cannot follow the file ahead of it", {{"error", written.error().message}});
    }
}

Result<void> ProviderSim::Impl::recover() {
    constexpr std::size_t page = 1000;
    std::string after;
    while (true) {
        const Result<std::vector<store::Record>> kept = parts_.orders.list(order_kind, after, page);
        if (!kept) {
            return kept.error();
        }
        for (const store::Record& record : *kept) {
            after = record.id;
            Counter* counter = find(record.state);
            const Result<json::Value> parsed = json::parse(record.json);
            Result<BookedOrder> booked =
                parsed ? booked_order_from_json(*parsed) : Result<BookedOrder>(parsed.error());
            if (!booked) {
                return Error{Errc::corrupt, "order " + record.id + ": " + booked.error().message, ""};
            }
            if (counter != nullptr) {
                counter->desk.restore(record.corr, std::move(*booked));
            }
        }
        if (kept->size() < page) {
            return {};
        }
    }
}

}  // namespace headroom::sim
