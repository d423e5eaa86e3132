#include "flex/event_chance.hpp"

#include "core/normal.hpp"
#include "core/random.hpp"
#include "flex/plan_settle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace headroom::flex {
namespace {

constexpr double ppm = 1e6;
constexpr int searches = 8;
constexpr double z_lowest = -0.5;
constexpr double z_highest = 4.0;
constexpr std::int64_t tolerance_ppm = chance_tolerance_ppm;
constexpr std::int64_t surer_most_ppm = 15'000;  // than asked, where fewer offers are searched
constexpr double rounding_w = 1.0;               // each half-hour's powers are whole watts

/// One plan on the way to the probability.
struct Trial {
    FoundCovers found;
    std::int64_t share_ppm = 0;
    double open_w = 0.0;  ///< of what the asked probability wants
};

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

double open_of(const std::vector<std::int64_t>& target_w, const std::vector<ChancePart>& parts) {
    double open = 0.0;
    for (std::size_t slot = 0; slot < target_w.size(); ++slot) {
        auto left = static_cast<double>(target_w[slot]);
        for (const ChancePart& part : parts) {
            left -= part.reliability * part.relief_w[slot];
        }
        open += std::max(0.0, left);
    }
    return open;
}

bool is_better(const Trial& a, const Trial& b, std::int64_t asked_ppm) {
    const bool is_enough = a.share_ppm + tolerance_ppm >= asked_ppm;
    if (is_enough != (b.share_ppm + tolerance_ppm >= asked_ppm)) {
        return is_enough;
    }
    if (!is_enough && std::abs(a.share_ppm - b.share_ppm) > tolerance_ppm) {
        return a.share_ppm > b.share_ppm;
    }
    if (!is_enough && std::fabs(a.open_w - b.open_w) > rounding_w) {
        return a.open_w < b.open_w;
    }
    const auto cost = [](const Trial& trial) { return trial.found.best.cost + trial.found.best.weight_cost; };
    return cost(a) < cost(b);
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

ChanceAsked in_units(ChanceAsked asked, std::int64_t unit_w) {
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

/// How sure covers of one problem are. Neighbouring targets often have the same plan, which is drawn once.
class Shares {
  public:
    explicit Shares(ChanceDraws& draws) : draws_(draws) {}

    [[nodiscard]] std::int64_t ppm_of(const Cover& cover, const std::vector<ChancePart>& parts) {
        for (const auto& [power_w, share_ppm] : known_) {
            if (power_w == cover.power_w) {
                return share_ppm;
            }
        }
        known_.emplace_back(cover.power_w, draws_.share_ppm(parts));
        return known_.back().second;
    }

  private:
    ChanceDraws& draws_;
    std::vector<std::pair<std::vector<std::int64_t>, std::int64_t>> known_;
};

/// Whether more of the target stays open than rounding and the search's own gap leave: one part of it in 200.
bool is_open(const Problem& problem, const Cover& cover) {
    std::int64_t target_w = 0;
    for (const std::int64_t target : problem.target_uw) {
        target_w += target / static_cast<std::int64_t>(ppm);
    }
    const WattHours energy = energy_of(Watts{target_w}, period_length);
    return cover.unserved_cost > cost_of(energy, MicroPoundsPerMwh{problem.unserved_price}).value / 200;
}

/// One search for a plan that is as sure as asked: of the target, with a plan for each.
FoundCovers find_sure(const PlanInput& input, const Asking& asking, const ChanceAsked& asked, Problem problem,
                      DeliveryDraws& deliveries) {
    ChanceDraws draws(asked, deliveries);
    const double z_wanted = normal_quantile(static_cast<double>(asked.probability_ppm) / ppm);
    double low = z_lowest;
    double high = z_highest;
    double z = z_wanted;
    Shares shares(draws);
    std::vector<ChancePart> parts;
    std::optional<Trial> best;
    std::int64_t work = 0;
    for (int search = 0; search <= searches; ++search) {
        const std::vector<std::int64_t> target_w = draws.target_w(z, parts);
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            problem.target_uw[slot] =
                std::max(target_w[slot], problem.need_w[slot]) * static_cast<std::int64_t>(ppm);
        }
        Trial trial{find_covers(input, asking, problem), 0, 0.0};
        work += trial.found.work;
        parts = chance_parts(input, problem, trial.found.best);
        trial.share_ppm = shares.ppm_of(trial.found.best, parts);
        trial.open_w = open_of(draws.target_w(z_wanted, parts), parts);
        // Of a target that cannot be covered some half-hour gets what another lacks: less may be surer.
        const bool is_sure = trial.share_ppm + tolerance_ppm >= asked.probability_ppm;
        (is_sure || is_open(problem, trial.found.best) ? high : low) = z;
        if (!best || is_better(trial, *best, asked.probability_ppm)) {
            best = std::move(trial);
        }
        if (problem.candidates.empty()) {
            break;  // there is nothing to search
        }
        z = 0.5 * (low + high);
        if (search + 1 == searches) {
            if (best->share_ppm + tolerance_ppm >= asked.probability_ppm) {
                break;
            }
            z = z_highest;  // as much as there is
        }
    }
    best->found.work = work;
    best->found.is_enough = best->share_ppm + tolerance_ppm >= asked.probability_ppm &&
                            best->share_ppm <= asked.probability_ppm + surer_most_ppm;
    return std::move(best->found);
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
        const double share = static_cast<double>(relief_ppm(offer.phase, input.overload.limit.phase)) / ppm;
        ChancePart part{Random::key(offer.der), static_cast<double>(offer.reliability_ppm) / ppm, {}};
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
        const double share = static_cast<double>(relief_ppm(line.offer.phase, limit_phase)) / ppm;
        ChancePart part{
            Random::key(line.offer.der), static_cast<double>(line.offer.reliability_ppm) / ppm, {}};
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
    exact.rules.node_budget = std::max<std::int64_t>(1, allowed.rules.node_budget / searches);
    Result<Problem> problem = problem_under(exact, asking);
    if (!problem) {
        return problem.error();
    }
    SettledCovers settled = settle(*problem, sizes_of(asked), [&](const Problem& part, std::int64_t unit_w) {
        return unit_w == 1 ? find_sure(exact, asking, asked, part, deliveries)
                           : find_sure(exact, asking, in_units(asked, unit_w), part, deliveries);
    });
    Result<PlannedCovers> planned = told_covers(exact, asking, std::move(*problem), std::move(settled));
    if (!planned) {
        return planned;
    }
    ChanceDraws draws(asked, deliveries);
    const std::vector<ChancePart> parts = chance_parts(allowed, planned->problem, planned->best);
    const std::int64_t share_ppm = draws.share_ppm(parts);
    reached = {.asked_ppm = asked.probability_ppm,
               .rule = asked.rule,
               .reached_ppm = share_ppm,
               .before_ppm = draws.share_ppm({}),
               .is_reached = share_ppm + tolerance_ppm >= asked.probability_ppm,
               .source = asked.source};
    if (!reached.is_reached) {
        const double z_wanted = normal_quantile(static_cast<double>(asked.probability_ppm) / ppm);
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
