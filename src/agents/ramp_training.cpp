#include "agents/ramp_training.hpp"

#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::size_t ramp_points_at_once = 4;  // two weeks of minutes each
constexpr std::int64_t minute_s = 60;
constexpr std::int64_t half_hour_s = 1800;
constexpr std::int64_t day_s = 86'400;
constexpr std::array<const char*, 3> marks_kept_as{"/raw", "/dispatched", "/delivered"};

std::int64_t seconds_of(UtcTime instant) {
    return instant.time_since_epoch() / seconds{1};
}

bool is_marked(std::span<const store::SeriesBlock> marks, std::int64_t half_hour) {
    return std::ranges::any_of(marks, [half_hour](const store::SeriesBlock& mark) {
        const std::int64_t at = half_hour - seconds_of(mark.start) / half_hour_s;
        if (mark.step != period_length || at < 0 || at >= std::ssize(mark.values)) {
            return false;
        }
        const float value = mark.values[static_cast<std::size_t>(at)];
        return std::isfinite(value) && value != 0.0F;
    });
}

/// Days' worth of known readings of the point that is known best.
std::int64_t known_days(const forecast::Panel& panel, std::int64_t end_s) {
    std::int64_t longest = 0;
    for (const forecast::Panel::Series& series : panel.series) {
        std::int64_t known = 0;
        for (std::int64_t slot = series.load.first; slot < end_s / panel.step_s; ++slot) {
            known += std::isnan(series.load.at(slot)) ? 0 : 1;
        }
        longest = std::max(longest, known);
    }
    return longest / panel.slots_per_day();
}

json::Object body_of(const forecast::RampChallenge& challenge, const std::string& origin) {
    const auto ppm = [](double share) -> std::int64_t { return std::llround(share * 1e6); };
    const auto at = [](std::int64_t unix_s) { return format_utc(UtcTime{seconds{unix_s}}); };
    const forecast::RampTrial& trial = challenge.trial;
    return json::object({{"kind", "ramp"},
                         {"origin", origin},
                         {"cadence_s", challenge.model.cadence_s},
                         {"sha256", sha256_hex(forecast::write_ramp(challenge.model))},
                         {"data_from", at(challenge.model.data_from_s)},
                         {"data_to", at(challenge.model.data_to_s)},
                         {"judged_from", at(trial.from_s)},
                         {"judged_to", at(trial.to_s)},
                         {"forecasts", static_cast<std::int64_t>(trial.forecasts)},
                         {"pinball_ppm", ppm(trial.pinball)},
                         {"champion_pinball_ppm", ppm(trial.champion_pinball)},
                         {"error_ppm", ppm(trial.error)},
                         {"no_ramp_error_ppm", ppm(trial.no_ramp_error)},
                         {"band_share_ppm", ppm(trial.band_share)}});
}

}  // namespace

forecast::GridSeries readings_of(const store::SeriesBlock& minutes, std::span<const store::SeriesBlock> marks,
                                 UtcTime from, UtcTime to, std::int64_t cadence_s) {
    forecast::GridSeries out{.first = seconds_of(from) / cadence_s, .values = {}};
    const auto slots = static_cast<std::size_t>((seconds_of(to) - seconds_of(from)) / cadence_s);
    std::vector<double> sums(slots, 0.0);
    std::vector<double> counts(slots, 0.0);
    for (std::size_t i = 0; minutes.step == std::chrono::minutes{1} && i < minutes.values.size(); ++i) {
        const std::int64_t at_s = seconds_of(minutes.start) + static_cast<std::int64_t>(i) * minute_s;
        const std::int64_t slot = at_s / cadence_s - out.first;
        if (slot < 0 || slot >= static_cast<std::int64_t>(slots) || std::isnan(minutes.values[i]) ||
            is_marked(marks, at_s / half_hour_s)) {
            continue;
        }
        sums[static_cast<std::size_t>(slot)] += static_cast<double>(minutes.values[i]);
        counts[static_cast<std::size_t>(slot)] += 1.0;
    }
    out.values.resize(slots, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < slots; ++i) {
        out.values[i] = counts[i] > 0.0 ? sums[i] / counts[i] : out.values[i];
    }
    return out;
}

RampTraining::RampTraining(Parts parts, std::filesystem::path folder, RampTrainingOptions options)
    : parts_(parts),
      folder_(std::move(folder)),
      options_(options),
      models_(std::make_shared<const forecast::RampModels>(forecast::RampModels::open(folder_))) {
    for (const std::string& fault : models_->faults()) {
        log::error("a ramp model cannot serve", {{"error", fault}});
    }
}

std::string RampTraining::file_name(std::int64_t cadence_s) {
    return "nightly-" + std::to_string(cadence_s) + "s.ramp";
}

Awaitable<std::string> RampTraining::learn(UtcTime now, std::string origin,
                                           std::vector<telemetry::PointKey> points, Worker& worker,
                                           const std::atomic<bool>& is_stopping) {
    std::map<std::int64_t, std::vector<std::string>> by_cadence;
    for (const telemetry::PointKey& key : points) {
        const telemetry::PointRef point = parts_.registry.find(key.point_id, key.quantity, key.phase);
        if (point == telemetry::no_point) {
            continue;
        }
        const milliseconds cadence = parts_.monitor.view(point).cadence;
        const std::int64_t cadence_s = cadence / seconds{1};
        if (cadence % minutes{1} == milliseconds{0} && cadence_s > 0 && half_hour_s % cadence_s == 0) {
            by_cadence[cadence_s].push_back(key.text());
        }
    }
    std::string outcome;
    for (auto& [cadence_s, keys] : by_cadence) {
        if (is_stopping.load()) {
            break;
        }
        const std::string one =
            co_await learn_one(now, origin, cadence_s, std::move(keys), worker, is_stopping);
        outcome += (outcome.empty() ? "" : "; ") + one;
    }
    co_return outcome;
}

Awaitable<forecast::Panel> RampTraining::read(UtcTime from, UtcTime to, std::int64_t cadence_s,
                                              const std::vector<std::string>& points,
                                              const std::atomic<bool>& is_stopping) {
    forecast::Panel panel{.step_s = cadence_s, .series = {}};
    for (std::size_t begin = 0; begin < points.size() && !is_stopping.load(); begin += ramp_points_at_once) {
        const std::size_t count = std::min(points.size() - begin, ramp_points_at_once);
        std::vector<std::string> keys;
        for (std::size_t i = 0; i < count; ++i) {
            keys.push_back(minutes_key(points[begin + i]));
            for (const char* kept : marks_kept_as) {
                keys.push_back(points[begin + i] + kept);
            }
        }
        const std::vector<store::SeriesBlock> blocks = co_await parts_.series.read(std::move(keys), from, to);
        for (std::size_t i = 0; i < count; ++i) {
            const std::span<const store::SeriesBlock> own =
                std::span(blocks).subspan(i * (1 + marks_kept_as.size()), 1 + marks_kept_as.size());
            if (!own.front().values.empty()) {
                panel.series.push_back(
                    {points[begin + i], readings_of(own.front(), own.subspan(1), from, to, cadence_s)});
            }
        }
    }
    co_return panel;
}

Awaitable<std::string> RampTraining::learn_one(UtcTime now, std::string origin, std::int64_t cadence_s,
                                               std::vector<std::string> points, Worker& worker,
                                               const std::atomic<bool>& is_stopping) {
    const std::string what = "ramp at " + std::to_string(cadence_s) + " s ";
    const UtcTime midnight{seconds{seconds_of(now) / day_s * day_s}};
    const UtcTime held = midnight - std::chrono::days{options_.held_days};
    const std::int64_t slots = options_.history_days * day_s / cadence_s;
    const std::size_t count = std::min(
        points.size(), std::max<std::size_t>(1, options_.readings_max / static_cast<std::size_t>(slots)));
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < count; ++i) {
        chosen.push_back(points[i * points.size() / count]);
    }
    forecast::Panel panel = co_await read(midnight - std::chrono::days{options_.history_days}, midnight,
                                          cadence_s, chosen, is_stopping);
    if (const std::int64_t known = known_days(panel, seconds_of(held)); known < options_.days_min) {
        co_return what + "failed: the longest of " + std::to_string(panel.series.size()) +
            " histories of minutes has " + std::to_string(known) + " days before the " +
            std::to_string(options_.held_days) + " that are held back, " + std::to_string(options_.days_min) +
            " are needed";
    }
    const std::size_t series = panel.series.size();
    forecast::RampOptions how = options_.train;
    how.is_cancelled = &is_stopping;
    auto job = [panel = std::move(panel), held, models = models_, how] {
        return forecast::train_ramp_challenger(panel, seconds_of(held), models->of(panel.step_s), how);
    };
    Result<forecast::RampChallenge> challenge = co_await worker.run(std::move(job));
    if (!challenge) {
        co_return what + "failed: " + challenge.error().message;
    }
    if (!challenge->trial.is_won()) {
        note_refusal(*challenge, origin);
        co_return what + "refused: it did not win against what serves";
    }
    const Result<void> swapped = co_await put_in_force(std::move(*challenge), origin, series);
    co_return what + (swapped ? "promoted" : "failed: " + swapped.error().message);
}

void RampTraining::note_refusal(const forecast::RampChallenge& challenge, const std::string& origin) {
    json::Object body = body_of(challenge, origin);
    body.set("why", "it did not win against what serves");
    parts_.journal.note({.type = "forecast.model.refused",
                         .actor = system_actor(),
                         .body = std::move(body),
                         .outcome = "denied"});
}

/// Entry durable, file durable, then the swap.
Awaitable<Result<void>> RampTraining::put_in_force(forecast::RampChallenge challenge,
                                                   const std::string& origin, std::size_t series) {
    json::Object body = body_of(challenge, origin);
    body.set("series", static_cast<std::int64_t>(series));
    std::vector<audit::Draft> drafts;
    drafts.push_back({.type = "forecast.model.promoted", .actor = system_actor(), .body = std::move(body)});
    const Result<audit::Committed> written = co_await parts_.journal.commit(std::move(drafts));
    if (!written) {
        co_return written.error();
    }
    const std::int64_t cadence_s = challenge.model.cadence_s;
    const Result<void> saved = forecast::save_ramp(challenge.model, folder_ / file_name(cadence_s));
    if (!saved) {
        co_return saved;
    }
    models_ = std::make_shared<const forecast::RampModels>(models_->with(std::move(challenge.model)));
    log::info("another ramp model serves", {{"cadence_s", std::to_string(cadence_s)}});
    co_return Result<void>{};
}

}  // namespace headroom::agents
