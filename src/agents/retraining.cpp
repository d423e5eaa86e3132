#include "agents/retraining.hpp"

#include "agents/covariate_series.hpp"
#include "agents/training_histories.hpp"
#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "forecast/model_file.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace headroom::agents {
namespace {

/// The learning yields to everything else on the machine.
constexpr int niceness = 15;

void add_trial(json::Object& body, const forecast::LiveTrial& trial) {
    body.set("judged_from", format_utc(features::period_start(trial.from)));
    body.set("judged_to", format_utc(features::period_start(trial.to)));
    body.set("forecasts", static_cast<std::int64_t>(trial.forecasts));
    body.set("pinball_ppm", ppm_of(trial.pinball));
    body.set("champion_pinball_ppm", ppm_of(trial.champion_pinball));
    body.set("p90_share_ppm", ppm_of(trial.p90_share));
    body.set("champion_p90_share_ppm", ppm_of(trial.champion_p90_share));
}

json::Object body_of(const ModelInfo& info, const std::string& before) {
    json::Object body = json::object({{"model", info.id},
                                      {"sha256", info.sha256},
                                      {"origin", info.origin},
                                      {"before", before},
                                      {"data_from", format_utc(info.data_from)},
                                      {"data_to", format_utc(info.data_to)},
                                      {"series", static_cast<std::int64_t>(info.series)},
                                      {"rows", static_cast<std::int64_t>(info.rows)},
                                      {"seed", static_cast<std::int64_t>(info.seed)}});
    if (info.trial) {
        add_trial(body, *info.trial);
    }
    return body;
}

}  // namespace

Retraining::Retraining(Parts parts, RetrainingOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      ramps_({parts_.clock, parts_.journal, parts_.series, parts_.registry, parts_.monitor},
             parts_.store.folder(), options_.ramps),
      worker_("retraining") {
    options_.train.learn.is_cancelled = &is_stopping_;
}

Retraining::~Retraining() {
    stop();
}

void Retraining::stop() {
    is_stopping_.store(true, std::memory_order_release);
}

Result<void> Retraining::start() {
    if (!options_.model.empty()) {
        Result<forecast::Ensemble> ensemble = forecast::load_model(options_.model);
        if (!ensemble) {
            return ensemble.error();
        }
        Result<forecast::LiveModel> fits = forecast::LiveModel::make(*ensemble, options_.model.string());
        if (!fits) {
            return fits.error();
        }
        const Result<ModelInfo> kept = parts_.store.keep(*ensemble, {.id = {},
                                                                     .sha256 = {},
                                                                     .origin = "file",
                                                                     .made_at = parts_.clock.now(),
                                                                     .beaten = {},
                                                                     .trial = {}});
        if (!kept) {
            return kept.error();
        }
        if (parts_.store.champion() != kept->id) {
            parts_.journal.note({.type = "forecast.model.promoted",
                                 .actor = system_actor(),
                                 .body = body_of(*kept, parts_.store.champion())});
            if (Result<void> promoted = parts_.store.promote(kept->id); !promoted) {
                return promoted;
            }
        }
    }
    const std::string champion = parts_.store.champion();
    if (!champion.empty()) {
        Result<std::shared_ptr<const forecast::LiveModel>> model = parts_.store.load(champion);
        const Result<void> served = model ? parts_.monitor.serve(*model) : Result<void>(model.error());
        if (!served) {
            if (!options_.model.empty()) {
                return served;
            }
            log::error("the forecast model cannot serve; the simpler methods do",
                       {{"model", champion}, {"error", served.error().message}});
            note_refusal("start", served.error().message);
        } else {
            model_ = std::move(*model);
            serving_ = champion;
            log::info("forecasts by the learnt ensemble", {{"model", serving_}});
        }
    }
    // A process that comes up by day with a champion waits for the night; without one it trains at once.
    const forecast::DayPlace place =
        forecast::place_in_day(options_.train.region, parts_.clock.now().time_since_epoch() / seconds{1});
    if (place.minute >= options_.hour * 60) {
        tried_day_ = place.day_of_year;
    }
    is_first_ = serving_.empty();
    return {};
}

void Retraining::tick() {
    if (!options_.is_on || is_busy_.load() || is_stopping_.load()) {
        return;
    }
    const UtcTime now = parts_.clock.now();
    const forecast::DayPlace place =
        forecast::place_in_day(options_.train.region, now.time_since_epoch() / seconds{1});
    const bool is_night_due = place.minute >= options_.hour * 60 && place.day_of_year != tried_day_;
    if (!is_first_ && !is_night_due) {
        return;
    }
    std::string origin = is_first_ ? "start" : "nightly";
    is_first_ = false;
    if (is_night_due) {
        tried_day_ = place.day_of_year;
    }
    is_busy_.store(true, std::memory_order_release);
    spawn(parts_.executor, train(now, std::move(origin)));
}

/// Points with a limit in the network's order, evenly thinned out.
std::vector<telemetry::PointKey> Retraining::points() const {
    std::vector<telemetry::PointKey> all;
    std::set<std::string> known;
    for (const grid::Limit& limit : parts_.network.limits()) {
        if (limit.quantity == grid::Quantity::p_kw && limit.kind != grid::LimitKind::emergency) {
            telemetry::PointKey key{limit.asset, limit.quantity, limit.phase};
            if (known.insert(key.text()).second) {
                all.push_back(std::move(key));
            }
        }
    }
    const std::size_t count = std::min(all.size(), options_.points_max);
    std::vector<telemetry::PointKey> chosen;
    for (std::size_t i = 0; i < count; ++i) {
        chosen.push_back(all[i * all.size() / count]);
    }
    return chosen;
}

Awaitable<void> Retraining::train(UtcTime now, std::string origin) {
    tried_at_ = now;
    std::string outcome = co_await train_loads(now, origin);
    if (!is_stopping_.load()) {
        set_step("ramps");
        const std::string ramps =
            co_await ramps_.learn(now, std::move(origin), points(), worker_, is_stopping_);
        outcome += ramps.empty() ? "" : "; " + ramps;
    }
    end(is_stopping_.load() ? "cancelled" : std::move(outcome));
}

Awaitable<std::string> Retraining::train_loads(UtcTime now, std::string origin) {
    state_ = "reading";
    std::vector<std::string> keys;
    for (const telemetry::PointKey& key : points()) {
        keys.push_back(key.text());
    }
    const UtcTime from = floor_period(now) - std::chrono::days{options_.history_days};
    TrainingHistories read = co_await read_training_histories(parts_.series, std::move(keys), from,
                                                              floor_period(now), is_stopping_);
    const std::vector<forecast::CovariateSeries> said = co_await read_covariates(parts_.series, from, now);
    state_ = "training";
    auto job = [this, histories = std::move(read.histories), table = forecast::table_of(said), now,
                champion = model_] {
        if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness) != 0) {
            log::warn("the training's thread could not be made to give way");
        }
        return forecast::train_challenger(
            histories, features::period_index(now), champion.get(), options_.train,
            [this](double done, std::string_view step) {
                done_.store(done, std::memory_order_relaxed);
                set_step(step);
            },
            table);
    };
    Result<forecast::Challenge> challenge = co_await worker_.run(std::move(job));
    if (is_stopping_.load()) {
        co_return "cancelled";
    }
    if (!challenge) {
        log::info("no forecast model was learnt", {{"why", challenge.error().message}});
        co_return "failed: " + challenge.error().message;
    }
    if (!challenge->trial.is_won()) {
        note_refusal(origin, "it did not win against who serves", &challenge->trial);
        co_return "refused: it did not win against who serves";
    }
    const Result<ModelInfo> kept = parts_.store.keep(challenge->ensemble, {.id = {},
                                                                           .sha256 = {},
                                                                           .origin = origin,
                                                                           .made_at = now,
                                                                           .beaten = serving_,
                                                                           .trial = challenge->trial});
    Result<std::shared_ptr<const forecast::LiveModel>> model =
        kept ? parts_.store.load(kept->id) : Result<std::shared_ptr<const forecast::LiveModel>>(kept.error());
    if (!model) {
        note_refusal(origin, model.error().message, &challenge->trial);
        co_return "failed: " + model.error().message;
    }
    audit::Draft draft{
        .type = "forecast.model.promoted", .actor = system_actor(), .body = body_of(*kept, serving_)};
    draft.body.set("dispatched_half_hours", read.dispatched_half_hours);
    draft.body.set("delivered_half_hours", read.delivered_half_hours);
    const Result<void> swapped = co_await put_in_force(std::move(draft), std::move(*model));
    co_return swapped ? "promoted: " + serving_ : "failed: " + swapped.error().message;
}

/// Entry durable, champion durable, then the swap.
Awaitable<Result<void>> Retraining::put_in_force(audit::Draft draft,
                                                 std::shared_ptr<const forecast::LiveModel> model) {
    const bool is_reverted = draft.type == "forecast.model.reverted";
    std::vector<audit::Draft> drafts;
    drafts.push_back(std::move(draft));
    const Result<audit::Committed> written = co_await parts_.journal.commit(std::move(drafts));
    if (!written) {
        co_return written.error();
    }
    const Result<void> kept = is_reverted ? parts_.store.revert() : parts_.store.promote(model->id());
    if (!kept) {
        co_return kept;
    }
    const Result<void> served = parts_.monitor.serve(model);
    if (!served) {
        co_return served;
    }
    serving_ = model->id();
    model_ = std::move(model);
    log::info("another forecast model serves", {{"model", serving_}});
    co_return Result<void>{};
}

void Retraining::note_refusal(const std::string& origin, const std::string& why,
                              const forecast::LiveTrial* trial) {
    json::Object body = json::object({{"origin", origin}, {"why", why}, {"serving", serving_}});
    if (trial != nullptr) {
        add_trial(body, *trial);
    }
    parts_.journal.note({.type = "forecast.model.refused",
                         .actor = system_actor(),
                         .body = std::move(body),
                         .outcome = "denied"});
}

void Retraining::set_step(std::string_view step) {
    const std::lock_guard lock(mutex_);
    step_ = step;
}

void Retraining::end(std::string outcome) {
    outcome_ = std::move(outcome);
    state_ = "waiting";
    done_.store(0.0, std::memory_order_relaxed);
    set_step({});
    is_busy_.store(false, std::memory_order_release);
}

Awaitable<Result<void>> Retraining::promote(std::string id, Caller caller) {
    if (caller.reason.empty()) {
        co_return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    const ModelInfo* info = parts_.store.find(id);
    if (info == nullptr) {
        co_return Error{Errc::not_found, "there is no model " + id};
    }
    if (id == serving_) {
        co_return Error{Errc::conflict, "model " + id + " serves already"};
    }
    Result<std::shared_ptr<const forecast::LiveModel>> model = parts_.store.load(id);
    if (!model) {
        co_return model.error();
    }
    audit::Draft draft{
        .type = "forecast.model.promoted", .actor = actor_of(caller), .body = body_of(*info, serving_)};
    draft.body.set("reason", caller.reason);
    const Result<void> done = co_await put_in_force(std::move(draft), std::move(*model));
    co_return done;
}

Awaitable<Result<void>> Retraining::revert(Caller caller) {
    if (caller.reason.empty()) {
        co_return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    const std::string former = parts_.store.former_champion();
    const ModelInfo* info = parts_.store.find(former);
    if (info == nullptr) {
        co_return Error{Errc::conflict, "no model served before this one"};
    }
    Result<std::shared_ptr<const forecast::LiveModel>> model = parts_.store.load(former);
    if (!model) {
        co_return model.error();
    }
    audit::Draft draft{
        .type = "forecast.model.reverted", .actor = actor_of(caller), .body = body_of(*info, serving_)};
    draft.body.set("reason", caller.reason);
    const Result<void> done = co_await put_in_force(std::move(draft), std::move(*model));
    co_return done;
}

RetrainingStatus Retraining::status() const {
    RetrainingStatus out{.state = options_.is_on || is_busy_.load() ? state_ : "off",
                         .done = done_.load(std::memory_order_relaxed),
                         .step = {},
                         .tried_at = tried_at_,
                         .outcome = outcome_};
    const std::lock_guard lock(mutex_);
    out.step = step_;
    return out;
}

}  // namespace headroom::agents
