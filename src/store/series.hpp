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
    /// All blocks in one transaction.
    virtual Result<void> write(const std::vector<SeriesBlock>& blocks) = 0;
    /// Values from `from` to before `to` on the series' step, NaN where nothing was written. Errors:
    /// `not_found` for an unknown key.
    virtual Result<SeriesBlock> read(std::string_view key, UtcTime from, UtcTime to) = 0;
    virtual Result<std::vector<std::string>> keys() = 0;
    /// Forgets what is older.
    virtual Result<void> drop_before(UtcTime instant) = 0;
};

/// SQLite, one packed row per series and UTC day.
[[nodiscard]] Result<std::unique_ptr<Series>> open_sqlite_series(const std::filesystem::path& file);

}  // namespace headroom::store
