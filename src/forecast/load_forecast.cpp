#include "forecast/load_forecast.hpp"

namespace headroom::forecast {

std::string_view to_string(Method method) {
    switch (method) {
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
    std::string text = has(Fallback::no_model)        ? "no model has been trained yet"
                       : has(Fallback::other_schema)  ? "the model was made for other features"
                       : has(Fallback::no_day_before) ? "a half-hour has no known day before it"
                                                      : "";
    text += has(Fallback::no_full_day) ? "; the past has no full day" : "";
    text += has(Fallback::no_newest) ? "; the newest half-hours are unknown" : "";
    return text;
}

}  // namespace headroom::forecast
