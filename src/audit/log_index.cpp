#include "audit/log_index.hpp"

#include <algorithm>
#include <limits>
#include <mutex>

namespace headroom::audit {

void LogIndex::begin_segment(std::uint64_t first_index) {
    const std::unique_lock lock(mutex_);
    HEADROOM_ASSERT(first_index == tree_.size());
    if (segments_.empty() || segments_.back() != first_index) {
        segments_.push_back(first_index);
    }
}

void LogIndex::append(std::span<const IndexedEntry> entries) {
    const std::unique_lock lock(mutex_);
    HEADROOM_ASSERT(!segments_.empty());
    for (const IndexedEntry& entry : entries) {
        HEADROOM_ASSERT(entry.offset <= std::numeric_limits<std::uint32_t>::max());
        if (!entry.corr.empty()) {
            auto found = by_corr_.find(entry.corr);
            if (found == by_corr_.end()) {
                found = by_corr_.emplace(std::string(entry.corr), std::vector<std::uint64_t>{}).first;
            }
            found->second.push_back(tree_.size());
        }
        offsets_.push_back(static_cast<std::uint32_t>(entry.offset));
        tree_.append(entry.leaf);
    }
}

std::uint64_t LogIndex::size() const {
    const std::shared_lock lock(mutex_);
    return tree_.size();
}

Result<EntryPlace> LogIndex::place(std::uint64_t seq) const {
    const std::shared_lock lock(mutex_);
    if (seq >= tree_.size()) {
        return Error{Errc::not_found,
                     "the log has " + std::to_string(tree_.size()) + " entries, there is no entry " +
                         std::to_string(seq),
                     ""};
    }
    const auto behind = std::ranges::upper_bound(segments_, seq);
    return EntryPlace{.segment = *(behind - 1), .offset = offsets_[seq]};
}

std::vector<std::uint64_t> LogIndex::find_corr(std::string_view corr) const {
    const std::shared_lock lock(mutex_);
    const auto found = by_corr_.find(corr);
    return found == by_corr_.end() ? std::vector<std::uint64_t>{} : found->second;
}

Hash LogIndex::root() const {
    const std::shared_lock lock(mutex_);
    return tree_.root();
}

Result<Hash> LogIndex::root_at(std::uint64_t size) const {
    const std::shared_lock lock(mutex_);
    if (size > tree_.size()) {
        return Error{Errc::not_found,
                     "the log has " + std::to_string(tree_.size()) + " entries, there is no root of size " +
                         std::to_string(size),
                     ""};
    }
    return tree_.root_at(size);
}

Frontier LogIndex::frontier() const {
    const std::shared_lock lock(mutex_);
    return tree_.frontier_at(tree_.size());
}

Result<Proof> LogIndex::inclusion(std::uint64_t index, std::uint64_t size) const {
    const std::shared_lock lock(mutex_);
    return tree_.inclusion(index, size);
}

Result<Proof> LogIndex::consistency(std::uint64_t from, std::uint64_t to) const {
    const std::shared_lock lock(mutex_);
    return tree_.consistency(from, to);
}

}  // namespace headroom::audit
