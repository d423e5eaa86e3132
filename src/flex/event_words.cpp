#include "flex/event_words.hpp"

#include "core/units.hpp"
#include "flex/event_chance.hpp"
#include "flex/event_permit.hpp"
#include "flex/plan_breadth.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::flex {
namespace {

constexpr std::size_t delivery_draws_least = 200;
constexpr std::size_t delivery_draws_most = 2'000;

/// The share of drawn deliveries that cover the whole need: a DER delivers all or nothing, by what it
/// delivered before.
std::int64_t delivered_ppm(const PlanInput& input, const Problem& problem, const Cover& cover,
                           DeliveryDraws& deliveries) {
    const std::vector<ChancePart> parts = chance_parts(input, problem, cover);
    const std::size_t cells = std::max<std::size_t>(1, parts.size() * problem.slots);
    // Where nobody may fail one draw is as good as many.
    const bool is_certain = std::all_of(parts.begin(), parts.end(),
                                        [](const ChancePart& part) { return part.reliability >= 1.0; });
    const std::size_t draws =
        is_certain ? 1 : std::clamp(200'000 / cells, delivery_draws_least, delivery_draws_most);
    std::vector<double> left_w;
    left_w.reserve(draws * problem.slots);
    for (std::size_t draw = 0; draw < draws; ++draw) {
        left_w.insert(left_w.end(), problem.need_w.begin(), problem.need_w.end());
    }
    take_deliveries(parts, problem.slots, draws, deliveries, left_w);
    const auto covered = static_cast<std::int64_t>(count_within(left_w, problem.slots, 1.0));
    return covered * whole_ppm / static_cast<std::int64_t>(draws);
}

/// How sure each way is. Drawing takes longer than everything else about a way, and where little is on offer
/// the ways are one and the same: what has been drawn for the same powers is said again.
class Certainties {
  public:
    Certainties(const EventPlanInput& input, const PlanInput& allowed, const PlannedCovers& planned,
                DeliveryDraws& deliveries)
        : allowed_(allowed), problem_(planned.problem), deliveries_(deliveries) {
        if (input.facts.chance) {
            draws_.emplace(*input.facts.chance, deliveries, static_cast<double>(planned.unit_w));
        }
    }

    [[nodiscard]] std::int64_t ppm_of(const Cover& cover) {
        const auto same = std::find_if(known_.begin(), known_.end(),
                                       [&cover](const Known& each) { return each.power_w == cover.power_w; });
        if (same != known_.end()) {
            return same->ppm;
        }
        const std::int64_t found = draws_ ? draws_->share_ppm(chance_parts(allowed_, problem_, cover))
                                          : delivered_ppm(allowed_, problem_, cover, deliveries_);
        known_.push_back({cover.power_w, found});
        return found;
    }

  private:
    struct Known {
        std::vector<std::int64_t> power_w;
        std::int64_t ppm = 0;
    };
    const PlanInput& allowed_;
    const Problem& problem_;
    DeliveryDraws& deliveries_;
    std::optional<ChanceDraws> draws_;
    std::vector<Known> known_;
};

EventWay way(const EventPlanInput& input, const PlanInput& allowed, const Problem& problem,
             Certainties& certainties, const std::string& name, const Cover& cover) {
    EventWay out{.name = name, .cost_micro_gbp = cover.cost, .shortfall_w = cover.shortfall_peak};
    out.certainty_ppm = certainties.ppm_of(cover);
    std::optional<double> carbon = 0.0;
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        std::int64_t sum = 0;
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            sum += cover.power_w[i * problem.slots + slot];
        }
        if (sum > 0) {
            const Offer& offer = allowed.offers[problem.candidates[i].offer];
            out.asked.push_back(offer.der);
            const std::optional<double> each = carbon_g_per_kwh(input, offer);
            carbon = carbon && each ? std::optional(*carbon + static_cast<double>(sum) / 2'000.0 * *each)
                                    : std::nullopt;
        }
    }
    std::sort(out.asked.begin(), out.asked.end());
    out.carbon_g = carbon ? std::optional(std::llround(*carbon)) : std::nullopt;
    return out;
}

std::vector<std::size_t> cleanest_first(const EventPlanInput& input, const PlanInput& allowed,
                                        const Problem& problem) {
    std::vector<std::size_t> order = problem.by_price;
    double dirtiest = 0.0;  // who says nothing of it is not taken for clean
    for (const Offer& offer : allowed.offers) {
        dirtiest = std::max(dirtiest, carbon_g_per_kwh(input, offer).value_or(0.0));
    }
    const auto carbon = [&](std::size_t i) {
        const Candidate& candidate = problem.candidates[i];
        return carbon_g_per_kwh(input, allowed.offers[candidate.offer]).value_or(dirtiest) /
               static_cast<double>(candidate.relief_uw_per_w);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return carbon(a) < carbon(b); });
    return order;
}

/// The candidate that gives the most relief at its peak; nothing when none is used.
std::optional<std::size_t> largest(const Problem& problem, const Cover& cover) {
    std::optional<std::size_t> best;
    std::int64_t most = 0;
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            const std::int64_t relief =
                cover.power_w[i * problem.slots + slot] * problem.candidates[i].relief_uw_per_w;
            if (relief > most) {
                most = relief;
                best = i;
            }
        }
    }
    return best;
}

std::size_t distinct_purchases(const std::vector<EventWay>& ways) {
    std::vector<std::vector<std::string>> seen;
    for (const EventWay& each : ways) {
        if (!each.asked.empty() && std::find(seen.begin(), seen.end(), each.asked) == seen.end()) {
            seen.push_back(each.asked);
        }
    }
    return seen.size();
}

}  // namespace

std::vector<EventWay> ways_of(const EventPlanInput& input, const PlanInput& allowed,
                              const PlannedCovers& planned, const std::optional<DoingNothing>& nothing,
                              const TimeToLimit& time, DeliveryDraws& deliveries) {
    const Problem& problem = planned.problem;
    Certainties certainties(input, allowed, planned, deliveries);
    const auto way_of = [&](const std::string& name, const Cover& cover) {
        return way(input, allowed, problem, certainties, name, cover);
    };
    std::vector<EventWay> ways{way_of("do_nothing", planned.nothing)};
    ways.front().probability_ppm = input.base.overload.probability_ppm;
    if (nothing) {
        ways.front().detail = nothing->detail;
        if (nothing->loss_of_life_gbp) {
            ways.front().loss_of_life_micro_gbp = std::llround(*nothing->loss_of_life_gbp * 1e6);
        }
    }
    for (const PlanSwitching& option : input.facts.switching) {
        EventWay moved{.name = "switch"};
        std::int64_t peak = 0;
        for (const std::int64_t need : problem.need_w) {
            peak = std::max(peak, need);
        }
        moved.shortfall_w = std::max<std::int64_t>(0, peak - std::llround(option.relief_kw * 1000.0));
        moved.certainty_ppm = moved.shortfall_w == 0 && option.refused.empty() ? whole_ppm : 0;
        const bool is_late = time.minutes && option.minutes > *time.minutes;
        moved.detail = option.id + (option.detail.empty() ? "" : ": " + option.detail) +
                       (option.refused.empty() ? "" : " (" + option.refused + ")") +
                       (is_late ? " (too slow)" : "");
        ways.push_back(std::move(moved));
    }
    ways.push_back(way_of("cheapest", planned.weighed ? planned.cheapest : planned.best));
    if (planned.weighed) {
        ways.push_back(way_of("weighed", *planned.weighed));
    }
    ways.push_back(way_of("most_certain", planned.certain));
    Problem narrowed = problem;
    const Cover clean = fill_in_order(problem, allowed, cleanest_first(input, allowed, problem));
    ways.push_back(way_of("lowest_carbon", clean));
    // Where these come out alike, the plan without its largest DER is set beside them.
    Cover without = planned.best;
    for (std::size_t turn = 0; turn < purchases_least && distinct_purchases(ways) < purchases_least; ++turn) {
        const std::optional<std::size_t> taken = largest(problem, without);
        if (!taken) {
            break;
        }
        std::fill(narrowed.candidates[*taken].cap_w.begin(), narrowed.candidates[*taken].cap_w.end(), 0);
        std::erase(narrowed.by_price, *taken);
        without = fill_in_order(narrowed, allowed, narrowed.by_price);
        const std::string& der = allowed.offers[problem.candidates[*taken].offer].der;
        ways.push_back(way_of("without_" + der, without));
    }
    return ways;
}

std::vector<EventReserve> reserve_of(const PlanInput& allowed, const PlannedCovers& planned) {
    const Problem& problem = planned.problem;
    const Cover& cover = planned.best;
    const auto power = [&](std::size_t i, std::size_t slot) {
        return cover.power_w[i * problem.slots + slot];
    };
    std::vector<std::int64_t> left_uw = problem.need_w;
    std::vector<std::pair<std::int64_t, std::size_t>> used;
    for (std::size_t slot = 0; slot < problem.slots; ++slot) {
        left_uw[slot] *= whole_ppm;
    }
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        std::int64_t peak = 0;
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            const std::int64_t relief = power(i, slot) * problem.candidates[i].relief_uw_per_w;
            left_uw[slot] -= relief;
            peak = std::max(peak, relief);
        }
        if (peak > 0) {
            used.emplace_back(-peak, i);
        }
    }
    std::sort(used.begin(), used.end());
    std::vector<EventReserve> out;
    for (const auto& [peak, failing] : used) {
        std::vector<std::int64_t> missing = left_uw;
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            missing[slot] += power(failing, slot) * problem.candidates[failing].relief_uw_per_w;
        }
        const auto worst = [&missing] {
            return std::max<std::int64_t>(0, *std::max_element(missing.begin(), missing.end()) / whole_ppm);
        };
        EventReserve reserve{.if_fails = allowed.offers[problem.candidates[failing].offer].der,
                             .shortfall_w = worst()};
        for (const std::size_t i : problem.by_price) {
            if (worst() == 0 || reserve.stand_in.size() >= stand_ins_most) {
                break;
            }
            const Candidate& candidate = problem.candidates[i];
            const bool is_idle = std::all_of(&cover.power_w[i * problem.slots],
                                             &cover.power_w[i * problem.slots] + problem.slots,
                                             [](std::int64_t w) { return w == 0; });
            std::int64_t supply = candidate.supply_w;
            bool helps = false;
            for (std::size_t slot = 0; is_idle && slot < problem.slots; ++slot) {
                if (missing[slot] < whole_ppm) {
                    continue;
                }
                const std::int64_t wanted =
                    (missing[slot] + candidate.relief_uw_per_w - 1) / candidate.relief_uw_per_w;
                const std::int64_t given = std::min({candidate.cap_w[slot], supply, wanted});
                missing[slot] -= given * candidate.relief_uw_per_w;
                supply -= given;
                helps = helps || given > 0;
            }
            if (helps) {
                reserve.stand_in.push_back(allowed.offers[candidate.offer].der);
            }
        }
        reserve.left_w = worst();
        out.push_back(std::move(reserve));
    }
    return out;
}

}  // namespace headroom::flex
