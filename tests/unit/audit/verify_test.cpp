#include "audit/verify.hpp"

#include "audit/checkpoint.hpp"
#include "audit/segment_file.hpp"
#include "unit/audit/support.hpp"

#include <map>

namespace headroom::audit {
namespace {

using testing::frontier_of;
using testing::keys;
using testing::make_segment;
using testing::read_bytes;
using testing::replaced;
using testing::TempDir;
using testing::vector_key;
using testing::vector_leaves;
using testing::write_bytes;
using testing::write_vector_log;
using testing::fs::path;

VerifyReport verify_dir(const path& dir) {
    return verify({.dir = dir, .keys = keys()});
}

/// What a verification of the example log finds once `change` was made to a fresh copy.
template <class Change>
VerifyReport after(Change change) {
    const TempDir dir;
    write_vector_log(dir.path());
    change(dir.path());
    return verify_dir(dir.path());
}

std::string name_of(const VerifyReport& report) {
    return std::string(to_string(report.code));
}

SignedCheckpoint sign(std::uint64_t size, const Hash& root, const Ed25519KeyPair& key) {
    return sign_checkpoint({.origin = std::string(vectors::origin), .size = size, .root = root}, key);
}

/// A log of these leaves in one open segment, signed at its size.
void write_log(const path& dir, const std::vector<std::string>& leaves, bool is_sealed = false) {
    write_bytes(dir / "origin", std::string(vectors::origin) + "\n");
    write_bytes(dir / "vkey", std::string(vectors::vkey) + "\n");
    const std::vector<std::uint16_t> positions(leaves.size(), 0);
    write_bytes(dir / "seg" / segment_name(0),
                make_segment(0, leaves, positions, {}, testing::vector_created, is_sealed));
    write_bytes(dir / "checkpoint",
                sign(leaves.size(), frontier_of(leaves, leaves.size()).root(), vector_key()).note);
}

VerifyReport verify_leaves(const std::vector<std::string>& leaves) {
    const TempDir dir;
    write_log(dir.path(), leaves);
    return verify_dir(dir.path());
}

TEST(Verify, AcceptsTheExampleLog) {
    const VerifyReport report = after([](const path&) {});
    EXPECT_EQ(name_of(report), "ok") << report.message;
    EXPECT_EQ(report.entries, 7U);
    EXPECT_EQ(report.segments, 2U);
    EXPECT_EQ(report.checkpoints, 2U);
    EXPECT_EQ(to_hex(report.root), vectors::roots[7]);
    EXPECT_FALSE(report.is_sealed);
    EXPECT_TRUE(report.warnings.empty());
}

TEST(Verify, SaysWhenTheKeyLayBesideTheLog) {
    const TempDir dir;
    write_vector_log(dir.path());
    const VerifyReport report = verify({.dir = dir.path(), .keys = {}});
    EXPECT_EQ(name_of(report), "ok");
    EXPECT_EQ(report.warnings.size(), 1U);
}

TEST(Verify, SeesEveryFlippedByteOfEverySegment) {
    for (const char* name : {"0000000000000000.seg", "0000000000000005.seg"}) {
        const TempDir dir;
        write_vector_log(dir.path());
        const path file = dir.path() / "seg" / name;
        const std::string bytes = read_bytes(file);
        std::fstream changed(file, std::ios::binary | std::ios::in | std::ios::out);
        const auto put = [&changed](std::size_t offset, int byte) {
            changed.seekp(static_cast<std::streamoff>(offset));
            changed.put(static_cast<char>(byte)).flush();
        };
        for (std::size_t offset = 0; offset < bytes.size(); ++offset) {
            put(offset, bytes[offset] ^ 0x20);
            ASSERT_NE(name_of(verify_dir(dir.path())), "ok") << name << " at " << offset;
            put(offset, bytes[offset]);
        }
        ASSERT_EQ(name_of(verify_dir(dir.path())), "ok");
    }
}

TEST(Verify, NamesTheFirstBadSegmentOffsetAndEntry) {
    const VerifyReport report = after([](const path& dir) {
        std::string bytes = testing::vector_segment_0();
        bytes[600] = static_cast<char>(bytes[600] ^ 1);  // in the third record, which begins at 555
        write_bytes(dir / "seg" / "0000000000000000.seg", bytes);
    });
    EXPECT_EQ(name_of(report), "mismatch");
    EXPECT_EQ(report.segment, "0000000000000000.seg");
    EXPECT_EQ(report.offset, 555U);
    EXPECT_EQ(report.index, 2U);
}

TEST(Verify, SeesSwappedEntriesWithMendedChecksums) {
    std::vector<std::string> leaves = vector_leaves();
    std::swap(leaves[2], leaves[3]);
    // As the log's own seq tells …
    EXPECT_EQ(name_of(after([&](const path& dir) {
                  write_bytes(dir / "seg" / "0000000000000000.seg",
                              make_segment(0, {leaves.begin(), leaves.begin() + 5}, {0, 1, 0, 0, 1}, {},
                                           testing::vector_created, true));
              })),
              "mismatch");
    // … and, were seq and ts mended too, as the next segment's start root does.
    leaves[2] = replaced(replaced(leaves[2], R"("seq":3)", R"("seq":2)"), "16:53:00.003", "16:52:00.002");
    leaves[3] = replaced(replaced(leaves[3], R"("seq":2)", R"("seq":3)"), "16:52:00.002", "16:53:00.003");
    EXPECT_EQ(name_of(after([&](const path& dir) {
                  write_bytes(dir / "seg" / "0000000000000000.seg",
                              make_segment(0, {leaves.begin(), leaves.begin() + 5}, {0, 1, 0, 0, 1}, {},
                                           testing::vector_created, true));
                  testing::fs::remove_all(dir / "checkpoints");
              })),
              "mismatch");
}

TEST(Verify, SeesARemovedEntryBehindAMendedTrailer) {
    const std::vector<std::string> leaves = vector_leaves();
    const VerifyReport report = after([&](const path& dir) {
        write_bytes(dir / "seg" / "0000000000000000.seg",
                    make_segment(0, {leaves.begin(), leaves.begin() + 4}, {0, 1, 0, 0}, {},
                                 testing::vector_created, true));
    });
    EXPECT_EQ(name_of(report), "missing");
    EXPECT_EQ(report.index, 4U);
}

TEST(Verify, SeesAChangedHistoryThatWasSignedAgain) {
    std::vector<std::string> leaves = vector_leaves();
    leaves[3] = replaced(leaves[3], "op-17", "op-18");
    const TempDir dir;
    write_log(dir.path(), leaves, true);
    EXPECT_EQ(name_of(verify_dir(dir.path())), "ok");  // a fork is whole in itself
    EXPECT_EQ(name_of(verify(
                  {.dir = dir.path(), .keys = keys(), .older_note = std::string(vectors::checkpoint_7)})),
              "inconsistent");
    // The change is behind the older checkpoint of size 3, so that one alone does not show it.
    EXPECT_EQ(name_of(verify(
                  {.dir = dir.path(), .keys = keys(), .older_note = std::string(vectors::checkpoint_3)})),
              "ok");
    write_bytes(dir.path() / "checkpoints" / "0000000000000007", vectors::checkpoint_7);
    EXPECT_EQ(name_of(verify_dir(dir.path())), "mismatch");
}

TEST(Verify, ComparesWithAnOlderCheckpoint) {
    const TempDir dir;
    write_vector_log(dir.path());
    const auto with = [&](std::string older) {
        return name_of(verify({.dir = dir.path(), .keys = keys(), .older_note = std::move(older)}));
    };
    EXPECT_EQ(with(std::string(vectors::checkpoint_3)), "ok");
    EXPECT_EQ(with(std::string(vectors::checkpoint_7_cosigned)), "ok");
    EXPECT_EQ(with(sign(5, leaf_hash("fork"), vector_key()).note), "inconsistent");
    EXPECT_EQ(with(sign(9, leaf_hash("later"), vector_key()).note), "missing");
    EXPECT_EQ(with(sign(3, testing::hash_of_hex(vectors::roots[3]),
                        *Ed25519KeyPair::from_secret(std::string(32, 'x')))
                       .note),
              "signature");
    EXPECT_EQ(with("no note"), "format");
    EXPECT_EQ(
        with(sign_checkpoint({.origin = "other.example/log", .size = 3, .root = {}}, vector_key()).note),
        "signature");
}

TEST(Verify, RefusesCheckpointsThatDoNotFit) {
    const Ed25519KeyPair other = *Ed25519KeyPair::from_secret(std::string(32, 'x'));
    const Hash root = testing::hash_of_hex(vectors::roots[7]);
    const auto with = [](const std::string& note) {
        return name_of(after([&](const path& dir) { write_bytes(dir / "checkpoint", note); }));
    };
    EXPECT_EQ(with(sign(7, root, vector_key()).note), "ok");
    EXPECT_EQ(with(sign(7, leaf_hash("other root"), vector_key()).note), "mismatch");
    EXPECT_EQ(with(sign(8, root, vector_key()).note), "missing");
    EXPECT_EQ(with(sign(7, root, other).note), "signature");  // the same name, another key
    std::string crlf;
    for (const char c : vectors::checkpoint_7) {
        crlf += c == '\n' ? "\r\n" : std::string(1, c);
    }
    EXPECT_EQ(with(crlf), "format");
    EXPECT_EQ(with(replaced(vectors::checkpoint_7, "\n\n", "\n")), "format");
    const auto resigned = [](std::string text) { return sign_note(text, vectors::origin, vector_key()); };
    const std::string text = parse_note(vectors::checkpoint_7)->text;
    EXPECT_EQ(with(resigned(replaced(text, "\n7\n", "\n007\n"))), "format");
    EXPECT_EQ(with(resigned(replaced(text, to_base64(root), to_base64(std::string(31, 'x'))))), "format");
    EXPECT_EQ(with(resigned(replaced(text, "7/WWum", "7_WWum"))), "format");
    EXPECT_EQ(with(resigned(text + "extension\n")), "format");
    EXPECT_EQ(name_of(after([&](const path& dir) {
                  write_bytes(dir / "checkpoints" / "0000000000000004", vectors::checkpoint_3);
              })),
              "mismatch");
    EXPECT_EQ(name_of(after([&](const path& dir) {
                  write_bytes(dir / "checkpoints" / "0000000000000003", sign(3, root, vector_key()).note);
              })),
              "mismatch");
}

TEST(Verify, AKnownKeysBadSignatureIsNotSavedByAnotherGoodOne) {
    const Ed25519KeyPair other = *Ed25519KeyPair::from_secret(std::string(32, 'x'));
    const std::string text = parse_note(vectors::checkpoint_7)->text;
    std::string bytes(as_chars(keys().front().id));
    bytes += as_chars(other.sign(text));
    const std::string note = text + "\n\xE2\x80\x94 " + std::string(vectors::origin) + " " +
                             to_base64(bytes) + "\n" +
                             sign_note(text, "unknown.example/key", other).substr(text.size() + 1);
    EXPECT_EQ(name_of(after([&](const path& dir) { write_bytes(dir / "checkpoint", note); })), "signature");
}

TEST(Verify, RefusesLeavesThatAreNotCanonical) {
    const std::string good(vectors::leaves[0]);
    EXPECT_EQ(name_of(verify_leaves({good})), "ok");
    const std::map<std::string, std::string> bad{
        {"fraction", replaced(good, R"("epoch":1)", R"("epoch":1.0)")},
        {"exponent", replaced(good, R"("epoch":1)", R"("epoch":1e3)")},
        {"minus zero", replaced(good, R"("epoch":1)", R"("epoch":-0)")},
        {"duplicate key", replaced(good, R"("epoch":1)", R"("epoch":1,"epoch":1)")},
        {"unsorted keys", replaced(good, R"("epoch":1,"instance":"cr-a")", R"("instance":"cr-a","epoch":1)")},
        {"escaped slash", replaced(good, "headroom/0", "headroom\\/0")},
        {"upper-case escape", replaced(good, "cr-a", "cr-\\u000A")},
        {"trailing blank", good + " "},
        {"seq above 2^53", replaced(good, R"("seq":0)", R"("seq":9007199254740992)")},
    };
    for (const auto& [what, leaf] : bad) {
        EXPECT_EQ(name_of(verify_leaves({leaf})), "format") << what;
    }
    EXPECT_EQ(name_of(verify_leaves({replaced(good, R"("seq":0)", R"("seq":1)")})), "mismatch");
}

TEST(Verify, HoldsTheClockToItsRule) {
    const std::string first(vectors::leaves[0]);  // 16:50:00.000
    const auto second = [&](std::string_view ts, std::string_view type) {
        return replaced(replaced(replaced(first, "16:50:00.000", ts), "log.open", type), R"("seq":0)",
                        R"("seq":1)");
    };
    EXPECT_EQ(name_of(verify_leaves({first, second("16:49:55.000", "clock.tick")})), "ok");
    EXPECT_EQ(name_of(verify_leaves({first, second("16:49:54.999", "clock.tick")})), "format");
    EXPECT_EQ(name_of(verify_leaves({first, second("16:49:54.999", "clock.step")})), "ok");
}

TEST(Verify, AcceptsTypesThatAreMadeLater) {
    EXPECT_EQ(name_of(verify_leaves({replaced(vectors::leaves[0], "log.open", "made.later")})), "ok");
}

TEST(Verify, RefusesABatchWithAGap) {
    const TempDir dir;
    write_vector_log(dir.path());
    const std::vector<std::string> leaves = vector_leaves();
    write_bytes(dir.path() / "seg" / segment_name(5),
                make_segment(5, {leaves.begin() + 5, leaves.end()}, {0, 2}, frontier_of(leaves, 5),
                             testing::vector_created, false));
    EXPECT_EQ(name_of(verify_dir(dir.path())), "format");
}

TEST(Verify, SeesMissingFiles) {
    EXPECT_EQ(name_of(after([](const path& dir) { testing::fs::remove(dir / "seg" / segment_name(0)); })),
              "missing");
    EXPECT_EQ(name_of(after([](const path& dir) { testing::fs::remove(dir / "seg" / segment_name(5)); })),
              "missing");
    EXPECT_EQ(name_of(after([](const path& dir) { testing::fs::remove(dir / "origin"); })), "missing");
    EXPECT_EQ(name_of(after([](const path& dir) { testing::fs::remove_all(dir / "seg"); })), "missing");
    EXPECT_EQ(name_of(after([](const path& dir) {
                  testing::fs::remove(dir / "seg" / segment_name(0));
                  testing::fs::remove(dir / "seg" / segment_name(5));
              })),
              "missing");
    EXPECT_EQ(name_of(verify({.dir = "/nonexistent", .keys = {}})), "missing");
    const VerifyReport unsigned_log = after([](const path& dir) { testing::fs::remove(dir / "checkpoint"); });
    EXPECT_EQ(name_of(unsigned_log), "ok");
    EXPECT_EQ(unsigned_log.warnings.size(), 1U);
}

TEST(Verify, SeesBytesBehindATrailerAndASegmentThatWasNotSealed) {
    EXPECT_EQ(name_of(after([](const path& dir) {
                  write_bytes(dir / "seg" / segment_name(0), testing::vector_segment_0() + "x");
              })),
              "format");
    EXPECT_EQ(name_of(after([](const path& dir) {
                  write_bytes(dir / "seg" / segment_name(0), testing::vector_segment_0().substr(0, 1474));
              })),
              "missing");
}

TEST(Verify, SeesASegmentOfAnotherLog) {
    const std::vector<std::string> leaves = vector_leaves();
    EXPECT_EQ(name_of(after([&](const path& dir) {
                  write_bytes(
                      dir / "seg" / segment_name(5),
                      make_segment(5, {leaves.begin() + 5, leaves.end()}, {0, 0}, frontier_of(leaves, 5),
                                   testing::vector_created, false, "other.example/log"));
              })),
              "mismatch");
}

TEST(Verify, ToleratesTheUnsyncedTailOfARunningServer) {
    const VerifyReport report = after([](const path& dir) {
        std::string next = testing::vector_segment_5(false);
        next += next.substr(152, 100);  // the beginning of a record
        write_bytes(dir / "seg" / segment_name(5), next + std::string(1000, '\0'));
    });
    EXPECT_EQ(name_of(report), "ok") << report.message;
    ASSERT_EQ(report.warnings.size(), 1U);
    EXPECT_NE(report.warnings.front().find("100 bytes at offset 692"), std::string::npos)
        << report.warnings.front();
}

TEST(Verify, SaysWhereTheLogTearsBeforeItsCheckpoint) {
    const VerifyReport report = after([](const path& dir) {
        write_bytes(dir / "seg" / segment_name(5), testing::vector_segment_5(false).substr(0, 682));
    });
    EXPECT_EQ(name_of(report), "missing");
    EXPECT_EQ(report.segment, segment_name(5));
    EXPECT_EQ(report.offset, 442U);
    EXPECT_EQ(report.index, 6U);
}

}  // namespace
}  // namespace headroom::audit
