// A plan that is as sure as asked, changed DER by DER for what it costs.
#include "flex/schedule_sure.hpp"

#include "flex/schedule_dispatch.hpp"
#include "flex/schedule_draws.hpp"
#include "flex/schedule_solve.hpp"
#include "flex/schedule_state.hpp"
#include "flex/schedule_unit.hpp"

#include <algorithm>
#include <array>

namespace headroom::flex {
namespace {

constexpr double gain_least = 0.5;  // µ£
constexpr int passes_most = 4;
constexpr std::array needs_tried{1.15, 1.5, 1e6};  // what is wanted, in needs
constexpr double ask_times = 2.5;

class SureSearch {
  public:
    SureSearch(const ScheduleProblem& problem, const std::vector<double>& reliability, const SureAim& aim,
               const Schedule& schedule)
        : problem_(problem),
          aim_(aim),
          state_(problem),
          planner_(problem),
          draws_(problem, reliability, aim.draws, aim.seed),
          worth_(problem.slots(), problem.slot_cost(problem.shortfall_price)),
          trial_(problem.slots(), 0) {
        for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
            put(unit, &schedule.power_w[unit * problem.slots()]);
        }
        share_ = draws_.share();
    }

    /// Starts from all that everybody can give.
    void ask_all() {
        for (std::size_t unit = 0; unit < problem_.units.size(); ++unit) {
            if (is_free(unit, unit) && best_of(unit, need(ask_times), cover())) {
                put(unit, Powers(trial_).data());
            }
        }
        share_ = draws_.share();
    }

    double run() {
        if (aim_.may_swap) {
            reach();
        }
        const double enough = std::min(aim_.probability, share_);
        for (int pass = 0; pass < passes_most && has_work(); ++pass) {
            const double before = state_.objective();
            drop(enough);
            if (aim_.may_swap) {
                swap(enough);
            }
            lower(enough);
            if (state_.objective() > before - gain_least) {
                break;
            }
        }
        return share_;
    }
    [[nodiscard]] Schedule schedule() const { return state_.schedule(); }

  private:
    using Powers = std::vector<std::int32_t>;

    [[nodiscard]] bool has_work() const { return draws_.work() < aim_.work; }
    [[nodiscard]] Powers powers(std::size_t unit) const {
        return {state_.power_w(unit), state_.power_w(unit) + problem_.slots()};
    }
    void put(std::size_t unit, const std::int32_t* power_w) {
        if (state_.is_used(unit)) {
            draws_.change(unit, state_.power_w(unit), -1);
        }
        state_.set(unit, power_w);
        if (state_.is_used(unit)) {
            draws_.change(unit, state_.power_w(unit), 1);
        }
    }
    void stop(std::size_t unit) { put(unit, Powers(problem_.slots(), 0).data()); }

    [[nodiscard]] bool is_free(std::size_t unit, std::size_t but) const {
        const std::int64_t group = problem_.units[unit].group;
        return !state_.is_used(unit) &&
               (group < 0 ||
                std::none_of(state_.used().begin(), state_.used().end(), [&](std::uint32_t other) {
                    return other != but && problem_.units[other].group == group;
                }));
    }
    /// Relief of the plan now, by slot in W.
    [[nodiscard]] std::vector<double> cover() const {
        std::vector<double> out(problem_.slots(), 0.0);
        for (std::size_t t = 0; t < out.size(); ++t) {
            out[t] = static_cast<double>(state_.cover_uw()[t]) / 1e6;
        }
        return out;
    }
    /// The DER's best schedule of what others leave of `wanted_w`, in slots with a need; false: it has none.
    bool best_of(std::size_t unit, const std::vector<double>& wanted_w, const std::vector<double>& others_w) {
        std::vector<double> room(problem_.slots(), 0.0);
        for (std::size_t t = 0; t < room.size(); ++t) {
            room[t] = problem_.target_w[t] > 0 ? std::max(0.0, wanted_w[t] - others_w[t]) : 0.0;
        }
        planner_.plan(unit, {worth_.data(), room.data()}, 0.0);
        return planner_.has_schedule() && planner_.decode(trial_.data()) > 0.0;
    }
    [[nodiscard]] std::vector<double> need(double times) const {
        std::vector<double> out(problem_.slots(), 0.0);
        for (std::size_t t = 0; t < out.size(); ++t) {
            out[t] = times * static_cast<double>(std::max<std::int64_t>(0, problem_.target_w[t]));
        }
        return out;
    }
    /// Used units, the dearest relief first.
    [[nodiscard]] std::vector<std::uint32_t> dearest_first() const {
        std::vector<std::uint32_t> out = state_.used();
        const auto cost = [this](std::uint32_t unit) {
            std::int64_t relief = 0;
            for (std::size_t t = 0; t < problem_.slots(); ++t) {
                relief += state_.power_w(unit)[t];
            }
            return static_cast<double>(unit_cost(problem_, unit, state_.power_w(unit)).value) /
                   (static_cast<double>(relief) * static_cast<double>(problem_.units[unit].relief_ppm));
        };
        std::sort(out.begin(), out.end());
        std::stable_sort(out.begin(), out.end(),
                         [&cost](std::uint32_t a, std::uint32_t b) { return cost(a) > cost(b); });
        return out;
    }

    /// Asks all of whoever makes it surest for its price, until it is sure enough or nobody helps.
    void reach() {
        while (share_ < aim_.probability && has_work()) {
            double best = 0.0;
            std::size_t chosen = problem_.units.size();
            Powers taken;
            for (std::size_t unit = 0; unit < problem_.units.size() && has_work(); ++unit) {
                if (!state_.is_used(unit) && !is_free(unit, unit)) {
                    continue;
                }
                const Powers kept = powers(unit);
                const double before = state_.objective();
                stop(unit);
                const std::vector<double> others = cover();
                for (const double times : needs_tried) {
                    if (!best_of(unit, need(times), others)) {
                        continue;
                    }
                    const Powers all = trial_;
                    put(unit, all.data());
                    const double gain = draws_.share() - share_;
                    const double cost = std::max(1.0, state_.objective() - before);
                    if (gain / cost > best) {
                        best = gain / cost;
                        chosen = unit;
                        taken = all;
                    }
                    stop(unit);
                }
                put(unit, kept.data());
            }
            if (chosen == problem_.units.size()) {
                return;
            }
            put(chosen, taken.data());
            share_ = draws_.share();
        }
    }

    /// Keeps what was changed when it is sure enough and costs less than `before`.
    bool keep(double enough, double before) {
        if (state_.objective() > before - gain_least) {
            return false;
        }
        const double share = draws_.share();
        if (share < enough) {
            return false;
        }
        share_ = share;
        return true;
    }

    void drop(double enough) {
        for (const std::uint32_t unit : dearest_first()) {
            if (!has_work()) {
                return;
            }
            const double before = state_.objective();
            const Powers kept = powers(unit);
            stop(unit);
            if (!keep(enough, before)) {
                put(unit, kept.data());
            }
        }
    }

    /// Another DER in the stead of one that is used.
    void swap(double enough) {
        for (const std::uint32_t unit : dearest_first()) {
            const double before = state_.objective();
            const Powers kept = powers(unit);
            double best = before;
            std::size_t chosen = problem_.units.size();
            Powers taken;
            const std::vector<double> wanted = cover();
            stop(unit);
            const std::vector<double> others = cover();
            for (std::size_t other = 0; other < problem_.units.size() && has_work(); ++other) {
                if (other == unit || !is_free(other, unit) || !best_of(other, wanted, others)) {
                    continue;
                }
                const Powers powers = trial_;
                put(other, powers.data());
                if (state_.objective() < best - gain_least && draws_.share() >= enough) {
                    best = state_.objective();
                    chosen = other;
                    taken = powers;
                }
                stop(other);
            }
            chosen < problem_.units.size() ? put(chosen, taken.data()) : put(unit, kept.data());
            share_ = draws_.share();
        }
    }

    /// The lowest powers that still make it sure enough, the dearest relief first.
    void lower(double enough) {
        for (const std::uint32_t unit : dearest_first()) {
            const ScheduleUnit& der = problem_.units[unit];
            if (!is_even(der) || der.extra >= 0) {
                continue;
            }
            const auto hold_w = static_cast<std::int32_t>(std::max<std::int64_t>(der.power_min_w, 1));
            for (std::size_t t = 0; t < problem_.slots() && has_work(); ++t) {
                const Powers kept = powers(unit);
                const double before = state_.objective();
                Powers less = kept;
                std::int32_t low = hold_w;
                while (low < kept[t]) {
                    const std::int32_t reach = std::max(1, kept[t] / 256);
                    std::int32_t high = less[t];
                    if (high - low <= reach) {
                        break;
                    }
                    less[t] = low + (high - low) / 2;
                    put(unit, less.data());
                    if (draws_.share() < enough) {
                        low = less[t];
                        less[t] = high;
                    }
                }
                put(unit, less.data());
                if (state_.objective() > before) {
                    put(unit, kept.data());
                }
            }
            share_ = draws_.share();
        }
    }

    const ScheduleProblem& problem_;
    const SureAim& aim_;
    PlanState state_;
    UnitPlanner planner_;
    DrawnDeliveries draws_;
    std::vector<double> worth_;
    Powers trial_;
    double share_ = 0.0;
};

}  // namespace

double make_sure(const ScheduleProblem& problem, const std::vector<double>& reliability, const SureAim& aim,
                 Schedule& schedule) {
    SureSearch search(problem, reliability, aim, schedule);
    if (aim.from_all) {
        search.ask_all();
    }
    const double share = search.run();
    schedule = search.schedule();
    prefer_cheaper(problem, schedule);
    return share;
}

}  // namespace headroom::flex
