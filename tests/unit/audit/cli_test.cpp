#include "audit/cli.hpp"

#include "audit/checkpoint.hpp"
#include "audit/log.hpp"
#include "unit/audit/support.hpp"

#include <functional>
#include <sstream>

namespace headroom::audit {
namespace {

using testing::TempDir;
using testing::write_bytes;
using testing::write_vector_log;

struct Answer {
    int code = 0;
    std::string out;
    std::string err;
    [[nodiscard]] json::Value json() const {
        const Result<json::Value> value = json::parse(out);
        EXPECT_TRUE(value.has_value()) << out;
        return value.value_or(json::Value());
    }
};

Answer run(const std::function<int(std::ostream&, std::ostream&)>& verb) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = verb(out, err);
    return {.code = code, .out = out.str(), .err = err.str()};
}

class AuditCli : public ::testing::Test {
  protected:
    AuditCli() { write_vector_log(dir() / "audit"); }
    [[nodiscard]] testing::fs::path dir() const { return temp_.path(); }

  private:
    TempDir temp_;
};

TEST_F(AuditCli, VerifiesTheDataFolder) {
    const Answer answer = run([&](auto& out, auto& err) {
        return run_verify({.dir = dir(), .vkey_file = {}, .older_file = {}}, out, err);
    });
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(answer.out,
              "ok: 7 entries in 2 segments of flex.example/control-room/audit-1, 2 checkpoints\n"
              "root zBV7/WWum13spxVR4ZRMDgOzZbCsTpnF1ksxkFqCMJ8=\n");
    EXPECT_NE(answer.err.find("note: "), std::string::npos);  // the key lay beside the log
}

TEST_F(AuditCli, VerifiesWithAKeyAndAnOlderCheckpointFromElsewhere) {
    write_bytes(dir() / "kept" / "vkey", std::string(vectors::vkey) + "\n");
    write_bytes(dir() / "kept" / "checkpoint", vectors::checkpoint_3);
    VerifyCommand command{.dir = dir() / "audit",
                          .vkey_file = dir() / "kept" / "vkey",
                          .older_file = dir() / "kept" / "checkpoint",
                          .is_json = true};
    Answer answer = run([&](auto& out, auto& err) { return run_verify(command, out, err); });
    EXPECT_EQ(answer.code, 0);
    EXPECT_EQ(answer.err, "");
    EXPECT_TRUE(answer.json().boolean("/ok"));
    EXPECT_EQ(answer.json().integer("/entries"), 7);
    EXPECT_EQ(answer.json().integer("/checkpoints"), 3);
    EXPECT_EQ(answer.json().text("/root"), "zBV7/WWum13spxVR4ZRMDgOzZbCsTpnF1ksxkFqCMJ8=");
    write_bytes(
        dir() / "kept" / "checkpoint",
        sign_checkpoint({.origin = std::string(vectors::origin), .size = 3, .root = leaf_hash("fork")},
                        testing::vector_key())
            .note);
    answer = run([&](auto& out, auto& err) { return run_verify(command, out, err); });
    EXPECT_EQ(answer.code, 4);
    EXPECT_FALSE(answer.json().boolean("/ok", true));
    EXPECT_EQ(answer.json().text("/result"), "inconsistent");
}

TEST_F(AuditCli, SaysWhatIsWrongWithTheQuestion) {
    const Answer answer = run([&](auto& out, auto& err) {
        return run_verify({.dir = dir(), .vkey_file = dir() / "nowhere", .older_file = {}}, out, err);
    });
    EXPECT_EQ(answer.code, 2);
    EXPECT_NE(answer.err.find("nowhere"), std::string::npos);
}

TEST_F(AuditCli, NamesTheFirstBadPlace) {
    std::string bytes = testing::vector_segment_0();
    bytes[600] = static_cast<char>(bytes[600] ^ 1);
    write_bytes(dir() / "audit" / "seg" / "0000000000000000.seg", bytes);
    Answer answer = run([&](auto& out, auto& err) {
        return run_verify({.dir = dir(), .vkey_file = {}, .older_file = {}}, out, err);
    });
    EXPECT_EQ(answer.code, 1);
    EXPECT_NE(answer.err.find("0000000000000000.seg at offset 555, entry 2"), std::string::npos)
        << answer.err;
    answer = run([&](auto& out, auto& err) {
        return run_verify({.dir = dir(), .vkey_file = {}, .older_file = {}, .is_json = true}, out, err);
    });
    EXPECT_EQ(answer.json().text("/segment"), "0000000000000000.seg");
    EXPECT_EQ(answer.json().integer("/offset"), 555);
    EXPECT_EQ(answer.json().integer("/index"), 2);
}

TEST_F(AuditCli, ProvesAnEntry) {
    Answer answer = run([&](auto& out, auto& err) { return run_prove(dir(), 5, false, out, err); });
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(answer.out, vectors::proof_5_of_7);
    answer = run([&](auto& out, auto& err) { return run_prove(dir(), 5, true, out, err); });
    EXPECT_EQ(answer.json().text("/leaf"), vectors::leaves[5]);
    EXPECT_EQ(answer.json().text("/proof"), vectors::proof_5_of_7);
    EXPECT_EQ(answer.json().integer("/size"), 7);
    answer = run([&](auto& out, auto& err) { return run_prove(dir(), 7, false, out, err); });
    EXPECT_EQ(answer.code, 5);
    EXPECT_EQ(answer.out, "");
}

TEST_F(AuditCli, ShowsAnEventAsATimeline) {
    Answer answer =
        run([&](auto& out, auto& err) { return run_show(dir(), "ev-20261120-01", false, out, err); });
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(answer.out.substr(0, answer.out.find('\n')),
              "2026-11-20T16:52:00.002Z  #2       dispatch.plan            core             asset=TX-0412 "
              "end=2026-11-20T18:30:00.000Z need_w=250000 orders=2 start=2026-11-20T17:00:00.000Z");
    EXPECT_EQ(std::count(answer.out.begin(), answer.out.end(), '\n'), 4);
    EXPECT_EQ(answer.out.find('\x01'), std::string::npos);  // an entry's text cannot steer the terminal
    answer = run([&](auto& out, auto& err) { return run_show(dir(), "ev-20261120-01", true, out, err); });
    ASSERT_NE(answer.json().as_array(), nullptr);
    EXPECT_EQ(answer.json().as_array()->size(), 4U);
    EXPECT_EQ(answer.json().text("/2/type"), "dispatch.order.intent");
    EXPECT_EQ(answer.json().integer("/2/body/setpoint_w"), -180000);
    answer = run([&](auto& out, auto& err) { return run_show(dir(), "ev-unknown", false, out, err); });
    EXPECT_EQ(answer.code, 5);
}

TEST_F(AuditCli, PrintsTheNewestCheckpoint) {
    Answer answer = run([&](auto& out, auto& err) { return run_checkpoint(dir(), false, out, err); });
    EXPECT_EQ(answer.code, 0);
    EXPECT_EQ(answer.out, vectors::checkpoint_7);
    answer = run([&](auto& out, auto& err) { return run_checkpoint(dir(), true, out, err); });
    EXPECT_EQ(answer.json().integer("/size"), 7);
    testing::fs::remove(dir() / "audit" / "checkpoint");
    answer = run([&](auto& out, auto& err) { return run_checkpoint(dir(), false, out, err); });
    EXPECT_EQ(answer.code, 5);
    write_bytes(dir() / "audit" / "checkpoint",
                sign_checkpoint({.origin = std::string(vectors::origin), .size = 7, .root = {}},
                                *Ed25519KeyPair::from_secret(std::string(32, 'x')))
                    .note);
    answer = run([&](auto& out, auto& err) { return run_checkpoint(dir(), false, out, err); });
    EXPECT_EQ(answer.code, 3);
}

TEST(AuditCliBesideAServer, ReadsALogThatIsOpen) {
    const TempDir dir;
    const testing::TestClock clock(testing::at("2026-11-20T16:50:00.000Z"));
    const auto log = testing::open_log(testing::options(dir.path(), clock));
    ASSERT_TRUE(log->append_wait(testing::drafts(testing::draft("dispatch.plan", 7, "ev-live"))).has_value());
    ASSERT_TRUE(log->checkpoint().has_value());
    EXPECT_EQ(run([&](auto& out, auto& err) {
                  return run_verify({.dir = dir.path(), .vkey_file = {}, .older_file = {}}, out, err);
              }).code,
              0);
    EXPECT_NE(run([&](auto& out, auto& err) {
                  return run_show(dir.path(), "ev-live", false, out, err);
              }).out.find("der=bess-77 fence=7"),
              std::string::npos);
    EXPECT_EQ(run([&](auto& out, auto& err) { return run_prove(dir.path(), 1, false, out, err); }).out,
              *log->entry_proof(1));
}

}  // namespace
}  // namespace headroom::audit
