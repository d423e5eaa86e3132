#include "app/bench_beckn.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
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
    json::Array results;
    const auto take = [&results](Result<json::Array> more) -> Result<void> {
        if (!more) {
            return more.error();
        }
        std::move(more->begin(), more->end(), std::back_inserter(results));
        return {};
    };
    const auto wants = [&options](std::string_view name) {
        return options.only.empty() || options.only == name;
    };
    if (!wants("messages") && !wants("discover") && !wants("orders")) {
        return Error{Errc::invalid, "there is no part \"" + options.only + "\" of this bench", ""};
    }
    Result<void> done;
    if (wants("messages")) {
        done = take(bench_beckn_messages(options.seconds));
    }
    if (done && wants("discover")) {
        done = take(bench_beckn_discover());
        done = done ? take(bench_beckn_search(options)) : done;
    }
    if (done && wants("orders")) {
        done = take(bench_beckn_orders(options));
    }
    if (!done) {
        return done.error();
    }
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
