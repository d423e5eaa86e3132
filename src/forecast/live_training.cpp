#include "forecast/live_training.hpp"

#include "forecast/live_forecast.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace headroom::forecast {
namespace {

/// Half-hours between two origins of the trial: every time of day has its turn.
constexpr std::int64_t origin_stride = 7;
constexpr std::array<std::int64_t, 4> judged_leads{1, 2, 8, 24};
constexpr auto past_periods = static_cast<std::int64_t>(live_past_periods);

/// The part of a history in [from, to).
features::HalfHours part(const LiveHistory& history, std::int64_t from, std::int64_t to) {
    const features::HalfHours all{.first = history.first, .kw = history.kw};
    const std::int64_t begin = std::clamp(from, all.first, all.end());
    const std::int64_t end = std::clamp(to, begin, all.end());
    return {.first = begin,
            .kw = all.kw.subspan(static_cast<std::size_t>(begin - all.first),
                                 static_cast<std::size_t>(end - begin))};
}

/// What is known before `end`, in days of half-hours, of the longest history.
std::int64_t known_days(std::span<const LiveHistory> histories, std::int64_t end) {
    std::int64_t longest = 0;
    for (const LiveHistory& history : histories) {
        const features::HalfHours past = part(history, history.first, end);
        longest = std::max<std::int64_t>(
            longest, std::ranges::count_if(past.kw, [](float kw) { return !std::isnan(kw); }));
    }
    return longest / features::periods_per_day;
}

std::int64_t first_of(std::span<const LiveHistory> histories) {
    return histories.empty() ? 0 : std::ranges::min_element(histories, {}, &LiveHistory::first)->first;
}

Panel panel_before(std::span<const LiveHistory> histories, std::int64_t end) {
    Panel panel{.step_s = 1800, .series = {}};
    for (const LiveHistory& history : histories) {
        const features::HalfHours past = part(history, history.first, end);
        Panel::Series& series = panel.series.emplace_back();
        series.name = history.name;
        series.load.first = past.first;
        for (const float kw : past.kw) {
            series.load.values.push_back(snapped_kw(static_cast<double>(kw)));
        }
    }
    return panel;
}

/// Sums of one forecaster's losses over a trial.
struct Score {
    double loss = 0.0;
    double below_p90 = 0.0;
    std::size_t count = 0;

    void add(const QuantileRow& row, double truth_kw, double spread) {
        double sum = 0.0;
        for (std::size_t q = 0; q < quantile_count; ++q) {
            const double error = (truth_kw - static_cast<double>(row[q]) / 1000.0) / spread;
            sum += error >= 0.0 ? quantiles[q] * error : (quantiles[q] - 1.0) * error;
        }
        loss += sum / static_cast<double>(quantile_count);
        below_p90 += truth_kw * 1000.0 <= static_cast<double>(row[quantile_count - 2]) ? 1.0 : 0.0;
        ++count;
    }
    [[nodiscard]] double mean(double sum) const {
        return count == 0 ? 0.0 : sum / static_cast<double>(count);
    }
};

/// The forecasts of a block of points from one origin: by an ensemble where it can, else by the ridge.
class Contestant {
  public:
    Contestant(const LiveModel* model, const ForecastModel* ridge, const CovariateTable& table)
        : model_(model), ridge_(ridge), table_(table) {}

    void look(std::int64_t origin, std::span<const LivePoint> points) {
        origin_ = origin;
        points_ = points;
        if (model_ != nullptr) {
            for (std::size_t i = 0; i < points.size(); ++i) {
                own_points_[i] = points[i];
                own_points_[i].series = model_->series(names_[i]);
            }
            live_.look(*model_, origin, std::span(own_points_).first(points.size()), &table_);
        }
    }
    void name(std::size_t point, std::string_view name) { names_[point] = name; }

    /// The row of each point for one lead; nothing where there is no forecast.
    void ask(std::int64_t lead, std::vector<std::optional<QuantileRow>>& out) {
        const Leads leads{.from = static_cast<std::size_t>(lead - 1), .to = static_cast<std::size_t>(lead)};
        if (model_ != nullptr) {
            live_.forecast({}, leads);
        }
        const Ahead ahead = look_ahead(features::period_start(origin_), lead);
        out.assign(points_.size(), std::nullopt);
        for (std::size_t i = 0; i < points_.size(); ++i) {
            if (model_ != nullptr && live_.fault(i) == Fallback::none) {
                out[i] = live_.rows()[i];
            } else if (forecast_rows(ridge_, ahead, points_[i].past, leads, rows_).method != Method::none &&
                       !rows_.empty()) {
                out[i] = rows_.front();
            }
        }
    }

  private:
    const LiveModel* model_;
    const ForecastModel* ridge_;
    const CovariateTable& table_;
    std::int64_t origin_ = 0;
    std::span<const LivePoint> points_;
    std::array<LivePoint, live_block> own_points_;
    std::array<std::string_view, live_block> names_;
    LiveForecaster live_;
    std::vector<QuantileRow> rows_;
};

/// Both forecast the held days of a block of histories.
void contest(std::span<const LiveHistory> block, const HeldDays& held, Contestant& challenger,
             Contestant& champion, Score& challenger_score, Score& champion_score) {
    std::vector<LivePoint> points(block.size());
    std::vector<std::optional<QuantileRow>> one;
    std::vector<std::optional<QuantileRow>> other;
    for (std::size_t i = 0; i < block.size(); ++i) {
        challenger.name(i, block[i].name);
        champion.name(i, block[i].name);
    }
    for (std::int64_t origin = held.from; origin < held.to; origin += origin_stride) {
        for (std::size_t i = 0; i < block.size(); ++i) {
            points[i].past = part(block[i], origin - past_periods, origin);
            points[i].scale = live_scale(points[i].past, origin);
        }
        challenger.look(origin, points);
        champion.look(origin, points);
        for (const std::int64_t lead : judged_leads) {
            const std::int64_t target = origin + lead - 1;
            if (target >= held.to) {
                continue;
            }
            challenger.ask(lead, one);
            champion.ask(lead, other);
            for (std::size_t i = 0; i < block.size(); ++i) {
                const float truth =
                    features::HalfHours{.first = block[i].first, .kw = block[i].kw}.at(target);
                if (std::isnan(truth) || !one[i] || !other[i]) {
                    continue;
                }
                challenger_score.add(*one[i], static_cast<double>(truth), points[i].scale.spread);
                champion_score.add(*other[i], static_cast<double>(truth), points[i].scale.spread);
            }
        }
    }
}

LiveTrial hold_live_trial(std::span<const LiveHistory> histories, const HeldDays& held,
                          const LiveModel& challenger, const LiveModel* champion,
                          const CovariateTable& table) {
    std::vector<features::HalfHours> pasts;
    for (const LiveHistory& history : histories) {
        pasts.push_back(
            part(history, held.from - static_cast<std::int64_t>(features::half_hours_kept), held.from));
    }
    const std::optional<ForecastModel> ridge = train(pasts, {.now = features::period_start(held.from)});
    const ForecastModel* simple = ridge ? &*ridge : nullptr;
    Contestant one(&challenger, simple, table);
    Contestant other(champion, simple, table);
    Score challenger_score;
    Score champion_score;
    for (std::size_t begin = 0; begin < histories.size(); begin += live_block) {
        contest(histories.subspan(begin, std::min(live_block, histories.size() - begin)), held, one, other,
                challenger_score, champion_score);
    }
    return {.from = held.from,
            .to = held.to,
            .forecasts = challenger_score.count,
            .pinball = challenger_score.mean(challenger_score.loss),
            .champion_pinball = champion_score.mean(champion_score.loss),
            .p90_share = challenger_score.mean(challenger_score.below_p90),
            .champion_p90_share = champion_score.mean(champion_score.below_p90)};
}

}  // namespace

HeldDays held_days(std::int64_t now, int days) {
    const std::int64_t midnight = now - now % features::periods_per_day;
    return {.from = midnight - days * features::periods_per_day, .to = midnight};
}

Result<Challenge> train_challenger(std::span<const LiveHistory> histories, std::int64_t now,
                                   const LiveModel* champion, const LiveTrainOptions& options,
                                   const std::function<void(double, std::string_view)>& progress,
                                   const CovariateTable& table) {
    const HeldDays held = held_days(now, options.held_days);
    if (const std::int64_t known = known_days(histories, held.from); known < options.days_min) {
        return Error{Errc::invalid, "the longest of " + std::to_string(histories.size()) + " histories has " +
                                        std::to_string(known) + " days before the " +
                                        std::to_string(options.held_days) + " that are held back, " +
                                        std::to_string(options.days_min) + " are needed"};
    }
    const Panel panel = panel_before(histories, held.from);
    TrainEnsembleOptions how;
    how.region = options.region;
    how.learn = options.learn;
    how.leads_s = options.leads_s;
    how.rows_max = options.rows_max;
    const std::vector<Covariate> covariates =
        learnable(table, first_of(histories), held.from, options.covariate_days_min);
    Result<Ensemble> ensemble = train_ensemble(panel, covariates, how, progress);
    if (!ensemble) {
        return ensemble.error();
    }
    Result<LiveModel> challenger = LiveModel::make(std::move(*ensemble), "challenger");
    if (!challenger) {
        return challenger.error();
    }
    const LiveTrial trial = hold_live_trial(histories, held, *challenger, champion, table);
    return Challenge{.ensemble = challenger->ensemble(), .trial = trial};
}

}  // namespace headroom::forecast
