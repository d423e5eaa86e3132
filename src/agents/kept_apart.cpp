#include "agents/kept_apart.hpp"

#include "telemetry/reading.hpp"

#include <cmath>
#include <map>
#include <utility>
#include <vector>

namespace headroom::agents {

Awaitable<IsKeptApart> kept_apart(SeriesStore& series, std::set<std::string> ders, UtcTime from, UtcTime to) {
    std::map<std::string, store::SeriesBlock> apart;
    if (!ders.empty()) {
        std::vector<std::string> keys;
        for (const std::string& der : ders) {
            keys.push_back(telemetry::PointKey{der, grid::Quantity::p_kw, grid::Phase::sum}.text() + "/raw");
        }
        std::vector<store::SeriesBlock> blocks = co_await series.read(std::move(keys), from, to);
        for (const std::string& der : ders) {
            apart.emplace(der, std::move(blocks[apart.size()]));
        }
    }
    co_return [apart = std::move(apart)](const std::string& der, UtcTime period) {
        const auto raw = apart.find(der);
        if (raw == apart.end()) {
            return false;
        }
        const std::int64_t at = (period - raw->second.start) / period_length;
        return at >= 0 && at < std::ssize(raw->second.values) &&
               !std::isnan(raw->second.values[static_cast<std::size_t>(at)]);
    };
}

}  // namespace headroom::agents
