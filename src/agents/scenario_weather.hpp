#pragma once

#include "core/async.hpp"
#include "core/clock.hpp"
#include "feeds/feed_client.hpp"
#include "feeds/feed_rows.hpp"
#include "feeds/weather.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// Where the weather of a scenario is wanted. Half-open, whole hours are made of it.
struct WeatherQuery {
    double lat = 0.0;
    double lon = 0.0;
    UtcTime from{};
    UtcTime until{};
};

/// Who said the weather, for people and for the answer's `data_sources`.
struct WeatherOrigin {
    std::string source;                   ///< "open_meteo", "openweathermap" or "climatology"
    std::optional<UtcTime> fetched = {};  ///< wall time; nothing for the climatology
    std::string url;                      ///< without secrets; empty for the climatology
    std::string licence;
    std::int64_t hours = 0;  ///< of the window that are its
    std::string why;         ///< it stands in for another: what that said; empty otherwise
    bool operator==(const WeatherOrigin&) const = default;
};

/// Every hour of the window, each with a temperature, radiation and precipitation (0 where nobody said), and
/// who said how many of them.
struct FoundWeather {
    std::vector<feeds::WeatherStep> hours;
    std::vector<WeatherOrigin> origins;
};

/// What a service said.
struct ServiceWeather {
    std::vector<feeds::WeatherStep> steps;     ///< of an hour or three
    WeatherOrigin origin;                      ///< `hours` is not filled in yet
    std::vector<feeds::RowFault> faults = {};  ///< values that were not believed, the first of them
    std::size_t faults_total = 0;
};

/// The window out of what a service said, where it did, and the climatology, where it did not. Steps of
/// three hours are read between. `why_not` says why no service, or none for the whole window, was asked or
/// answered. Pure.
[[nodiscard]] FoundWeather assemble_weather(const WeatherQuery& query,
                                            const std::optional<ServiceWeather>& service,
                                            const std::string& why_not);

/// So far back and ahead of now services are asked.
inline constexpr auto weather_back = std::chrono::days{90};
inline constexpr auto weather_ahead = std::chrono::days{15};

/// The part of the window that services know at `now`; nothing when there is none.
[[nodiscard]] std::optional<std::pair<UtcTime, UtcTime>> askable(const WeatherQuery& query, UtcTime now);

/// The services in the order in which they are asked.
struct WeatherServices {
    feeds::FeedSource open_meteo;
    std::optional<feeds::FeedSource> openweathermap = {};  ///< only with a key
};

/// Asks services for the weather of a place, blocking. Any thread, one at a time.
class WeatherLookup {
  public:
    WeatherLookup(WeatherServices services, feeds::FeedClient::Parts parts, feeds::FeedCache cache,
                  feeds::FeedRules rules);

    /// What the first service that answers says of the window; else an old answer that was kept. Errors:
    /// `unavailable` with what each said, `not_found` when none covers the dates.
    Result<ServiceWeather> ask(const WeatherQuery& query);

  private:
    Result<ServiceWeather> open_meteo(const WeatherQuery& query, std::pair<UtcTime, UtcTime> known);
    Result<ServiceWeather> openweathermap(const WeatherQuery& query);

    WeatherServices services_;
    WallClock& wall_;
    feeds::FeedClient client_;
};

struct ScenarioWeatherOptions {
    milliseconds deadline{seconds{4}};  ///< nobody waits longer; the season stands in
    milliseconds rest{minutes{1}};      ///< so long nothing is asked after a failure
    std::size_t waiting_max = 4;        ///< lookups in hand; beyond, the season stands in at once
};

/// Weather for scenarios in the control room: the services are asked on a thread of their own, and whoever
/// waits does so on the io thread's timer, never longer than the deadline. What does not come in time is
/// replaced by the climatology, which is named with the reason; an answer that comes late serves the next.
class ScenarioWeather {
  public:
    /// A null `make_lookup` never asks anybody, for the reason given in `why_not`.
    using MakeLookup = std::function<std::unique_ptr<WeatherLookup>()>;
    ScenarioWeather(asio::any_io_executor executor, WallClock& wall, MakeLookup make_lookup,
                    std::string why_not = {}, ScenarioWeatherOptions options = {});
    ScenarioWeather(const ScenarioWeather&) = delete;
    ScenarioWeather& operator=(const ScenarioWeather&) = delete;

    /// Always answers. On the io thread.
    Awaitable<FoundWeather> find(WeatherQuery query);

  private:
    struct Waiting;
    asio::any_io_executor executor_;
    WallClock& wall_;
    MakeLookup make_lookup_;
    std::string why_not_;
    ScenarioWeatherOptions options_;
    std::unique_ptr<WeatherLookup> lookup_;  // made and used on the worker
    std::optional<SteadyTime> resting_until_;
    std::string resting_because_;
    Worker worker_;  // last: it is joined before what it uses goes
};

}  // namespace headroom::agents
