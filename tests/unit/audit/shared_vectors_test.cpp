// The published vectors in full, when the folder with them lies beside the source.
#include "audit/checkpoint.hpp"
#include "audit/leaf_check.hpp"
#include "unit/audit/support.hpp"

namespace headroom::audit {
namespace {

using testing::read_bytes;

std::vector<std::string> texts(const json::Value* list) {
    std::vector<std::string> found;
    for (const json::Value& item : *list->as_array()) {
        found.push_back(*item.as_string());
    }
    return found;
}

std::vector<std::string> hex(const Proof& proof) {
    std::vector<std::string> found;
    for (const Hash& hash : proof) {
        found.push_back(to_hex(hash));
    }
    return found;
}

class SharedVectors : public ::testing::Test {
  protected:
    void SetUp() override {
        const testing::fs::path path = HEADROOM_SOURCE_DIR "/../shared/specs/audit-log-vectors.json";
        if (!testing::fs::exists(path)) {
            GTEST_SKIP() << "there is no ../shared beside the source";
        }
        Result<json::Value> parsed = json::parse(read_bytes(path));
        ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
        vectors_ = std::move(*parsed);
    }
    [[nodiscard]] const json::Value& at(std::string_view pointer) const { return *vectors_.at(pointer); }
    [[nodiscard]] const json::Array& list(std::string_view pointer) const { return *at(pointer).as_array(); }

  private:
    json::Value vectors_;
};

void check_proofs(const LeafTree& tree, const json::Array& inclusion, const json::Array& consistency) {
    for (const json::Value& one : inclusion) {
        const auto size =
            static_cast<std::uint64_t>(one.integer("/size", static_cast<std::int64_t>(tree.size())));
        const auto index = static_cast<std::uint64_t>(one.integer("/index"));
        const Proof proof = *tree.inclusion(index, size);
        EXPECT_EQ(hex(proof), texts(one.at("/proof_hex"))) << index << " in " << size;
        EXPECT_TRUE(verify_inclusion(index, size, tree.leaf(index), proof, tree.root_at(size)));
    }
    for (const json::Value& one : consistency) {
        const auto from = static_cast<std::uint64_t>(one.integer("/from"));
        const auto to =
            static_cast<std::uint64_t>(one.integer("/to", static_cast<std::int64_t>(tree.size())));
        const Proof proof = *tree.consistency(from, to);
        EXPECT_EQ(hex(proof), texts(one.at("/proof_hex"))) << from << " to " << to;
        EXPECT_TRUE(verify_consistency(from, to, tree.root_at(from), tree.root_at(to), proof));
    }
}

TEST_F(SharedVectors, OfRfc6962Hold) {
    LeafTree tree;
    EXPECT_EQ(to_hex(tree.root()), texts(&at("/rfc6962/roots_hex"))[0]);
    for (const std::string& leaf : texts(&at("/rfc6962/leaves_hex"))) {
        const Hash hash = leaf_hash(*from_hex(leaf));
        EXPECT_EQ(to_hex(hash), texts(&at("/rfc6962/leaf_hashes_hex"))[tree.size()]);
        tree.append(hash);
        EXPECT_EQ(to_hex(tree.root()), texts(&at("/rfc6962/roots_hex"))[tree.size()]);
    }
    EXPECT_EQ(list("/rfc6962/inclusion").size(), 36U);
    check_proofs(tree, list("/rfc6962/inclusion"), list("/rfc6962/consistency"));
}

TEST_F(SharedVectors, OfTheExampleLogHold) {
    LeafTree tree;
    for (const json::Value& entry : list("/log/entries")) {
        const std::string leaf = entry.text("/canonical_utf8");
        EXPECT_EQ(leaf.size(), static_cast<std::size_t>(entry.integer("/length")));
        EXPECT_EQ(to_hex(leaf_hash(leaf)), entry.text("/leaf_hash_hex"));
        EXPECT_EQ(*write_leaf(*parse_leaf(leaf)), leaf);
        tree.append(leaf_hash(leaf));
        EXPECT_EQ(to_hex(tree.root()), texts(&at("/log/roots_hex"))[tree.size()]);
    }
    check_proofs(tree, list("/log/inclusion_size7"), list("/log/consistency_to7"));
    for (const auto& [size, note] : at("/log/checkpoints").as_object()->members()) {
        const std::uint64_t number = *parse_canonical_number(size);
        EXPECT_EQ(sign_checkpoint(
                      {.origin = std::string(vectors::origin), .size = number, .root = tree.root_at(number)},
                      testing::vector_key())
                      .note,
                  *note.as_string());
    }
    EXPECT_EQ(at("/tlog_proof_index5_size7"), json::Value(vectors::proof_5_of_7));
}

TEST_F(SharedVectors, OfTheSegmentsHold) {
    const std::string sealed = testing::vector_segment_0();
    EXPECT_EQ(sha256_hex(sealed), at("/segments/seg0/sha256").as_string()->c_str());
    EXPECT_EQ(sha256_hex(testing::vector_segment_5(false)), *at("/segments/seg5_open/sha256").as_string());
    EXPECT_EQ(sha256_hex(testing::vector_segment_5(true)),
              *at("/segments/seg5_open_one_batch/sha256").as_string());
    EXPECT_EQ(list("/recovery_seg5").size(), 11U);
}

/// The bytes of a recovery case, made from its own words.
std::string bytes_of_case(const std::string& name) {
    std::string bytes = testing::vector_segment_5(name.starts_with("one batch"));
    const auto zero = [&bytes](std::ptrdiff_t from, std::ptrdiff_t to) {
        std::fill(bytes.begin() + from, bytes.begin() + to, '\0');
    };
    if (name.find("preallocated") != std::string::npos) {
        bytes.append(4096, '\0');
    } else if (name == "cut inside last payload") {
        bytes.resize(682);
    } else if (name == "cut inside last record header") {
        bytes.resize(449);
    } else if (name == "cut exactly at record boundary") {
        bytes.resize(442);
    } else if (name == "last payload byte flipped") {
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
    } else if (name.find("byte 4 of payload 5 flipped") != std::string::npos) {
        bytes[152 + 20 + 4] = static_cast<char>(bytes[152 + 20 + 4] ^ 1);
    } else if (name.find("record 5 zeroed") != std::string::npos) {
        zero(152, 442);
    } else if (name.starts_with("last record zeroed")) {
        zero(442, 692);
    } else if (name.find("index of record 5 changed to 9") != std::string::npos) {
        bytes[152 + 4 + 7] = '\x09';
    } else {
        EXPECT_EQ(name, "intact");
    }
    return bytes;
}

TEST_F(SharedVectors, OfTheRecoveryHold) {
    for (const json::Value& one : list("/recovery_seg5")) {
        const std::string name = one.text("/case");
        const std::string bytes = bytes_of_case(name);
        EXPECT_EQ(bytes.size(), static_cast<std::size_t>(one.integer("/file_len"))) << name;
        const Result<SegmentScan> scan =
            scan_segment(MemorySource(bytes), [](const RecordView&) -> Result<void> { return {}; });
        ASSERT_TRUE(scan.has_value()) << name;
        EXPECT_EQ(to_string(scan->tail), one.text("/result")) << name;
        EXPECT_EQ(scan->next_index, static_cast<std::uint64_t>(one.integer("/next_index"))) << name;
        EXPECT_EQ(scan->records_end, static_cast<std::uint64_t>(one.integer("/keep_bytes"))) << name;
    }
}

}  // namespace
}  // namespace headroom::audit
