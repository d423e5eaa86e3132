#include "store/series_check.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::store {
namespace {

Result<void> check_columns(const SeriesBlock& block) {
    for (const std::vector<float>* column : {&block.values, &block.min, &block.max}) {
        if (!column->empty() && column->size() != block.values.size()) {
            return Error{Errc::invalid, series_name(block.key) + ": its columns are of different lengths"};
        }
        for (std::size_t i = 0; i < column->size(); ++i) {
            if (std::isinf((*column)[i])) {
                return Error{Errc::invalid,
                             series_name(block.key) + ": the value at " +
                                 format_utc(block.start + static_cast<std::int64_t>(i) * block.step) +
                                 " is infinite"};
            }
        }
    }
    if (block.min.size() != block.max.size()) {
        return Error{Errc::invalid, series_name(block.key) + ": it has one of min and max alone"};
    }
    return {};
}

}  // namespace

std::string series_name(std::string_view key) {
    return "series '" + std::string(key.substr(0, series_key_bytes_max)) + "'";
}

Error no_series(std::string_view key) {
    return {Errc::not_found, "there is no " + series_name(key)};
}

Error other_step(std::string_view key, std::int64_t kept_ms, std::int64_t given_ms) {
    return {Errc::invalid, series_name(key) + " is kept on a step of " + std::to_string(kept_ms) +
                               " ms, the block has one of " + std::to_string(given_ms) + " ms"};
}

Result<void> check(const SeriesBlock& block) {
    const std::int64_t step = block.step.count();
    const std::int64_t start = block.start.time_since_epoch().count();
    if (block.key.empty() || block.key.size() > series_key_bytes_max) {
        return Error{Errc::invalid, series_name(block.key) + ": a key has 1 to " +
                                        std::to_string(series_key_bytes_max) + " bytes"};
    }
    if (step < series_step_ms_min || series_day_ms % step != 0) {
        return Error{Errc::invalid, series_name(block.key) + ": a step of " + std::to_string(step) +
                                        " ms is shorter than a second or does not divide a day"};
    }
    const auto length = static_cast<std::int64_t>(block.values.size());
    if (start < 0 || start > series_last_ms || start % step != 0 ||
        length > (series_last_ms - start) / step + 1) {
        return Error{Errc::invalid, series_name(block.key) + ": the start " + format_utc(block.start) +
                                        " is not on the grid of the step"};
    }
    return check_columns(block);
}

Result<void> check(const std::vector<SeriesBlock>& blocks) {
    for (const SeriesBlock& block : blocks) {
        if (Result<void> checked = check(block); !checked) {
            return checked;
        }
    }
    return {};
}

UtcTime series_ceil(UtcTime instant, std::int64_t step_ms) {
    const std::int64_t ms = std::clamp<std::int64_t>(instant.time_since_epoch().count(), 0, series_last_ms);
    const std::int64_t whole = ms / step_ms + (ms % step_ms == 0 ? 0 : 1);
    return UtcTime{milliseconds{whole * step_ms}};
}

Result<StepRange> steps_between(std::string_view key, UtcTime from, UtcTime to, std::int64_t step_ms) {
    const std::int64_t begin = std::clamp<std::int64_t>(from.time_since_epoch().count(), 0, series_last_ms);
    const std::int64_t end = std::clamp<std::int64_t>(to.time_since_epoch().count(), 0, series_last_ms);
    StepRange range{.first = begin / step_ms, .count = 0, .step_ms = step_ms};
    if (end > begin) {
        range.count = (end - 1) / step_ms - range.first + 1;
    }
    if (range.count > series_steps_max) {
        return Error{Errc::invalid, series_name(key) + ": " + std::to_string(range.count) +
                                        " steps are more than the " + std::to_string(series_steps_max) +
                                        " that are answered at once"};
    }
    return range;
}

Result<void> check_read(std::string_view key, std::int64_t count) {
    if (count > series_values_read_max) {
        return Error{Errc::invalid, series_name(key) + ": " + std::to_string(count) +
                                        " values are more than the " +
                                        std::to_string(series_values_read_max) + " that are read at once"};
    }
    return {};
}

}  // namespace headroom::store
