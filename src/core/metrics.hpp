#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom {

/// Counters, gauges and histograms, printed in the Prometheus text format. Any thread; a handle stays valid
/// as long as its registry. Names: prefix `headroom_`, base units, `_total` for counters; labels bounded
/// (never a feeder id).
class Metrics {
  public:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    class Counter {
      public:
        void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
        [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

      private:
        std::atomic<std::uint64_t> value_{0};
    };
    class Gauge {
      public:
        void set(double v) { value_.store(v, std::memory_order_relaxed); }
        [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

      private:
        std::atomic<double> value_{0.0};
    };
    /// Cumulative buckets of seconds: 0.0001 … 10.
    class Histogram {
      public:
        void observe(double seconds);

      private:
        friend class Metrics;
        mutable std::mutex mutex_;
        std::vector<std::uint64_t> buckets_;
        double sum_ = 0.0;
        std::uint64_t count_ = 0;
    };

    Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
    Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {});

    /// text/plain; version=0.0.4
    [[nodiscard]] std::string prometheus_text() const { return text(false); }
    /// application/openmetrics-text; version=1.0.0, without the closing "# EOF".
    [[nodiscard]] std::string openmetrics_text() const { return text(true); }

  private:
    struct Family {
        std::string help;
        std::string type;
        std::map<std::string, std::unique_ptr<Counter>> counters;
        std::map<std::string, std::unique_ptr<Gauge>> gauges;
        std::map<std::string, std::unique_ptr<Histogram>> histograms;
    };
    [[nodiscard]] std::string text(bool is_openmetrics) const;
    Family& family(std::string_view name, std::string_view help, std::string_view type);

    mutable std::mutex mutex_;
    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace headroom
