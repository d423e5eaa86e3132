#include "audit/log.hpp"
#include "audit/segment_file.hpp"
#include "audit/verify.hpp"
#include "core/log.hpp"
#include "unit/audit/support.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <future>
#include <mutex>

namespace headroom::audit {
namespace {

using testing::all_entries;
using testing::draft;
using testing::drafts;
using testing::open_log;
using testing::options;
using testing::start;
using testing::TempDir;
using testing::TestClock;

/// The log's own complaints are expected here.
class Quiet : public ::testing::Environment {
  public:
    void SetUp() override {
        log::set_sink([](std::string_view) {});
    }
    void TearDown() override { log::set_sink({}); }
};
const ::testing::Environment* const quiet = ::testing::AddGlobalTestEnvironment(new Quiet);

/// A disk with a limited number of bytes to reserve.
class SmallDisk final : public FileOps {
  public:
    int allocate(int descriptor, std::uint64_t offset, std::uint64_t length) override {
        const std::scoped_lock lock(mutex_);
        if (length > free_) {
            return ENOSPC;
        }
        free_ -= length;
        return FileOps::allocate(descriptor, offset, length);
    }
    int truncate(int descriptor, std::uint64_t size) override {
        if (size == 0) {  // the reserve is given up
            const std::scoped_lock lock(mutex_);
            free_ += 256UL * 1024;
        }
        return FileOps::truncate(descriptor, size);
    }
    void set_free(std::uint64_t bytes) {
        const std::scoped_lock lock(mutex_);
        free_ = bytes;
    }

  private:
    std::mutex mutex_;
    std::uint64_t free_ = 0;
};

/// Fails the sync that is asked for next.
class FailingSync final : public FileOps {
  public:
    int sync_data(int descriptor) override { return fails ? EIO : FileOps::sync_data(descriptor); }
    int sync(int descriptor) override { return fails ? EIO : FileOps::sync(descriptor); }
    std::atomic<bool> fails{false};
};

/// Writes at most seven bytes per call, and is interrupted every third time.
class ShortWrites final : public FileOps {
  public:
    int write_at(int descriptor, std::string_view bytes, std::uint64_t offset,
                 std::size_t& written) override {
        if (calls_++ % 3 == 2) {
            written = 0;
            return EINTR;
        }
        return FileOps::write_at(descriptor, bytes.substr(0, 7), offset, written);
    }

  private:
    std::atomic<int> calls_{0};
};

/// Loses power after a number of bytes: what is written later never reaches the disk, and nothing is synced.
class PowerCut final : public FileOps {
  public:
    explicit PowerCut(std::uint64_t bytes) : left_(bytes) {}
    int write_at(int descriptor, std::string_view bytes, std::uint64_t offset,
                 std::size_t& written) override {
        if (left_ > 0 && bytes.find_first_not_of('\0') == std::string_view::npos) {
            return FileOps::write_at(descriptor, bytes, offset, written);  // lost or not, it reads as zeros
        }
        const std::string_view kept = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
        left_ -= kept.size();
        if (kept.empty()) {
            written = 0;
            return EIO;
        }
        return FileOps::write_at(descriptor, kept, offset, written);
    }
    int sync_data(int descriptor) override { return left_ == 0 ? EIO : FileOps::sync_data(descriptor); }
    int sync(int descriptor) override { return left_ == 0 ? EIO : FileOps::sync(descriptor); }
    int truncate(int descriptor, std::uint64_t size) override {
        return left_ == 0 ? EIO : FileOps::truncate(descriptor, size);
    }
    int rename(const testing::fs::path& from, const testing::fs::path& to) override {
        return left_ == 0 ? EIO : FileOps::rename(from, to);
    }

  private:
    std::uint64_t left_;  // the writer's thread alone touches it, once the log is open
};

/// Counts what is written as zeros, and may refuse it.
class ZeroCount final : public FileOps {
  public:
    int write_at(int descriptor, std::string_view bytes, std::uint64_t offset,
                 std::size_t& written) override {
        if (bytes.find_first_not_of('\0') != std::string_view::npos) {
            return FileOps::write_at(descriptor, bytes, offset, written);
        }
        ++writes;
        written = 0;
        return is_full ? ENOSPC : FileOps::write_at(descriptor, bytes, offset, written);
    }
    std::atomic<int> writes{0};
    std::atomic<bool> is_full{false};
};

/// Refuses a write half-way with ENOSPC, as a copy-on-write file system may.
class FullInTheMiddle final : public FileOps {
  public:
    int write_at(int descriptor, std::string_view bytes, std::uint64_t offset,
                 std::size_t& written) override {
        if (!is_full) {
            return FileOps::write_at(descriptor, bytes, offset, written);
        }
        if (bytes.size() > 50) {
            return FileOps::write_at(descriptor, bytes.substr(0, 50), offset, written);
        }
        written = 0;
        return ENOSPC;
    }
    std::atomic<bool> is_full{false};
};

bool starts_with(const Result<Committed>& answer, std::string_view prefix) {
    return !answer && answer.error().code == Errc::unavailable && answer.error().message.starts_with(prefix);
}

TEST(LogOnShortWrites, LosesNothing) {
    const TempDir dir;
    const TestClock clock(start);
    ShortWrites files;
    const auto log = open_log(options(dir.path(), clock, &files));
    ASSERT_TRUE(log->append_wait(std::vector<Draft>(50, draft())));
    EXPECT_EQ(all_entries(*log).size(), 51U);
    EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok);
}

TEST(LogOnASyncFault, IsFailedForGoodAndRecoversByReadingBack) {
    const TempDir dir;
    const TestClock clock(start);
    FailingSync files;
    {
        const auto log = open_log(options(dir.path(), clock, &files));
        ASSERT_TRUE(log->append_wait(drafts(draft())));
        files.fails = true;
        EXPECT_TRUE(starts_with(log->append_wait(drafts(draft())), "audit_unavailable"));
        files.fails = false;  // a second sync would succeed, and must not be believed
        EXPECT_TRUE(starts_with(log->append_wait(drafts(draft())), "audit_unavailable"));
        EXPECT_TRUE(
            starts_with(log->append_wait(drafts(draft("dispatch.order.cancel"))), "audit_unavailable"));
        EXPECT_EQ(log->state(), LogState::failed);
        EXPECT_EQ(log->durable_size(), 2U);
        EXPECT_EQ(log->read(1)->type, "dispatch.order.intent");
        EXPECT_FALSE(log->checkpoint().has_value());
        EXPECT_FALSE(log->seal_and_close().has_value());
    }
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_GE(log->durable_size(),
              3U);  // what was acknowledged, whatever else reached the disk, and log.open
    EXPECT_EQ(log->state(), LogState::running);
}

TEST(LogOnASyncFault, OfACheckpointIsFinalToo) {
    const TempDir dir;
    const TestClock clock(start);
    FailingSync files;
    const auto log = open_log(options(dir.path(), clock, &files));
    files.fails = true;
    EXPECT_EQ(log->checkpoint().error().code, Errc::unavailable);
    files.fails = false;
    EXPECT_TRUE(starts_with(log->append_wait(drafts(draft())), "audit_unavailable"));
}

TEST(LogOnAFullDisk, TakesOnlyWhatEndsAnAction) {
    const TempDir dir;
    const TestClock clock(start);
    SmallDisk files;
    files.set_free(256UL * 1024 + 64UL * 1024);  // the reserve and one step
    const auto log = open_log(options(dir.path(), clock, &files));
    Draft large = draft();
    large.body.set("text", std::string(10'000, 'x'));
    Result<Committed> answer = log->append_wait(drafts(large));
    std::uint64_t accepted = 0;
    for (; answer && accepted < 100; ++accepted) {
        answer = log->append_wait(drafts(large));
    }
    EXPECT_TRUE(starts_with(answer, "audit_read_only")) << accepted;
    EXPECT_EQ(accepted, 6U);  // 65,536 bytes hold six of a little over 10,000
    EXPECT_EQ(log->state(), LogState::read_only);
    // Starting stays refused, stopping passes, and a mixed group counts as starting.
    EXPECT_TRUE(starts_with(log->append_wait(drafts(draft())), "audit_read_only"));
    EXPECT_TRUE(starts_with(log->append_wait({draft("dispatch.order.cancel"), draft()}), "audit_read_only"));
    const std::uint64_t size = log->durable_size();
    EXPECT_EQ(log->append_wait(drafts(draft("dispatch.order.cancel")))->first_seq, size);
    EXPECT_TRUE(log->read(size).has_value());
    // Beyond what is left of the step, the reserve is used.
    Draft large_stop = large;
    large_stop.type = "dispatch.release";
    for (int i = 0; i < 10; ++i) {
        const Result<Committed> stopped = log->append_wait(drafts(large_stop));
        ASSERT_TRUE(stopped.has_value()) << stopped.error().message;
    }
    EXPECT_FALSE(testing::fs::exists(dir.path() / "reserve"));
    // Space comes back: the reserve is made again, and everything is taken.
    files.set_free(1UL << 20U);
    log->wake();
    ASSERT_TRUE(log->checkpoint().has_value());  // comes after the look at the disk
    EXPECT_EQ(log->state(), LogState::running);
    EXPECT_TRUE(testing::fs::exists(dir.path() / "reserve"));
    EXPECT_TRUE(log->append_wait(drafts(draft())).has_value());
    ASSERT_TRUE(log->seal_and_close().has_value());
    EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok);
}

TEST(LogOnAFullDisk, SaysWhenEvenTheReserveIsUsedUp) {
    const TempDir dir;
    const TestClock clock(start);
    SmallDisk files;
    files.set_free(256UL * 1024 + 64UL * 1024);
    const auto log = open_log(options(dir.path(), clock, &files));
    Draft large = draft("dispatch.release");
    large.body.set("text", std::string(60'000, 'x'));
    std::uint64_t accepted = 0;
    Result<Committed> answer = log->append_wait(drafts(large));
    for (; answer && accepted < 100; ++accepted) {
        answer = log->append_wait(drafts(large));
    }
    EXPECT_TRUE(starts_with(answer, "audit_read_only"));
    EXPECT_EQ(accepted, 5U);  // 327,680 bytes hold five of a little over 60,000
    EXPECT_EQ(log->durable_size(), 6U);
}

TEST(LogOnAFullDisk, OpensForReading) {
    const TempDir dir;
    const TestClock clock(start);
    {
        const auto log = open_log(options(dir.path(), clock));
        ASSERT_TRUE(log->append_wait(drafts(draft())));
        ASSERT_TRUE(log->seal_and_close().has_value());
    }
    testing::fs::remove(dir.path() / "reserve");
    SmallDisk files;
    const auto log = open_log(options(dir.path(), clock, &files));
    EXPECT_EQ(log->state(), LogState::read_only);
    EXPECT_EQ(log->durable_size(), 3U);
    EXPECT_TRUE(log->read(1).has_value());
    EXPECT_TRUE(starts_with(log->append_wait(drafts(draft())), "audit_read_only"));
    files.set_free(1UL << 20U);
    log->wake();
    EXPECT_TRUE(log->checkpoint().has_value());
    EXPECT_EQ(log->read(3)->type, "log.open");
    EXPECT_TRUE(log->append_wait(drafts(draft())).has_value());
}

TEST(LogOnAFullDisk, LeavesNothingOfABatchThatDidNotFit) {
    const TempDir dir;
    const TestClock clock(start);
    FullInTheMiddle files;
    {
        const auto log = open_log(options(dir.path(), clock, &files));
        ASSERT_TRUE(log->append_wait(drafts(draft())));
        files.is_full = true;
        EXPECT_TRUE(starts_with(log->append_wait(std::vector<Draft>(20, draft())), "audit_read_only"));
        files.is_full = false;
        ASSERT_TRUE(log->append_wait(drafts(draft("dispatch.order.cancel"))).has_value());
        EXPECT_EQ(log->durable_size(), 3U);
    }
    const VerifyReport report = verify({.dir = dir.path(), .keys = {}});
    EXPECT_EQ(report.code, VerifyCode::ok) << report.message;
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_EQ(log->read(3)->type, "log.open");  // and no log.recovered
}

/// Holds the first sync until the test lets it go.
class HeldSync final : public FileOps {
  public:
    int sync_data(int descriptor) override {
        if (holds) {
            entered.set_value();
            released.get_future().wait();
            holds = false;
        }
        return FileOps::sync_data(descriptor);
    }
    std::atomic<bool> holds{false};
    std::promise<void> entered;
    std::promise<void> released;
};

TEST(LogUnderLoad, RefusesMoreThanItsQueueHoldsAndBatchesWhatWaited) {
    const TempDir dir;
    const TestClock clock(start);
    HeldSync files;
    LogOptions narrow = options(dir.path(), clock, &files);
    narrow.queue_entries = 10;
    narrow.quiet = narrow.put_off_max = minutes{10};  // no sync but those of batches, once there was one
    const auto log = open_log(std::move(narrow));
    ASSERT_TRUE(log->append_wait(drafts(draft())).has_value());
    const std::uint64_t batches = log->status().batches;
    files.holds = true;
    std::atomic<int> done{0};
    const auto count = [&done](const Result<Committed>& committed) {
        EXPECT_TRUE(committed.has_value());
        ++done;
    };
    log->append(drafts(draft()), count);
    files.entered.get_future().wait();  // the writer now waits for the disk
    for (int i = 0; i < 10; ++i) {
        log->append(drafts(draft()), count);
    }
    EXPECT_EQ(log->status().queued, 10U);
    EXPECT_TRUE(starts_with(log->append_wait(drafts(draft())), "audit_queue_full"));
    EXPECT_EQ(done.load(), 0);
    EXPECT_EQ(log->durable_size(), 2U);  // nothing is durable before its sync
    files.released.set_value();
    ASSERT_TRUE(log->seal_and_close().has_value());
    EXPECT_EQ(done.load(), 11);
    EXPECT_EQ(log->status().batches, batches + 3);  // the first, the ten that waited, log.seal
}

TEST(LogAhead, WritesZerosBetweenCommitsAndDoesWithoutThem) {
    for (const bool is_full : {false, true}) {
        const TempDir dir;
        const TestClock clock(start);
        ZeroCount files;
        files.is_full = is_full;
        LogOptions eager = options(dir.path(), clock, &files);
        eager.put_off_max = milliseconds{0};
        {
            const auto log = open_log(std::move(eager));
            // Enough for several pieces; the answer to an append comes after the zeros that followed the
            // last.
            for (int i = 0; i < 400; ++i) {
                Draft large = draft();
                large.body.set("text", std::string(1000, 'x'));
                ASSERT_TRUE(log->append_wait({std::move(large), draft()}).has_value());
            }
            EXPECT_GT(files.writes, 1);
            EXPECT_EQ(log->state(), LogState::running);
        }
        EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok) << is_full;
        const auto log = open_log(options(dir.path(), clock));
        EXPECT_GE(log->durable_size(), 800U);
    }
}

TEST(LogAfterAPowerCut, HasEverythingThatWasAcknowledged) {
    const TestClock clock(start);
    int torn = 0;
    for (std::uint64_t bytes = 600; bytes < 3000; bytes += 97) {
        const TempDir dir;
        std::uint64_t acknowledged = 0;
        {
            PowerCut files(bytes);
            Result<std::unique_ptr<Log>> log = Log::open(options(dir.path(), clock, &files));
            if (!log) {
                continue;  // cut while it was being made
            }
            for (int i = 0; i < 20; ++i) {
                if (const Result<Committed> committed = (*log)->append_wait({draft(), draft()})) {
                    acknowledged = committed->first_seq + committed->count;
                }
            }
        }
        const auto log = open_log(options(dir.path(), clock));
        ASSERT_NE(log, nullptr) << bytes;
        ASSERT_GE(log->durable_size(), acknowledged + 1) << bytes;
        torn += testing::fs::exists(dir.path() / "quarantine") ? 1 : 0;
        const VerifyReport report = verify({.dir = dir.path(), .keys = {}});
        ASSERT_EQ(report.code, VerifyCode::ok) << bytes << ": " << report.message;
    }
    EXPECT_GT(torn, 8);
}

TEST(LogAfterAKill, HasEverythingThatWasAcknowledged) {
    const TempDir dir;
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::close(pipe_ends[0]);
        const TestClock clock(start);
        Result<std::unique_ptr<Log>> log = Log::open(options(dir.path(), clock));
        if (!log) {
            ::_exit(1);
        }
        for (std::int64_t i = 0;; ++i) {
            (*log)->append({draft("dispatch.order.intent", i), draft("dispatch.order.sent", i)},
                           [&pipe_ends, i](const Result<Committed>& committed) {
                               if (!committed) {
                                   return;
                               }
                               const std::uint64_t end = committed->first_seq + committed->count;
                               if (::write(pipe_ends[1], &end, sizeof end) != sizeof end || i == 700) {
                                   ::kill(::getpid(), SIGKILL);
                               }
                           });
        }
    }
    ::close(pipe_ends[1]);
    std::uint64_t acknowledged = 0;
    for (std::uint64_t end = 0; ::read(pipe_ends[0], &end, sizeof end) == sizeof end;) {
        acknowledged = end;
    }
    ::close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_GT(acknowledged, 100U);
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_GE(log->durable_size(), acknowledged + 1);
    const std::vector<Entry> entries = all_entries(*log);
    EXPECT_EQ(entries[acknowledged - 1].type, "dispatch.order.sent");
    EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok);
}

}  // namespace
}  // namespace headroom::audit
