#pragma once

#include "flex/flex_plan.hpp"

#include <string>
#include <vector>

namespace headroom::flex::test {

inline const UtcTime evening = parse_utc("2027-01-14T17:00:00Z").value();

/// A forecast overload of `limit_phase` on LV-017 from 17:00, seen two hours before.
inline PlanInput input_for(std::vector<std::int64_t> need_w, grid::Phase limit_phase = grid::Phase::l2) {
    PlanInput input;
    input.overload.event = EventId{"ev-20270114-abcdefgh"};
    input.overload.feeder = "LV-017";
    input.overload.limit.asset = "LV-017";
    input.overload.limit.phase = limit_phase;
    input.overload.limit.value = 80.0;
    input.overload.limit.source = "test";
    input.overload.limit.verified_by = "test";
    input.overload.start = evening;
    input.overload.end = evening + period_length * static_cast<std::int64_t>(need_w.size());
    input.overload.detected_at = evening - hours{2};
    input.overload.need = {evening, std::move(need_w)};
    input.overload.source = "sim";
    input.now = evening - hours{2};
    input.rules.margin_ppm = 0;
    return input;
}

/// 10 kW on L2 at 0.20 GBP/kWh, all evening, without limits.
inline Offer offer(std::string id, std::int64_t power_w = 10'000, std::int64_t pounds_per_mwh = 200) {
    Offer made;
    made.provider = "p1";
    made.id = id;
    made.der = "der-" + id;
    made.feeder = "LV-017";
    made.phase = grid::Phase::l2;
    made.power = Watts{power_w};
    made.available_from = evening - hours{6};
    made.available_until = evening + hours{12};
    made.utilisation = MicroPoundsPerMwh{pounds_per_mwh * 1'000'000};
    made.baseline_method = "bl01";
    made.valid_until = evening;
    return made;
}

/// A rule of a rule file, with what is said of it in `rest`.
inline std::string rule(const std::string& id, const std::string& rest) {
    return "[[rules]]\nid = \"" + id + "\"\nreason = \"because\"\n" + rest + "\n";
}

}  // namespace headroom::flex::test
