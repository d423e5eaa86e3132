// The plan that is there at once.
#include "flex/schedule_solve.hpp"
#include "flex/schedule_state.hpp"
#include "flex/schedule_unit.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace headroom::flex {
namespace {

/// From so many DERs on, a least run is no reason for a search of its own.
constexpr std::size_t quick_from = 1'000;

/// Buys, for one DER after the other, its most valuable runs of what is still wanted.
class ByPrice {
  public:
    explicit ByPrice(const ScheduleProblem& problem)
        : problem_(problem),
          items_(problem),
          state_(problem),
          shortfall_(problem.slot_cost(problem.shortfall_price)),
          power_w_(problem.slots(), 0) {}

    Schedule run() {
        state_.room(room_);
        for (const std::size_t unit : order()) {
            if (std::none_of(room_.begin(), room_.end(), [](double room) { return room >= 0.5; })) {
                break;
            }
            const auto members = items_[items_.item_of(unit)];
            if (std::any_of(members.begin(), members.end(),
                            [this](std::uint32_t other) { return state_.is_used(other); })) {
                continue;
            }
            buy(unit);
        }
        return state_.schedule();
    }

  private:
    struct Window {
        std::size_t begin = 0;
        std::size_t end = 0;
        double value = 0.0;
    };

    [[nodiscard]] std::vector<std::size_t> order() const {
        struct Offer {
            double price = 0.0;
            std::size_t unit = 0;
        };
        std::vector<Offer> offers;
        offers.reserve(problem_.units.size());
        for (std::size_t unit = 0; unit < problem_.units.size(); ++unit) {
            const ScheduleUnit& der = problem_.units[unit];
            const std::int64_t run =
                std::clamp<std::int64_t>(std::min(der.run_max, der.energy_w_slots / der.power_max_w), 1,
                                         static_cast<std::int64_t>(problem_.slots()));
            const double fee =
                static_cast<double>(der.activation_cost) / static_cast<double>(run * der.power_max_w);
            offers.push_back(
                {(problem_.slot_cost(der.price) + fee) / static_cast<double>(der.relief_ppm), unit});
        }
        std::stable_sort(offers.begin(), offers.end(),
                         [](const Offer& a, const Offer& b) { return a.price < b.price; });
        std::vector<std::size_t> out;
        out.reserve(offers.size());
        for (const Offer& offer : offers) {
            out.push_back(offer.unit);
        }
        return out;
    }

    /// Power that the slot could use of this DER; 0 when it is not worth its price.
    [[nodiscard]] std::int64_t useful(const ScheduleUnit& der, std::size_t slot, double price) const {
        const double relief = static_cast<double>(der.relief_ppm) / 1e6;
        if ((der.slots >> slot & 1U) == 0 || power_w_[slot] != 0 || room_[slot] < 0.5) {
            return 0;
        }
        const auto wanted = static_cast<std::int64_t>(std::min(1e9, room_[slot] / relief + 0.999999));
        const std::int64_t power =
            std::clamp(wanted, std::max<std::int64_t>(der.power_min_w, 1), der.power_max_w);
        const double worth = shortfall_ * std::min(room_[slot], static_cast<double>(power) * relief);
        return worth > price * static_cast<double>(power) ? power : 0;
    }

    [[nodiscard]] Window best_window(const ScheduleUnit& der, std::int64_t energy, double price,
                                     std::array<std::int64_t, schedule_slots_max>& power) const {
        const std::size_t slots = problem_.slots();
        const double relief = static_cast<double>(der.relief_ppm) / 1e6;
        const std::int64_t longest =
            std::min(der.run_max, energy / std::max<std::int64_t>(der.power_min_w, 1));
        std::array<double, schedule_slots_max + 1> sum{};
        for (std::size_t t = 0; t < slots; ++t) {
            power[t] = is_resting(der, t) ? 0 : useful(der, t, price);
            sum[t + 1] =
                sum[t] +
                shortfall_ * std::min(std::max(0.0, room_[t]), static_cast<double>(power[t]) * relief) -
                price * static_cast<double>(power[t]);
        }
        Window best;
        std::size_t begin = 0;
        std::int64_t used = 0;
        for (std::size_t t = 0; t < slots; ++t) {
            if (power[t] == 0) {
                begin = t + 1;
                used = 0;
                continue;
            }
            used += power[t];
            while (begin < t && (static_cast<std::int64_t>(t + 1 - begin) > longest || used > energy)) {
                used -= power[begin++];
            }
            const auto length = static_cast<std::int64_t>(t + 1 - begin);
            if (length <= longest && length >= der.run_min && sum[t + 1] - sum[begin] > best.value) {
                best = {begin, t + 1, sum[t + 1] - sum[begin]};
            }
        }
        return best;
    }

    /// Whether a run that touches `slot` would be too near to one that is planned already.
    [[nodiscard]] bool is_resting(const ScheduleUnit& der, std::size_t slot) const {
        if (!has_run_) {
            return false;
        }
        const auto rest = static_cast<std::size_t>(std::min<std::int64_t>(der.rest_min, 64));
        const std::size_t from = slot > rest ? slot - rest : 0;
        const std::size_t until = std::min(problem_.slots(), slot + rest + 1);
        return std::any_of(power_w_.begin() + static_cast<std::ptrdiff_t>(from),
                           power_w_.begin() + static_cast<std::ptrdiff_t>(until),
                           [](std::int32_t power) { return power > 0; });
    }

    /// One with limits of another kind takes the best schedule for what is left.
    void buy_special(std::size_t unit) {
        if (!planner_) {
            planner_.emplace(problem_);
            worth_.assign(problem_.slots(), shortfall_);
        }
        planner_->plan(unit, {worth_.data(), room_.data()}, 0.0);
        if (planner_->has_schedule() && planner_->decode(power_w_.data()) > 0.0) {
            state_.set(unit, power_w_.data());
            state_.room(room_);
        }
    }

    void buy(std::size_t unit) {
        const ScheduleUnit& der = problem_.units[unit];
        const bool has_ramps = der.ramp_up_w > 0 || der.ramp_down_w > 0;
        // Of many DERs each is soon replaced: a run found at a glance is good enough, and at once.
        const bool is_quick = problem_.units.size() >= quick_from;
        if (has_ramps || der.extra >= 0 || (der.run_min > 1 && !is_quick)) {
            buy_special(unit);
            return;
        }
        const double price = problem_.slot_cost(der.price);
        const double relief = static_cast<double>(der.relief_ppm) / 1e6;
        std::int64_t energy = der.energy_w_slots;
        std::fill(power_w_.begin(), power_w_.end(), 0);
        has_run_ = false;
        for (std::int64_t run = 0; run < der.activations_max; ++run) {
            std::array<std::int64_t, schedule_slots_max> power{};
            const Window window = best_window(der, energy, price, power);
            if (window.value <= static_cast<double>(der.activation_cost)) {
                break;
            }
            std::int64_t left =
                energy - der.power_min_w * static_cast<std::int64_t>(window.end - window.begin);
            for (std::size_t t = window.begin; t < window.end; ++t) {
                const std::int64_t above = std::min(left, power[t] - der.power_min_w);
                power_w_[t] = static_cast<std::int32_t>(der.power_min_w + above);
                if (power_w_[t] <= 0) {
                    power_w_[t] = 0;
                    break;
                }
                left -= above;
                energy -= power_w_[t];
            }
            has_run_ = true;
        }
        if (!has_run_) {
            if (der.run_min > 1) {
                buy_special(unit);  // its least run may be worth it beyond the slots that want relief
            }
            return;
        }
        state_.set(unit, power_w_.data());
        if (der.rebound_ppm > 0) {
            state_.room(room_);
            return;
        }
        for (std::size_t t = 0; t < room_.size(); ++t) {
            room_[t] -= static_cast<double>(power_w_[t]) * relief;
        }
    }

    const ScheduleProblem& problem_;
    ScheduleItems items_;
    PlanState state_;
    double shortfall_;
    std::vector<double> room_;
    std::vector<std::int32_t> power_w_;
    bool has_run_ = false;
    std::optional<UnitPlanner> planner_;
    std::vector<double> worth_;
};

}  // namespace

Schedule schedule_by_price(const ScheduleProblem& problem) {
    return ByPrice(problem).run();
}

}  // namespace headroom::flex
