#pragma once

#include "flex/schedule_problem.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::flex {

/// Drawn deliveries of a plan that changes DER by DER: who delivers in which draw follows from the DER alone,
/// so that two plans are told apart by what they ask, not by luck.
class DrawnDeliveries {
  public:
    /// `reliability` by unit. Both outlive it.
    DrawnDeliveries(const ScheduleProblem& problem, const std::vector<double>& reliability,
                    std::int64_t draws, std::uint64_t seed);

    /// Adds (`sign` 1) or takes away (-1) what the unit delivers with these powers.
    void change(std::size_t unit, const std::int32_t* power_w, int sign);
    /// Share of draws in which every slot's need is covered.
    [[nodiscard]] double share() const;
    /// Work so far, in numbers touched.
    [[nodiscard]] std::int64_t work() const { return work_; }

  private:
    [[nodiscard]] const std::vector<std::uint32_t>& there(std::size_t unit);

    const ScheduleProblem& problem_;
    const std::vector<double>& reliability_;
    std::size_t draws_;
    std::uint64_t seed_;
    std::vector<std::vector<std::uint32_t>> there_;  // draws in which the unit delivers
    std::vector<std::size_t> slots_;                 // that have a need
    std::vector<double> relief_w_;                   // [draw * slots_.size() + slot]
    std::vector<std::int64_t> cover_uw_;
    mutable std::int64_t work_ = 0;
};

}  // namespace headroom::flex
