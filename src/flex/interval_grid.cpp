#include "flex/interval_grid.hpp"

#include "core/json_object.hpp"
#include "core/object_reader.hpp"

namespace headroom::flex {

namespace {

constexpr std::int64_t step_ms_max = 86'400'000;
constexpr std::int64_t value_max = 1'000'000'000'000;

}  // namespace

json::Value to_json(const IntervalGrid& grid) {
    json::Array values(grid.values.begin(), grid.values.end());
    return json::object(
        {{"start", format_utc(grid.start)}, {"step_ms", grid.step.count()}, {"values", std::move(values)}});
}

Result<IntervalGrid> interval_grid_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    IntervalGrid grid;
    grid.start = read.time("start");
    grid.step = milliseconds{read.integer("step_ms", 1, step_ms_max)};
    grid.values = read.integers("values", grid_slots_max, -value_max, value_max);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return grid;
}

}  // namespace headroom::flex
