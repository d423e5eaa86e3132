#include "flex/plan_problem.hpp"

#include <algorithm>

namespace headroom::flex {

namespace {

/// Takes one candidate after the other and gives each its share of what is left.
class Filler {
  public:
    Filler(const Problem& problem, const PlanInput& input)
        : problem_(problem), input_(input), residual_(problem.target_uw), budget_(problem.cost_max) {
        cover_.power_w.assign(problem.candidates.size() * problem.slots, 0);
    }

    void take(std::size_t index) {
        const Candidate& candidate = problem_.candidates[index];
        if (!is_worth_buying(problem_, candidate)) {
            return;
        }
        std::vector<std::int64_t> powers = candidate.is_block() ? best_block(candidate) : best_run(candidate);
        std::int64_t sum = 0;
        for (const std::int64_t power : powers) {
            sum += power;
        }
        const Offer& offer = input_.offers[candidate.offer];
        if (candidate.is_block() && line_cost(offer, sum) > budget_) {
            return;
        }
        trim(powers, sum, affordable(offer, sum));
        budget_ -= line_cost(offer, sum);
        for (std::size_t slot = 0; slot < problem_.slots; ++slot) {
            cover_.power_w[index * problem_.slots + slot] = powers[slot];
            residual_[slot] =
                std::max<std::int64_t>(0, residual_[slot] - powers[slot] * candidate.relief_uw_per_w);
        }
    }

    [[nodiscard]] Cover finish() {
        evaluate(problem_, input_, cover_);
        return std::move(cover_);
    }

  private:
    /// The largest part of `sum` that the budget still pays.
    [[nodiscard]] std::int64_t affordable(const Offer& offer, std::int64_t sum) const {
        if (line_cost(offer, sum) <= budget_) {
            return sum;
        }
        std::int64_t low = 0;
        std::int64_t high = sum;
        while (low + 1 < high) {
            const std::int64_t middle = low + (high - low) / 2;
            (line_cost(offer, middle) <= budget_ ? low : high) = middle;
        }
        return low;
    }

    /// Takes watts away from the last half-hours until the sum is `wanted`.
    static void trim(std::vector<std::int64_t>& powers, std::int64_t& sum, std::int64_t wanted) {
        for (auto power = powers.rbegin(); power != powers.rend() && sum > wanted; ++power) {
            const std::int64_t less = std::min(*power, sum - wanted);
            *power -= less;
            sum -= less;
        }
    }

    [[nodiscard]] std::int64_t useful(const Candidate& candidate, std::size_t slot) const {
        const std::int64_t per_w = candidate.relief_uw_per_w;
        return std::min(candidate.cap_w[slot], (residual_[slot] + per_w - 1) / per_w);
    }

    /// The window of the longest allowed run in which it helps most; within its energy, earliest first.
    [[nodiscard]] std::vector<std::int64_t> best_run(const Candidate& candidate) const {
        std::size_t best_begin = 0;
        std::int64_t best_sum = -1;
        for (std::size_t begin = 0; begin + candidate.run_max <= problem_.slots; ++begin) {
            std::int64_t sum = 0;
            for (std::size_t slot = begin; slot < begin + candidate.run_max; ++slot) {
                sum += useful(candidate, slot);
            }
            if (sum > best_sum) {
                best_sum = sum;
                best_begin = begin;
            }
        }
        std::vector<std::int64_t> powers(problem_.slots, 0);
        std::int64_t supply = candidate.supply_w;
        for (std::size_t slot = best_begin; slot < best_begin + candidate.run_max; ++slot) {
            powers[slot] = std::min(useful(candidate, slot), supply);
            supply -= powers[slot];
        }
        return powers;
    }

    /// The run of a block that is worth most over its cost; nothing when none is worth it.
    [[nodiscard]] std::vector<std::int64_t> best_block(const Candidate& candidate) const {
        std::vector<std::int64_t> best(problem_.slots, 0);
        Wide best_worth = 0;
        for (std::size_t length = candidate.run_min; length <= candidate.run_max; ++length) {
            for (std::size_t begin = 0; begin + length <= problem_.slots; ++begin) {
                const Run run{begin, begin + length};
                const std::int64_t power = block_power(candidate, run);
                Wide covered_uw = 0;
                for (std::size_t slot = run.begin; slot < run.end; ++slot) {
                    covered_uw += std::min(residual_[slot], power * candidate.relief_uw_per_w);
                }
                // µW at µ£/MWh against ppm-scaled cost: one scale for both sides.
                const Wide worth =
                    covered_uw * problem_.unserved_price -
                    Wide{power} * static_cast<std::int64_t>(length) * candidate.price * 1'000'000;
                if (worth > best_worth) {
                    best_worth = worth;
                    std::fill(best.begin(), best.end(), 0);
                    std::fill(best.begin() + static_cast<std::ptrdiff_t>(run.begin),
                              best.begin() + static_cast<std::ptrdiff_t>(run.end), power);
                }
            }
        }
        return best;
    }

    const Problem& problem_;
    const PlanInput& input_;
    std::vector<std::int64_t> residual_;
    std::int64_t budget_;
    Cover cover_;
};

}  // namespace

Cover fill_in_order(const Problem& problem, const PlanInput& input, const std::vector<std::size_t>& order) {
    Filler filler(problem, input);
    for (const std::size_t index : order) {
        filler.take(index);
    }
    return filler.finish();
}

}  // namespace headroom::flex
