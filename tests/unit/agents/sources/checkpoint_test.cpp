#include "agents/sources/checkpoint.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace headroom::agents {
namespace {

using Positions = std::vector<SourcePosition>;

/// Keeps what was written.
struct Written {
    std::mutex mutex;
    Positions positions;
    std::string note;
    std::atomic<bool> is_disk_full = false;
    std::atomic<int> settled = 0;
    std::function<void()> while_written = [] {};

    Checkpoints::Parts parts() {
        return {.settle =
                    [this] {
                        settled += 1;
                        return Result<void>{};
                    },
                .save = [this](std::span<const SourcePosition> given, const std::string& text,
                               const std::function<void()>& copied) -> Result<void> {
                    copied();
                    while_written();
                    if (is_disk_full) {
                        return Error{Errc::unavailable, "no space left"};
                    }
                    const std::lock_guard lock(mutex);
                    positions.assign(given.begin(), given.end());
                    note = text;
                    return {};
                },
                .note = [] { return std::string("totals"); }};
    }
};

using test::never;

TEST(Checkpoints, HoldWhatHasBeenReadAndTellIt) {
    Written written;
    Checkpoints checkpoints(written.parts(), never);
    std::uint64_t known = 0;
    EXPECT_FALSE(checkpoints.saved_since("kafka", known).has_value());
    {
        Checkpoints::Batch batch(checkpoints);
        batch.advance("kafka", "readings/0", 7);
        batch.advance("kafka", "readings/0", 12);
        batch.advance("other", "x", 1);
    }

    ASSERT_TRUE(checkpoints.take("test").has_value());

    EXPECT_EQ(written.positions, (Positions{{"kafka", "readings/0", 12}, {"other", "x", 1}}));
    EXPECT_EQ(written.note, "totals");
    EXPECT_EQ(written.settled, 1);
    EXPECT_EQ(checkpoints.saved_since("kafka", known), (Positions{{"kafka", "readings/0", 12}}));
    EXPECT_FALSE(checkpoints.saved_since("kafka", known).has_value());
}

TEST(Checkpoints, WhatCouldNotBeWrittenIsNotTold) {
    Written written;
    Checkpoints checkpoints(written.parts(), never);
    std::uint64_t known = 0;
    written.is_disk_full = true;
    {
        Checkpoints::Batch batch(checkpoints);
        batch.advance("kafka", "readings/0", 7);
    }

    EXPECT_EQ(checkpoints.take("test").error().code, Errc::unavailable);
    EXPECT_FALSE(checkpoints.saved_since("kafka", known).has_value());
    EXPECT_EQ(checkpoints.counts().failed, 1U);

    written.is_disk_full = false;
    EXPECT_TRUE(checkpoints.take("test").has_value());
    EXPECT_TRUE(checkpoints.saved_since("kafka", known).has_value());
}

TEST(Checkpoints, SourcesGoOnOnceTheStateIsCopiedAndNoneOfThatIsTold) {
    Written written;
    Checkpoints checkpoints(written.parts(), never);
    std::uint64_t known = 0;
    written.while_written = [&] {
        { Checkpoints::Batch(checkpoints).advance("kafka", "readings/0", 40); }  // would wait for ever
        EXPECT_FALSE(checkpoints.saved_since("kafka", known).has_value()) << "nothing is durable yet";
    };
    { Checkpoints::Batch(checkpoints).advance("kafka", "readings/0", 31); }

    ASSERT_TRUE(checkpoints.take("test").has_value());

    EXPECT_EQ(written.positions, (Positions{{"kafka", "readings/0", 31}}));
    EXPECT_EQ(checkpoints.saved_since("kafka", known), (Positions{{"kafka", "readings/0", 31}}));
    written.while_written = [] {};
    ASSERT_TRUE(checkpoints.take("test").has_value());
    EXPECT_EQ(checkpoints.saved_since("kafka", known), (Positions{{"kafka", "readings/0", 40}}));
}

TEST(Checkpoints, AWriteThatFailsWhileSourcesGoOnTellsNothing) {
    Written written;
    Checkpoints checkpoints(written.parts(), never);
    std::uint64_t known = 0;
    written.is_disk_full = true;
    written.while_written = [&] {
        { Checkpoints::Batch(checkpoints).advance("kafka", "readings/0", 40); }
    };
    { Checkpoints::Batch(checkpoints).advance("kafka", "readings/0", 31); }

    EXPECT_EQ(checkpoints.take("test").error().code, Errc::unavailable);

    EXPECT_FALSE(checkpoints.saved_since("kafka", known).has_value());
    EXPECT_EQ(checkpoints.counts().failed, 1U);
    { Checkpoints::Batch(checkpoints).advance("kafka", "readings/0", 41); }  // they are not kept out
}

TEST(Checkpoints, ARestoredPlaceIsAStartOnceAndStaysInLaterOnes) {
    Written written;
    Checkpoints checkpoints(written.parts(), never);
    const Positions restored{{"kafka", "readings/0", 7}, {"kafka", "readings/1", 9}};
    checkpoints.restore(restored);

    EXPECT_EQ(checkpoints.take_start("kafka", "readings/0"), 7);
    EXPECT_EQ(checkpoints.take_start("kafka", "readings/0"), std::nullopt);
    ASSERT_TRUE(checkpoints.take("test").has_value());
    EXPECT_EQ(written.positions, restored);
}

TEST(Checkpoints, APartitionThatComesBackIsReadOnWhereTheStateHasIt) {
    Written written;
    Checkpoints checkpoints(written.parts(), never);
    { Checkpoints::Batch(checkpoints).advance("kafka", "readings/0", 31); }
    EXPECT_EQ(checkpoints.take_start("kafka", "readings/0"), std::nullopt);

    checkpoints.release("kafka", "readings/0");
    checkpoints.release("kafka", "readings/1");  // never read: nothing is known of it
    ASSERT_TRUE(checkpoints.take("test").has_value());
    EXPECT_EQ(written.positions, (Positions{{"kafka", "readings/0", 31}}));
    EXPECT_EQ(checkpoints.take_start("kafka", "readings/0"), 31);
    EXPECT_EQ(checkpoints.take_start("kafka", "readings/0"), std::nullopt);
    EXPECT_EQ(checkpoints.take_start("kafka", "readings/1"), std::nullopt);
}

TEST(Checkpoints, NeverFallIntoABatch) {
    // State and place move together within a batch; a checkpoint sees them equal, always.
    std::atomic<std::int64_t> state = 0;
    std::atomic<bool> is_torn = false;
    std::atomic<bool> is_over = false;
    Checkpoints checkpoints({.settle = [] { return Result<void>{}; },
                             .save = [&](std::span<const SourcePosition> positions, const std::string&,
                                         const std::function<void()>& copied) -> Result<void> {
                                 const std::int64_t place =
                                     positions.empty() ? 0 : positions.front().next_offset;
                                 is_torn = is_torn || place != state;
                                 copied();
                                 return {};
                             },
                             .note = [] { return std::string(); }},
                            milliseconds{1});
    std::thread source([&] {
        for (std::int64_t next = 1; !is_over; ++next) {
            Checkpoints::Batch batch(checkpoints);
            state = next;
            std::this_thread::yield();
            batch.advance("kafka", "readings/0", next);
        }
    });
    checkpoints.start();
    for (int i = 0; i < 200; ++i) {
        for (const std::int64_t before = state; state == before;) {
            std::this_thread::yield();  // the source goes on between checkpoints
        }
        EXPECT_TRUE(checkpoints.take("test").has_value());
    }
    is_over = true;
    source.join();
    checkpoints.stop();

    EXPECT_FALSE(is_torn);
    EXPECT_GE(checkpoints.counts().taken, 200U);
    EXPECT_GE(state, 200);
}

}  // namespace
}  // namespace headroom::agents
