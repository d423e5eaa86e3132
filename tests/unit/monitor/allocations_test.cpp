// The hot path asks for no memory per reading: from the bytes of a message through decoder, state, features,
// trust and risk.
#include "monitor/monitor.hpp"
#include "telemetry/batch_decoder.hpp"
#include "unit/monitor/allocation_count.hpp"
#include "unit/monitor/noon.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::BatchDecoder;
using telemetry::Reading;
using telemetry::WireFormat;
using test::AllocationCount;

constexpr int batch_feeders = 10'000;  // more than a large batch: with two shards, two threads work
constexpr int in_message = 100;
constexpr double limit_kw = 300.0;

grid::Network many_feeders() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (int i = 0; i < batch_feeders; ++i) {
        const std::string name = "F-" + std::to_string(i);
        EXPECT_TRUE(network.add(grid::Feeder{.id = {name}, .parent = "S-1", .name = name}));
        EXPECT_TRUE(network.add(
            grid::Limit{.asset = name, .value = limit_kw, .source = "test", .verified_by = "test"}));
    }
    return network;
}

struct Case {
    const char* name;
    WireFormat format;
    std::size_t shards;
    std::size_t at_once = batch_feeders;  // readings that are taken in together
};
std::ostream& operator<<(std::ostream& out, const Case& each) {
    return out << each.name << ", shards: " << each.shards;
}

class Allocations : public testing::TestWithParam<Case> {
  protected:
    Allocations()
        : network(many_feeders()),
          monitor(network, registry, {.shards = GetParam().shards}),
          decoder(registry, {.source = "test"}) {}

    static double load_kw(int feeder, int minute) { return 150.0 + (feeder * 7 + minute * 3) % 40; }

    /// A reading of every feeder, a hundred in a message.
    std::vector<std::string> messages(int minute) {
        std::vector<std::string> out;
        const UtcTime at = noon + minutes{minute};
        for (int from = 0; from < batch_feeders; from += in_message) {
            std::string text;
            for (int i = from; i < from + in_message; ++i) {
                char one[160];
                std::snprintf(one, sizeof one, R"({"feeder":"F-%d","ts":"%s","kw":%.2f})", i,
                              format_utc(at).c_str(), load_kw(i, minute));
                text += one;
                text += GetParam().format == WireFormat::json ? "," : "\n";
            }
            if (GetParam().format == WireFormat::json) {
                text.back() = ']';
                text.insert(0, "[");
            }
            out.push_back(std::move(text));
        }
        return out;
    }

    /// Every feeder's reading of a minute, decoded into a buffer that is kept, then taken in.
    std::uint64_t take(const std::vector<std::string>& bodies, int minute) {
        const UtcTime now = noon + minutes{minute};
        readings.clear();
        decoder.reset(now);
        for (const std::string& body : bodies) {
            EXPECT_TRUE(decoder.decode(body, GetParam().format, {}, readings));
        }
        std::uint64_t accepted = 0;
        for (std::span<const Reading> rest(readings); !rest.empty();) {
            const std::size_t count = std::min(rest.size(), GetParam().at_once);
            used.clear();
            accepted += monitor.ingest(rest.first(count), now, &used).accepted;
            rest = rest.subspan(count);
        }
        return accepted;
    }

    telemetry::PointRegistry registry;
    grid::Network network;
    Monitor monitor;
    BatchDecoder decoder;
    std::vector<Reading> readings;
    std::vector<std::uint32_t> used;
};

TEST_P(Allocations, NoneForAReadingInTheSteadyState) {
    if (!AllocationCount::is_counting()) {
        GTEST_SKIP() << "a sanitizer has the allocator";
    }
    // A half-hour and more, so that rings, half-hours and buffers are there.
    int minute = 0;
    for (; minute < 61; ++minute) {
        ASSERT_EQ(take(messages(minute), minute), batch_feeders);
        static_cast<void>(monitor.take_rollups());
    }
    for (const int last = minute + 20; minute < last; ++minute) {
        const std::vector<std::string> bodies = messages(minute);
        const AllocationCount allocations;
        const std::uint64_t accepted = take(bodies, minute);
        EXPECT_EQ(allocations.count(), 0U) << "for " << accepted << " readings in minute " << minute;
        EXPECT_EQ(accepted, batch_feeders);
    }
}

INSTANTIATE_TEST_SUITE_P(Forms, Allocations,
                         testing::Values(Case{"arrays", WireFormat::json, 1},
                                         Case{"arrays", WireFormat::json, 2},
                                         Case{"arrays, each reading by itself", WireFormat::json, 1, 1},
                                         Case{"lines", WireFormat::ndjson, 1}));

}  // namespace
}  // namespace headroom::monitor
