#include "desk/outlook.hpp"

#include "agents/week_ahead.hpp"
#include "desk/amounts.hpp"

#include <utility>

namespace headroom::desk {

Awaitable<Result<OutlookAnswer>> OutlookDesk::outlook(std::string place, std::string phase) const {
    const std::optional<grid::Phase> parsed = grid::parse_phase(phase.empty() ? "sum" : phase);
    if (!parsed) {
        co_return Error{Errc::invalid, "phase must be L1, L2, L3, N or sum", "/phase"};
    }
    const telemetry::PointRef point = registry_.find(place, grid::Quantity::p_kw, *parsed);
    if (point == telemetry::no_point) {
        co_return Error{Errc::not_found, "no feeder or substation " + place};
    }
    OutlookAnswer out{.point_id = registry_.key(point).text(),
                      .quantiles = {forecast::quantiles.begin(), forecast::quantiles.end()},
                      .is_watched = week_ahead_.options().rules.is_on,
                      .as_of = clock_.now()};
    const std::shared_ptr<const forecast::Outlook> made = co_await week_ahead_.outlook(out.point_id);
    out.origin = features::period_start(made->origin);
    out.reason = made->reason;
    out.days_known = made->days_known;
    out.days_judged = made->days_judged;
    // What is nearer is the forecast's to tell.
    for (std::size_t row = forecast::outlook_from; row < made->load_w.size(); ++row) {
        std::vector<double>& loads = out.load_kw.emplace_back();
        for (const std::int32_t load_w : made->load_w[row]) {
            loads.push_back(kw_of(std::int64_t{load_w}));
        }
    }
    if (!out.load_kw.empty()) {
        out.start = features::period_start(made->start + forecast::outlook_from);
    } else if (out.reason.empty()) {
        out.reason = "what is known of the weeks before does not reach two days ahead";
    }
    co_return out;
}

}  // namespace headroom::desk
