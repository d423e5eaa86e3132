#include "flex/plan_settle.hpp"

#include "core/units.hpp"
#include "flex/resolution.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace headroom::flex {
namespace {

constexpr std::int64_t need_steps_least = 2'000;  // of the largest need

std::vector<std::size_t> used_of(const Problem& problem, const Cover& cover) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        const auto* power_w = &cover.power_w[i * problem.slots];
        if (std::any_of(power_w, power_w + problem.slots, [](std::int64_t w) { return w > 0; })) {
            out.push_back(i);
        }
    }
    return out;
}

/// A cover of `candidates` in units as one of all of the problem's candidates in watts.
void widen(const Problem& problem, const std::vector<std::size_t>& candidates, std::int64_t unit_w,
           Cover& cover) {
    std::vector<std::int64_t> power_w(problem.candidates.size() * problem.slots, 0);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            power_w[candidates[i] * problem.slots + slot] = cover.power_w[i * problem.slots + slot] * unit_w;
        }
    }
    cover.power_w = std::move(power_w);
}

void widen(const Problem& problem, const std::vector<std::size_t>& candidates, std::int64_t unit_w,
           FoundCovers& found) {
    widen(problem, candidates, unit_w, found.best);
    widen(problem, candidates, unit_w, found.cheapest);
    if (found.weighed) {
        widen(problem, candidates, unit_w, *found.weighed);
    }
    found.unit_w = unit_w;
    for (std::int64_t& target : found.target_uw) {
        target *= unit_w;
    }
    if (found.bound) {
        found.bound =
            *found.bound * unit_w;  // it is rounded down in units, and powers are no whole ones in it
    }
}

/// Who is left when what is not used is left out, again and again.
class Settling {
  public:
    Settling(const Problem& problem, const std::vector<std::int64_t>& sizes_w, const FindCovers& find,
             SettledCovers& out)
        : problem_(problem), sizes_w_(sizes_w), find_(find), out_(out) {}

    /// A plan that uses all that it was made from, of a part of `candidates` and by what is found for these
    /// alone, so that it is the same whoever else is offered. The first one that ends in a plan that is
    /// enough; where none does, the surest one that they end in.
    FoundCovers of(const std::vector<std::size_t>& candidates) {
        if (const auto known = known_.find(candidates); known != known_.end()) {
            return known->second;
        }
        std::vector<FoundCovers> plans = found(candidates);
        std::optional<FoundCovers> out;
        for (std::size_t i = 0; i < plans.size() && !(out && out->is_enough); ++i) {
            const std::vector<std::size_t> used = used_of(problem_, plans[i].best);
            if (i > 0 && !plans[i].is_enough) {
                continue;
            }
            // Of no candidates there is no plan but this one.
            FoundCovers end = used == candidates || used.empty() ? std::move(plans[i]) : of(used);
            if (!out || end.is_enough || end.share_ppm > out->share_ppm) {
                out = std::move(end);
            }
        }
        return known_.emplace(candidates, std::move(*out)).first->second;
    }

  private:
    std::vector<FoundCovers> found(const std::vector<std::size_t>& candidates) {
        const bool is_part = candidates.size() < problem_.candidates.size();
        const Problem part = is_part ? only(problem_, candidates) : Problem{};
        const Problem& whole = is_part ? part : problem_;
        const std::int64_t unit_w = resolution_w(whole, sizes_w_);
        std::vector<FoundCovers> plans;
        if (unit_w == 1) {
            plans = find_(whole, 1);
        } else {
            const Problem coarse = in_units(whole, unit_w);
            plans = find_(coarse, unit_w);
            for (FoundCovers& plan : plans) {
                // Somewhat less may be spent in units than in watts: where that matters nothing is proven.
                if (plan.cheapest.cost > coarse.cost_max - coarse.cost_max / 100) {
                    plan.bound.reset();
                }
            }
        }
        for (FoundCovers& plan : plans) {
            widen(problem_, candidates, unit_w, plan);
        }
        out_.work += plans.front().work;
        if (!is_part) {
            out_.first = plans.front();
        }
        return plans;
    }

    const Problem& problem_;
    const std::vector<std::int64_t>& sizes_w_;
    const FindCovers& find_;
    SettledCovers& out_;
    std::map<std::vector<std::size_t>, FoundCovers> known_;
};

}  // namespace

Problem only(const Problem& problem, const std::vector<std::size_t>& candidates) {
    Problem out{.slots = problem.slots,
                .need_w = problem.need_w,
                .target_uw = problem.target_uw,
                .candidates = {},
                .by_price = {},
                .unserved_price = problem.unserved_price,
                .cost_max = problem.cost_max,
                .left_out = {},
                .room_uw = problem.room_uw};
    std::vector<std::size_t> place(problem.candidates.size(), problem.candidates.size());
    for (const std::size_t candidate : candidates) {
        place[candidate] = out.candidates.size();
        out.candidates.push_back(problem.candidates[candidate]);
    }
    for (const std::size_t candidate : problem.by_price) {
        if (place[candidate] < out.candidates.size()) {
            out.by_price.push_back(place[candidate]);
        }
    }
    if (!out.has_rebound()) {
        out.room_uw.clear();
    }
    return out;
}

std::int64_t resolution_w(const Problem& problem, const std::vector<std::int64_t>& sizes_w) {
    std::int64_t common = 0;
    // What is needed is there whatever is offered: of how much is offered and not used nothing must depend.
    std::int64_t most = 0;
    const auto count = [&common](std::int64_t size) { common = std::gcd(common, size); };
    for (const std::int64_t size : sizes_w) {
        count(size);
        most = std::max(most, size);
    }
    for (const std::int64_t need : problem.need_w) {
        count(need);
        most = std::max(most, need);
    }
    for (const std::int64_t room : problem.room_uw) {
        count(room / whole_ppm);
    }
    for (const Candidate& candidate : problem.candidates) {
        for (const std::int64_t cap : candidate.cap_w) {
            count(cap);
        }
        count(candidate.supply_w);
    }
    count(problem.cost_max);
    return coarsest_unit(common, most, need_steps_least);
}

Problem in_units(Problem problem, std::int64_t unit_w) {
    if (unit_w == 1) {
        return problem;
    }
    for (std::vector<std::int64_t>* sizes : {&problem.need_w, &problem.target_uw, &problem.room_uw}) {
        for (std::int64_t& size : *sizes) {
            size /= unit_w;
        }
    }
    std::int64_t rounding = 0;
    for (Candidate& candidate : problem.candidates) {
        for (std::int64_t& cap : candidate.cap_w) {
            cap /= unit_w;
        }
        candidate.supply_w /= unit_w;
        // A line's energy is rounded to whole units: what that may hide is not to be spent.
        rounding += candidate.price / 2'000'000 + 2;
    }
    problem.cost_max = std::max<std::int64_t>(0, problem.cost_max / unit_w - rounding);
    return problem;
}

SettledCovers settle(const Problem& problem, const std::vector<std::int64_t>& sizes_w,
                     const FindCovers& find) {
    std::vector<std::size_t> all(problem.candidates.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    SettledCovers out;
    Settling settling(problem, sizes_w, find, out);
    out.last = settling.of(all);
    return out;
}

}  // namespace headroom::flex
