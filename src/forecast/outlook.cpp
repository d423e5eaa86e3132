#include "forecast/outlook.hpp"

#include "core/result.hpp"
#include "forecast/live_forecast.hpp"
#include "forecast/outlook_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace headroom::forecast {
namespace {

constexpr std::array<double, 3> week_weights{0.35, 0.65, 0.9};
constexpr std::array<double, 3> day_weights{0.4, 0.75, 0.93};
constexpr std::array<std::int64_t, 3> compared_leads{2, 4, 6};
constexpr double error_half_life_days = 10.0;
constexpr double degrees_min = 3.0;
/// So many half-hours in a row that no kept week knows are drawn straight over.
constexpr std::int64_t bridged_max = 4;
/// A spread that fewer days made is none.
constexpr std::int64_t judged_days_min = 5;
constexpr std::size_t p10_index = 1;
constexpr std::size_t p90_index = 5;
static_assert(quantiles[median_index] == 0.5 && quantiles[p90_index] == 0.9 && quantiles[p10_index] == 0.1);

struct Weighed {
    double error = 0.0;
    double weight = 0.0;
};

/// Quantile of Student's t over the normal one. Source: Abramowitz and Stegun 26.7.5, two terms.
double widening(double z, double degrees) {
    const double z3 = z * z * z;
    const double z5 = z3 * z * z;
    return 1.0 +
           ((z3 + z) / (4.0 * degrees) + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * degrees * degrees)) / z;
}

/// By straight lines between the middles of the weights.
double weighted_quantile(const std::vector<Weighed>& sorted, double wanted) {
    double below = 0.0;
    double middle_before = 0.0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const double middle = below + 0.5 * sorted[i].weight;
        if (middle >= wanted) {
            return i == 0 ? sorted[0].error
                          : sorted[i - 1].error + (sorted[i].error - sorted[i - 1].error) *
                                                      (wanted - middle_before) / (middle - middle_before);
        }
        middle_before = middle;
        below += sorted[i].weight;
    }
    return sorted.back().error;
}

/// Of errors that are worth so many days.
QuantileValues spread_of(std::vector<Weighed>& errors, double days) {
    std::ranges::sort(errors, {}, &Weighed::error);
    double total = 0.0;
    for (const Weighed& each : errors) {
        total += each.weight;
    }
    QuantileValues out{};
    for (std::size_t q = 0; q < quantile_count; ++q) {
        out[q] = weighted_quantile(errors, quantiles[q] * total);
    }
    // Half-hours of a day err together: it is the days that count. Three are spent on the mean and the
    // shares.
    const double degrees = std::max(degrees_min, days - 3.0);
    for (std::size_t q = 0; q < quantile_count; ++q) {
        if (q != median_index) {
            out[q] = out[median_index] +
                     (out[q] - out[median_index]) * widening(std::abs(normal_quantiles[q]), degrees);
        }
    }
    return out;
}

/// How alike the errors of neighbouring days are, 0 … 0.9, from their means.
double persistence_of(const std::vector<double>& day_means) {
    double mean = 0.0;
    double known = 0.0;
    for (const double each : day_means) {
        mean += std::isnan(each) ? 0.0 : each;
        known += std::isnan(each) ? 0.0 : 1.0;
    }
    mean /= std::max(1.0, known);
    double same = 0.0;
    double next = 0.0;
    for (std::size_t i = 0; i < day_means.size(); ++i) {
        const double off = day_means[i] - mean;
        same += std::isnan(off) ? 0.0 : off * off;
        const double before = i > 0 ? day_means[i - 1] - mean : std::numeric_limits<double>::quiet_NaN();
        next += std::isnan(off * before) ? 0.0 : off * before;
    }
    return same > 0.0 ? std::clamp(next / same, 0.0, 0.9) : 0.0;
}

/// The errors of a rule at one lead, by block.
struct LeadSpread {
    std::array<QuantileValues, outlook_blocks> errors{};
    std::array<std::int64_t, outlook_blocks> days{};  ///< that made it
};

/// The errors of one block at one lead.
struct BlockErrors {
    std::vector<Weighed> errors;
    std::vector<double> day_means;  // NaN of a day that is not judged
    double weight = 0.0;
    double squares = 0.0;
    std::int64_t days = 0;

    void end_day(double sum, double count, double share) {
        const bool is_judged = count > 0.0;
        day_means.push_back(is_judged ? sum / count : std::numeric_limits<double>::quiet_NaN());
        weight += is_judged ? share : 0.0;
        squares += is_judged ? share * share : 0.0;
        days += is_judged ? 1 : 0;
    }
    /// As many days as these are worth: the newer count more, and days that err alike are less than they
    /// seem.
    [[nodiscard]] double days_worth() const {
        const double alike = persistence_of(day_means);
        return weight * weight / squares * (1.0 - alike) / (1.0 + alike);
    }
};

LeadSpread spread_at(const LocalDays& days, const OutlookWalk& walk, std::int64_t lead,
                     const OutlookShares& shares) {
    constexpr std::int64_t block_slots = slots_of_day / static_cast<std::int64_t>(outlook_blocks);
    std::array<BlockErrors, outlook_blocks> blocks;
    for (std::int64_t day = walk.first_judged(lead); day <= days.origin().day; ++day) {
        const double share = std::exp2(-static_cast<double>(days.origin().day - day) / error_half_life_days);
        for (std::size_t block = 0; block < outlook_blocks; ++block) {
            double sum = 0.0;
            double count = 0.0;
            const std::int64_t begin = static_cast<std::int64_t>(block) * block_slots;
            for (std::int64_t slot = std::max(begin, walk.first_slot(lead)); slot < begin + block_slots;
                 ++slot) {
                const double error =
                    static_cast<double>(days.at(day, slot)) - walk.foretold(day, slot, lead, shares);
                if (!std::isnan(error)) {
                    blocks[block].errors.push_back({error, share});
                    sum += error;
                    count += 1.0;
                }
            }
            blocks[block].end_day(sum, count, share);
        }
    }
    LeadSpread out;
    for (std::size_t block = 0; block < outlook_blocks; ++block) {
        out.days[block] = blocks[block].days;
        if (blocks[block].days >= judged_days_min) {
            out.errors[block] = spread_of(blocks[block].errors, blocks[block].days_worth());
        }
    }
    return out;
}

struct Rule {
    OutlookWalk walk;
    OutlookLeadShares shares{};
};

/// The rule that would have erred least.
std::optional<Rule> best_rule(const LocalDays& days) {
    std::optional<Rule> best;
    double least = std::numeric_limits<double>::infinity();
    for (const double week_weight : week_weights) {
        Rule rule{.walk = OutlookWalk(days, week_weight)};
        for (const double day_weight : day_weights) {
            rule.walk.follow_level(day_weight);
            for (const std::int64_t lead : compared_leads) {
                rule.shares[static_cast<std::size_t>(lead)] = rule.walk.fit(lead);
            }
            if (const double error = rule.walk.error(compared_leads, rule.shares); error < least) {
                least = error;
                best = rule;
            }
        }
    }
    for (std::int64_t lead = 0; best && lead <= outlook_days_max; ++lead) {
        best->shares[static_cast<std::size_t>(lead)] = best->walk.fit(lead);
    }
    return best;
}

std::int64_t count_known_days(const LocalDays& days) {
    std::int64_t known = 0;
    for (std::int64_t day = days.first_day(); day <= days.origin().day; ++day) {
        std::int64_t slots = 0;
        for (std::int64_t slot = 0; slot < slots_of_day; ++slot) {
            slots += std::isnan(days.at(day, slot)) ? 0 : 1;
        }
        known += 2 * slots >= slots_of_day ? 1 : 0;
    }
    return known;
}

/// No more than twelve weeks of it.
features::HalfHours newest_of(features::HalfHours past, std::int64_t origin) {
    const std::int64_t gone =
        std::clamp<std::int64_t>(origin - outlook_past_periods - past.first, 0, std::ssize(past.kw));
    past.kw = past.kw.subspan(static_cast<std::size_t>(gone));
    past.first += gone;
    return past;
}

/// Straight lines over half-hours that no week knows, from the last row to `next`.
void bridge(std::vector<QuantileRow>& rows, const QuantileRow& next, std::int64_t count) {
    const QuantileRow before = rows.empty() ? next : rows.back();
    for (std::int64_t i = 1; i <= count; ++i) {
        QuantileRow& row = rows.emplace_back();
        for (std::size_t q = 0; q < quantile_count; ++q) {
            row[q] =
                static_cast<std::int32_t>(before[q] + (std::int64_t{next[q]} - before[q]) * i / (count + 1));
        }
    }
}

bool is_silent(const features::HalfHours& past, std::int64_t origin) {
    for (std::int64_t period = origin - outlook_from; period < origin; ++period) {
        if (!std::isnan(past.at(period))) {
            return false;
        }
    }
    return true;
}

}  // namespace

Outlook make_outlook(const features::HalfHours& past, std::int64_t origin, std::int64_t days, Region region,
                     std::int64_t from) {
    HEADROOM_ASSERT(days >= outlook_days_min && days <= outlook_days_max);
    HEADROOM_ASSERT(from >= 0 && from < slots_of_day * days);
    Outlook out;
    out.origin = origin;
    out.start = origin + from;
    const std::int64_t until = origin + slots_of_day * days;
    const features::HalfHours kept = newest_of(past, origin);
    const LocalDays local(kept, origin, until, region);
    out.days_known = count_known_days(local);
    if (out.days_known < outlook_days_known_min) {
        out.reason =
            fmt::format("the week ahead needs {} days of readings, and {} known", outlook_days_known_min,
                        out.days_known == 1 ? "1 is" : fmt::format("{} are", out.days_known));
        return out;
    }
    if (is_silent(kept, origin)) {
        out.reason = "nothing is known of the last two days";
        return out;
    }
    const std::optional<Rule> rule = best_rule(local);
    if (!rule) {
        out.reason = "no half-hour of the past has one a week before it that is known";
        return out;
    }
    std::array<LeadSpread, outlook_days_max + 1> spread{};
    for (std::int64_t lead = 0; lead <= outlook_days_max; ++lead) {
        const auto at = static_cast<std::size_t>(lead);
        spread[at] = spread_at(local, rule->walk, lead, rule->shares[at]);
        for (std::size_t block = 0; block < outlook_blocks; ++block) {
            const QuantileValues& errors = spread[at].errors[block];
            out.upper_kw[at][block] = errors[p90_index] - errors[median_index];
            out.lower_kw[at][block] = errors[median_index] - errors[p10_index];
        }
    }
    std::int64_t unknown = 0;  // half-hours in a row that no week knows
    for (std::int64_t period = out.start; period < until; ++period) {
        const WallPlace wall = wall_place(region, period);
        // Across a change of the clocks the eighth day may begin an hour early.
        const std::int64_t lead = std::min(wall.day - local.origin().day, outlook_days_max);
        const auto at = static_cast<std::size_t>(lead);
        const std::size_t block = outlook_block(wall.slot);
        const double middle = rule->walk.foretold(wall.day, wall.slot, lead, rule->shares[at]);
        if (std::isnan(middle) && !out.load_w.empty() && unknown < bridged_max) {
            ++unknown;
            continue;
        }
        if (std::isnan(middle) || spread[at].days[block] < judged_days_min) {
            break;  // as far as it can be told, and no further
        }
        out.days_judged =
            out.load_w.empty() ? spread[at].days[block] : std::min(out.days_judged, spread[at].days[block]);
        QuantileRow row{};
        for (std::size_t q = 0; q < quantile_count; ++q) {
            row[q] = row_watts(middle + spread[at].errors[block][q]);
        }
        bridge(out.load_w, row, std::exchange(unknown, 0));
        out.load_w.push_back(row);
    }
    if (out.load_w.empty()) {
        out.reason =
            "too few of the days that are known have one a week before them to tell how far this would err";
    }
    return out;
}

}  // namespace headroom::forecast
