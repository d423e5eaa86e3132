#include "desk/models.hpp"

#include "features/half_hours.hpp"

namespace headroom::desk {
namespace {

ModelAnswer answer_of(const agents::ModelInfo& info, const std::string& serving) {
    ModelAnswer out{.model_id = info.id,
                    .sha256 = info.sha256,
                    .origin = info.origin,
                    .serving = info.id == serving,
                    .made_at = info.made_at,
                    .data_from = info.data_from,
                    .data_to = info.data_to,
                    .series = static_cast<std::int64_t>(info.series),
                    .rows = static_cast<std::int64_t>(info.rows),
                    .seed = static_cast<std::int64_t>(info.seed),
                    .bytes = static_cast<std::int64_t>(info.bytes),
                    .beaten = info.beaten};
    if (info.trial) {
        out.trial = TrialAnswer{.from = features::period_start(info.trial->from),
                                .to = features::period_start(info.trial->to),
                                .forecasts = static_cast<std::int64_t>(info.trial->forecasts),
                                .pinball = info.trial->pinball,
                                .champion_pinball = info.trial->champion_pinball,
                                .p90_share = info.trial->p90_share,
                                .champion_p90_share = info.trial->champion_p90_share};
    }
    return out;
}

}  // namespace

ModelsAnswer models_answer(const agents::Retraining& retraining, UtcTime now) {
    const agents::RetrainingStatus status = retraining.status();
    ModelsAnswer out{.serving = retraining.serving(),
                     .former = retraining.store().former_champion(),
                     .state = status.state,
                     .done = status.done,
                     .step = status.step,
                     .tried_at = status.tried_at,
                     .outcome = status.outcome,
                     .as_of = now};
    for (const agents::ModelInfo& info : retraining.store().models()) {
        out.models.push_back(answer_of(info, retraining.serving()));
    }
    return out;
}

Result<ModelAnswer> model_answer(const agents::Retraining& retraining, std::string_view id) {
    const agents::ModelInfo* info = retraining.store().find(id);
    if (info == nullptr) {
        return Error{Errc::not_found, "there is no model " + std::string(id)};
    }
    return answer_of(*info, retraining.serving());
}

}  // namespace headroom::desk
