#pragma once

#include "agents/sources/intake.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "unit/agents/instants.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents::sources_test {

using test::noon;

/// Feeders F-0 … with a limit of 100 kW each, and the monitor over them: where sources' readings go.
class Room {
  public:
    explicit Room(int feeders) : network_(network_of(feeders)), monitor_(network_, registry_, {}) {}

    ReadingsSink sink() {
        return {.ingest =
                    [this](std::span<const telemetry::Reading> readings, SteadyTime) {
                        const monitor::IngestCount count = monitor_.ingest(readings, now());
                        for (const telemetry::Reading& reading : readings) {
                            const std::lock_guard lock(mutex_);
                            times_[{reading.point, reading.interval_start}] += 1;
                        }
                        for (const monitor::RaisedOverload& raised : monitor_.take_overloads()) {
                            const std::lock_guard lock(mutex_);
                            raised_.push_back(raised.overload.feeder);
                        }
                        return count;
                    },
                .count_quarantined = [this](telemetry::Quarantine, std::uint64_t n) { quarantined_ += n; }};
    }
    std::function<UtcTime()> clock() {
        return [this] { return now(); };
    }
    [[nodiscard]] UtcTime now() const { return noon + seconds{seconds_.load()}; }
    void set_seconds(int value) { seconds_ = value; }

    telemetry::PointRegistry& registry() { return registry_; }
    monitor::Monitor& monitor() { return monitor_; }
    [[nodiscard]] std::uint64_t quarantined_before_the_monitor() const { return quarantined_; }
    /// Different readings that have come; and how many came more than once.
    std::size_t distinct() {
        const std::lock_guard lock(mutex_);
        return times_.size();
    }
    std::size_t repeated() {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (const auto& [reading, times] : times_) {
            count += times > 1 ? 1U : 0U;
        }
        return count;
    }
    /// Feeders of the overloads raised so far, in order.
    std::vector<std::string> raised() {
        const std::lock_guard lock(mutex_);
        return raised_;
    }
    std::size_t readings_of(const std::string& feeder, grid::Phase phase = grid::Phase::sum) {
        const telemetry::PointRef point = registry_.find(feeder, grid::Quantity::p_kw, phase);
        return point == telemetry::no_point ? 0 : monitor_.view(point).readings;
    }

  private:
    static grid::Network network_of(int feeders) {
        grid::Network network;
        HEADROOM_ASSERT(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}).has_value());
        for (int i = 0; i < feeders; ++i) {
            const std::string id = fmt::format("F-{}", i);
            HEADROOM_ASSERT(network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}).has_value());
            HEADROOM_ASSERT(
                network
                    .add(grid::Limit{
                        .asset = id, .value = 100.0, .source = "grid file", .verified_by = "test"})
                    .has_value());
        }
        return network;
    }

    telemetry::PointRegistry registry_;
    grid::Network network_;
    monitor::Monitor monitor_;
    std::atomic<int> seconds_ = 0;
    std::atomic<std::uint64_t> quarantined_ = 0;
    std::mutex mutex_;
    std::map<std::pair<telemetry::PointRef, UtcTime>, int> times_;
    std::vector<std::string> raised_;
};

/// {"feeder":"F-1","ts":"…","kw":…,"seq":…} at noon and so many seconds.
inline std::string reading_json(const std::string& feeder, int second, double kw, std::uint64_t seq = 0) {
    std::string out =
        fmt::format(R"({{"feeder":"{}","ts":"{}","kw":{})", feeder, format_utc(noon + seconds{second}), kw);
    if (seq > 0) {
        out += fmt::format(R"(,"seq":{})", seq);
    }
    return out + "}";
}

/// Everything that was sent is in the counts once.
inline ::testing::AssertionResult reconciles(const SourceCounts& counts, std::uint64_t sent) {
    const std::uint64_t found =
        counts.accepted + counts.duplicates + counts.conflicts + counts.quarantined_total();
    if (found == sent && counts.readings + counts.unreadable == sent) {
        return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure()
           << "sent " << sent << ", counted " << found << " of " << counts.readings << " readings and "
           << counts.unreadable << " unreadable messages (accepted " << counts.accepted << ", duplicates "
           << counts.duplicates << ", conflicts " << counts.conflicts << ", quarantined "
           << counts.quarantined_total() << ")";
}

}  // namespace headroom::agents::sources_test
