#include "agents/record_store.hpp"

#include <set>

namespace headroom::agents {

Awaitable<Result<void>> RecordStore::write(store::Batch batch) {
    auto job = [batch = std::move(batch)](store::Records& records) { return records.write(batch); };
    co_return co_await run(std::move(job));
}

Awaitable<Result<store::Record>> RecordStore::get(std::string kind, std::string id) {
    auto job = [kind = std::move(kind), id = std::move(id)](store::Records& records) {
        return records.get(kind, id);
    };
    co_return co_await run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list(std::string kind, std::string after,
                                                                std::size_t limit) {
    auto job = [kind = std::move(kind), after = std::move(after), limit](store::Records& records) {
        return records.list(kind, after, limit);
    };
    co_return co_await run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list_by_state(std::string kind,
                                                                         std::string state) {
    auto job = [kind = std::move(kind), state = std::move(state)](store::Records& records) {
        return records.list_by_state(kind, state);
    };
    co_return co_await run(std::move(job));
}

Awaitable<Result<std::vector<store::Record>>> RecordStore::list_by_corr(std::string corr) {
    auto job = [corr = std::move(corr)](store::Records& records) { return records.list_by_corr(corr); };
    co_return co_await run(std::move(job));
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
    auto job = [name = std::move(name)](store::Records& records) { return records.next_number(name); };
    co_return co_await run(std::move(job));
}

}  // namespace headroom::agents
