#include "flex/event_chance.hpp"

#include "core/normal.hpp"
#include "core/random.hpp"
#include "flex/chance_search.hpp"
#include "flex/plan_settle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace headroom::flex {
namespace {

/// Quantiles that ascend, and a row of loads for each half-hour that does not fall.
bool fits_need(const ChanceAsked& asked, std::size_t slots) {
    const std::vector<std::int64_t>& at = asked.quantiles_ppm;
    const bool ascends = !at.empty() && at.front() > 0 && at.back() < 1'000'000 &&
                         std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end();
    return ascends && asked.over_w.size() == slots &&
           std::all_of(asked.over_w.begin(), asked.over_w.end(), [&at](const std::vector<std::int64_t>& row) {
               return row.size() == at.size() && std::is_sorted(row.begin(), row.end());
           });
}

/// Everything of it that grows with the network.
std::vector<std::int64_t> sizes_of(const ChanceAsked& asked) {
    std::vector<std::int64_t> out;
    for (const std::vector<std::int64_t>& row : asked.over_w) {
        out.insert(out.end(), row.begin(), row.end());
    }
    for (const StandingRelief& each : asked.standing) {
        out.insert(out.end(), each.relief_w.begin(), each.relief_w.end());
    }
    return out;
}

ChanceAsked asked_in_units(ChanceAsked asked, std::int64_t unit_w) {
    for (std::vector<std::int64_t>& row : asked.over_w) {
        for (std::int64_t& over : row) {
            over /= unit_w;
        }
    }
    for (StandingRelief& each : asked.standing) {
        for (std::int64_t& relief : each.relief_w) {
            relief /= unit_w;
        }
    }
    return asked;
}

/// Sentences for the operator: by how much the plan misses what was asked, and what would make up for it.
std::vector<std::string> would_help(const PlanInput& input, const std::vector<std::int64_t>& target_w,
                                    const std::vector<ChancePart>& parts, std::int64_t reached_ppm) {
    std::size_t worst = 0;
    double most = 0.0;
    for (std::size_t slot = 0; slot < target_w.size(); ++slot) {
        auto left = static_cast<double>(target_w[slot]);
        for (const ChancePart& part : parts) {
            left -= part.reliability * part.relief_w[slot];
        }
        if (left > most) {
            most = left;
            worst = slot;
        }
    }
    std::vector<std::string> out;
    if (most >= 1'000.0) {
        const UtcTime at = input.overload.need.start + period_length * static_cast<std::int64_t>(worst);
        out.push_back(fmt::format("{:.1f} kW more of expected relief at {} UTC", most / 1'000.0,
                                  format_utc(at).substr(11, 5)));
    }
    out.emplace_back("offers that delivered more reliably, or more and smaller ones");
    out.push_back(
        fmt::format("a probability of {:.1f} % in the rules", static_cast<double>(reached_ppm) / 1e4));
    return out;
}

}  // namespace

std::vector<ChancePart> chance_parts(const PlanInput& input, const Problem& problem, const Cover& cover) {
    std::vector<ChancePart> parts;
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        const auto* begin = &cover.power_w[i * problem.slots];
        if (std::all_of(begin, begin + problem.slots, [](std::int64_t power) { return power == 0; })) {
            continue;
        }
        const Offer& offer = input.offers[problem.candidates[i].offer];
        const double share =
            static_cast<double>(relief_ppm(offer.phase, input.overload.limit.phase)) / parts_per_million;
        ChancePart part{
            Random::key(offer.der), static_cast<double>(offer.reliability_ppm) / parts_per_million, {}};
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            part.relief_w.push_back(share * static_cast<double>(begin[slot]));
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

std::vector<ChancePart> chance_parts(const FlexPlan& plan, grid::Phase limit_phase) {
    std::vector<ChancePart> parts;
    for (const PlanLine& line : plan.lines) {
        const double share =
            static_cast<double>(relief_ppm(line.offer.phase, limit_phase)) / parts_per_million;
        ChancePart part{Random::key(line.offer.der),
                        static_cast<double>(line.offer.reliability_ppm) / parts_per_million,
                        {}};
        for (const std::int64_t power : line.power_w.values) {
            part.relief_w.push_back(share * static_cast<double>(power));
        }
        part.relief_w.resize(plan.need_w.values.size(), 0.0);
        parts.push_back(std::move(part));
    }
    return parts;
}

std::int64_t standing_share_ppm(const ChanceAsked& asked, const EventId& event) {
    DeliveryDraws deliveries(Random::key(event.value));
    return ChanceDraws(asked, deliveries).share_ppm({});
}

Result<PlannedCovers> plan_with_chance(const EventPlanInput& input, const PlanInput& allowed,
                                       const Asking& asking, DeliveryDraws& deliveries,
                                       ChanceReached& reached) {
    const ChanceAsked& asked = *input.facts.chance;
    if (!fits_need(asked, allowed.overload.need.w.size())) {
        return Error{Errc::invalid,
                     "the chance asked of event " + allowed.overload.event.value + " does not fit its need"};
    }
    PlanInput exact = allowed;
    exact.rules.margin_ppm = 0;  // what may fail is reckoned with, not guessed
    // The plans of one search share what one may take.
    exact.rules.node_budget = std::max<std::int64_t>(1, allowed.rules.node_budget / chance_searches);
    Result<Problem> problem = problem_under(exact, asking);
    if (!problem) {
        return problem.error();
    }
    SettledCovers settled = settle(*problem, sizes_of(asked), [&](const Problem& part, std::int64_t unit_w) {
        return unit_w == 1 ? find_sure(exact, asking, asked, part, deliveries)
                           : find_sure(exact, asking, asked_in_units(asked, unit_w), part, deliveries);
    });
    Result<PlannedCovers> planned = told_covers(exact, asking, std::move(*problem), std::move(settled));
    if (!planned) {
        return planned;
    }
    ChanceDraws draws(asked, deliveries, static_cast<double>(planned->unit_w));
    const std::vector<ChancePart> parts = chance_parts(allowed, planned->problem, planned->best);
    const std::int64_t share_ppm = draws.share_ppm(parts);
    reached = {.asked_ppm = asked.probability_ppm,
               .rule = asked.rule,
               .reached_ppm = share_ppm,
               .before_ppm = draws.share_ppm({}),
               .is_reached = share_ppm + chance_tolerance_ppm >= asked.probability_ppm,
               .source = asked.source};
    if (!reached.is_reached) {
        const double z_wanted =
            normal_quantile(static_cast<double>(asked.probability_ppm) / parts_per_million);
        reached.would_help = would_help(allowed, draws.target_w(z_wanted, parts), parts, reached.reached_ppm);
    }
    const std::string how = fmt::format(
        "{:.1f} % of drawn loads and deliveries stay within the limit, {:.1f} % without the plan; {} asks "
        "for {:.1f} %",
        static_cast<double>(reached.reached_ppm) / 1e4, static_cast<double>(reached.before_ppm) / 1e4,
        reached.rule, static_cast<double>(reached.asked_ppm) / 1e4);
    std::string more;
    for (const std::string& each : reached.would_help) {
        more += (more.empty() ? ": what would help is " : "; or ") + each;
    }
    planned->plan.reasons.push_back(how + more + ".");
    return planned;
}

}  // namespace headroom::flex
