#include "audit/tree.hpp"

#include "unit/audit/support.hpp"

namespace headroom::audit {
namespace {

using testing::hash_of_hex;

std::vector<Hash> rfc_leaf_hashes() {
    std::vector<Hash> hashes;
    for (const std::string_view leaf : vectors::rfc_leaves) {
        hashes.push_back(leaf_hash(*from_hex(leaf)));
    }
    return hashes;
}

LeafTree tree_of(std::span<const Hash> leaves) {
    LeafTree tree;
    for (const Hash& leaf : leaves) {
        tree.append(leaf);
    }
    return tree;
}

/// The definition of RFC 6962, word for word.
Hash definition(std::span<const Hash> leaves) {
    if (leaves.empty()) {
        return empty_root();
    }
    if (leaves.size() == 1) {
        return leaves.front();
    }
    const std::size_t k = std::bit_floor(leaves.size() - 1);
    return node_hash(definition(leaves.first(k)), definition(leaves.subspan(k)));
}

std::vector<Hash> numbered_leaves(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i) {
        leaves.push_back(leaf_hash(std::to_string(i)));
    }
    return leaves;
}

TEST(TreeHashes, AreThoseOfRfc6962) {
    EXPECT_EQ(to_hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(leaf_hash("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    EXPECT_EQ(to_hex(leaf_hash("L123456")),
              "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    // The node's halves are texts of four bytes in this vector, so it is written out.
    EXPECT_EQ(sha256_hex(std::string("\x01", 1) + "N123N456"),
              "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
    EXPECT_EQ(to_hex(node_hash(leaf_hash("a"), leaf_hash("b"))),
              sha256_hex(std::string("\x01", 1) + std::string(as_chars(leaf_hash("a"))) +
                         std::string(as_chars(leaf_hash("b")))));
}

TEST(TreeHashes, OfAnotherLengthAreRefused) {
    EXPECT_EQ(to_hash(std::string(31, 'x')).error().code, Errc::invalid);
    EXPECT_EQ(to_hash(std::string(33, 'x')).error().code, Errc::invalid);
    EXPECT_TRUE(to_hash(std::string(32, 'x')).has_value());
}

TEST(Frontier, HasThePublishedRootAtEverySize) {
    Frontier frontier;
    EXPECT_EQ(to_hex(frontier.root()), vectors::rfc_roots[0]);
    const std::vector<Hash> leaves = rfc_leaf_hashes();
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        frontier.append(leaves[i]);
        EXPECT_EQ(to_hex(frontier.root()), vectors::rfc_roots[i + 1]) << i + 1;
        EXPECT_EQ(frontier.hashes().size(), static_cast<std::size_t>(std::popcount(i + 1)));
    }
}

TEST(Frontier, GoesOnFromItsHashes) {
    const std::vector<Hash> leaves = numbered_leaves(21);
    Frontier whole;
    for (std::size_t i = 0; i < 13; ++i) {
        whole.append(leaves[i]);
    }
    Result<Frontier> resumed = Frontier::from(13, whole.hashes());
    ASSERT_TRUE(resumed.has_value());
    for (std::size_t i = 13; i < leaves.size(); ++i) {
        whole.append(leaves[i]);
        resumed->append(leaves[i]);
    }
    EXPECT_EQ(resumed->root(), whole.root());
    EXPECT_EQ(resumed->root(), definition(leaves));
}

TEST(Frontier, RefusesAWrongNumberOfHashesOrATooLargeSize) {
    const std::vector<Hash> two(2);
    EXPECT_TRUE(Frontier::from(3, two).has_value());
    EXPECT_FALSE(Frontier::from(4, two).has_value());
    EXPECT_FALSE(Frontier::from((std::uint64_t{1} << 63U) + 1, two).has_value());
}

TEST(LeafTree, KnowsTheRootOfEveryEarlierSize) {
    const std::vector<Hash> leaves = numbered_leaves(300);
    const LeafTree tree = tree_of(leaves);
    for (std::size_t size = 0; size <= leaves.size(); ++size) {
        const Hash expected = definition(std::span(leaves).first(size));
        EXPECT_EQ(tree.root_at(size), expected) << size;
        EXPECT_EQ(tree.frontier_at(size).root(), expected) << size;
    }
    EXPECT_EQ(tree.leaf(7), leaves[7]);
}

TEST(Proofs, OfRfc6962AreThePublishedOnes) {
    const std::vector<Hash> leaves = rfc_leaf_hashes();
    const LeafTree tree = tree_of(leaves);
    const auto hex = [](const Result<Proof>& proof) {
        std::vector<std::string> texts;
        for (const Hash& hash : *proof) {
            texts.push_back(to_hex(hash));
        }
        return texts;
    };
    using HexHashes = std::vector<std::string>;
    EXPECT_EQ(hex(tree.inclusion(0, 1)), HexHashes{});
    EXPECT_EQ(hex(tree.inclusion(5, 8)),
              (HexHashes{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                         "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
    EXPECT_EQ(hex(tree.inclusion(2, 3)),
              (HexHashes{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}));
    EXPECT_EQ(hex(tree.consistency(1, 1)), HexHashes{});
    EXPECT_EQ(hex(tree.consistency(6, 8)),
              (HexHashes{"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                         "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
    EXPECT_EQ(hex(tree.consistency(2, 5)),
              (HexHashes{"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                         "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

TEST(Proofs, OfEveryPairUpToSeventyVerify) {
    const std::vector<Hash> leaves = numbered_leaves(70);
    const LeafTree tree = tree_of(leaves);
    for (std::uint64_t size = 1; size <= 70; ++size) {
        const Hash root = tree.root_at(size);
        for (std::uint64_t index = 0; index < size; ++index) {
            const Proof proof = *tree.inclusion(index, size);
            EXPECT_TRUE(verify_inclusion(index, size, leaves[index], proof, root)) << index << " in " << size;
            EXPECT_FALSE(verify_inclusion(index, size, leaf_hash("forged"), proof, root));
        }
        for (std::uint64_t from = 1; from <= size; ++from) {
            const Proof proof = *tree.consistency(from, size);
            EXPECT_TRUE(verify_consistency(from, size, tree.root_at(from), root, proof))
                << from << " " << size;
            EXPECT_FALSE(verify_consistency(from, size, leaf_hash("fork"), root, proof));
        }
    }
}

TEST(VerifyInclusion, RefusesAWrongIndexSizeOrNumberOfHashes) {
    const std::vector<Hash> leaves = numbered_leaves(11);
    const LeafTree tree = tree_of(leaves);
    const Proof proof = *tree.inclusion(4, 11);
    const Hash root = tree.root();
    EXPECT_TRUE(verify_inclusion(4, 11, leaves[4], proof, root));
    EXPECT_FALSE(verify_inclusion(5, 11, leaves[4], proof, root));
    EXPECT_FALSE(verify_inclusion(4, 8, leaves[4], proof, root));
    EXPECT_FALSE(verify_inclusion(4, 32, leaves[4], proof, root));
    EXPECT_FALSE(verify_inclusion(11, 11, leaves[4], proof, root));
    EXPECT_FALSE(verify_inclusion(4, (std::uint64_t{1} << 63U) + 11, leaves[4], proof, root));
    Proof longer = proof;
    longer.push_back(leaves[0]);
    EXPECT_FALSE(verify_inclusion(4, 11, leaves[4], longer, root));
    Proof shorter = proof;
    shorter.pop_back();
    EXPECT_FALSE(verify_inclusion(4, 11, leaves[4], shorter, root));
    EXPECT_FALSE(verify_inclusion(0, 1, leaves[0], Proof{leaves[1]}, leaves[0]));
    EXPECT_FALSE(verify_inclusion(0, 0, leaves[0], Proof{}, leaves[0]));
}

TEST(VerifyConsistency, RefusesAWrongSizeOrNumberOfHashes) {
    const std::vector<Hash> leaves = numbered_leaves(11);
    const LeafTree tree = tree_of(leaves);
    const Hash from_root = tree.root_at(6);
    const Hash to_root = tree.root();
    const Proof proof = *tree.consistency(6, 11);
    EXPECT_TRUE(verify_consistency(6, 11, from_root, to_root, proof));
    EXPECT_FALSE(verify_consistency(0, 11, from_root, to_root, proof));
    EXPECT_FALSE(verify_consistency(12, 11, from_root, to_root, proof));
    EXPECT_FALSE(verify_consistency(6, std::uint64_t{1} << 63U, from_root, to_root, proof));
    Proof longer = proof;
    longer.push_back(leaves[0]);
    EXPECT_FALSE(verify_consistency(6, 11, from_root, to_root, longer));
    Proof shorter = proof;
    shorter.pop_back();
    EXPECT_FALSE(verify_consistency(6, 11, from_root, to_root, shorter));
    EXPECT_FALSE(verify_consistency(6, 11, from_root, to_root, Proof{}));
    EXPECT_FALSE(verify_consistency(11, 11, to_root, to_root, Proof{leaves[0]}));
    EXPECT_FALSE(verify_consistency(11, 11, from_root, to_root, Proof{}));
    EXPECT_TRUE(verify_consistency(11, 11, to_root, to_root, Proof{}));
}

TEST(LeafTree, RefusesProofsItCannotGive) {
    const LeafTree tree = tree_of(numbered_leaves(5));
    EXPECT_EQ(tree.inclusion(0, 6).error().code, Errc::not_found);
    EXPECT_EQ(tree.inclusion(5, 5).error().code, Errc::invalid);
    EXPECT_EQ(tree.consistency(0, 5).error().code, Errc::invalid);
    EXPECT_EQ(tree.consistency(4, 3).error().code, Errc::invalid);
    EXPECT_EQ(tree.consistency(1, 6).error().code, Errc::not_found);
}

TEST(ExampleLog, HasTheRootsOfItsDescription) {
    Frontier frontier;
    EXPECT_EQ(to_hex(frontier.root()), vectors::roots[0]);
    for (std::size_t i = 0; i < vectors::leaves.size(); ++i) {
        EXPECT_EQ(to_hex(leaf_hash(vectors::leaves[i])), vectors::leaf_hashes[i]);
        frontier.append(leaf_hash(vectors::leaves[i]));
        EXPECT_EQ(to_hex(frontier.root()), vectors::roots[i + 1]);
    }
}

}  // namespace
}  // namespace headroom::audit
