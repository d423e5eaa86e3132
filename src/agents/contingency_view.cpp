#include "agents/contingency_view.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::agents {
namespace {

using contingency::ElementLoad;
using contingency::phase_count;
using contingency::phase_sum;
using contingency::shelf_periods;

constexpr std::uint8_t looks_until_doubt = 3;

}  // namespace

ContingencyView::ContingencyView(const contingency::ShelfNetwork& network,
                                 const telemetry::PointRegistry& registry, const monitor::Monitor& monitor,
                                 std::size_t quantile)
    : network_(network),
      registry_(registry),
      monitor_(monitor),
      quantile_(quantile),
      over_w_(network.elements().size(), 0),
      looks_out_(network.elements().size(), 0),
      is_over_(network.elements().size(), false) {
    find_points();
}

void ContingencyView::find_points() {
    registry_size_ = registry_.size();
    points_.resize(network_.elements().size());
    for (std::size_t i = 0; i < points_.size(); ++i) {
        for (std::size_t phase = 0; phase < phase_count; ++phase) {
            points_[i][phase] =
                registry_.find(network_.elements()[i].id, grid::Quantity::p_kw, contingency::phase_at(phase));
        }
    }
}

ContingencyView::PhaseRow ContingencyView::row(telemetry::PointRef point, UtcTime start, std::int64_t& over_w,
                                               bool& is_over) {
    PhaseRow out;
    if (point == telemetry::no_point) {
        return out;
    }
    const monitor::PointView view = monitor_.view(point);
    const bool is_read = std::isfinite(view.load_kw);
    const std::int64_t now_w = is_read ? std::llround(view.load_kw * 1000.0) : 0;
    is_over = is_over || (is_read && view.limit_kw > 0.0 && view.load_kw > view.limit_kw);
    const std::optional<forecast::LoadForecast> forecast = monitor_.forecast(point);
    if (!forecast || forecast->load_w.empty()) {
        out.is_known = is_read;
        out.median.fill(now_w);
        out.high.fill(now_w);
        return out;
    }
    out.is_known = true;
    const auto last = static_cast<std::int64_t>(forecast->load_w.size()) - 1;
    for (std::size_t t = 0; t < shelf_periods; ++t) {
        const UtcTime at = start + period_length * static_cast<std::int64_t>(t);
        const std::int64_t place = std::clamp<std::int64_t>((at - forecast->start) / period_length, 0, last);
        const forecast::QuantileRow& row = forecast->load_w[static_cast<std::size_t>(place)];
        out.median[t] = row[forecast::quantile_count / 2];
        out.high[t] = std::max(out.median[t], std::int64_t{row[quantile_]});
    }
    if (is_read) {
        const forecast::QuantileRow& first = forecast->load_w.front();
        const std::int64_t low = first.front();
        const std::int64_t top = first.back();
        const std::int64_t margin = (top - low) / 2;
        const std::int64_t out_w = now_w > top + margin   ? now_w - top
                                   : now_w < low - margin ? now_w - low
                                                          : 0;
        over_w = std::abs(out_w) > std::abs(over_w) ? out_w : over_w;
        out.high[0] = std::max(out.high[0], now_w);
    }
    return out;
}

std::optional<ElementLoad> ContingencyView::load(std::size_t element, UtcTime start) {
    if (registry_size_ != registry_.size()) {
        find_points();
    }
    std::int64_t over_w = 0;
    bool is_over = false;
    ElementLoad out;
    std::array<PhaseRow, phase_count> rows;
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
        rows[phase] = row(points_[element][phase], start, over_w, is_over);
    }
    is_over_[element] = is_over;
    over_w_[element] = over_w;
    looks_out_[element] =
        over_w == 0 ? std::uint8_t{0} : std::min<std::uint8_t>(looks_until_doubt, looks_out_[element] + 1);
    out.has_phases = rows[0].is_known || rows[1].is_known || rows[2].is_known;
    out.is_known = out.has_phases || rows[phase_sum].is_known;
    if (!out.is_known) {
        return std::nullopt;
    }
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
        out.median[phase] = rows[phase].median;
        out.high[phase] = rows[phase].high;
    }
    if (!rows[phase_sum].is_known) {  // the phases of one feeder move together: their quantiles add up
        for (std::size_t t = 0; t < shelf_periods; ++t) {
            for (std::size_t phase = 0; phase < phase_sum; ++phase) {
                out.median[phase_sum][t] += out.median[phase][t];
                out.high[phase_sum][t] += out.high[phase][t];
            }
        }
    }
    return out;
}

std::int64_t ContingencyView::over_band_w(std::size_t element) const {
    return looks_out_[element] >= looks_until_doubt ? over_w_[element] : 0;
}

std::optional<double> ContingencyView::der_kw(const std::string& der) const {
    const telemetry::PointRef point = registry_.find(der, grid::Quantity::p_kw, grid::Phase::sum);
    if (point == telemetry::no_point) {
        return std::nullopt;
    }
    const double kw = monitor_.view(point).load_kw;
    return std::isfinite(kw) ? std::optional(kw) : std::nullopt;
}

}  // namespace headroom::agents
