#include "flex/schedule_draws.hpp"

#include "core/random.hpp"

#include <algorithm>

namespace headroom::flex {
namespace {

constexpr double rounding = 1e-3;  // of sums, not of powers: a need is covered or it is not

}  // namespace

DrawnDeliveries::DrawnDeliveries(const ScheduleProblem& problem, const std::vector<double>& reliability,
                                 std::int64_t draws, std::uint64_t seed)
    : problem_(problem),
      reliability_(reliability),
      draws_(static_cast<std::size_t>(draws)),
      seed_(seed),
      there_(problem.units.size()),
      cover_uw_(problem.slots(), 0) {
    for (std::size_t t = 0; t < problem.slots(); ++t) {
        if (problem.target_w[t] > 0) {
            slots_.push_back(t);
        }
    }
    relief_w_.assign(draws_ * slots_.size(), 0.0);
}

const std::vector<std::uint32_t>& DrawnDeliveries::there(std::size_t unit) {
    std::vector<std::uint32_t>& out = there_[unit];
    if (out.empty()) {
        const Random random(seed_);
        for (std::uint32_t draw = 0; draw < draws_; ++draw) {
            if (random.uniform(problem_.units[unit].key, draw) < reliability_[unit]) {
                out.push_back(draw);
            }
        }
        work_ += static_cast<std::int64_t>(draws_);
    }
    return out;
}

void DrawnDeliveries::change(std::size_t unit, const std::int32_t* power_w, int sign) {
    std::fill(cover_uw_.begin(), cover_uw_.end(), 0);
    add_cover(problem_, unit, power_w, sign, cover_uw_);
    const std::size_t slots = slots_.size();
    std::vector<double> relief(slots);
    for (std::size_t i = 0; i < slots; ++i) {
        relief[i] = static_cast<double>(cover_uw_[slots_[i]]) / 1e6 / reliability_[unit];
    }
    const std::vector<std::uint32_t>& draws = there(unit);
    for (const std::uint32_t draw : draws) {
        double* at = &relief_w_[draw * slots];
        for (std::size_t i = 0; i < slots; ++i) {
            at[i] += relief[i];
        }
    }
    work_ += static_cast<std::int64_t>(draws.size() * slots);
}

double DrawnDeliveries::share() const {
    const std::size_t slots = slots_.size();
    std::size_t covered = 0;
    for (std::size_t draw = 0; draw < draws_; ++draw) {
        const double* at = &relief_w_[draw * slots];
        bool is_enough = true;
        for (std::size_t i = 0; i < slots && is_enough; ++i) {
            is_enough = at[i] >= static_cast<double>(problem_.target_w[slots_[i]]) - rounding;
        }
        covered += is_enough ? 1 : 0;
    }
    work_ += static_cast<std::int64_t>(draws_);
    return static_cast<double>(covered) / static_cast<double>(draws_);
}

}  // namespace headroom::flex
