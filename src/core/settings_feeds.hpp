#pragma once

#include "core/reflect_json.hpp"

#include <cstdint>
#include <string>

namespace headroom {

class SettingsTree;

/// Public data from elsewhere. Every service has a base URL, so that a mirror or a local server can stand in
/// for it.
struct FeedsSettings {
    std::string open_meteo_url = "https://api.open-meteo.com";
    std::string openweathermap_url = "https://api.openweathermap.org";
    std::string openweathermap_api_key;
    std::string openweathermap_api_key_file;
    std::string carbon_url = "https://api.carbonintensity.org.uk";
    std::string carbon_api_key;
    std::string carbon_api_key_file;
    std::int64_t carbon_region = 13;
    std::string elexon_url = "https://data.elexon.co.uk/bmrs/api/v1";
    std::string octopus_url = "https://api.octopus.energy";
    std::string octopus_product = "AGILE-24-10-01";
    std::string octopus_gsp_group = "C";
    std::string ukpn_url = "https://ukpowernetworks.opendatasoft.com/api/explore/v2.1";
    std::string ukpn_api_key;
    std::string ukpn_api_key_file;
    std::string neso_url = "https://api.neso.energy/api/3/action";
    double lat = 51.5074;
    double lon = -0.1278;
    std::int64_t max_age_min = 30;
    bool live = false;
};

/// Adds a fault for each base URL that is none, and for a GSP group that does not exist.
void check_feeds(const FeedsSettings& settings, SettingsTree& tree);

namespace settings_detail {

constexpr FieldOptions feed_url() {
    return {.minimum = 8, .maximum = 1'024, .required = false};
}
constexpr FieldOptions feed_secret(bool unused = false) {
    return {.maximum = 512, .required = false, .secret = true, .unused = unused};
}
constexpr FieldOptions feed_secret_file() {
    return {.maximum = 4'096, .required = false, .example = "\"/run/secrets/key\""};
}

}  // namespace settings_detail

template <>
struct Fields<FeedsSettings> {
    using T = FeedsSettings;
    static constexpr std::string_view name = "FeedsSettings";
    static constexpr auto table = field_table(
        field("open_meteo_url", &T::open_meteo_url, "Base URL of Open-Meteo.", settings_detail::feed_url()),
        field("openweathermap_url", &T::openweathermap_url,
              "Base URL of OpenWeatherMap, asked when Open-Meteo is down.", settings_detail::feed_url()),
        field("openweathermap_api_key", &T::openweathermap_api_key,
              "Key of OpenWeatherMap; without it the service is left out.", settings_detail::feed_secret()),
        field("openweathermap_api_key_file", &T::openweathermap_api_key_file,
              "File that holds openweathermap_api_key, instead of the key itself.",
              settings_detail::feed_secret_file()),
        field("carbon_url", &T::carbon_url, "Base URL of the NESO carbon intensity service.",
              settings_detail::feed_url()),
        field("carbon_api_key", &T::carbon_api_key, "The service needs no key.",
              settings_detail::feed_secret(true)),
        field("carbon_api_key_file", &T::carbon_api_key_file,
              "File that holds carbon_api_key, instead of the key itself.",
              settings_detail::feed_secret_file()),
        field("carbon_region", &T::carbon_region,
              "Region of the carbon intensity: 10 East England, 13 London, 14 South East England.",
              {.minimum = 1, .maximum = 17, .required = false}),
        field("elexon_url", &T::elexon_url, "Base URL of Elexon Insights.", settings_detail::feed_url()),
        field("octopus_url", &T::octopus_url, "Base URL of the Octopus Energy API.",
              settings_detail::feed_url()),
        field("octopus_product", &T::octopus_product, "Product whose half-hourly prices are read.",
              {.minimum = 1, .maximum = 64, .required = false}),
        field("octopus_gsp_group", &T::octopus_gsp_group,
              "Letter of the GSP group: A Eastern, C London, J South Eastern.",
              {.minimum = 1, .maximum = 1, .required = false}),
        field("ukpn_url", &T::ukpn_url, "Base URL of UK Power Networks' open data.",
              settings_detail::feed_url()),
        field("ukpn_api_key", &T::ukpn_api_key, "Key of that portal; most datasets need one.",
              settings_detail::feed_secret()),
        field("ukpn_api_key_file", &T::ukpn_api_key_file,
              "File that holds ukpn_api_key, instead of the key itself.",
              settings_detail::feed_secret_file()),
        field("neso_url", &T::neso_url, "Base URL of the NESO data portal.", settings_detail::feed_url()),
        field("lat", &T::lat, "Where the weather is asked for, in degrees north.",
              {.minimum = -90, .maximum = 90, .required = false}),
        field("lon", &T::lon, "In degrees east.", {.minimum = -180, .maximum = 180, .required = false}),
        field("max_age_min", &T::max_age_min, "An answer so old is asked for again.",
              {.unit = "min", .minimum = 1, .maximum = 10'080, .required = false}),
        field(
            "live", &T::live,
            "Weather, demand, carbon and prices are asked for while serving, and reach forecasts, plans and "
            "offers.",
            {.required = false}));
};

}  // namespace headroom
