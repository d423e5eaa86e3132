#include "desk/feeder_ramp.hpp"

#include "features/stream_row.hpp"
#include "forecast/ramp.hpp"

#include <span>
#include <utility>

namespace headroom::desk {
namespace {

constexpr double kw_per_mw = 1000.0;
constexpr int ramp_stale_cadences = 3;

}  // namespace

RampAnswer ramp_of(const Parts& parts, telemetry::PointRef point) {
    const monitor::PointView view = parts.monitor.view(point);
    RampAnswer out{.cadence_s = view.cadence / seconds{1}};
    const auto without = [&out](std::string reason) {
        out.reason = std::move(reason);
        return out;
    };
    if (view.cadence.count() == 0) {
        return without("too few readings have come");
    }
    if (view.distrusted) {
        return without("its readings are not believed");
    }
    if (parts.clock.now() - view.at > ramp_stale_cadences * view.cadence) {
        return without("its newest reading is too old");
    }
    const std::shared_ptr<const forecast::RampModels> ramps = parts.retraining.ramps();
    const forecast::RampModel* model =
        view.cadence % seconds{1} == milliseconds{0} ? ramps->of(out.cadence_s) : nullptr;
    if (model == nullptr) {
        return without(ramps->why_not(out.cadence_s));
    }
    // Columns of feeds stand behind those of the stream; the model was learnt without them.
    const std::vector<float> row = parts.monitor.stream_row(point);
    if (row.size() < features::stream_count) {
        return without("too few readings have come");
    }
    const forecast::RampForecast told = forecast::ramp(*model, std::span(row).first(features::stream_count));
    if (told.leads.empty()) {
        return without("the spread of its readings is not known yet");
    }
    out.origin = view.at;
    for (const forecast::RampForecast::Lead& lead : told.leads) {
        RampLeadAnswer& answer = out.leads.emplace_back(RampLeadAnswer{.lead_s = lead.lead_s});
        for (const double kw_min : lead.kw_min) {
            answer.mw_per_min.push_back(kw_min / kw_per_mw);
        }
    }
    return out;
}

}  // namespace headroom::desk
