#include "rehearsal/windows.hpp"

#include <cmath>

namespace headroom::rehearsal {

std::vector<Window> overloads_of(std::span<const float> load_kw, double limit_kw) {
    std::vector<Window> out;
    for (std::size_t i = 0; i < load_kw.size(); ++i) {
        if (!(static_cast<double>(load_kw[i]) > limit_kw)) {  // NaN is not over
            continue;
        }
        const auto at = static_cast<std::int64_t>(i);
        if (!out.empty() && at - out.back().end <= 1) {
            out.back().end = at + 1;
        } else {
            out.push_back({at, at + 1});
        }
    }
    return out;
}

std::vector<Window> alarms_of(std::span<const float> foretold_kw, double limit_kw) {
    std::vector<Window> out;
    bool is_on = false;
    for (std::size_t i = 0; i < foretold_kw.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        const double kw = foretold_kw[i];
        if (is_on && kw >= alarm_clear_share * limit_kw && at - out.back().first < window_max) {
            out.back().end = at + 1;
        } else if (is_on = kw > limit_kw; is_on) {
            out.push_back({at, at + 1});
        }
    }
    return out;
}

}  // namespace headroom::rehearsal
