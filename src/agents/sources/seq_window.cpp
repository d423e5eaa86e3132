#include "agents/sources/seq_window.hpp"

#include <algorithm>

namespace headroom::agents {

bool SeqWindow::has(std::uint64_t seq) const {
    return ((bits_[(seq % reach) / 64] >> (seq % 64)) & 1U) != 0;
}

void SeqWindow::mark(std::uint64_t seq) {
    bits_[(seq % reach) / 64] |= std::uint64_t{1} << (seq % 64);
}

void SeqWindow::clear(std::uint64_t seq) {
    bits_[(seq % reach) / 64] &= ~(std::uint64_t{1} << (seq % 64));
}

std::int64_t SeqWindow::take(std::uint64_t seq) {
    if (seq == 0 || seq == newest_) {
        return 0;
    }
    if (newest_ == 0 || newest_ - std::min(newest_, seq) >= reach) {
        bits_ = {};
        newest_ = seq;
        first_ = seq;
        mark(seq);
        return 0;
    }
    if (seq < newest_) {
        if (seq < first_ || has(seq)) {
            return 0;
        }
        mark(seq);
        return -1;
    }
    const std::uint64_t gap = seq - newest_ - 1;
    if (gap >= reach) {
        bits_ = {};
    } else {
        for (std::uint64_t at = newest_ + 1; at < seq; ++at) {
            clear(at);
        }
    }
    newest_ = seq;
    mark(seq);
    return static_cast<std::int64_t>(std::min<std::uint64_t>(gap, std::uint64_t{1} << 62U));
}

}  // namespace headroom::agents
