#include "agents/sources/feeder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

namespace headroom::agents {
namespace {

TEST(Feeder, FeedsInOrderWhileMoreIsGathered) {
    std::vector<std::uint64_t> seen;
    const Feeder::Ingest ingest = [&](std::span<const telemetry::Reading> readings, SteadyTime) {
        monitor::IngestCount count;
        for (const telemetry::Reading& reading : readings) {
            seen.push_back(reading.seq);
            (reading.seq % 10 == 0 ? count.duplicates : count.accepted) += 1;
        }
        return count;
    };
    Feeder feeder(ingest);
    std::uint64_t seq = 0;
    monitor::IngestCount counted;
    std::vector<telemetry::Reading> batch;
    for (int i = 0; i < 500; ++i) {
        for (int j = 0; j < 7; ++j) {
            batch.emplace_back().seq = ++seq;
        }
        feeder.feed(batch, steady_now());
        EXPECT_TRUE(batch.empty());
        if (i % 5 == 0) {
            add(counted, feeder.wait());
            EXPECT_EQ(seen.size(), seq) << "everything is in after the wait";
        }
    }
    add(counted, feeder.wait());

    EXPECT_EQ(counted.accepted, seq - seq / 10);
    EXPECT_EQ(counted.duplicates, seq / 10);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(feeder.wait().accepted, 0U) << "counted once";
}

TEST(Feeder, EndsWithWhatItWasGiven) {
    std::atomic<std::size_t> fed = 0;
    const Feeder::Ingest ingest = [&](std::span<const telemetry::Reading> readings, SteadyTime) {
        fed += readings.size();
        return monitor::IngestCount{};
    };
    {
        Feeder feeder(ingest);
        std::vector<telemetry::Reading> batch(1'000);
        feeder.feed(batch, steady_now());
    }
    EXPECT_EQ(fed, 1'000U);
    const Feeder unused(ingest);
}

}  // namespace
}  // namespace headroom::agents
