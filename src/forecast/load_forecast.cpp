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

}  // namespace headroom::forecast
