#include "contingency/shelf_state.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::contingency {
namespace {

constexpr double moves_together = 0.5;

/// A load's value on one phase; a third of the sum where phases are not known.
std::int64_t on_phase(const ElementLoad& load, const PhaseWatts& rows, std::size_t phase, std::size_t t) {
    return phase == phase_sum || load.has_phases ? rows[phase][t] : rows[phase_sum][t] / 3;
}

}  // namespace

ElementLoad load_of_parts(const std::vector<const ElementLoad*>& parts) {
    ElementLoad out;
    for (const ElementLoad* part : parts) {
        out.is_known = out.is_known || part->is_known;
        out.has_phases = out.has_phases || (part->is_known && part->has_phases);
    }
    if (!out.is_known) {
        return out;
    }
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
        for (std::size_t t = 0; t < shelf_periods; ++t) {
            std::int64_t median = 0;
            double straight = 0.0;
            double squares = 0.0;
            for (const ElementLoad* part : parts) {
                if (!part->is_known) {
                    continue;
                }
                const std::int64_t middle = on_phase(*part, part->median, phase, t);
                const auto above = static_cast<double>(on_phase(*part, part->high, phase, t) - middle);
                median += middle;
                straight += above;
                squares += above * above;
            }
            out.median[phase][t] = median;
            out.high[phase][t] = median + std::llround(std::sqrt(moves_together * straight * straight +
                                                                 (1.0 - moves_together) * squares));
        }
    }
    return out;
}

void add_up_loads(const ShelfNetwork& network, ShelfState& state, const std::vector<bool>& has_own) {
    const std::vector<std::size_t>& walk = network.walk();
    std::vector<const ElementLoad*> parts;
    for (std::size_t place = walk.size(); place-- > 0;) {
        const std::size_t at = walk[place];
        if (has_own[at]) {
            continue;
        }
        parts.clear();
        for (const std::size_t child : network.elements()[at].children) {
            parts.push_back(&state.elements[child].load);
        }
        state.elements[at].load = load_of_parts(parts);
    }
}

}  // namespace headroom::contingency
