#include "core/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace headroom {
namespace {

TEST(MetricsTest, PrintsCountersGaugesAndTheirHelp) {
    Metrics metrics;
    metrics.counter("headroom_readings_total", "Readings taken.", {{"source", "mqtt"}}).add(3);
    metrics.counter("headroom_readings_total", "Readings taken.", {{"source", "http"}}).add();
    metrics.gauge("headroom_feeders", "Feeders \\ known\nhere.").set(12.5);
    EXPECT_EQ(metrics.prometheus_text(),
              "# HELP headroom_feeders Feeders \\\\ known\\nhere.\n"
              "# TYPE headroom_feeders gauge\n"
              "headroom_feeders 12.5\n"
              "# HELP headroom_readings_total Readings taken.\n"
              "# TYPE headroom_readings_total counter\n"
              "headroom_readings_total{source=\"http\"} 1\n"
              "headroom_readings_total{source=\"mqtt\"} 3\n");
}

TEST(MetricsTest, GivesTheSameHandleForTheSameNameAndLabels) {
    Metrics metrics;
    metrics.counter("headroom_x_total", "X.", {{"a", "1"}}).add(2);
    metrics.counter("headroom_x_total", "X.", {{"a", "1"}}).add(2);
    EXPECT_EQ(metrics.counter("headroom_x_total", "X.", {{"a", "1"}}).value(), 4U);
    EXPECT_EQ(metrics.counter("headroom_x_total", "X.", {{"a", "2"}}).value(), 0U);
}

TEST(MetricsTest, EscapesLabelValues) {
    Metrics metrics;
    metrics.gauge("headroom_g", "G.", {{"peer", "a\"b\\c\nd"}}).set(-1);
    EXPECT_NE(metrics.prometheus_text().find("headroom_g{peer=\"a\\\"b\\\\c\\nd\"} -1\n"), std::string::npos);
}

TEST(MetricsTest, PrintsCumulativeBucketsWithBoundsIncluded) {
    Metrics metrics;
    Metrics::Histogram& histogram =
        metrics.histogram("headroom_dispatch_seconds", "From detection to dispatch.", {{"door", "ws"}});
    for (const double seconds : {0.0001, 0.001, 0.003, 0.5, 60.0}) {
        histogram.observe(seconds);
    }
    const std::string text = metrics.prometheus_text();
    const auto line = [](const std::string& bound, int count) {
        return "headroom_dispatch_seconds_bucket{door=\"ws\",le=\"" + bound + "\"} " + std::to_string(count) +
               "\n";
    };
    for (const auto& [bound, count] : std::vector<std::pair<std::string, int>>{{"0.0001", 1},
                                                                               {"0.0005", 1},
                                                                               {"0.001", 2},
                                                                               {"0.005", 3},
                                                                               {"0.25", 3},
                                                                               {"0.5", 4},
                                                                               {"10", 4},
                                                                               {"+Inf", 5}}) {
        EXPECT_NE(text.find(line(bound, count)), std::string::npos) << bound << "\n" << text;
    }
    EXPECT_NE(text.find("headroom_dispatch_seconds_sum{door=\"ws\"} 60.5041\n"), std::string::npos) << text;
    EXPECT_NE(text.find("headroom_dispatch_seconds_count{door=\"ws\"} 5\n"), std::string::npos);
}

TEST(MetricsTest, CountsFromManyThreads) {
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&metrics] {
            for (int i = 0; i < 1'000; ++i) {
                metrics.counter("headroom_n_total", "N.").add();
                metrics.histogram("headroom_h_seconds", "H.").observe(0.1);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(metrics.counter("headroom_n_total", "N.").value(), 4'000U);
    EXPECT_NE(metrics.prometheus_text().find("headroom_h_seconds_count 4000\n"), std::string::npos);
}

TEST(MetricsDeathTest, RefusesNamesThatPrometheusWould) {
    Metrics metrics;
    EXPECT_DEATH(metrics.counter("headroom_readings", "No _total."), "_total");
    EXPECT_DEATH(metrics.gauge("headroom-x", "A dash."), "is_name");
    metrics.gauge("headroom_y", "Y.");
    EXPECT_DEATH(metrics.histogram("headroom_y", "Y again."), "type");
}

}  // namespace
}  // namespace headroom
