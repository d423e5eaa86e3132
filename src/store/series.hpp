#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "store/measurement.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::store {

/// Stands for a value that is not known.
inline constexpr float unknown_value = std::numeric_limits<float>::quiet_NaN();

/// Consecutive values of one series on a fixed step. NaN = unknown, never 0.
struct SeriesBlock {
    std::string key;  ///< "feeder-1/p_kw/L1"
    UtcTime start{};
    milliseconds step{};
    std::vector<float> values;  ///< means over each step
    /// Smallest and largest behind each mean: as many as there are values, or none: then the mean is both.
    std::vector<float> min = {};
    std::vector<float> max = {};
};

/// A series on a coarser step, with what a mean alone would hide. The columns are of one length.
struct SeriesSummary {
    std::string key;
    UtcTime start{};
    milliseconds step{};
    std::vector<float> mean;  ///< of the known values; NaN = unknown, as in the other columns
    std::vector<float> min;
    std::vector<float> max;
    std::vector<float> last;           ///< the latest known value
    std::vector<std::uint32_t> count;  ///< known values behind each step
};

/// How long is kept what was written on a step, or rolled up to it: below a minute, below half an hour, below
/// a day, above. Longer levels stay when the shorter ones are gone.
struct SeriesRetention {
    std::chrono::days raw{2};
    std::chrono::days minute{14};
    std::chrono::days half_hour{800};
    std::chrono::days day{36'500};
    std::chrono::days measurements{800};
};

/// Fixed-step histories and measurements. Blocking, one thread. A later write of the same instants replaces.
class Series {
  public:
    virtual ~Series() = default;
    /// All blocks or none. The first block of a key fixes its step. Errors: `invalid` for a step that is
    /// shorter than a second, does not divide a day or is not the key's, a start off the step's grid, an
    /// infinite value, columns of different lengths, or a key of no or over 256 bytes; `unavailable` when the
    /// store is away or its disk is full: then it may be tried again.
    virtual Result<void> write(const std::vector<SeriesBlock>& blocks) = 0;
    /// Values from the first step at or after `from` to before `to`, NaN where nothing was written. Errors:
    /// `not_found` for an unknown key, `invalid` for more than 20 million values.
    virtual Result<SeriesBlock> read(std::string_view key, UtcTime from, UtcTime to) = 0;
    /// The series on steps of `step` (counted since 1970, raised to the series' own step), from the one that
    /// holds `from` to the one that holds the last instant before `to`, each whole. A value belongs to the
    /// step in which it starts. No peak is lost: `min` and `max` are those of all values written. Where these
    /// are gone and a coarser level is left, the step becomes that level's. Errors: as `read`; `invalid` for
    /// more than a million steps.
    virtual Result<SeriesSummary> summarise(std::string_view key, UtcTime from, UtcTime to,
                                            milliseconds step) = 0;
    /// Ascending.
    virtual Result<std::vector<std::string>> keys() = 0;
    /// Forgets what is older, at every level, and keys without any value left.
    virtual Result<void> drop_before(UtcTime instant) = 0;

    /// All or none; one with the same name, tags and time replaces. Errors: as `write`.
    virtual Result<void> record(const std::vector<Measurement>& measurements) = 0;
    /// Those of a name in [from, to), oldest first, `limit` at most.
    virtual Result<std::vector<Measurement>> recorded(std::string_view name, UtcTime from, UtcTime to,
                                                      std::size_t limit) = 0;

    /// One small step of the work behind: packs days that are over, rolls up, drops what is older than is
    /// kept. Answers whether there is more to do at once.
    virtual Result<bool> upkeep(UtcTime now, const SeriesRetention& retention) = 0;
    /// What calls returned from before survives a power cut once this returns.
    virtual Result<void> flush() = 0;
};

/// SQLite: packed columns by series and day, those of running days by block of series and step
/// (docs/formats/series.md).
[[nodiscard]] Result<std::unique_ptr<Series>> open_sqlite_series(const std::filesystem::path& file);

}  // namespace headroom::store
