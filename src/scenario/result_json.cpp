#include "scenario/result_json.hpp"

#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "scenario/result_fields.hpp"
#include "scenario/scenario_fields.hpp"

#include <bit>
#include <cmath>
#include <string_view>
#include <vector>

namespace headroom::scenario {
namespace {

json::Array rounded(std::span<const float> values, double steps_per_unit) {
    json::Array out;
    out.reserve(values.size());
    for (const float value : values) {
        out.emplace_back(std::round(static_cast<double>(value) * steps_per_unit) / steps_per_unit);
    }
    return out;
}

std::string_view bytes_of(const std::vector<float>& values) {
    static_assert(std::endian::native == std::endian::little && sizeof(float) == 4);
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace

json::Object curves_json(const RunResult& result, std::size_t asset) {
    constexpr double to_watts = 1000.0;
    constexpr double to_tenths = 10.0;
    const Curves& curves = result.curves;
    json::Object out = json::object({{"asset_id", result.outcomes[asset].asset_id},
                                     {"start", format_utc(result.scenario.start)},
                                     {"period_minutes", 30},
                                     {"load_kw", rounded(curves.of(curves.load_kw, asset), to_watts)},
                                     {"low_kw", rounded(curves.of(curves.low_kw, asset), to_watts)},
                                     {"high_kw", rounded(curves.of(curves.high_kw, asset), to_watts)},
                                     {"rating_kw", rounded(curves.of(curves.rating_kw, asset), to_watts)}});
    if (result.outcomes[asset].relative_ageing_max > 0.0) {
        out.set("hot_spot_c", rounded(curves.of(curves.hot_spot_c, asset), to_tenths));
    }
    return out;
}

json::Object summary_json(const RunResult& result) {
    return json::object({{"scenario", headroom::to_json(result.scenario)},
                         {"seed", result.seed},
                         {"hypothetical", result.hypothetical},
                         {"hypothetical_reason", result.hypothetical_reason},
                         {"data_sources", headroom::to_json(result.data_sources)},
                         {"weather", headroom::to_json(result.weather)},
                         {"outcomes", headroom::to_json(result.outcomes)},
                         {"risks", headroom::to_json(result.risks)},
                         {"alternatives", headroom::to_json(result.alternatives)}});
}

json::Object result_json(const RunResult& result) {
    json::Object out = summary_json(result);
    json::Array curves;
    curves.reserve(result.outcomes.size());
    for (std::size_t i = 0; i < result.outcomes.size(); ++i) {
        curves.emplace_back(curves_json(result, i));
    }
    out.set("curves", std::move(curves));
    return out;
}

std::string result_sha256(const RunResult& result) {
    const Curves& curves = result.curves;
    const Sha256 hash =
        sha256({json::write(summary_json(result)), bytes_of(curves.load_kw), bytes_of(curves.low_kw),
                bytes_of(curves.high_kw), bytes_of(curves.rating_kw), bytes_of(curves.hot_spot_c)});
    return to_hex(hash);
}

}  // namespace headroom::scenario
