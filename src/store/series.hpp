#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::store {

/// Consecutive values of one series on a fixed step. NaN = unknown, never 0.
struct SeriesBlock {
    std::string key;  ///< "feeder-1/p_kw/L1"
    UtcTime start{};
    milliseconds step{};
    std::vector<float> values;
};

/// Half-hourly (or other fixed-step) histories. Blocking, one thread. A later write of the same instants
/// replaces.
class Series {
  public:
    virtual ~Series() = default;
    /// All blocks in one transaction. The first block of a key fixes its step. Errors: `invalid` for a step
    /// that is shorter than a second, does not divide a day or is not the key's, a start off the step's grid,
    /// an infinite value, or a key of no or over 256 bytes.
    virtual Result<void> write(const std::vector<SeriesBlock>& blocks) = 0;
    /// Values from the first step at or after `from` to before `to`, NaN where nothing was written. Errors:
    /// `not_found` for an unknown key, `invalid` for more than 20 million values.
    virtual Result<SeriesBlock> read(std::string_view key, UtcTime from, UtcTime to) = 0;
    /// Ascending.
    virtual Result<std::vector<std::string>> keys() = 0;
    /// Forgets what is older, and keys without any value left.
    virtual Result<void> drop_before(UtcTime instant) = 0;
};

/// SQLite, one packed row per series and UTC day.
[[nodiscard]] Result<std::unique_ptr<Series>> open_sqlite_series(const std::filesystem::path& file);

}  // namespace headroom::store
