#include "sim/provider_impl.hpp"

#include <utility>

// The order book on disk: process-durable at once in the file ahead, in the store a little later.
namespace headroom::sim {

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
    co_return co_await orders_.keep(std::move(batch));
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
