#include "app/bench_beckn.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

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

void rank_offers(std::vector<flex::Offer>& offers) {
    std::sort(offers.begin(), offers.end(), [](const flex::Offer& a, const flex::Offer& b) {
        return std::tie(a.utilisation.value, b.reliability_ppm, a.id) <
               std::tie(b.utilisation.value, a.reliability_ppm, b.id);
    });
}

Result<json::Object> bench_beckn(const BenchBecknOptions& options) {
    Result<json::Array> messages = bench_beckn_messages(options.seconds);
    if (!messages) {
        return messages.error();
    }
    for (Result<json::Array> more : {bench_beckn_discover(), bench_beckn_market(options)}) {
        if (!more) {
            return more.error();
        }
        std::move(more->begin(), more->end(), std::back_inserter(*messages));
    }
    return json::Object{{"results", std::move(*messages)}};
}

}  // namespace headroom::app
