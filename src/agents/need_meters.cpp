#include "agents/need_meters.hpp"

#include "agents/meter_history.hpp"
#include "core/calendar.hpp"
#include "core/log.hpp"
#include "settlement/baseline.hpp"
#include "telemetry/reading.hpp"

#include <utility>

namespace headroom::agents {
namespace {

/// Wh of a half-hour as its mean power.
std::int64_t watts_of(std::int64_t wh) {
    return wh * 2;
}

bool is_on_periods(const flex::IntervalGrid& grid) {
    return grid.step == period_length && floor_period(grid.start) == grid.start;
}

std::optional<flex::MeterSeries> series_of(const settlement::BaselineProfile& profile,
                                           const settlement::MeterHistory& history,
                                           const flex::IntervalGrid& grid) {
    flex::MeterSeries meter{.meter = history.der, .baseline_w = {}, .usage_w = {}};
    static const Calendar calendar = Calendar::england_and_wales();
    const std::vector<Date> no_days;
    const std::vector<std::int64_t> nothing_supplied;
    const Result<settlement::BaselineAnswer> baseline = settlement::make_baseline(
        profile, {grid.start, grid.values.size(), history, no_days, nothing_supplied}, calendar);
    if (!baseline || !baseline->hold.empty() || baseline->baseline.wh.size() != grid.values.size()) {
        return std::nullopt;
    }
    flex::IntervalGrid expected{.start = grid.start, .step = grid.step, .values = {}};
    flex::IntervalGrid shown = expected;
    for (std::size_t slot = 0; slot < grid.values.size(); ++slot) {
        const auto place = (grid.time_of(slot) - history.start) / period_length;
        if (place < 0 || static_cast<std::size_t>(place) >= history.wh.size() ||
            !history.wh[static_cast<std::size_t>(place)]) {
            return std::nullopt;
        }
        expected.values.push_back(watts_of(baseline->baseline.wh[slot]));
        shown.values.push_back(watts_of(*history.wh[static_cast<std::size_t>(place)]));
    }
    meter.baseline_w = std::move(expected);
    meter.usage_w = std::move(shown);
    return meter;
}

Awaitable<std::optional<flex::Performance>> measure(SeriesStore& series, int history_days,
                                                    beckn::PublishedNeed need, beckn::NeedOrder order) {
    const settlement::BaselineProfile* profile = settlement::find_baseline_profile(need.baseline_method);
    const flex::IntervalGrid& grid = need.requested_w();
    if (profile == nullptr || !is_on_periods(grid)) {
        co_return std::nullopt;
    }
    std::vector<std::string> keys;
    for (const std::string& meter : order.line().meters) {
        keys.push_back(telemetry::PointKey{meter, grid::Quantity::p_kw, grid::Phase::sum}.text());
    }
    const UtcTime from = grid.start - hours{24 * (history_days + 1)};
    const std::vector<store::SeriesBlock> blocks = co_await series.read(keys, from, grid.end());
    flex::Performance performance;
    performance.state = "COMPLETED";
    performance.event = need.id;
    performance.methodology =
        std::to_string(need.baseline_best_of) + "of" + std::to_string(need.baseline_out_of);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const std::string& name = order.line().meters[i];
        std::optional<flex::MeterSeries> meter = series_of(*profile, history_of(name, blocks[i]), grid);
        if (!meter) {
            log::info("an order is not measured by us: a meter is not ours or not whole",
                      {{"need", need.id}, {"transaction", order.transaction()}, {"meter", name}});
            co_return std::nullopt;
        }
        performance.meters.push_back(std::move(*meter));
    }
    co_return performance;
}

}  // namespace

MeasureOrder measure_from_series(SeriesStore& series, int history_days) {
    return [&series, history_days](beckn::PublishedNeed need, beckn::NeedOrder order) {
        return measure(series, history_days, std::move(need), std::move(order));
    };
}

}  // namespace headroom::agents
