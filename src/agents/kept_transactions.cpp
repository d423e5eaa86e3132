#include "agents/kept_transactions.hpp"

#include <functional>
#include <string>
#include <utility>

namespace headroom::agents {

Result<KeptTransactions> KeptTransactions::learn(store::Records& records, std::string_view kind) {
    constexpr std::size_t page = 1000;
    constexpr std::size_t room_at_start = 16'384;
    KeptTransactions known;
    known.is_complete_ = true;
    known.hashes_.reserve(room_at_start);
    std::string after;
    while (known.is_complete_) {
        const Result<std::vector<store::Record>> kept = records.list(kind, after, page);
        if (!kept) {
            return kept.error();
        }
        for (const store::Record& record : *kept) {
            known.add(record.id);
            after = record.id;
        }
        if (kept->size() < page) {
            break;
        }
    }
    return known;
}

void KeptTransactions::add(std::string_view transaction) {
    if (!is_complete_) {
        return;
    }
    hashes_.insert(std::hash<std::string_view>{}(transaction));
    if (hashes_.size() > kept_max) {
        is_complete_ = false;
        hashes_ = {};
    }
}

bool KeptTransactions::may_hold(std::string_view transaction) const {
    return !is_complete_ || hashes_.contains(std::hash<std::string_view>{}(transaction));
}

}  // namespace headroom::agents
