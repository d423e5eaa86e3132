#include "agents/record_store.hpp"

namespace headroom::agents {

Awaitable<Result<void>> RecordStore::write(store::Batch batch) {
    auto job = [this, batch = std::move(batch)] { return records_->write(batch); };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<store::Record>> RecordStore::get(std::string kind, std::string id) {
    auto job = [this, kind = std::move(kind), id = std::move(id)] { return records_->get(kind, id); };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list(std::string kind, std::string after,
                                                                std::size_t limit) {
    auto job = [this, kind = std::move(kind), after = std::move(after), limit] {
        return records_->list(kind, after, limit);
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list_by_state(std::string kind,
                                                                         std::string state) {
    auto job = [this, kind = std::move(kind), state = std::move(state)] {
        return records_->list_by_state(kind, state);
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list_by_corr(std::string corr) {
    auto job = [this, corr = std::move(corr)] { return records_->list_by_corr(corr); };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<void>> RecordStore::reserve(std::vector<store::Reservation> wanted,
                                             std::vector<Watts> offered, UtcTime now) {
    auto job = [this, wanted = std::move(wanted), offered = std::move(offered), now] {
        return records_->reserve(wanted, offered, now);
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<void>> RecordStore::release(std::string contract) {
    auto job = [this, contract = std::move(contract)] { return records_->release(contract); };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<std::vector<store::Reservation>>> RecordStore::reservations(std::string der, UtcTime now) {
    auto job = [this, der = std::move(der), now] { return records_->reservations(der, now); };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<std::uint64_t>> RecordStore::next_number(std::string name) {
    auto job = [this, name = std::move(name)] { return records_->next_number(name); };
    co_return co_await worker_.run(std::move(job));
}

}  // namespace headroom::agents
