#include "contract/store/influx_process.hpp"
#include "contract/store/instants.hpp"
#include "store/influx.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::store {
namespace {

/// A day and more of half-hours of a hundred points: 12,000 lines, three requests.
std::vector<SeriesBlock> loads(UtcTime start) {
    std::vector<SeriesBlock> blocks;
    for (int point = 0; point < 100; ++point) {
        blocks.push_back({"F-" + std::to_string(point) + "/p_kw/L1", start, period_length,
                          std::vector<float>(120, static_cast<float>(point))});
    }
    return blocks;
}

TEST(InfluxSinkAndServer, EveryLineArrivesThoughTheServerWasAway) {
    if (!InfluxProcess::is_installed()) {
        GTEST_SKIP() << "influxd is not installed (scripts/install_packages tests)";
    }
    InfluxProcess server;
    InfluxOptions options;
    options.url = server.url();
    options.database = "copy";
    options.queue.retry_first = milliseconds{20};
    options.queue.retry_max = milliseconds{100};
    const auto sink = make_influx_sink(options);
    ASSERT_TRUE(sink.has_value());
    (*sink)->give(loads(noon));
    ASSERT_TRUE((*sink)->drain(seconds{30})) << (*sink)->counts().fault;

    server.stop();
    (*sink)->give(loads(noon + 120 * period_length));
    EXPECT_FALSE((*sink)->drain(milliseconds{300}));
    EXPECT_TRUE((*sink)->counts().is_away);
    server.start();
    ASSERT_TRUE((*sink)->drain(seconds{30})) << (*sink)->counts().fault;

    const SinkCounts counts = (*sink)->counts();
    EXPECT_EQ(counts.given, 24'000U);
    EXPECT_EQ(counts.written, 24'000U);
    EXPECT_FALSE(counts.is_away);
    const auto series = open_influx_series(options);
    ASSERT_TRUE(series.has_value());
    EXPECT_EQ((*series)->keys()->size(), 100U);
    EXPECT_EQ((*series)->read("F-42/p_kw/L1", noon, noon + 240 * period_length)->values,
              std::vector<float>(240, 42.0F));
}

}  // namespace
}  // namespace headroom::store
