#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace headroom::app {

/// Running figures of one load and its last fifty values.
struct alignas(64) BareRecord {
    std::uint32_t count = 0;
    std::uint32_t head = 0;
    float mean = 0.0F;
    float squares = 0.0F;
    float slow = 0.0F;
    float slow_spread = 0.0F;
    float up = 0.0F;
    float down = 0.0F;
    float limit = 500.0F;
    std::array<float, 50> ring{};
};

/// The limit to compare with: parses a body of readings and updates a record of each feeder, with nothing
/// checked and no names looked up (the numeral in a name is its place).
class BareReader {
  public:
    explicit BareReader(std::size_t points);
    ~BareReader();
    BareReader(const BareReader&) = delete;
    BareReader& operator=(const BareReader&) = delete;

    /// Answers the number of readings. Precondition: a body of MonitorFeed with at most 256 readings, and as
    /// many bytes behind it as MonitorFeed::padding.
    std::uint64_t take(std::string_view body);
    [[nodiscard]] std::uint64_t over() const { return over_; }

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    std::vector<BareRecord> records_;
    std::uint64_t over_ = 0;
    std::uint64_t times_ = 0;
};

}  // namespace headroom::app
