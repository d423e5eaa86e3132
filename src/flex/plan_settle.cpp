#include "flex/plan_settle.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace headroom::flex {
namespace {

constexpr std::int64_t ppm = 1'000'000;
constexpr std::int64_t steps_least = 5'000;  // of the largest power

std::vector<std::size_t> used_of(const std::vector<std::size_t>& candidates, std::size_t slots,
                                 const Cover& cover) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const auto* power_w = &cover.power_w[i * slots];
        if (std::any_of(power_w, power_w + slots, [](std::int64_t w) { return w > 0; })) {
            out.push_back(candidates[i]);
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
    for (std::int64_t& target : found.target_uw) {
        target *= unit_w;
    }
    if (found.bound && unit_w > 1) {
        // In units each line's costs are rounded more coarsely.
        found.bound = (*found.bound - static_cast<std::int64_t>(2 * candidates.size() + 1)) * unit_w;
    }
}

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
    for (const std::int64_t size : sizes_w) {
        common = std::gcd(common, size);
    }
    std::int64_t most = 0;
    const auto count = [&common](std::int64_t size) { common = std::gcd(common, size); };
    for (const std::int64_t need : problem.need_w) {
        count(need);
    }
    for (const std::int64_t room : problem.room_uw) {
        count(room / ppm);
    }
    for (const Candidate& candidate : problem.candidates) {
        for (const std::int64_t cap : candidate.cap_w) {
            count(cap);
            most = std::max(most, cap);
        }
        count(candidate.supply_w);
    }
    count(problem.cost_max);
    while (common > 1 && most / common < steps_least) {
        if (common % 10 != 0) {
            return 1;
        }
        common /= 10;
    }
    return std::max<std::int64_t>(1, common);
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
    std::vector<std::size_t> candidates(problem.candidates.size());
    std::iota(candidates.begin(), candidates.end(), std::size_t{0});
    SettledCovers out;
    std::optional<Problem> part;
    for (bool is_first = true;; is_first = false) {
        const Problem& whole = part ? *part : problem;
        const std::int64_t unit_w = resolution_w(whole, sizes_w);
        FoundCovers found = unit_w == 1 ? find(whole, 1) : find(in_units(whole, unit_w), unit_w);
        out.work += found.work;
        std::vector<std::size_t> used = used_of(candidates, problem.slots, found.best);
        widen(problem, candidates, unit_w, found);
        if (is_first) {
            out.first = found;
        } else if (out.last.is_enough && !found.is_enough) {
            return out;
        }
        out.last = std::move(found);
        // Of no candidates there is no plan but this one.
        if (used.size() == candidates.size() || used.empty()) {
            return out;
        }
        candidates = std::move(used);
        part = only(problem, candidates);
    }
}

}  // namespace headroom::flex
