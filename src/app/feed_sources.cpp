#include "app/feed_sources.hpp"

#include "net/url.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <utility>

namespace headroom::app {
namespace {

constexpr const char* cc_by = "CC BY 4.0";
constexpr feeds::RateRule usual{.burst = 10, .refill = seconds{1}};
/// Two requests a minute to its tables; it sends no 429 but shuts out those who ask more often.
constexpr feeds::RateRule neso{.burst = 1, .refill = seconds{30}};
/// 10,000 a day, here spread over it.
constexpr feeds::RateRule ukpn{.burst = 100, .refill = milliseconds{8'640}};

}  // namespace

std::vector<feeds::FeedSource> feed_sources(const FeedsSettings& settings) {
    const milliseconds age = minutes{settings.max_age_min};
    return {{"open_meteo", settings.open_meteo_url, cc_by, "", "", usual, age},
            {"openweathermap", settings.openweathermap_url, "OpenWeather, CC BY-SA 4.0", "appid",
             settings.openweathermap_api_key, usual, age},
            {"carbon_intensity", settings.carbon_url, cc_by, "", "", usual, age},
            {"elexon", settings.elexon_url, "BMRS Data Licence", "", "", usual, age},
            {"octopus_agile", settings.octopus_url, "Octopus Energy API terms", "", "", usual, age},
            {"ukpn", settings.ukpn_url, cc_by, "apikey", settings.ukpn_api_key, ukpn, age},
            {"neso_portal", settings.neso_url,
             "NESO Open Data Licence: Supported by National Energy SO Open Data", "", "", neso, age}};
}

feeds::FeedSource feed_source(const FeedsSettings& settings, std::string_view id) {
    const std::vector<feeds::FeedSource> all = feed_sources(settings);
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const feeds::FeedSource& one) { return one.id == id; });
    HEADROOM_ASSERT(found != all.end());
    return *found;
}

std::unique_ptr<net::HttpClient> feeds_http(const FeedsSettings& settings) {
    net::ClientSettings client;
    for (const feeds::FeedSource& source : feed_sources(settings)) {
        if (const Result<net::Url> url = net::parse_url(source.base_url)) {
            client.allow_private.push_back(url->authority());
        }
    }
    return std::make_unique<net::HttpClient>(std::move(client));
}

feeds::FeedClient::Parts feed_client_parts(net::HttpClient& http, WallClock& wall) {
    return {.http = http,
            .wall = wall,
            .sleep = [](milliseconds wait) { std::this_thread::sleep_for(wait); },
            .jitter =
                [random = std::mt19937_64(std::random_device()())]() mutable {
                    return std::uniform_real_distribution<>(0.0, 1.0)(random);
                }};
}

Date utc_date_of(UtcTime time) {
    return Date{std::chrono::floor<std::chrono::days>(time)};
}

}  // namespace headroom::app
