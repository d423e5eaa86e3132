#pragma once

#include "core/digest.hpp"
#include "core/result.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace headroom::audit {

/// A SHA-256 in the Merkle tree: of a leaf, a node or a whole tree.
using Hash = Sha256;
/// Hashes in the order in which a proof is walked, nearest to the leaf first.
using Proof = std::vector<Hash>;

/// Tree sizes and indices stay below this, so that no sum of two can wrap.
inline constexpr std::uint64_t max_tree_size = (std::uint64_t{1} << 63) - 1;

/// Root of the tree without leaves: SHA-256 of nothing.
[[nodiscard]] Hash empty_root();
/// SHA-256(0x00 || leaf)
[[nodiscard]] Hash leaf_hash(std::string_view leaf);
/// SHA-256(0x01 || left || right)
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);
/// Errors: `invalid` when `bytes` are not 32.
[[nodiscard]] Result<Hash> to_hash(std::string_view bytes);

/// The roots of the perfect subtrees of a growing tree: all that appending needs, log2(size) hashes.
/// Source: RFC 6962 §2.1
class Frontier {
  public:
    Frontier() = default;
    /// From the hashes as a segment header keeps them, largest subtree first.
    /// Errors: `invalid` when their number is not popcount(size) or the size is too large.
    [[nodiscard]] static Result<Frontier> from(std::uint64_t size, std::span<const Hash> hashes);

    void append(const Hash& leaf);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] Hash root() const;
    /// Largest subtree first; popcount(size) of them.
    [[nodiscard]] const std::vector<Hash>& hashes() const { return hashes_; }

  private:
    std::uint64_t size_ = 0;
    std::vector<Hash> hashes_;
};

/// All leaf hashes of a log, with every fourth level of perfect subtrees kept beside them (34 bytes a leaf),
/// so that roots and proofs of any earlier size cost some hundred hashes at most.
class LeafTree {
  public:
    void append(const Hash& leaf);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    /// Precondition: index < size().
    [[nodiscard]] const Hash& leaf(std::uint64_t index) const;
    [[nodiscard]] Hash root() const { return root_at(size_); }
    /// Root of the first `size` leaves. Precondition: size <= this->size().
    [[nodiscard]] Hash root_at(std::uint64_t size) const;
    /// The perfect subtrees of the first `size` leaves, largest first. Precondition: size <= this->size().
    [[nodiscard]] Frontier frontier_at(std::uint64_t size) const;
    /// Proof that leaf `index` is in the tree of the first `size` leaves (RFC 6962 §2.1.1).
    /// Errors: `not_found` when size > this->size(); `invalid` when index >= size.
    [[nodiscard]] Result<Proof> inclusion(std::uint64_t index, std::uint64_t size) const;
    /// Proof that the tree of `from` leaves is a prefix of that of `to` (RFC 6962 §2.1.2).
    /// Errors: `not_found` when to > this->size(); `invalid` when from is 0 or above `to`.
    [[nodiscard]] Result<Proof> consistency(std::uint64_t from, std::uint64_t to) const;

  private:
    static constexpr unsigned kept_every = 4;

    [[nodiscard]] Hash perfect(unsigned level, std::uint64_t index) const;
    [[nodiscard]] Hash range(std::uint64_t begin, std::uint64_t end) const;
    void inclusion_path(std::uint64_t index, std::uint64_t begin, std::uint64_t end, Proof& proof) const;
    void consistency_path(std::uint64_t from, std::uint64_t begin, std::uint64_t end, bool is_whole,
                          Proof& proof) const;

    std::uint64_t size_ = 0;
    std::array<Hash, 64> pending_{};          // left halves that wait for their sibling, by level
    std::vector<std::vector<Hash>> kept_{1};  // level 0, 4, 8, …
};

/// Whether `proof` shows that `leaf` (a leaf hash) is number `index` of the tree of `size` leaves under
/// `root`. Errors: `invalid` saying which rule failed. Source: RFC 9162 §2.1.3.2
[[nodiscard]] Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                            std::span<const Hash> proof, const Hash& root);
/// Whether `proof` shows that the tree of `from` leaves under `from_root` is a prefix of that of `to` leaves.
/// Errors: `invalid` saying which rule failed. Source: RFC 9162 §2.1.4.2
[[nodiscard]] Result<void> verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root,
                                              const Hash& to_root, std::span<const Hash> proof);

}  // namespace headroom::audit
