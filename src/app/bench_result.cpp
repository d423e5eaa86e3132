#include "app/bench_result.hpp"

#include <algorithm>
#include <cstdint>

namespace headroom::app {

json::Object median_result(const std::string& name, const std::string& unit, std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return json::Object{{"name", name},         {"value", values[values.size() / 2]},
                        {"unit", unit},         {"min", values.front()},
                        {"max", values.back()}, {"runs", static_cast<std::int64_t>(values.size())}};
}

}  // namespace headroom::app
