#include "rehearsal/fitness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::rehearsal {
namespace {

/// Fewer days of winter say nothing of a winter.
constexpr double winter_days_min = 30.0;

double share(std::size_t part, std::size_t whole) {
    return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(part) / static_cast<double>(whole);
}

/// What a level wants of the figures.
struct Bar {
    double hit_share;
    double days;
    std::size_t overloads;
    double coverage_low, coverage_high;
    double data_share;
};

std::vector<std::string> failures(const FeederScore& feeder, const Bar& bar) {
    std::vector<std::string> out;
    const LimitScore& score = feeder.score;
    if (feeder.days_each() < bar.days) {
        out.push_back(
            fmt::format("{:.0f} days were walked, {:.0f} are asked for", feeder.days_each(), bar.days));
    }
    if (score.overloads < bar.overloads) {
        out.push_back(score.overloads == 0
                          ? "no overload came, so nothing shows that one would be seen"
                          : fmt::format("{} overload{} came, {} are asked for", score.overloads,
                                        score.overloads == 1 ? "" : "s", bar.overloads));
    } else if (feeder.hit_share() < bar.hit_share) {
        out.push_back(fmt::format("{:.0f} % of {} overloads were seen in time, {:.0f} % are asked for",
                                  100.0 * feeder.hit_share(), score.overloads, 100.0 * bar.hit_share));
    }
    if (!(feeder.coverage_p90() >= bar.coverage_low && feeder.coverage_p90() <= bar.coverage_high)) {
        out.push_back(fmt::format(
            "{:.1f} % of the readings stay below the 90 % quantile; {:.0f} to {:.0f} % would be honest",
            100.0 * feeder.coverage_p90(), 100.0 * bar.coverage_low, 100.0 * bar.coverage_high));
    }
    if (feeder.data_share() < bar.data_share) {
        out.push_back(fmt::format("{:.0f} % of the half-hours have readings, {:.0f} % are asked for",
                                  100.0 * feeder.data_share(), 100.0 * bar.data_share));
    }
    return out;
}

std::vector<std::string> failures_of_act(const FeederScore& feeder, const FitnessRules& rules) {
    std::vector<std::string> out =
        failures(feeder, {rules.act_hit_share, rules.act_days, rules.act_overloads, rules.act_coverage_low,
                          rules.act_coverage_high, rules.act_data_share});
    const LimitScore& score = feeder.score;
    if (feeder.needless_per_winter() > rules.act_needless_per_winter) {
        out.push_back(fmt::format("{:.1f} needless purchases a feeder and winter, {:g} are allowed",
                                  feeder.needless_per_winter(), rules.act_needless_per_winter));
    }
    if (!score.is_verified) {
        out.emplace_back("the limit is taken from readings and nobody answers for it");
    }
    if (score.is_assumed) {
        out.emplace_back("no offers were given, so nothing shows that relief can be bought");
    } else if (const double covered = score.needed.value == 0 ? 1.0
                                                              : static_cast<double>(score.bought.value) /
                                                                    static_cast<double>(score.needed.value);
               covered < rules.act_covered_share) {
        out.push_back(fmt::format("the offers cover {:.0f} % of what was needed, {:.0f} % are asked for",
                                  100.0 * covered, 100.0 * rules.act_covered_share));
    }
    return out;
}

}  // namespace

std::string_view to_string(Fit fit) {
    switch (fit) {
        case Fit::shadow:
            return "shadow";
        case Fit::propose:
            return "propose";
        case Fit::act:
            return "act";
    }
    return "shadow";
}

LimitScore& LimitScore::operator+=(const LimitScore& other) {
    days += other.days;
    days_winter += other.days_winter;
    days_span += other.days_span;
    overloads += other.overloads;
    hit += other.hit;
    late += other.late;
    missed += other.missed;
    missed_winter += other.missed_winter;
    alarms += other.alarms;
    early += other.early;
    needless += other.needless;
    needless_winter += other.needless_winter;
    over_p90 += other.over_p90;
    compared += other.compared;
    energy_kwh += other.energy_kwh;
    left_kwh += other.left_kwh;
    cost += other.cost;
    cost_needless += other.cost_needless;
    needed += other.needed;
    bought += other.bought;
    is_verified = is_verified && other.is_verified;
    is_assumed = is_assumed || other.is_assumed;
    return *this;
}

double FeederScore::hit_share() const {
    return share(score.hit, score.overloads);
}

double FeederScore::coverage_p90() const {
    return share(score.compared - score.over_p90, score.compared);
}

double FeederScore::data_share() const {
    return score.days_span > 0.0 ? score.days / score.days_span : 0.0;
}

double FeederScore::days_each() const {
    return score.days / static_cast<double>(std::max<std::size_t>(1, feeders));
}

double FeederScore::feeder_winters() const {
    return (score.days_winter >= winter_days_min ? score.days_winter : score.days) / winter_days;
}

double FeederScore::missed_per_winter() const {
    const bool has_winter = score.days_winter >= winter_days_min;
    return static_cast<double>(has_winter ? score.missed_winter : score.missed) /
           std::max(feeder_winters(), 1e-9);
}

double FeederScore::needless_per_winter() const {
    const bool has_winter = score.days_winter >= winter_days_min;
    return static_cast<double>(has_winter ? score.needless_winter : score.needless) /
           std::max(feeder_winters(), 1e-9);
}

void judge(FeederScore& feeder, const FitnessRules& rules) {
    std::vector<std::string> to_propose =
        failures(feeder, {rules.propose_hit_share, rules.propose_days, rules.propose_overloads,
                          rules.propose_coverage_low, rules.propose_coverage_high, rules.propose_data_share});
    if (!to_propose.empty()) {
        feeder.fit = Fit::shadow;
        feeder.because = std::move(to_propose);
        return;
    }
    std::vector<std::string> to_act = failures_of_act(feeder, rules);
    feeder.fit = to_act.empty() ? Fit::act : Fit::propose;
    feeder.because = std::move(to_act);
    if (feeder.fit == Fit::act) {
        feeder.because.push_back(fmt::format(
            "{:.0f} % of {} overloads seen in time and {:.1f} needless purchases a feeder and winter, at "
            "limits that somebody answers for",
            100.0 * feeder.hit_share(), feeder.score.overloads, feeder.needless_per_winter()));
    }
}

}  // namespace headroom::rehearsal
