#include "contingency/pathways.hpp"

#include <algorithm>

namespace headroom::contingency {
namespace {

constexpr std::int64_t cautious_ppm = 1'150'000;
constexpr std::int64_t ms_per_hour = 3'600'000;

Pathway pathway(const ShelfNetwork& network, const ShelfState& state, const ReliefTotals& totals,
                std::size_t element, std::string name, std::vector<std::string> assumes,
                const Assumptions& assumptions) {
    const Transfer transfer = find_transfer(network, state, totals, element, assumptions);
    Pathway out{.name = std::move(name), .assumes = std::move(assumes)};
    for (const Move& move : transfer.moves) {
        out.closes.emplace_back(network.ties()[move.way.tie].id);
    }
    for (std::size_t t = 0; t < shelf_periods; ++t) {
        out.restored_peak_w =
            std::max(out.restored_peak_w, transfer.interrupted_w[t] - transfer.unrestored_w[t]);
    }
    out.unserved_wh = unserved_wh(state, transfer);
    for (const Carried& carried : transfer.carried) {
        for (std::size_t phase = 0; phase < phase_count; ++phase) {
            const std::int64_t limit = network.elements()[carried.element].limits[phase].binding_w;
            for (std::size_t t = 0; limit > 0 && t < shelf_periods; ++t) {
                const std::int64_t need = carried.need_w[phase][t];
                out.flexibility_peak_w = std::max(out.flexibility_peak_w, need);
                if (carried.after_w[phase][t] != carried.before_w[phase][t]) {
                    out.worst_loading_ppm = std::max(
                        out.worst_loading_ppm,
                        multiply_divide_half_even(carried.after_w[phase][t] - need, 1'000'000, limit));
                }
            }
        }
    }
    return out;
}

}  // namespace

std::int64_t unserved_wh(const ShelfState& state, const Transfer& transfer) {
    std::int64_t watt_ms_lost = 0;  // below 1e9 W × 6 h in ms
    for (std::size_t t = 0; t < shelf_periods; ++t) {
        watt_ms_lost += transfer.interrupted_w[t] * ms_after(state, t, 0);
        for (const Move& move : transfer.moves) {
            watt_ms_lost -= move.load_w[phase_sum][t] * ms_after(state, t, move.close_after_minutes);
        }
    }
    return std::max<std::int64_t>(0, divide_half_even(watt_ms_lost, ms_per_hour));
}

std::vector<Pathway> pathways_for(const ShelfNetwork& network, const ShelfState& state,
                                  const ReliefTotals& totals, std::size_t element) {
    const std::string quantile = std::to_string(state.quantile_ppm / 10'000);
    std::vector<Pathway> out;
    out.push_back(pathway(network, state, totals, element, "as_forecast",
                          {"no load is above its P" + quantile,
                           "the network is as the grid file says, and every tie can be closed",
                           "the DERs that are asked respond in full"},
                          {}));
    out.push_back(pathway(network, state, totals, element, "cautious",
                          {"loads may be 15 % above their P" + quantile,
                           "nobody is sent out: only remote-controlled ties close", "no DER responds"},
                          {.counts_relief = false, .remote_only = true, .load_ppm = cautious_ppm}));
    out.push_back(pathway(network, state, totals, element, "wait",
                          {"nothing is switched; the element is repaired, or generators are brought"},
                          {.switches = false}));
    return out;
}

}  // namespace headroom::contingency
