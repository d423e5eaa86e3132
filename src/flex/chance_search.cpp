// The target at which a live event's plan is as sure as asked.
#include "flex/chance_search.hpp"

#include "core/normal.hpp"
#include "core/units.hpp"
#include "flex/chance_lower.hpp"
#include "flex/event_chance.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace headroom::flex {
namespace {

constexpr double z_lowest = -0.5;
constexpr double z_highest = 4.0;
constexpr double z_step = 0.1;
constexpr std::int64_t surest_ppm = 999'000;  // that is aimed at

/// One plan on the way to the probability.
struct Trial {
    FoundCovers found;
    std::int64_t share_ppm = 0;
    double open_w = 0.0;  ///< of what the asked probability wants
};

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
    const bool is_enough = a.share_ppm + chance_tolerance_ppm >= asked_ppm;
    if (is_enough != (b.share_ppm + chance_tolerance_ppm >= asked_ppm)) {
        return is_enough;
    }
    if (!is_enough && std::abs(a.share_ppm - b.share_ppm) > chance_tolerance_ppm) {
        return a.share_ppm > b.share_ppm;
    }
    if (!is_enough && std::fabs(a.open_w - b.open_w) > chance_rounding_w) {
        return a.open_w < b.open_w;
    }
    const auto cost = [](const Trial& trial) { return trial.found.best.cost + trial.found.best.weight_cost; };
    return cost(a) < cost(b);
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
bool leaves_open(const Problem& problem, const Cover& cover) {
    std::int64_t target_w = 0;
    for (const std::int64_t target : problem.target_uw) {
        target_w += target / whole_ppm;
    }
    const WattHours energy = energy_of(Watts{target_w}, period_length);
    return cover.unserved_cost > cost_of(energy, MicroPoundsPerMwh{problem.unserved_price}).value / 200;
}

/// A plan that gave back what was not needed has as its target what it covers, at least the need.
void take_down_target(const Problem& problem, FoundCovers& found) {
    std::vector<std::int64_t> relief_uw(problem.slots, 0);
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            relief_uw[slot] +=
                found.best.power_w[i * problem.slots + slot] * problem.candidates[i].relief_uw_per_w;
        }
    }
    for (std::size_t slot = 0; slot < problem.slots; ++slot) {
        const std::int64_t need_uw = problem.need_w[slot] * whole_ppm;
        found.target_uw[slot] = std::min(found.target_uw[slot], std::max(need_uw, relief_uw[slot]));
    }
}

/// One search: of the target, with a plan for each.
class ChanceSearch {
  public:
    ChanceSearch(const PlanInput& input, const Asking& asking, const ChanceAsked& asked, Problem problem,
                 DeliveryDraws& deliveries)
        : input_(input),
          asking_(asking),
          asked_(asked),
          problem_(std::move(problem)),
          draws_(asked, deliveries),
          shares_(draws_),
          z_wanted_(normal_quantile(static_cast<double>(asked.probability_ppm) / parts_per_million)) {}

    std::vector<FoundCovers> run() {
        halve();
        if (!is_sure(best_->share_ppm) && !problem_.candidates.empty()) {
            try_at(z_highest);  // as much as there is
            // Of what gives relief for a part of the time alone, more is not always surer.
            for (double z = z_step; !is_sure(best_->share_ppm) && z < z_highest && may_be_sure();
                 z += z_step) {
                try_at(z);
                parts_.clear();  // a target that does not depend on who was planned with before
                try_at(z);
            }
        }
        best_->found.work = work_;
        best_->found.is_enough = is_sure(best_->share_ppm);
        best_->found.share_ppm = best_->share_ppm;
        std::vector<FoundCovers> out;
        // A plan that is lowered until the draws just suffice suits these draws better than others: hence a
        // little more.
        const std::int64_t lowered_ppm = std::min(asked_.probability_ppm + chance_tolerance_ppm, surest_ppm);
        for (const bool may_drop : {true, false}) {
            if (best_->share_ppm > lowered_ppm) {
                out.push_back(best_->found);
                problem_.target_uw = best_->found.target_uw;
                lower_powers(input_, asking_, problem_, draws_, lowered_ppm, may_drop, out.back().best);
                take_down_target(problem_, out.back());
            }
        }
        out.push_back(std::move(best_->found));
        return out;
    }

  private:
    [[nodiscard]] bool is_sure(std::int64_t share_ppm) const {
        return share_ppm + chance_tolerance_ppm >= asked_.probability_ppm;
    }

    /// Whether everybody together, at all power throughout, would be sure enough.
    [[nodiscard]] bool may_be_sure() {
        if (!may_be_sure_) {
            Cover all;
            for (const Candidate& candidate : problem_.candidates) {
                all.power_w.insert(all.power_w.end(), candidate.cap_w.begin(), candidate.cap_w.end());
            }
            may_be_sure_ = is_sure(draws_.share_ppm(chance_parts(input_, problem_, all)));
        }
        return *may_be_sure_;
    }

    void halve() {
        double low = z_lowest;
        double high = z_highest;
        double z = z_wanted_;
        for (int search = 0; search < chance_searches; ++search) {
            // Of a target that cannot be covered some half-hour gets what another lacks: less may be surer.
            (try_at(z) ? high : low) = z;
            if (problem_.candidates.empty()) {
                return;  // there is nothing to search
            }
            z = 0.5 * (low + high);
        }
    }

    /// Plans for a target of so many deviations; answers whether less is to be tried next.
    bool try_at(double z) {
        const std::vector<std::int64_t> target_w = draws_.target_w(z, parts_);
        for (std::size_t slot = 0; slot < problem_.slots; ++slot) {
            problem_.target_uw[slot] = std::max(target_w[slot], problem_.need_w[slot]) * whole_ppm;
        }
        Trial trial{find_covers(input_, asking_, problem_), 0, 0.0};
        work_ += trial.found.work;
        parts_ = chance_parts(input_, problem_, trial.found.best);
        trial.share_ppm = shares_.ppm_of(trial.found.best, parts_);
        trial.open_w = open_of(draws_.target_w(z_wanted_, parts_), parts_);
        const bool is_less = is_sure(trial.share_ppm) || leaves_open(problem_, trial.found.best);
        if (!best_ || is_better(trial, *best_, asked_.probability_ppm)) {
            best_ = std::move(trial);
        }
        return is_less;
    }

    const PlanInput& input_;
    const Asking& asking_;
    const ChanceAsked& asked_;
    Problem problem_;
    ChanceDraws draws_;
    Shares shares_;
    double z_wanted_;
    std::vector<ChancePart> parts_;  // of the plan before
    std::optional<Trial> best_;
    std::optional<bool> may_be_sure_;
    std::int64_t work_ = 0;
};

}  // namespace

std::vector<FoundCovers> find_sure(const PlanInput& input, const Asking& asking, const ChanceAsked& asked,
                                   Problem problem, DeliveryDraws& deliveries) {
    return ChanceSearch(input, asking, asked, std::move(problem), deliveries).run();
}

}  // namespace headroom::flex
