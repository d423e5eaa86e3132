#include "audit/log.hpp"

#include "audit/checkpoint.hpp"
#include "audit/segment_file.hpp"
#include "audit/verify.hpp"
#include "unit/audit/support.hpp"

#include <future>
#include <set>
#include <thread>

namespace headroom::audit {
namespace {

using testing::all_entries;
using testing::at;
using testing::draft;
using testing::drafts;
using testing::open_log;
using testing::options;
using testing::start;
using testing::TempDir;
using testing::TestClock;

std::vector<std::string> types_of(const Log& log) {
    std::vector<std::string> types;
    for (const Entry& entry : all_entries(log)) {
        types.push_back(entry.type);
    }
    return types;
}

using Texts = std::vector<std::string>;

TEST(Log, BeginsWithItsOpening) {
    const TempDir dir;
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_EQ(log->durable_size(), 1U);
    const Entry entry = *log->read(0);
    EXPECT_EQ(entry.type, "log.open");
    EXPECT_EQ(entry.ts, start);
    EXPECT_EQ(json::Value(entry.body).integer("/epoch"), 1);
    EXPECT_EQ(json::Value(entry.body).text("/instance"), "test");
    EXPECT_EQ(json::Value(entry.body).text("/origin"), vectors::origin);
    EXPECT_EQ(log->state(), LogState::running);
}

TEST(Log, GivesNeighbouringNumbersToTheDraftsOfOneCall) {
    const TempDir dir;
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    const Result<Committed> committed =
        log->append_wait({draft("dispatch.plan", 1), draft("dispatch.approve", 2)});
    ASSERT_TRUE(committed.has_value()) << committed.error().message;
    EXPECT_EQ(committed->first_seq, 1U);
    EXPECT_EQ(committed->count, 2U);
    EXPECT_EQ(committed->ts, start);
    EXPECT_EQ(log->durable_size(), 3U);
    EXPECT_EQ(log->read(2)->type, "dispatch.approve");
    EXPECT_EQ(json::Value(log->read(2)->body).integer("/fence"), 2);
    EXPECT_EQ(log->read(3).error().code, Errc::not_found);
}

TEST(Log, FindsTheEntriesOfAnEvent) {
    const TempDir dir;
    const TestClock clock(start);
    {
        const auto log = open_log(options(dir.path(), clock));
        ASSERT_TRUE(log->append_wait({draft("dispatch.plan", 1, "ev-a"), draft("dispatch.plan", 1, "ev-b"),
                                      draft("dispatch.approve", 1, "ev-a")}));
        EXPECT_EQ(log->find_corr("ev-a"), (std::vector<std::uint64_t>{1, 3}));
        EXPECT_TRUE(log->find_corr("ev-c").empty());
    }
    const auto log = open_log(options(dir.path(), clock));
    ASSERT_TRUE(log->append_wait(drafts(draft("dispatch.release", 1, "ev-a"))));
    EXPECT_EQ(log->find_corr("ev-a"), (std::vector<std::uint64_t>{1, 3, 5}));
}

TEST(Log, RefusesWhatIsNoEntryAtOnce) {
    const TempDir dir;
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_EQ(log->append_wait({}).error().code, Errc::invalid);
    EXPECT_EQ(log->append_wait({draft(), draft("made.up")}).error().pointer, "/type");
    EXPECT_EQ(log->append_wait(std::vector<Draft>(8193, draft())).error().code, Errc::invalid);
    EXPECT_EQ(log->durable_size(), 1U);
}

TEST(Log, TakesGroupsUnpreparedAndTellsEachWhatBecameOfIt) {
    const TempDir dir;
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    const std::vector<std::vector<Draft>> groups{
        {draft("dispatch.plan", 1, "ev-a"), draft("dispatch.approve", 2, "ev-a")},
        {draft(), draft("made.up")},  // one that is none refuses its group
        {},
        {draft("dispatch.plan", 3, "ev-b")}};
    std::vector<std::promise<Result<Committed>>> promises(groups.size());
    std::vector<Append> appends;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        appends.push_back({.drafts = std::make_shared<const std::vector<Draft>>(groups[i]),
                           .done = [&promise = promises[i]](Result<Committed> committed) {
                               promise.set_value(std::move(committed));
                           }});
    }
    log->append_all(std::move(appends));
    std::vector<Result<Committed>> told;
    for (std::promise<Result<Committed>>& promise : promises) {
        told.push_back(promise.get_future().get());
    }
    ASSERT_TRUE(told[0].has_value() && told[3].has_value());
    EXPECT_EQ(told[0]->first_seq, 1U);
    EXPECT_EQ(told[0]->count, 2U);
    EXPECT_EQ(told[1].error().pointer, "/type");
    EXPECT_EQ(told[2].error().code, Errc::invalid);
    EXPECT_EQ(told[3]->first_seq, 3U);
    EXPECT_EQ(log->durable_size(), 4U);
    EXPECT_EQ(log->status().queued, 0U);
    EXPECT_EQ(log->find_corr("ev-b"), (std::vector<std::uint64_t>{3}));
}

TEST(Log, GoesOnWhereItEnded) {
    const TempDir dir;
    TestClock clock(start);
    Hash root{};
    {
        const auto log = open_log(options(dir.path(), clock));
        ASSERT_TRUE(log->append_wait(drafts(draft())));
        root = log->root();
    }
    clock.advance(seconds{10});
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_EQ(types_of(*log), (Texts{"log.open", "dispatch.order.intent", "log.open"}));
    EXPECT_EQ(json::Value(log->read(2)->body).integer("/epoch"), 2);
    EXPECT_EQ(log->read(2)->ts, start + seconds{10});
    EXPECT_TRUE(verify_consistency(2, 3, root, log->root(), *log->consistency(2, 3)));
}

TEST(Log, SealsAndSignsAtTheEnd) {
    const TempDir dir;
    const TestClock clock(start);
    {
        const auto log = open_log(options(dir.path(), clock));
        ASSERT_TRUE(log->append_wait(drafts(draft())));
        ASSERT_TRUE(log->seal_and_close().has_value());
        EXPECT_EQ(log->state(), LogState::closed);
        EXPECT_TRUE(log->append_wait(drafts(draft())).error().message.starts_with("audit_closed"));
        EXPECT_TRUE(log->checkpoint().error().message.starts_with("audit_closed"));
        EXPECT_EQ(log->latest_checkpoint()->checkpoint.size, 3U);
        EXPECT_TRUE(log->seal_and_close().has_value());
    }
    const VerifyReport report = verify({.dir = dir.path(), .keys = {}});
    EXPECT_EQ(report.code, VerifyCode::ok) << report.message;
    EXPECT_TRUE(report.is_sealed);
    EXPECT_EQ(report.entries, 3U);
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_EQ(types_of(*log), (Texts{"log.open", "dispatch.order.intent", "log.seal", "log.open"}));
    EXPECT_TRUE(testing::fs::exists(dir.path() / "seg" / segment_name(3)));
}

TEST(Log, MovesToNewSegmentsAndReadsAcrossThem) {
    const TempDir dir;
    const TestClock clock(start);
    LogOptions small = options(dir.path(), clock);
    small.segment_bytes = 4096;
    const auto log = open_log(std::move(small));
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(log->append_wait(drafts(draft("dispatch.order.sent", i))));
    }
    const std::vector<Entry> entries = all_entries(*log);
    ASSERT_EQ(entries.size(), 101U);
    for (std::uint64_t seq = 0; seq < 101; ++seq) {
        EXPECT_EQ(entries[seq].seq, seq);
        EXPECT_EQ(log->read(seq)->seq, seq);
    }
    std::size_t segments = 0;
    for (const auto& file : testing::fs::directory_iterator(dir.path() / "seg")) {
        segments += file.path().extension() == ".seg" ? 1 : 0;
    }
    EXPECT_GT(segments, 4U);
    const VerifyReport report = verify({.dir = dir.path(), .keys = {}});
    EXPECT_EQ(report.code, VerifyCode::ok) << report.message;
    EXPECT_EQ(report.segments, segments);
}

TEST(Log, SealsAnOldSegment) {
    const TempDir dir;
    TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    clock.advance(minutes{59});
    ASSERT_TRUE(log->append_wait(drafts(draft())));
    EXPECT_FALSE(testing::fs::exists(dir.path() / "seg" / segment_name(log->durable_size())));
    clock.advance(minutes{2});
    const std::uint64_t size = log->durable_size();
    ASSERT_TRUE(log->append_wait(drafts(draft())));
    EXPECT_TRUE(testing::fs::exists(dir.path() / "seg" / segment_name(size)));
}

TEST(Log, ScanStopsWithTheErrorOfItsReader) {
    const TempDir dir;
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    ASSERT_TRUE(log->append_wait(std::vector<Draft>(10, draft())));
    std::uint64_t seen = 0;
    const Result<void> scanned = log->scan(4, [&seen](const Entry& entry) -> Result<void> {
        EXPECT_EQ(entry.seq, 4 + seen);
        return ++seen == 3 ? Error{Errc::conflict, "enough", ""} : Result<void>();
    });
    EXPECT_EQ(scanned.error().code, Errc::conflict);
    EXPECT_EQ(seen, 3U);
    EXPECT_TRUE(log->scan(99,
                          [](const Entry&) -> Result<void> {
                              return Error{Errc::conflict, "", ""};
                          })
                    .has_value());
}

TEST(Log, ProvesAnEntryAgainstItsCheckpoint) {
    const TempDir dir;
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    ASSERT_TRUE(log->append_wait(std::vector<Draft>(20, draft())));
    const Result<SignedCheckpoint> checkpoint = log->checkpoint();
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message;
    EXPECT_EQ(checkpoint->checkpoint.size, 21U);
    EXPECT_EQ(checkpoint->checkpoint.root, log->root());
    const std::string proof = *log->entry_proof(7);
    EXPECT_TRUE(
        verify_entry_proof(proof, *log->read_leaf(7), std::span(&log->verifier_key(), 1)).has_value());
    EXPECT_FALSE(
        verify_entry_proof(proof, *log->read_leaf(8), std::span(&log->verifier_key(), 1)).has_value());
    EXPECT_EQ(log->entry_proof(21).error().code, Errc::not_found);
    EXPECT_EQ(testing::read_bytes(dir.path() / "checkpoint"), checkpoint->note);
    EXPECT_EQ(*log->checkpoint_at(21), checkpoint->note);
    EXPECT_EQ(log->checkpoint_at(20).error().code, Errc::not_found);
    // Nothing has grown, so the same checkpoint is given again.
    EXPECT_EQ(log->checkpoint()->note, checkpoint->note);
}

TEST(Log, SignsByItselfWhenItHasGrown) {
    const TempDir dir;
    const TestClock clock(start);
    LogOptions eager = options(dir.path(), clock);
    eager.checkpoint_interval = milliseconds{0};
    eager.put_off_max = milliseconds{0};
    const auto log = open_log(std::move(eager));
    ASSERT_TRUE(log->append_wait(drafts(draft())));
    // The answer to the next append comes after the checkpoint that followed the one before.
    ASSERT_TRUE(log->append_wait(drafts(draft())));
    ASSERT_TRUE(log->latest_checkpoint().has_value());
    EXPECT_GE(log->latest_checkpoint()->checkpoint.size, 2U);
    EXPECT_TRUE(testing::fs::is_empty(dir.path() / "checkpoints"));  // none was given to anyone
}

TEST(Log, SaysWhenTheClockWentBack) {
    const TempDir dir;
    TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    clock.set(start - seconds{5});
    ASSERT_TRUE(log->append_wait(drafts(draft())));
    clock.set(start - minutes{1});
    const Committed committed = *log->append_wait(drafts(draft()));
    EXPECT_EQ(committed.first_seq, 3U);
    EXPECT_EQ(types_of(*log),
              (Texts{"log.open", "dispatch.order.intent", "clock.step", "dispatch.order.intent"}));
    const Entry step = *log->read(2);
    EXPECT_EQ(json::Value(step.body).text("/from"), "2026-11-20T16:49:55.000Z");
    EXPECT_EQ(json::Value(step.body).text("/to"), "2026-11-20T16:49:00.000Z");
    EXPECT_EQ(json::Value(step.body).integer("/step_ms"), -55'000);
    EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok);
}

TEST(Log, SaysSoAlsoWhenItWasClosedMeanwhile) {
    const TempDir dir;
    TestClock clock(start);
    { const auto log = open_log(options(dir.path(), clock)); }
    clock.set(start - hours{1});
    const auto log = open_log(options(dir.path(), clock));
    EXPECT_EQ(types_of(*log), (Texts{"log.open", "clock.step", "log.open"}));
}

TEST(Log, TicksWhileItIsOpen) {
    const TempDir dir;
    TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    clock.advance(seconds{49});
    ASSERT_TRUE(log->append_wait(drafts(draft())));
    EXPECT_EQ(log->durable_size(), 2U);
    clock.advance(seconds{11});
    log->wake();
    ASSERT_TRUE(log->checkpoint().has_value());  // comes after the tick
    EXPECT_EQ(types_of(*log), (Texts{"log.open", "dispatch.order.intent", "clock.tick"}));
    const json::Value body(log->read(2)->body);
    EXPECT_EQ(body.text("/source"), "ntp");
    EXPECT_EQ(body.integer("/ntp_offset_us"), 42);
}

TEST(Log, TicksWithoutBeingAsked) {
    const TempDir dir;
    const TestClock clock(start);
    std::promise<void> ticked;
    LogOptions quick = options(dir.path(), clock);
    quick.tick_interval = milliseconds{5};
    std::atomic<int> count{0};
    quick.clock_quality = [&] {
        if (++count == 2) {
            ticked.set_value();
        }
        return ClockQuality{.source = "unsynchronised", .ntp_offset_us = std::nullopt};
    };
    const auto log = open_log(std::move(quick));
    ticked.get_future().wait();
    ASSERT_TRUE(log->append_wait(drafts(draft())));
    const Entry tick = *log->read(1);
    EXPECT_EQ(tick.type, "clock.tick");
    EXPECT_EQ(tick.body.size(), 1U);  // no offset is known, so none is written
}

TEST(Log, TakesFromManyThreadsAtOnce) {
    const TempDir dir;
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    constexpr int threads = 6;
    constexpr int calls = 150;
    std::mutex mutex;
    std::set<std::uint64_t> first_seqs;
    std::vector<std::thread> writers;
    for (int t = 0; t < threads; ++t) {
        writers.emplace_back([&, t] {
            for (int i = 0; i < calls; ++i) {
                const Result<Committed> committed =
                    log->append_wait({draft("dispatch.order.intent", t * 1000 + i, "ev-" + std::to_string(t)),
                                      draft("dispatch.order.sent", t * 1000 + i, "ev-" + std::to_string(t))});
                ASSERT_TRUE(committed.has_value());
                ASSERT_LT(committed->first_seq + 1, log->durable_size());
                const std::scoped_lock lock(mutex);
                first_seqs.insert(committed->first_seq);
            }
        });
    }
    std::thread reader([&] {
        while (log->durable_size() < 1 + 2 * threads * calls) {
            const std::uint64_t size = log->durable_size();
            ASSERT_TRUE(log->read(size - 1).has_value());
            ASSERT_TRUE(log->inclusion(0, size).has_value());
        }
    });
    for (std::thread& writer : writers) {
        writer.join();
    }
    reader.join();
    EXPECT_EQ(first_seqs.size(), static_cast<std::size_t>(threads * calls));
    const std::vector<Entry> entries = all_entries(*log);
    ASSERT_EQ(entries.size(), 1U + 2 * threads * calls);
    for (const std::uint64_t first : first_seqs) {
        EXPECT_EQ(entries[first].type, "dispatch.order.intent");
        EXPECT_EQ(entries[first + 1].type, "dispatch.order.sent");
        EXPECT_EQ(entries[first].body, entries[first + 1].body);
    }
    // Each thread's own order is kept.
    for (int t = 0; t < threads; ++t) {
        std::int64_t previous = -1;
        for (const std::uint64_t seq : log->find_corr("ev-" + std::to_string(t))) {
            const std::int64_t fence = json::Value(entries[seq].body).integer("/fence");
            EXPECT_GE(fence, previous);
            previous = fence;
        }
    }
    EXPECT_EQ(verify({.dir = dir.path(), .keys = {}}).code, VerifyCode::ok);
}

TEST(Log, KeepsOtherProcessesOut) {
    const TempDir dir;
    const TestClock clock(start);
    const auto log = open_log(options(dir.path(), clock));
    const Result<std::unique_ptr<Log>> second = Log::open(options(dir.path(), clock));
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::conflict);
}

TEST(Log, BelongsToOneOriginAndKey) {
    const TempDir dir;
    const TestClock clock(start);
    { const auto log = open_log(options(dir.path(), clock)); }
    LogOptions other_origin = options(dir.path(), clock);
    other_origin.origin = "other.example/audit";
    EXPECT_EQ(Log::open(std::move(other_origin)).error().code, Errc::conflict);
    LogOptions other_key = options(dir.path(), clock);
    other_key.key = *Ed25519KeyPair::from_secret(std::string(32, 'k'));
    EXPECT_EQ(Log::open(std::move(other_key)).error().code, Errc::conflict);
    LogOptions no_name = options(dir.path(), clock);
    no_name.origin = "two words";
    EXPECT_EQ(Log::open(std::move(no_name)).error().code, Errc::invalid);
}

TEST(Log, OpensTheExampleLog) {
    const TempDir dir;
    testing::write_vector_log(dir.path());
    const TestClock clock(at("2026-11-20T17:00:00.000Z"));
    const auto log = open_log(options(dir.path(), clock));
    ASSERT_EQ(log->durable_size(), 8U);
    EXPECT_EQ(json::Value(log->read(7)->body).integer("/epoch"), 2);
    EXPECT_EQ(*log->read_leaf(4), vectors::leaves[4]);
    EXPECT_EQ(log->find_corr("ev-20261120-01"), (std::vector<std::uint64_t>{2, 3, 4, 5}));
    EXPECT_EQ(log->latest_checkpoint()->note, vectors::checkpoint_7);
    EXPECT_EQ(*log->checkpoint_at(3), vectors::checkpoint_3);
    EXPECT_TRUE(verify_consistency(7, 8, testing::hash_of_hex(vectors::roots[7]), log->root(),
                                   *log->consistency(7, 8)));
}

}  // namespace
}  // namespace headroom::audit
