#include "flex/chance_lower.hpp"

#include "core/units.hpp"
#include "flex/event_chance.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

namespace headroom::flex {
namespace {

/// Alike in all but price, and in who is asked.
bool are_alike(const Candidate& a, const Candidate& b) {
    const auto terms = [](const Candidate& each) {
        return std::tie(each.cap_w, each.supply_w, each.run_max, each.run_min, each.relief_uw_per_w,
                        each.reliability_ppm, each.rebound_ppm, each.rebound_slots);
    };
    return terms(a) == terms(b);
}

class Lowering {
  public:
    Lowering(const PlanInput& input, const Asking& asking, const Problem& problem, ChanceDraws& draws,
             std::int64_t enough_ppm, Cover& cover)
        : input_(input), asking_(asking), problem_(problem), draws_(draws), cover_(cover) {
        parts_ = chance_parts(input, problem, cover);
        drawn_ = draws.drawn(parts_);
        enough_ = static_cast<std::size_t>(
            (enough_ppm * static_cast<std::int64_t>(drawn_.draws) + whole_ppm - 1) / whole_ppm);
        const std::vector<std::int64_t> back_uw = rebound_of(problem, cover);
        relief_uw_.assign(problem.slots, 0);
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            relief_uw_[slot] -= slot < back_uw.size() ? back_uw[slot] : 0;
        }
        for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
            for (std::size_t slot = 0; slot < problem.slots; ++slot) {
                relief_uw_[slot] += power(i, slot) * problem.candidates[i].relief_uw_per_w;
            }
        }
    }

    void run(bool may_drop) {
        if (count_within(drawn_.left_w, problem_.slots, chance_rounding_w) < enough_) {
            return;
        }
        for (const auto& [candidate, part] : dearest_first()) {
            if (may_drop && is_spare(candidate) && drop(candidate, parts_[part])) {
                continue;
            }
            if (!problem_.candidates[candidate].is_block()) {
                for (std::size_t slot = 0; slot < problem_.slots; ++slot) {
                    lower(candidate, parts_[part], slot, may_drop);
                }
            }
        }
        evaluate(problem_, input_, cover_);
    }

  private:
    [[nodiscard]] std::int64_t& power(std::size_t candidate, std::size_t slot) {
        return cover_.power_w[candidate * problem_.slots + slot];
    }
    [[nodiscard]] std::int64_t energy(std::size_t candidate) {
        std::int64_t sum = 0;
        for (std::size_t slot = 0; slot < problem_.slots; ++slot) {
            sum += power(candidate, slot);
        }
        return sum;
    }

    /// Used candidates with their parts.
    [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> dearest_first() {
        struct Used {
            std::size_t turn = 0;
            std::int64_t price = 0;
            std::size_t candidate = 0;
            std::size_t part = 0;
        };
        std::vector<Used> used;
        for (std::size_t i = 0; i < problem_.candidates.size(); ++i) {
            if (energy(i) == 0) {
                continue;
            }
            const Offer& offer = input_.offers[problem_.candidates[i].offer];
            used.push_back({asking_.turn_of ? asking_.turn_of(offer) : 0,
                            problem_.candidates[i].price + (asking_.weigh ? asking_.weigh(offer).price : 0),
                            i, used.size()});
        }
        std::stable_sort(used.begin(), used.end(), [this](const Used& a, const Used& b) {
            const auto relief = [this](const Used& each) {
                return problem_.candidates[each.candidate].relief_uw_per_w;
            };
            return a.turn != b.turn ? a.turn > b.turn : Wide{a.price} * relief(b) > Wide{b.price} * relief(a);
        });
        std::vector<std::pair<std::size_t, std::size_t>> out;
        for (const Used& each : used) {
            out.emplace_back(each.candidate, each.part);
        }
        return out;
    }

    /// What it may give back: as long as no dearer one that is alike gives more.
    [[nodiscard]] std::int64_t spare_w(std::size_t candidate) {
        std::int64_t most = 0;
        const Candidate& own = problem_.candidates[candidate];
        for (std::size_t i = 0; i < problem_.candidates.size(); ++i) {
            if (i != candidate && problem_.candidates[i].price >= own.price &&
                are_alike(problem_.candidates[i], own)) {
                most = std::max(most, energy(i));
            }
        }
        return std::max<std::int64_t>(0, energy(candidate) - most);
    }

    /// The lowest power with which the slot's need is still covered in expectation, where it is now.
    [[nodiscard]] std::int64_t needed_w(std::size_t candidate, std::size_t slot) {
        const std::int64_t each = problem_.candidates[candidate].relief_uw_per_w;
        const std::int64_t others = relief_uw_[slot] - power(candidate, slot) * each;
        const std::int64_t missing = problem_.need_w[slot] * whole_ppm - others;
        return missing <= 0 ? 0 : std::min(power(candidate, slot), (missing + each - 1) / each);
    }

    [[nodiscard]] bool is_spare(std::size_t candidate) {
        if (spare_w(candidate) < energy(candidate)) {
            return false;
        }
        for (std::size_t slot = 0; slot < problem_.slots; ++slot) {
            if (needed_w(candidate, slot) > 0) {
                return false;
            }
        }
        return true;
    }

    void set(std::size_t candidate, std::size_t slot, std::int64_t power_w) {
        relief_uw_[slot] -=
            (power(candidate, slot) - power_w) * problem_.candidates[candidate].relief_uw_per_w;
        power(candidate, slot) = power_w;
    }

    /// Drops it where the draws stay within the limit often enough without it.
    bool drop(std::size_t candidate, const ChancePart& part) {
        ChancePart back = part;
        for (double& relief : back.relief_w) {
            relief = -relief;
        }
        DrawnLoads without = drawn_;
        draws_.take(back, without);
        if (count_within(without.left_w, problem_.slots, chance_rounding_w) < enough_) {
            return false;
        }
        drawn_ = std::move(without);
        for (std::size_t slot = 0; slot < problem_.slots; ++slot) {
            set(candidate, slot, 0);
        }
        return true;
    }

    /// The lowest power in the slot at which the draws stay within the limit often enough.
    void lower(std::size_t candidate, const ChancePart& part, std::size_t slot, bool may_drop) {
        const std::int64_t now = power(candidate, slot);
        const Candidate& own = problem_.candidates[candidate];
        const bool keeps_run = !may_drop || own.has_runs(problem_.slots) || own.rebound_ppm > 0;
        std::int64_t least =
            std::max({needed_w(candidate, slot), now - spare_w(candidate), std::int64_t{keeps_run ? 1 : 0}});
        if (least >= now) {
            return;
        }
        const double seen = part.relief_w[slot] / static_cast<double>(now);
        const std::vector<std::uint64_t>& there = draws_.there(part, drawn_.draws);
        const auto delivers = [&there](std::size_t draw) {
            return (there[draw / 64] >> draw % 64 & 1U) != 0;
        };
        std::vector<double> wanted_w;  // by draw in which it delivers: the power that the slot wants of it
        std::size_t within = 0;
        for (std::size_t draw = 0; draw < drawn_.draws; ++draw) {
            const double* left = &drawn_.left_w[draw * problem_.slots];
            bool is_within = true;
            for (std::size_t t = 0; t < problem_.slots; ++t) {
                is_within = is_within && (t == slot || left[t] <= chance_rounding_w);
            }
            if (!is_within) {
                continue;
            }
            if (delivers(draw)) {
                wanted_w.push_back((left[slot] + part.relief_w[slot]) / seen);
            } else {
                within += left[slot] <= chance_rounding_w ? 1 : 0;
            }
        }
        if (within < enough_) {
            const std::size_t rank = enough_ - within;
            if (rank > wanted_w.size()) {
                return;
            }
            const auto at = wanted_w.begin() + static_cast<std::ptrdiff_t>(rank - 1);
            std::nth_element(wanted_w.begin(), at, wanted_w.end());
            least = std::max(least, static_cast<std::int64_t>(std::ceil(*at)));
        }
        if (least >= now) {
            return;
        }
        for (std::size_t draw = 0; draw < drawn_.draws; ++draw) {
            drawn_.left_w[draw * problem_.slots + slot] +=
                delivers(draw) ? seen * static_cast<double>(now - least) : 0.0;
        }
        set(candidate, slot, least);
    }

    const PlanInput& input_;
    const Asking& asking_;
    const Problem& problem_;
    ChanceDraws& draws_;
    Cover& cover_;
    std::vector<ChancePart> parts_;
    DrawnLoads drawn_;
    std::size_t enough_ = 0;
    std::vector<std::int64_t> relief_uw_;  // expected, by slot, less what comes back
};

}  // namespace

void lower_powers(const PlanInput& input, const Asking& asking, const Problem& problem, ChanceDraws& draws,
                  std::int64_t enough_ppm, bool may_drop, Cover& cover) {
    Lowering(input, asking, problem, draws, enough_ppm, cover).run(may_drop);
}

}  // namespace headroom::flex
