#include "audit/tree.hpp"

#include "core/hash_stream.hpp"

#include <algorithm>
#include <string>

namespace headroom::audit {

namespace {

constexpr std::string_view leaf_prefix("\0", 1);
constexpr std::string_view node_prefix("\1", 1);

std::uint64_t largest_power_below(std::uint64_t n) {
    return std::bit_floor(n - 1);
}

void shift_until_right_child(std::uint64_t& fn, std::uint64_t& sn) {
    while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
    }
}

}  // namespace

Hash empty_root() {
    return sha256(std::string_view{});
}

Hash leaf_hash(std::string_view leaf) {
    HashStream hash;
    hash.update(leaf_prefix);
    hash.update(leaf);
    return hash.digest();
}

Hash node_hash(const Hash& left, const Hash& right) {
    HashStream hash;
    hash.update(node_prefix);
    hash.update(as_chars(left));
    hash.update(as_chars(right));
    return hash.digest();
}

Result<Hash> to_hash(std::string_view bytes) {
    Hash hash{};
    if (bytes.size() != hash.size()) {
        return Error{
            Errc::invalid, "a hash has " + std::to_string(bytes.size()) + " bytes instead of 32", {}};
    }
    std::ranges::transform(bytes, hash.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    return hash;
}

Result<Frontier> Frontier::from(std::uint64_t size, std::span<const Hash> hashes) {
    if (size > max_tree_size) {
        return Error{Errc::invalid, "tree size " + std::to_string(size) + " is above 2^63-1", {}};
    }
    if (hashes.size() != static_cast<std::size_t>(std::popcount(size))) {
        return Error{Errc::invalid,
                     "a frontier of size " + std::to_string(size) + " holds " +
                         std::to_string(hashes.size()) + " hashes instead of " +
                         std::to_string(std::popcount(size)),
                     {}};
    }
    Frontier frontier;
    frontier.size_ = size;
    frontier.hashes_.assign(hashes.begin(), hashes.end());
    return frontier;
}

void Frontier::append(const Hash& leaf) {
    Hash hash = leaf;
    for (std::uint64_t n = size_; (n & 1U) != 0; n >>= 1U) {
        hash = node_hash(hashes_.back(), hash);
        hashes_.pop_back();
    }
    hashes_.push_back(hash);
    ++size_;
}

Hash Frontier::root() const {
    if (hashes_.empty()) {
        return empty_root();
    }
    Hash root = hashes_.back();
    for (auto left = hashes_.rbegin() + 1; left != hashes_.rend(); ++left) {
        root = node_hash(*left, root);
    }
    return root;
}

void LeafTree::append(const Hash& leaf) {
    HEADROOM_ASSERT(size_ < max_tree_size);
    kept_.front().push_back(leaf);
    Hash hash = leaf;
    unsigned level = 0;
    for (std::uint64_t n = size_; (n & 1U) != 0; n >>= 1U) {
        hash = node_hash(pending_[level], hash);
        ++level;
        if (level % kept_every == 0) {
            if (kept_.size() <= level / kept_every) {
                kept_.emplace_back();
            }
            kept_[level / kept_every].push_back(hash);
        }
    }
    pending_[level] = hash;
    ++size_;
}

const Hash& LeafTree::leaf(std::uint64_t index) const {
    HEADROOM_ASSERT(index < size_);
    return kept_.front()[index];
}

Hash LeafTree::perfect(unsigned level, std::uint64_t index) const {
    if (level % kept_every == 0) {
        return kept_[level / kept_every][index];
    }
    return node_hash(perfect(level - 1, 2 * index), perfect(level - 1, 2 * index + 1));
}

// Precondition: begin is a multiple of the smallest power of two >= end - begin, as in every split of RFC
// 6962.
Hash LeafTree::range(std::uint64_t begin, std::uint64_t end) const {
    const std::uint64_t length = end - begin;
    if (std::has_single_bit(length)) {
        const auto level = static_cast<unsigned>(std::countr_zero(length));
        return perfect(level, begin >> level);
    }
    const std::uint64_t middle = begin + largest_power_below(length);
    return node_hash(range(begin, middle), range(middle, end));
}

Hash LeafTree::root_at(std::uint64_t size) const {
    HEADROOM_ASSERT(size <= size_);
    return size == 0 ? empty_root() : range(0, size);
}

Frontier LeafTree::frontier_at(std::uint64_t size) const {
    HEADROOM_ASSERT(size <= size_);
    std::vector<Hash> hashes;
    std::uint64_t begin = 0;
    for (std::uint64_t rest = size; rest != 0;) {
        const std::uint64_t length = std::bit_floor(rest);
        hashes.push_back(range(begin, begin + length));
        begin += length;
        rest -= length;
    }
    return *Frontier::from(size, hashes);
}

void LeafTree::inclusion_path(std::uint64_t index, std::uint64_t begin, std::uint64_t end,
                              Proof& proof) const {
    if (end - begin == 1) {
        return;
    }
    const std::uint64_t middle = begin + largest_power_below(end - begin);
    if (index < middle) {
        inclusion_path(index, begin, middle, proof);
        proof.push_back(range(middle, end));
    } else {
        inclusion_path(index, middle, end, proof);
        proof.push_back(range(begin, middle));
    }
}

void LeafTree::consistency_path(std::uint64_t from, std::uint64_t begin, std::uint64_t end, bool is_whole,
                                Proof& proof) const {
    if (from == end) {
        if (!is_whole) {  // the verifier knows the root of the whole older tree already
            proof.push_back(range(begin, end));
        }
        return;
    }
    const std::uint64_t middle = begin + largest_power_below(end - begin);
    if (from <= middle) {
        consistency_path(from, begin, middle, is_whole, proof);
        proof.push_back(range(middle, end));
    } else {
        consistency_path(from, middle, end, false, proof);
        proof.push_back(range(begin, middle));
    }
}

Result<Proof> LeafTree::inclusion(std::uint64_t index, std::uint64_t size) const {
    if (size > size_) {
        return Error{Errc::not_found,
                     "the log has " + std::to_string(size_) + " entries, a proof was asked for size " +
                         std::to_string(size),
                     {}};
    }
    if (index >= size) {
        return Error{Errc::invalid,
                     "entry " + std::to_string(index) + " is not within size " + std::to_string(size),
                     {}};
    }
    Proof proof;
    inclusion_path(index, 0, size, proof);
    return proof;
}

Result<Proof> LeafTree::consistency(std::uint64_t from, std::uint64_t to) const {
    if (to > size_) {
        return Error{Errc::not_found,
                     "the log has " + std::to_string(size_) + " entries, a proof was asked for size " +
                         std::to_string(to),
                     {}};
    }
    if (from == 0 || from > to) {
        return Error{Errc::invalid,
                     "no consistency proof from size " + std::to_string(from) + " to " + std::to_string(to),
                     {}};
    }
    Proof proof;
    consistency_path(from, 0, to, true, proof);
    return proof;
}

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                              std::span<const Hash> proof, const Hash& root) {
    if (size > max_tree_size || index >= size) {
        return Error{Errc::invalid,
                     "entry " + std::to_string(index) + " is not within size " + std::to_string(size),
                     {}};
    }
    std::uint64_t fn = index;
    std::uint64_t sn = size - 1;
    Hash computed = leaf;
    for (const Hash& hash : proof) {
        if (sn == 0) {
            return Error{Errc::invalid, "the inclusion proof has hashes left over", {}};
        }
        if ((fn & 1U) != 0 || fn == sn) {
            computed = node_hash(hash, computed);
            shift_until_right_child(fn, sn);
        } else {
            computed = node_hash(computed, hash);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    if (sn != 0) {
        return Error{Errc::invalid, "the inclusion proof lacks hashes", {}};
    }
    if (computed != root) {
        return Error{Errc::invalid,
                     "the inclusion proof of entry " + std::to_string(index) + " leads to root " +
                         to_hex(computed) + " instead of " + to_hex(root),
                     {}};
    }
    return {};
}

Result<void> verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root,
                                const Hash& to_root, std::span<const Hash> proof) {
    if (to > max_tree_size || from == 0 || from > to) {
        return Error{Errc::invalid,
                     "no consistency from size " + std::to_string(from) + " to " + std::to_string(to),
                     {}};
    }
    if (from == to) {
        if (!proof.empty()) {
            return Error{Errc::invalid, "the consistency proof of equal sizes is not empty", {}};
        }
        if (from_root != to_root) {
            return Error{Errc::invalid, "two roots of size " + std::to_string(to) + " differ", {}};
        }
        return {};
    }
    std::vector<Hash> path;
    path.reserve(proof.size() + 1);
    if (std::has_single_bit(from)) {
        path.push_back(from_root);
    }
    path.insert(path.end(), proof.begin(), proof.end());
    if (path.empty()) {
        return Error{Errc::invalid, "the consistency proof lacks hashes", {}};
    }
    std::uint64_t fn = from - 1;
    std::uint64_t sn = to - 1;
    while ((fn & 1U) != 0) {
        fn >>= 1U;
        sn >>= 1U;
    }
    Hash older = path.front();
    Hash newer = path.front();
    for (const Hash& hash : std::span<const Hash>(path).subspan(1)) {
        if (sn == 0) {
            return Error{Errc::invalid, "the consistency proof has hashes left over", {}};
        }
        if ((fn & 1U) != 0 || fn == sn) {
            older = node_hash(hash, older);
            newer = node_hash(hash, newer);
            shift_until_right_child(fn, sn);
        } else {
            newer = node_hash(newer, hash);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    if (sn != 0) {
        return Error{Errc::invalid, "the consistency proof lacks hashes", {}};
    }
    if (older != from_root || newer != to_root) {
        return Error{Errc::invalid,
                     "the tree of size " + std::to_string(to) + " does not extend that of size " +
                         std::to_string(from),
                     {}};
    }
    return {};
}

}  // namespace headroom::audit
