#pragma once

#include "agents/journal.hpp"
#include "core/json.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

/// So many records are read from the store at a time.
inline constexpr std::size_t records_page = 500;

/// Calls `take` (store::Record → Result<void>) with every record of a kind, page by page, until one is an
/// error. Errors: as the store's, and that one.
template <class Take>
Awaitable<Result<void>> each_record(Journal& journal, std::string kind, Take take) {
    std::string after;
    for (;;) {
        const Result<std::vector<store::Record>> stored =
            co_await journal.records().list(kind, after, records_page);
        if (!stored) {
            co_return stored.error();
        }
        if (stored->empty()) {
            co_return Result<void>{};
        }
        after = stored->back().id;
        for (const store::Record& each : *stored) {
            if (Result<void> taken = take(each); !taken) {
                co_return taken.error();
            }
        }
    }
}

/// The noun that a record holds, read by `read`.
template <class T, class Read>
[[nodiscard]] Result<T> noun_of(const store::Record& record, Read read) {
    const Result<json::Value> parsed = json::parse(record.json);
    return parsed ? read(*parsed) : Result<T>(parsed.error());
}

}  // namespace headroom::agents
