#include "monitor/forecast_rows.hpp"

#include <algorithm>
#include <bit>

namespace headroom::monitor {

void ForecastRows::add(std::size_t limited) {
    packed_.ensure(limited);
    std::fill_n(packed_.at(limited), rows_, Packed{});
}

void ForecastRows::put(std::size_t limited, std::int64_t period,
                       const std::optional<forecast::QuantileRow>& row) {
    const std::size_t place = place_of(period);
    Packed& packed = packed_.at(limited)[place];
    if (packed.tag != 0 && packed.steps[0] == wide) {
        wide_.erase(limited * rows_ + place);
    }
    packed = {};
    if (!row) {
        return;
    }
    packed.tag = tag_of(period);
    packed.lowest = std::bit_cast<std::array<std::uint16_t, 2>>((*row)[0]);
    for (std::size_t q = 1; q < row->size(); ++q) {
        const std::int64_t step = std::int64_t{(*row)[q]} - (*row)[q - 1];
        if (step < 0 || step >= wide) {
            packed.steps[0] = wide;
            wide_.insert_or_assign(limited * rows_ + place, *row);
            return;
        }
        packed.steps[q - 1] = static_cast<std::uint16_t>(step);
    }
}

std::optional<forecast::QuantileRow> ForecastRows::at(std::size_t limited, std::int64_t period) const {
    const std::size_t place = place_of(period);
    const Packed& packed = packed_.at(limited)[place];
    if (packed.tag != tag_of(period)) {
        return std::nullopt;
    }
    if (packed.steps[0] == wide) {
        return wide_.at(limited * rows_ + place);
    }
    forecast::QuantileRow row{};
    row[0] = std::bit_cast<std::int32_t>(packed.lowest);
    for (std::size_t q = 1; q < row.size(); ++q) {
        row[q] = row[q - 1] + packed.steps[q - 1];
    }
    return row;
}

}  // namespace headroom::monitor
