#include "forecast/load_forecast.hpp"

namespace headroom::forecast {

std::string_view to_string(Method method) {
    switch (method) {
        case Method::ensemble:
            return "ensemble";
        case Method::ridge:
            return "ridge";
        case Method::seasonal_naive:
            return "seasonal_naive";
        case Method::persistence:
            return "persistence";
        case Method::none:
            return "none";
    }
    return "none";
}

std::string to_text(Fallback why) {
    const auto has = [why](Fallback flag) {
        return (static_cast<unsigned>(why) & static_cast<unsigned>(flag)) != 0;
    };
    std::string text;
    const auto add = [&](Fallback flag, std::string_view words) {
        if (has(flag)) {
            text += text.empty() ? "" : "; ";
            text += words;
        }
    };
    add(Fallback::no_ensemble, "no ensemble has been trained yet");
    add(Fallback::short_past, "fewer than two days of the past are known");
    add(Fallback::old_past, "nothing is known of the last day");
    add(Fallback::no_model, "no model has been trained yet");
    add(Fallback::other_schema, "the model was made for other features");
    add(Fallback::no_day_before, "a half-hour has no known day before it");
    add(Fallback::no_full_day, "the past has no full day");
    add(Fallback::no_newest, "the newest half-hours are unknown");
    return text;
}

}  // namespace headroom::forecast
