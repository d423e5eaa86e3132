#include "contingency/receivers.hpp"

#include <algorithm>

namespace headroom::contingency {
namespace {

/// The first half-hour with more load than before in which a value is above a limit.
std::optional<std::int64_t> reached(const ShelfState& state, const Carried& carried, std::size_t phase,
                                    std::int64_t limit_w, std::int64_t arrives_minutes) {
    for (std::size_t t = 0; t < shelf_periods; ++t) {
        if (carried.after_w[phase][t] > limit_w &&
            carried.after_w[phase_sum][t] != carried.before_w[phase_sum][t]) {
            return std::max(arrives_minutes, minutes_until(state, t));
        }
    }
    return std::nullopt;
}

/// When the first load arrives that this element carries.
std::int64_t arrives(const ShelfNetwork& network, const Transfer& transfer, std::size_t element) {
    std::int64_t earliest = -1;
    for (const Move& move : transfer.moves) {
        if (network.is_within(move.way.receiver, element)) {
            earliest = earliest < 0 ? move.close_after_minutes : std::min(earliest, move.close_after_minutes);
        }
    }
    return std::max<std::int64_t>(0, earliest);
}

/// Nearest to its binding limit after switching; the sum where no phase has one.
std::size_t worst_phase(const ShelfNetwork::Element& element, const Carried& carried) {
    std::size_t worst = phase_sum;
    double loading = -1.0;
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
        const std::int64_t limit = element.limits[phase].binding_w;
        if (limit == 0) {
            continue;
        }
        const std::int64_t peak =
            *std::max_element(carried.after_w[phase].begin(), carried.after_w[phase].end());
        const double share = static_cast<double>(peak) / static_cast<double>(limit);
        if (share > loading) {
            loading = share;
            worst = phase;
        }
    }
    return worst;
}

void add_limit(Receiver& receiver, const ShelfState& state, const Carried& carried, std::size_t phase,
               std::string kind, std::int64_t limit_w, std::int64_t minutes, std::int64_t arrives_minutes) {
    if (limit_w <= 0) {
        return;
    }
    receiver.limits.push_back(
        {.kind = std::move(kind),
         .phase = std::string(grid::to_string(phase_at(phase))),
         .limit_w = limit_w,
         .peak_w = *std::max_element(carried.after_w[phase].begin(), carried.after_w[phase].end()),
         .reached_after_minutes = reached(state, carried, phase, limit_w, arrives_minutes),
         .allowed_minutes = minutes});
}

Receiver receiver_of(const ShelfNetwork& network, const ShelfState& state, const Transfer& transfer,
                     const Carried& carried) {
    const ShelfNetwork::Element& element = network.elements()[carried.element];
    const std::size_t phase = worst_phase(element, carried);
    const PhaseLimits& limit = element.limits[phase];
    const std::int64_t arrival = arrives(network, transfer, carried.element);
    Receiver out;
    out.element = element.id;
    out.phase = grid::to_string(phase_at(phase));
    out.limit_w = limit.binding_w;
    out.before_w = carried.before_w[phase];
    out.after_w = carried.after_w[phase];
    out.need_w = carried.need_w[phase];
    const std::int64_t peak = *std::max_element(out.after_w.begin(), out.after_w.end());
    if (limit.binding_w > 0) {
        out.peak_ppm = multiply_divide_half_even(peak, 1'000'000, limit.binding_w);
        out.time_to_limit_minutes = reached(state, carried, phase, limit.binding_w, arrival);
        out.time_to_act_minutes = out.time_to_limit_minutes;
        if (out.time_to_limit_minutes && limit.emergency_w >= peak) {
            out.time_to_act_minutes = *out.time_to_limit_minutes + limit.emergency_minutes;
        }
    }
    const std::string plate = limit.is_nameplate ? "nameplate" : "continuous";
    add_limit(out, state, carried, phase, plate, limit.continuous_w, 0, arrival);
    add_limit(out, state, carried, phase, "cyclic", limit.cyclic_w, 0, arrival);
    add_limit(out, state, carried, phase, "emergency", limit.emergency_w, limit.emergency_minutes, arrival);
    const bool is_other =
        limit.binding_kind != grid::LimitKind::continuous && limit.binding_kind != grid::LimitKind::cyclic;
    if (is_other) {
        add_limit(out, state, carried, phase, std::string(grid::to_string(limit.binding_kind)),
                  limit.binding_w, 0, arrival);
    }
    return out;
}

}  // namespace

std::vector<Receiver> receivers_of(const ShelfNetwork& network, const ShelfState& state,
                                   const Transfer& transfer) {
    std::vector<Receiver> out;
    out.reserve(transfer.carried.size());
    for (const Carried& carried : transfer.carried) {
        out.push_back(receiver_of(network, state, transfer, carried));
    }
    return out;
}

}  // namespace headroom::contingency
