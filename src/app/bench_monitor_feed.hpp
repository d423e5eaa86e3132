#pragma once

#include "core/time.hpp"
#include "grid/network.hpp"
#include "telemetry/reading.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::app {

/// Readings of many feeders as JSON arrays, in an order made up once; times and values are written over from
/// round to round, so that no time goes into making the same text again.
class MonitorFeed {
  public:
    /// `rounds` readings of each feeder are in the feed at a time.
    MonitorFeed(std::size_t points, std::size_t rounds, std::size_t batch);
    /// Between two readings of a feeder.
    static constexpr milliseconds pulse = seconds{5};

    [[nodiscard]] static grid::Network network(std::size_t points);
    /// The next readings, a pulse further each.
    void advance();
    /// Time goes by without a reading.
    void skip(milliseconds time) { now_ += time; }
    [[nodiscard]] std::size_t bodies() const { return ends_.size(); }
    [[nodiscard]] std::string_view body(std::size_t i) const {
        const std::size_t from = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(text_).substr(from, ends_[i] - from);
    }
    [[nodiscard]] std::size_t readings() const { return points_ * rounds_; }
    [[nodiscard]] std::size_t points() const { return points_; }
    [[nodiscard]] std::size_t batch() const { return batch_; }
    /// Bytes that may be read behind the last body.
    static constexpr std::size_t padding = 64;
    [[nodiscard]] UtcTime now() const { return now_; }
    /// Of the last reading in a body.
    [[nodiscard]] UtcTime time_of(std::size_t body) const {
        const std::size_t readings_to = std::min(readings(), (body + 1) * batch_);
        return now_ - pulse * static_cast<int>(rounds_ - 1 - (readings_to - 1) / points_);
    }

  private:
    std::size_t points_;
    std::size_t rounds_;
    std::size_t batch_;
    std::uint64_t round_ = 0;
    UtcTime now_{};
    std::string text_;
    std::vector<std::size_t> ends_;
    std::vector<std::size_t> times_;    // where a reading's time stands
    std::vector<std::uint32_t> order_;  // feeder of each reading
};

}  // namespace headroom::app
