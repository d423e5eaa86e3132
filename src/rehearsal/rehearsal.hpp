#pragma once

#include "core/public_holidays.hpp"
#include "core/result.hpp"
#include "flex/flex_plan.hpp"
#include "forecast/backtest.hpp"
#include "forecast/quantiles.hpp"
#include "forecast/series_panel.hpp"
#include "grid/network.hpp"
#include "rehearsal/fitness.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::rehearsal {

/// Half-hours are named by their number since 1970.
inline constexpr std::int64_t half_hour_s = 1800;
/// Half-hours of a day of 24 hours.
inline constexpr std::int64_t half_hours_a_day = 48;

/// A limit in kW and what was read at its point.
struct WatchedLimit {
    grid::Limit limit;
    std::string substation;  ///< that the feeder leaves; empty when not known
    /// Half-hour means in the limit's direction (turned for an export limit); NaN where nothing usable was
    /// read.
    forecast::GridSeries load_kw;
};

struct RehearsalOptions {
    forecast::LeadRule lead = forecast::LeadRule::one_hour;
    Region region = Region::england_and_wales;
    /// What a missed overload is worth against a needless purchase. The alarm is raised at the quantile
    /// ratio / (ratio + 1), where both cost the same in expectation.
    double cost_ratio = 9.0;
    double warm_up_days =
        28.0;  ///< at the front of the readings, only learnt from; at most a quarter of them
    /// Price of a MWh where no offers are given.
    MicroPoundsPerMwh reference_price{350'000'000};
    flex::PlanRules plan_rules{.id = "rehearsal"};
    FitnessRules fitness;
    forecast::LearnOptions learn;      ///< its seed decides all that is drawn
    std::size_t series_at_once = 100;  ///< that share one model, and memory
};

struct RehearsalInput {
    const grid::Network* network = nullptr;
    std::vector<WatchedLimit> limits;
    /// Of DERs that could have been asked; their availability is taken to be the whole time.
    std::vector<flex::Offer> offers;
    /// Half-hour means of substations whose busbar is metered, by id.
    std::map<std::string, forecast::GridSeries> busbar_kw;
    std::vector<forecast::Covariate> covariates;  ///< `by_series` parallel to `limits`
};

/// What became of an overload.
enum class Fate : std::uint8_t {
    hit,     ///< an alarm stood as it began
    late,    ///< an alarm began later
    missed,  ///< no alarm touches it
};
/// What an alarm was worth.
enum class AlarmFate : std::uint8_t {
    right,     ///< touches an overload
    early,     ///< the overload began within two hours after its end
    needless,  ///< nothing came
};
[[nodiscard]] std::string_view to_string(Fate fate);
[[nodiscard]] std::string_view to_string(AlarmFate fate);

struct OverloadOutcome {
    std::size_t limit = 0;   ///< in `Rehearsal::limits`
    std::int64_t first = 0;  ///< half-hours [first, end)
    std::int64_t end = 0;
    double peak_kw = 0.0;
    double energy_kwh = 0.0;  ///< over the limit
    /// Of that, what would still have been over it with what the alarms bought.
    double left_kwh = 0.0;
    Fate fate = Fate::missed;
};

/// What would have been bought for an alarm.
struct Purchase {
    WattHours needed{};
    WattHours bought{};
    MicroPounds cost{};
    Watts shortfall_peak{};
    std::size_t orders = 0;
    std::vector<std::string> refused;    ///< offers not used, each with why
    bool is_assumed = false;             ///< no offers were given: all that is needed, at the reference price
    std::vector<std::int64_t> relief_w;  ///< by half-hour of the alarm
};

struct AlarmOutcome {
    std::size_t limit = 0;
    std::int64_t first = 0;
    std::int64_t end = 0;
    double foretold_kw = 0.0;  ///< greatest at the alarm's quantile
    double peak_kw = 0.0;      ///< greatest that came
    AlarmFate fate = AlarmFate::needless;
    Purchase purchase;
};

/// A limit's walk, half-hour by half-hour; the columns are of one length.
struct LimitWalk {
    WatchedLimit watched;
    std::int64_t first = 0;  ///< first half-hour behind the warm-up
    std::vector<float> truth_kw;
    std::vector<std::array<float, forecast::quantile_count>> foretold_kw;  ///< NaN where none was made
    LimitScore score;
};

/// A feeder without readings: what those like it suggest.
struct UnmonitoredFeeder {
    std::string feeder;
    std::string kind;
    double rating_kw = 0.0;
    double peak_low_kw = 0.0;     ///< a tenth of the feeders like it peak lower
    double peak_kw = 0.0;         ///< half of them
    double peak_high_kw = 0.0;    ///< all but a tenth
    std::size_t like = 0;         ///< monitored feeders it was estimated from
    bool is_from_busbar = false;  ///< the rest of its substation's busbar, shared by rating
};

struct Rehearsal {
    RehearsalOptions options;
    double alarm_quantile = 0.9;
    std::int64_t first = 0;  ///< half-hours walked, all limits together
    std::int64_t end = 0;
    std::vector<LimitWalk> limits;
    std::vector<OverloadOutcome> overloads;  ///< by limit, then time
    std::vector<AlarmOutcome> alarms;
    std::vector<UnmonitoredFeeder> unmonitored;
    std::vector<FeederScore> feeders;  ///< worst first
    FeederScore all;                   ///< the whole network
    std::array<double, forecast::quantile_count>
        coverage{};  ///< share of the truth at or below each quantile
    std::size_t forecasts = 0;
    bool has_offers = false;
};

/// Walks through the readings behind the warm-up; every forecast is made from what was known at its origin.
/// Deterministic by the seed. Errors: `invalid` when no limit has readings enough (a day behind a warm-up of
/// three), those of `forecast::backtest`.
[[nodiscard]] Result<Rehearsal> rehearse(RehearsalInput input, const RehearsalOptions& options,
                                         const forecast::BacktestProgress& progress);

/// Half-hour to time.
[[nodiscard]] inline UtcTime time_of(std::int64_t half_hour) {
    return UtcTime{seconds{half_hour * half_hour_s}};
}

}  // namespace headroom::rehearsal
