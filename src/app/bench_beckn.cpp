#include "app/bench_beckn.hpp"

#include <algorithm>
#include <iterator>

namespace headroom::app {

json::Object beckn_figure(const std::string& name, double value, const std::string& unit,
                          const std::vector<double>& sorted) {
    return json::Object{{"name", name},         {"value", value},
                        {"unit", unit},         {"min", sorted.front()},
                        {"max", sorted.back()}, {"runs", static_cast<std::int64_t>(sorted.size())}};
}

double beckn_rank(const std::vector<double>& sorted, double share) {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(sorted.size() - 1, index)];
}

Result<json::Object> bench_beckn(const BenchBecknOptions& options) {
    Result<json::Array> messages = bench_beckn_messages(options.seconds);
    if (!messages) {
        return messages.error();
    }
    Result<json::Array> market = bench_beckn_market(options);
    if (!market) {
        return market.error();
    }
    std::move(market->begin(), market->end(), std::back_inserter(*messages));
    return json::Object{{"results", std::move(*messages)}};
}

}  // namespace headroom::app
