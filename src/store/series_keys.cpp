#include "store/series_keys.hpp"

#include <functional>

namespace headroom::store {

std::string_view SeriesKeys::text(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.offset, entry.length);
}

std::optional<SeriesKeys::Key> SeriesKeys::find(std::string_view key) const {
    if (slots_.empty()) {
        return std::nullopt;
    }
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = std::hash<std::string_view>{}(key)&mask; slots_[at] != 0; at = (at + 1) & mask) {
        const Entry& entry = entries_[slots_[at] - 1];
        if (text(entry) == key) {
            return Key{entry.id, entry.step_ms};
        }
    }
    return std::nullopt;
}

void SeriesKeys::add(std::string_view key, Key value) {
    entries_.push_back({.offset = texts_.size(),
                        .length = static_cast<std::uint32_t>(key.size()),
                        .step_ms = static_cast<std::uint32_t>(value.step_ms),
                        .id = value.id});
    texts_ += key;
    if (entries_.size() * 2 > slots_.size()) {
        grow();
        return;
    }
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = std::hash<std::string_view>{}(key)&mask;
    while (slots_[at] != 0) {
        at = (at + 1) & mask;
    }
    slots_[at] = static_cast<std::uint32_t>(entries_.size());
}

void SeriesKeys::grow() {
    std::size_t size = 64;
    while (size < entries_.size() * 4) {
        size *= 2;
    }
    slots_.assign(size, 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        std::size_t at = std::hash<std::string_view>{}(text(entries_[i])) & (size - 1);
        while (slots_[at] != 0) {
            at = (at + 1) & (size - 1);
        }
        slots_[at] = static_cast<std::uint32_t>(i + 1);
    }
}

void SeriesKeys::clear() {
    texts_.clear();
    entries_.clear();
    slots_.clear();
}

}  // namespace headroom::store
