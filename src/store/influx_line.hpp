#pragma once

#include "core/result.hpp"
#include "store/series.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::store::influx {

// InfluxDB line protocol: what is written, and the names under which it stands (docs/formats/series.md).

/// Where a series stands: its measurement and tags, sorted by name.
struct SeriesPlace {
    std::string measurement;
    std::vector<std::pair<std::string, std::string>> tags;
};
/// "F-1/p_kw/L1" → load, feeder, phase, quantity; with "/minute" the same on its own step; with "/p90" →
/// predictions and quantile. Any other key → load and key. `source` is which Headroom writes; `step` becomes
/// step_s. Errors: `invalid` for a key that no tag can hold (control characters, a backslash at its end).
[[nodiscard]] Result<SeriesPlace> place_of(std::string_view key, milliseconds step, std::string_view source);
/// The key behind tags, or nothing when they are not ours.
[[nodiscard]] std::optional<std::string> key_of(const std::vector<std::pair<std::string, std::string>>& tags);

/// Appends one line for each known value, `value`, `min` and `max` as fields; answers how many.
std::size_t append_lines(std::string& out, const SeriesPlace& place, const SeriesBlock& block);
/// Appends one line. `source` becomes a tag unless there is one. The measurement has been checked.
void append_line(std::string& out, const Measurement& measurement, std::string_view source);

/// A tag's value with `,`, `=` and blank escaped. A backslash stands as it is, since the protocol knows no
/// escape for it in tags; none may stand at the end.
void append_tag_value(std::string& out, std::string_view text);
/// The opposite, for series keys as a server lists them.
[[nodiscard]] std::string unescape_tag(std::string_view text);
/// Whether a tag can hold it: not empty, no control characters, no backslash at its end.
[[nodiscard]] bool is_tag_value(std::string_view text);
/// "load,feeder=F-1,step_s=1800" → its tags.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> tags_of_series(std::string_view series);
/// In quotes, with `"` and `\` escaped.
void append_field_text(std::string& out, std::string_view text);

}  // namespace headroom::store::influx
