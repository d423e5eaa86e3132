// Reads any bytes as answers of the public services; the first byte chooses which. Holds: what is believed
// lies within its bounds and is finite, and no more faults are kept than are counted.

#include "core/result.hpp"
#include "feeds/carbon_intensity.hpp"
#include "feeds/elexon.hpp"
#include "feeds/half_hours.hpp"
#include "feeds/octopus_agile.hpp"
#include "feeds/open_meteo.hpp"
#include "feeds/openweathermap.hpp"
#include "feeds/ukpn.hpp"
#include "feeds/ukpn_secondary.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

using namespace headroom;

namespace {

bool is_within(double value, double min, double max) {
    return std::isfinite(value) && value >= min && value <= max;
}
bool is_within(const std::optional<double>& value, double min, double max) {
    return !value || is_within(*value, min, max);
}

/// Every value of an answer that was read holds `is_good`.
template <class T, class Check>
void check(const Result<feeds::FeedValues<T>>& read, Check is_good) {
    if (!read) {
        return;
    }
    HEADROOM_ASSERT(read->faults.size() <= feeds::FaultBook::kept_max);
    HEADROOM_ASSERT(read->faults.size() <= read->faults_total);
    for (const T& value : read->values) {
        HEADROOM_ASSERT(is_good(value));
    }
}

void check_weather(const Result<feeds::FeedValues<feeds::WeatherStep>>& read) {
    check(read, [](const feeds::WeatherStep& step) {
        return is_within(step.temperature_c, -60.0, 60.0) &&
               is_within(step.wind_m_per_s, 0.0, feeds::wind_max_m_per_s) &&
               is_within(step.radiation_w_per_m2, 0.0, feeds::radiation_max_w_per_m2);
    });
    if (read) {
        for (const feeds::WeatherStep& step : feeds::half_hourly(read->values)) {
            HEADROOM_ASSERT(floor_period(step.at) == step.at);
            HEADROOM_ASSERT(is_within(step.temperature_c, -60.0, 60.0));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 10) {
        case 0:
            check_weather(feeds::open_meteo::decode_hourly(body));
            break;
        case 1:
            check_weather(feeds::openweathermap::decode_forecast(body));
            break;
        case 2:
            check(feeds::carbon_intensity::decode(body), [](const auto& period) {
                constexpr double most = feeds::carbon_intensity::intensity_max_g_per_kwh;
                return is_within(period.forecast_g_per_kwh, 0.0, most) &&
                       is_within(period.actual_g_per_kwh, 0.0, most);
            });
            break;
        case 3:
            check(feeds::elexon::decode_demand(body),
                  [](const auto& demand) { return is_within(demand.national_mw, 0.0, 1e5); });
            break;
        case 4:
            check(feeds::elexon::decode_demand_outturn(body),
                  [](const auto& demand) { return is_within(demand.national_mw, 0.0, 1e5); });
            break;
        case 5:
            check(feeds::elexon::decode_market_index(body),
                  [](const auto& price) { return is_within(price.gbp_per_mwh, -1e4, 1e4); });
            break;
        case 6:
            check(feeds::octopus_agile::decode_unit_rates(body),
                  [](const auto& rate) { return is_within(rate.gbp_per_mwh, -5e3, 5e3); });
            break;
        case 7:
            check(feeds::ukpn::decode_live_faults(body, 0), [](const auto& fault) {
                return !fault.reference.empty() && is_within(fault.lat, -90.0, 90.0);
            });
            break;
        case 8:
            check(feeds::ukpn::decode_secondary_sites(body, 0), [](const auto& site) {
                return !site.id.empty() && is_within(site.rating_kva, 0.0, 2e4) &&
                       is_within(site.utilisation_high, 0.0, 10.0);
            });
            break;
        default:
            check(feeds::ukpn::decode_lv_feeders(body, 0),
                  [](const auto& feeder) { return is_within(feeder.peak_kw, 0.0, 1e5); });
    }
    return 0;
}
