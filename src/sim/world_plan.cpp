#include "sim/world_plan.hpp"

#include "core/london_clock.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace headroom::sim {
namespace {

constexpr std::uint64_t kind_stream = 31;
constexpr std::uint64_t stress_stream = 32;
constexpr std::uint64_t loading_stream = 33;
constexpr std::uint64_t rating_stream = 34;
constexpr std::uint64_t noise_stream = 41;

constexpr double expected_share = 11.0 / 300.0;  ///< of the feeders, overloaded as the past days foretell
constexpr double surprise_share = 3.0 / 300.0;   ///< overloaded by what begins on the day itself

/// Losses below a high-voltage feeder's meter: of each secondary transformer standing still, and of all
/// conductors at full load as a share of the limit.
constexpr double iron_kw = 0.6;
constexpr double copper_share = 0.02;

/// Standard ratings of low-voltage feeders, kW over three phases.
constexpr std::array<double, 6> ratings_kw{120.0, 150.0, 180.0, 240.0, 300.0, 360.0};

// The course of a surge, minutes from its begin.
constexpr Minute surge_rise = 6;
constexpr Minute surge_hold = 70;
constexpr Minute surge_gone = 130;

std::uint64_t phase_entity(std::size_t feeder, std::size_t phase) {
    return 1000 + static_cast<std::uint64_t>(feeder) * 4 + phase;
}

/// Day, half-hour and minute noise of a phase's customers, around 0.
double customer_noise(const Random& random, std::uint64_t entity, Minute minute) {
    return 0.018 * lattice_noise(random, entity, minute, 1440, noise_stream) +
           0.020 * lattice_noise(random, entity, minute, 45, noise_stream + 1) +
           0.012 * lattice_noise(random, entity, minute, 5, noise_stream + 2);
}

/// The number of "F-0123" or "HV-05"; 0 when it is no such name.
int number_of(std::string_view id, std::string_view prefix) {
    if (!id.starts_with(prefix) || id.size() > prefix.size() + 6) {
        return 0;
    }
    int number = 0;
    const auto [end, fault] = std::from_chars(id.data() + prefix.size(), id.data() + id.size(), number);
    return fault == std::errc{} && end == id.data() + id.size() ? number : 0;
}

Result<void> check_told(const WorldOptions& options) {
    const auto refuse = [](std::string why) { return Error{Errc::invalid, std::move(why)}; };
    std::set<std::pair<std::string, grid::Phase>> known;
    for (const ToldStress& stress : options.stresses.value_or(std::vector<ToldStress>{})) {
        const bool is_hv = stress.feeder.starts_with("HV-");
        const int number = number_of(stress.feeder, is_hv ? "HV-" : "F-");
        if (number < 1 || number > (is_hv ? options.hv_feeders : options.feeders)) {
            return refuse("there is no feeder " + stress.feeder + " in a world of " +
                          std::to_string(options.feeders) + " feeders and " +
                          std::to_string(options.hv_feeders) + " high-voltage feeders");
        }
        const bool is_live = std::find(grid::live_phases.begin(), grid::live_phases.end(), stress.phase) !=
                             grid::live_phases.end();
        if (is_hv ? stress.phase != grid::Phase::sum : !is_live) {
            return refuse("the stress of " + stress.feeder + " must name " +
                          (is_hv ? "no phase: it is metered on the sum" : "one of the phases L1, L2, L3"));
        }
        if (!(stress.peak_loading >= 0.5 && stress.peak_loading <= 2.0)) {
            return refuse("the peak loading of " + stress.feeder + " must lie between 0.5 and 2");
        }
        if (!known.emplace(stress.feeder, stress.phase).second) {
            return refuse("the stress of " + stress.feeder + " stands twice");
        }
    }
    const EveningPeak& peak = options.evening_peak;
    const bool is_in_order = 0 <= peak.begin && peak.begin <= peak.full && peak.full <= peak.fades &&
                             peak.fades <= peak.gone && peak.gone < 1440;
    const bool is_on_grid =
        peak.begin % 5 == 0 && peak.full % 5 == 0 && peak.fades % 5 == 0 && peak.gone % 5 == 0;
    if (!is_in_order || !is_on_grid || !(peak.share >= 0.0 && peak.share <= 2.0)) {
        return refuse(
            "the evening peak must run from begin over full and fades to gone within a day, on multiples of "
            "five minutes, with a share of 0 to 2");
    }
    return {};
}

}  // namespace

double EveningPeak::at(int local_minute) const {
    if (local_minute <= begin || local_minute >= gone) {
        return 0.0;
    }
    if (local_minute < full) {
        return static_cast<double>(local_minute - begin) / static_cast<double>(full - begin);
    }
    return local_minute <= fades
               ? 1.0
               : static_cast<double>(gone - local_minute) / static_cast<double>(gone - fades);
}

double HvFeederModel::load_kw(double below_kw) const {
    const double copper_kw = limit_kw > 0.0 ? copper_share * below_kw * below_kw / limit_kw : 0.0;
    return below_kw + iron_kw * static_cast<double>(secondaries) + copper_kw;
}

Result<void> check(const WorldOptions& options) {
    const auto refuse = [](std::string why) { return Error{Errc::invalid, std::move(why)}; };
    if (options.feeders < 1 || options.feeders > 5000) {
        return refuse("feeders is " + std::to_string(options.feeders) + "; 1 to 5000 can be simulated");
    }
    if (options.ders < 0 || options.ders > 50'000) {
        return refuse("ders is " + std::to_string(options.ders) + "; 0 to 50000 can be simulated");
    }
    const std::int64_t step = options.step.count();
    if (step < 1 || step > 30 || 30 % step != 0) {
        return refuse("step is " + std::to_string(step) + " min; it must divide 30");
    }
    if (options.history_days < 0 || options.history_days > 60) {
        return refuse("history_days is " + std::to_string(options.history_days) + "; 0 to 60 can be given");
    }
    if (!std::isfinite(options.outdoor_c) || options.outdoor_c < -30.0 || options.outdoor_c > 40.0) {
        return refuse("outdoor_c must lie between -30 and 40");
    }
    if (options.silent_ppm < 0 || options.silent_ppm > 1'000'000) {
        return refuse("silent_ppm must lie between 0 and 1000000");
    }
    if (options.hv_feeders != 0 &&
        (options.hv_feeders < 3 || options.hv_feeders > 300 || options.hv_feeders % 3 != 0)) {
        return refuse("hv_feeders is " + std::to_string(options.hv_feeders) +
                      "; 0, or 3 to 300 in threes can be simulated");
    }
    if (const Result<void> told = check_told(options); !told) {
        return told;
    }
    const Date first{std::chrono::floor<std::chrono::days>(options.start)};
    if (first.year() < std::chrono::year{2000} || first.year() > std::chrono::year{2100}) {
        return refuse("start must lie between 2000 and 2100");
    }
    if (options.start.time_since_epoch() % minutes{30} != milliseconds{0}) {
        return refuse("start must be the begin of a half-hour");
    }
    return {};
}

double Surge::kw(Minute minute) const {
    const Minute since = minute - begin;
    if (peak_kw == 0.0 || since < 0 || since >= surge_gone) {
        return 0.0;
    }
    if (since < surge_rise) {
        return peak_kw * static_cast<double>(since + 1) / static_cast<double>(surge_rise);
    }
    return since < surge_hold ? peak_kw
                              : peak_kw * static_cast<double>(surge_gone - since) /
                                    static_cast<double>(surge_gone - surge_hold);
}

WorldPlan::WorldPlan(const WorldOptions& options)
    : options_(options),
      random_(options.seed),
      calendar_(Calendar::england_and_wales()),
      weather_(random_, options.start, options.outdoor_c) {
    HEADROOM_ASSERT(check(options).has_value());
    const auto count = static_cast<std::size_t>(options_.feeders);
    feeders_.resize(count);
    kinds_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::string number = std::to_string(i + 1);
        feeders_[i].id = "F-" + std::string(number.size() < 4 ? 4 - number.size() : 0, '0') + number;
        const double draw = random_.uniform(i, 0, kind_stream);
        kinds_[i] = draw < 0.70 ? "domestic" : draw < 0.92 ? "mixed" : "commercial";
        for (std::size_t p = 0; p < 3; ++p) {
            PhaseModel& phase = feeders_[i].phases[p];
            phase.entity = phase_entity(i, p);
            phase.commercial_share = kinds_[i] == "domestic" ? 0.0 : kinds_[i] == "mixed" ? 0.12 : 0.85;
        }
    }
    place_hv_feeders();
    if (options_.stresses) {
        take_told_stresses();
    } else {
        place_stress();
    }
    place_devices();
    surprise_vehicles();
    scale_customers();
    rate_hv_feeders();
    build_network();
}

void WorldPlan::place_hv_feeders() {
    if (options_.hv_feeders == 0) {
        return;
    }
    const std::size_t per_primary = static_cast<std::size_t>(options_.hv_feeders) / primary_count;
    hv_feeders_.resize(per_primary * primary_count);
    for (std::size_t h = 0; h < hv_feeders_.size(); ++h) {
        const std::string number = std::to_string(h + 1);
        hv_feeders_[h].id = "HV-" + std::string(number.size() < 2 ? 1 : 0, '0') + number;
        hv_feeders_[h].primary = h / per_primary;
    }
    const std::size_t secondaries = (feeders_.size() + feeders_per_secondary - 1) / feeders_per_secondary;
    for (std::size_t s = 0; s < secondaries; ++s) {
        HvFeederModel& hv = hv_feeders_[hv_feeder_of(s)];
        hv.secondaries += 1;
        for (std::size_t f = s * feeders_per_secondary;
             f < std::min(feeders_.size(), (s + 1) * feeders_per_secondary); ++f) {
            hv.feeders.push_back(f);
        }
    }
}

std::size_t WorldPlan::hv_feeder_of(std::size_t secondary) const {
    const std::size_t per_primary = hv_feeders_.size() / primary_count;
    return secondary % primary_count * per_primary + secondary / primary_count % per_primary;
}

/// Stresses by name, and the evening peak of everybody below a stressed high-voltage feeder.
void WorldPlan::take_told_stresses() {
    for (const ToldStress& told : *options_.stresses) {
        if (told.phase != grid::Phase::sum) {
            Stress stress;
            stress.feeder = static_cast<std::size_t>(number_of(told.feeder, "F-") - 1);
            stress.phase = static_cast<std::size_t>(told.phase);
            stress.peak_loading = told.peak_loading;
            stresses_.push_back(stress);
            continue;
        }
        HvFeederModel& hv = hv_feeders_[static_cast<std::size_t>(number_of(told.feeder, "HV-") - 1)];
        hv.is_stressed = true;
        hv.peak_loading = told.peak_loading;
        for (const std::size_t feeder : hv.feeders) {
            for (PhaseModel& phase : feeders_[feeder].phases) {
                phase.peak_share = options_.evening_peak.share;
            }
        }
    }
}

/// A high-voltage feeder's limit follows from what it carries on the first day and how loaded it is to be.
void WorldPlan::rate_hv_feeders() {
    constexpr double rating_step_kw = 5.0;
    if (hv_feeders_.empty()) {
        return;
    }
    const Minute first = to_minute(UtcTime{std::chrono::floor<std::chrono::days>(options_.start)});
    std::vector<double> peaks_kw(hv_feeders_.size(), 0.0);  // of what is below
    for (Minute minute = first + 6 * 60; minute < first + 24 * 60; minute += 10) {
        const Moment at = moment(minute);
        for (std::size_t h = 0; h < hv_feeders_.size(); ++h) {
            double below_kw = 0.0;
            for (const std::size_t feeder : hv_feeders_[h].feeders) {
                for (const PhaseModel& phase : feeders_[feeder].phases) {
                    below_kw += customers_kw(phase, at) + device_share_kw(phase, at);
                }
            }
            peaks_kw[h] = std::max(peaks_kw[h], below_kw);
        }
    }
    for (std::size_t h = 0; h < hv_feeders_.size(); ++h) {
        HvFeederModel& hv = hv_feeders_[h];
        const double loading =
            hv.is_stressed ? hv.peak_loading : 0.55 + 0.27 * random_.uniform(h, 7, loading_stream);
        // The copper loss depends on the limit: load(limit) = loading * limit is a quadratic in the limit.
        const double straight_kw = peaks_kw[h] + iron_kw * static_cast<double>(hv.secondaries);
        const double root =
            std::sqrt(straight_kw * straight_kw + 4.0 * loading * copper_share * peaks_kw[h] * peaks_kw[h]);
        const double limit_kw = (straight_kw + root) / (2.0 * loading);
        hv.limit_kw = std::max(rating_step_kw, std::round(limit_kw / rating_step_kw) * rating_step_kw);
    }
}

void WorldPlan::place_stress() {
    std::vector<std::pair<std::uint64_t, std::size_t>> candidates;
    for (std::size_t i = 0; i < feeders_.size(); ++i) {
        if (kinds_[i] != "commercial") {
            candidates.emplace_back(random_.bits(i, 0, stress_stream), i);
        }
    }
    if (candidates.empty()) {
        candidates.emplace_back(0, 0);
        kinds_[0] = "domestic";
        for (PhaseModel& phase : feeders_[0].phases) {
            phase.commercial_share = 0.0;
        }
    }
    std::sort(candidates.begin(), candidates.end());
    const auto feeders = static_cast<double>(feeders_.size());
    const std::size_t expected = std::min(
        candidates.size(), std::max<std::size_t>(1, static_cast<std::size_t>(feeders * expected_share)));
    const std::size_t surprises =
        std::min(candidates.size() - expected, static_cast<std::size_t>(feeders * surprise_share));
    for (std::size_t k = 0; k < expected + surprises; ++k) {
        const std::size_t feeder = candidates[k].second;
        Stress stress;
        stress.feeder = feeder;
        stress.phase = static_cast<std::size_t>(random_.below(3, feeder, 1, stress_stream));
        const double draw = random_.uniform(feeder, 2, stress_stream);
        if (k < expected) {
            stress.peak_loading = k == 0 && expected > 3 ? 1.20 : 1.05 + 0.12 * draw;
            stress.is_thin = k + 1 == expected && expected > 7;
            if (stress.is_thin) {
                stress.peak_loading = 1.12;
            }
        } else {
            stress.kind = (k - expected) % 2 == 0 ? Stress::Kind::vehicles : Stress::Kind::surge;
            stress.peak_loading = 1.09 + 0.07 * draw;
        }
        stresses_.push_back(stress);
    }
}

const Stress* WorldPlan::stress_of(std::size_t feeder, std::size_t phase) const {
    for (const Stress& stress : stresses_) {
        if (stress.feeder == feeder && stress.phase == phase) {
            return &stress;
        }
    }
    return nullptr;
}

Moment WorldPlan::moment(Minute minute) const {
    Moment moment;
    moment.minute = minute;
    const Minute local = minute + london_span(minute * 60).offset_s / 60;
    moment.local_day = local / day_minutes;
    moment.local_minute = static_cast<int>(local % day_minutes);
    const Date date{std::chrono::sys_days{std::chrono::days{moment.local_day}}};
    const Result<bool> working = calendar_.is_working_day(date);
    const std::chrono::weekday weekday{std::chrono::sys_days{date}};
    // Outside the calendar's years the simulated people know weekends only.
    moment.is_working_day = working ? *working : weekday.c_encoding() != 0 && weekday.c_encoding() != 6;
    moment.outdoor_c = weather_.outdoor_c(minute);
    moment.evening_peak = moment.is_working_day ? options_.evening_peak.at(moment.local_minute) : 0.0;
    for (const CustomerClass each : {CustomerClass::domestic, CustomerClass::commercial}) {
        moment.customer_kw[static_cast<std::size_t>(each)] =
            class_load_kw(each, moment.is_working_day, moment.local_minute) *
            temperature_factor(each, moment.outdoor_c);
    }
    return moment;
}

double WorldPlan::customers_kw(const PhaseModel& phase, const Moment& moment) const {
    const double homes = moment.customer_kw[0] * (1.0 - phase.commercial_share) *
                         (1.0 + phase.peak_share * moment.evening_peak);
    const double businesses = moment.customer_kw[1] * phase.commercial_share;
    const double noise = customer_noise(random_, phase.entity, moment.minute);
    return static_cast<double>(phase.customers) * phase.level * (homes + businesses) * (1.0 + noise) +
           phase.surge.kw(moment.minute);
}

double WorldPlan::device_share_kw(const PhaseModel& phase, const Moment& moment) const {
    double sum = 0.0;
    for (const auto& [device, share] : phase.devices) {
        sum += natural_kw(devices_[device], random_, moment) * share;
    }
    return sum;
}

void WorldPlan::scale_customers() {
    // The first day, from early morning: a phase is as loaded as it will ever be in that cold evening.
    const Minute first = to_minute(UtcTime{std::chrono::floor<std::chrono::days>(options_.start)});
    std::vector<Moment> moments;
    for (Minute minute = first + 6 * 60; minute < first + 24 * 60; minute += 10) {
        moments.push_back(moment(minute));
    }
    for (std::size_t i = 0; i < feeders_.size(); ++i) {
        FeederModel& feeder = feeders_[i];
        const double busiest = 0.50 + 0.36 * random_.uniform(i, 0, loading_stream);
        const std::size_t busiest_phase = static_cast<std::size_t>(random_.below(3, i, 1, loading_stream));
        std::array<double, 3> loading{};
        double device_peak_kw = 0.0;
        for (std::size_t p = 0; p < 3; ++p) {
            const Stress* stress = stress_of(i, p);
            const double share =
                p == busiest_phase ? 1.0 : 0.65 + 0.30 * random_.uniform(i, 2 + p, loading_stream);
            loading[p] = stress == nullptr ? busiest * share : stress->peak_loading;
            if (stress != nullptr && stress->kind == Stress::Kind::surge) {
                loading[p] = 0.85;  // before the surge
            }
            for (const Moment& at : moments) {
                device_peak_kw = std::max(device_peak_kw, device_share_kw(feeder.phases[p], at) / loading[p]);
            }
        }
        // A feeder that carries many devices was laid stronger.
        constexpr double devices_most = 0.75;
        auto rating = static_cast<std::size_t>(random_.below(4, i, 0, rating_stream));
        while (rating + 1 < ratings_kw.size() && ratings_kw[rating] / 3.0 * devices_most < device_peak_kw) {
            ++rating;
        }
        for (std::size_t p = 0; p < 3; ++p) {
            feeder.phases[p].limit_kw = ratings_kw[rating] / 3.0;
            scale_phase(feeder, p, loading[p], moments);
            const Stress* stress = stress_of(i, p);
            if (stress != nullptr && stress->kind == Stress::Kind::surge) {
                constexpr Minute earliest = 17 * 60 + 50;
                const auto wait = static_cast<Minute>(random_.below(25, i, 3, stress_stream));
                add_surge(feeder.phases[p], first + earliest + wait, stress->peak_loading);
            }
        }
    }
}

/// Brings the phase to `loading` times its limit while the surge lasts.
void WorldPlan::add_surge(PhaseModel& phase, Minute begin, double loading) {
    double largest = 0.0;
    for (Minute minute = begin + surge_rise; minute < begin + surge_hold; minute += 4) {
        const Moment at = moment(minute);
        largest = std::max(largest, customers_kw(phase, at) + device_share_kw(phase, at));
    }
    phase.surge = {.begin = begin, .peak_kw = std::max(0.0, loading * phase.limit_kw - largest)};
}

/// As many customers as make the phase's largest load of those moments `loading` times its limit.
void WorldPlan::scale_phase(FeederModel& feeder, std::size_t phase_index, double loading,
                            const std::vector<Moment>& moments) {
    PhaseModel& phase = feeder.phases[phase_index];
    phase.customers = 1;
    phase.level = 1.0;
    std::vector<std::pair<double, double>> loads;  // of one customer, of the devices
    loads.reserve(moments.size());
    for (const Moment& at : moments) {
        loads.emplace_back(customers_kw(phase, at), device_share_kw(phase, at));
    }
    const double wanted_kw = loading * phase.limit_kw;
    double most = wanted_kw * 10.0;
    for (const auto& [customer, devices] : loads) {
        most = std::min(most, std::max(0.0, (wanted_kw - devices) / customer));
    }
    phase.customers = std::max(1, static_cast<int>(std::lround(most)));
    phase.level = most / static_cast<double>(phase.customers);
}

}  // namespace headroom::sim
