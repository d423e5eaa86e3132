#include "app/bench_ingest.hpp"

#include "app/bench_brokers.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::app {
namespace {

struct Way {
    std::string_view name;
    Result<json::Array> (*measure)(const BenchIngestOptions& options);
};
constexpr std::array ingest_ways{Way{"ndjson", bench_ingest_ndjson}, Way{"mqtt", bench_ingest_mqtt},
                                 Way{"latency", bench_ingest_latency}, Way{"kafka", bench_ingest_kafka}};

}  // namespace

json::Value bench_result(const std::string& name, const std::string& unit, std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return json::Object{{"name", name},         {"value", values[values.size() / 2]},
                        {"unit", unit},         {"min", values.front()},
                        {"max", values.back()}, {"runs", static_cast<std::int64_t>(values.size())}};
}

json::Value bench_ratio(const std::string& name, const std::vector<double>& values,
                        const std::vector<double>& limits) {
    HEADROOM_ASSERT(values.size() == limits.size());
    std::vector<double> ratios;
    for (std::size_t i = 0; i < values.size(); ++i) {
        ratios.push_back(values[i] / limits[i]);
    }
    return bench_result(name, "ratio", std::move(ratios));
}

Result<json::Object> bench_ingest(const BenchIngestOptions& options) {
    json::Array results;
    bool is_known = options.only.empty();
    for (const Way& way : ingest_ways) {
        if (!options.only.empty() && options.only != way.name) {
            continue;
        }
        is_known = true;
        Result<json::Array> measured = way.measure(options);
        if (!measured) {
            return measured.error();
        }
        results.insert(results.end(), measured->begin(), measured->end());
    }
    if (!is_known) {
        return Error{Errc::invalid, "there is no way \"" + options.only + "\" to bring readings in here"};
    }
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
