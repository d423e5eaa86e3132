#include "contingency/loss_orders.hpp"

#include "contingency/order_checks.hpp"

#include <algorithm>
#include <tuple>

namespace headroom::contingency {
namespace {

struct Use {
    ReliefSlot slot;
    PeriodWatts used_w{};
};

/// The feeders at or below an element that have something to give.
std::vector<ReliefSlot> slots_below(const ShelfNetwork& network, const ShelfState& state,
                                    std::size_t element) {
    std::vector<ReliefSlot> slots;
    const ShelfNetwork::Element& top = network.elements()[element];
    for (std::size_t place = top.walk_first; place < top.walk_end; ++place) {
        for (ReliefSlot& slot : slots_of(network, state, network.walk()[place])) {
            slots.push_back(slot);
        }
    }
    return slots;
}

class OrderMaker {
  public:
    OrderMaker(const ShelfNetwork& network, const ShelfState& state) : network_(network), state_(state) {}

    void relieve(const Carried& carried) {
        for (std::size_t phase = 0; phase < phase_count; ++phase) {
            if (*std::max_element(carried.need_w[phase].begin(), carried.need_w[phase].end()) > 0) {
                relieve(carried.element, phase, carried.need_w[phase]);
            }
        }
    }

    LossOrders orders(const Transfer& transfer) {
        LossOrders out;
        out.short_w = short_w_;
        for (const Use& use : uses_) {
            if (*std::max_element(use.used_w.begin(), use.used_w.end()) > 0) {
                out.orders.push_back(order_of(use, transfer));
            }
        }
        std::stable_sort(out.orders.begin(), out.orders.end(), [](const ShelfOrder& a, const ShelfOrder& b) {
            return std::tuple(a.event.empty(), a.from_minutes, a.feeder, a.phase) <
                   std::tuple(b.event.empty(), b.from_minutes, b.feeder, b.phase);
        });
        return out;
    }

  private:
    void relieve(std::size_t element, std::size_t phase, const PeriodWatts& need) {
        PeriodWatts left = need;
        for (const Use& use : uses_) {
            if (network_.is_within(use.slot.feeder, element) && counts_on(use.slot, phase)) {
                for (std::size_t t = 0; t < shelf_periods; ++t) {
                    left[t] -= use.used_w[t] / parts_on(use.slot, phase);
                }
            }
        }
        if (*std::max_element(left.begin(), left.end()) <= 0) {
            return;
        }
        std::vector<ReliefSlot> slots = slots_below(network_, state_, element);
        std::erase_if(slots, [&](const ReliefSlot& slot) { return !counts_on(slot, phase); });
        const auto rank = [](const ReliefSlot& slot) {
            const std::int64_t most = *std::max_element(slot.free_w.begin(), slot.free_w.end());
            return std::tuple(slot.armed == nullptr, -most, slot.feeder, slot.phase);
        };
        std::stable_sort(slots.begin(), slots.end(),
                         [&](const ReliefSlot& a, const ReliefSlot& b) { return rank(a) < rank(b); });
        for (const ReliefSlot& slot : slots) {
            if (*std::max_element(left.begin(), left.end()) <= 0) {
                return;
            }
            Use& use = use_of(slot);
            const std::int64_t parts = parts_on(slot, phase);
            for (std::size_t t = 0; t < shelf_periods; ++t) {
                const std::int64_t more =
                    std::min(std::max<std::int64_t>(0, left[t]) * parts, slot.free_w[t] - use.used_w[t]);
                use.used_w[t] += std::max<std::int64_t>(0, more);
                left[t] -= std::max<std::int64_t>(0, more) / parts;
            }
        }
        short_w_ = std::max(short_w_, *std::max_element(left.begin(), left.end()));
    }

    Use& use_of(const ReliefSlot& slot) {
        for (Use& use : uses_) {
            if (use.slot.feeder == slot.feeder && use.slot.phase == slot.phase &&
                use.slot.armed == slot.armed) {
                return use;
            }
        }
        uses_.push_back({slot, {}});
        return uses_.back();
    }

    /// When the first load arrives that the feeder's relief is for.
    [[nodiscard]] std::int64_t earliest(std::size_t feeder, const Transfer& transfer) const {
        std::int64_t earliest = -1;
        for (const Move& move : transfer.moves) {
            if (network_.is_within(feeder, move.way.receiver) ||
                network_.is_within(move.way.receiver, feeder) || earliest < 0) {
                earliest =
                    earliest < 0 ? move.close_after_minutes : std::min(earliest, move.close_after_minutes);
            }
        }
        return std::max<std::int64_t>(0, earliest);
    }

    ShelfOrder order_of(const Use& use, const Transfer& transfer) const {
        ShelfOrder order;
        order.feeder = network_.elements()[use.slot.feeder].id;
        order.phase = grid::to_string(phase_at(use.slot.phase));
        order.event = use.slot.armed == nullptr ? "" : use.slot.armed->event;
        order.power_w = use.used_w;
        std::size_t first = 0;
        while (use.used_w[first] <= 0) {
            ++first;
        }
        order.from_minutes = std::max(earliest(use.slot.feeder, transfer), minutes_until(state_, first));
        check_order(network_, state_, use.slot, order);
        return order;
    }

    const ShelfNetwork& network_;
    const ShelfState& state_;
    std::vector<Use> uses_;
    std::int64_t short_w_ = 0;
};

}  // namespace

LossOrders orders_for(const ShelfNetwork& network, const ShelfState& state, const Transfer& transfer) {
    OrderMaker maker(network, state);
    for (const Carried& carried : transfer.carried) {
        maker.relieve(carried);
    }
    LossOrders out = maker.orders(transfer);
    check_together(state, out.orders);
    return out;
}

}  // namespace headroom::contingency
