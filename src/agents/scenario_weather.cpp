#include "agents/scenario_weather.hpp"

#include "feeds/climatology.hpp"
#include "feeds/open_meteo.hpp"
#include "feeds/openweathermap.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace headroom::agents {
namespace {

/// A service's steps further apart than this leave the hours between to the season.
constexpr milliseconds between_max = hours{3};
/// Answers are kept and asked for by places a kilometre apart, so that neighbours share them.
constexpr double grid_degrees = 0.01;

UtcTime hour_of(UtcTime at) {
    return UtcTime{std::chrono::floor<hours>(at)};
}

double rounded(double degrees) {
    return std::round(degrees / grid_degrees) * grid_degrees;
}

Date day_of(UtcTime at) {
    return Date{std::chrono::floor<std::chrono::days>(at)};
}

std::optional<double> between(const std::optional<double>& a, const std::optional<double>& b, double share) {
    if (a && b) {
        return *a + (*b - *a) * share;
    }
    return share <= 0.0 ? a : share >= 1.0 ? b : std::nullopt;
}

/// The hour `at` out of steps in order; nothing where it lies in no pair that is close enough.
std::optional<feeds::WeatherStep> step_at(const std::vector<feeds::WeatherStep>& steps, UtcTime at) {
    const auto after =
        std::lower_bound(steps.begin(), steps.end(), at,
                         [](const feeds::WeatherStep& step, UtcTime time) { return step.at < time; });
    if (after == steps.end()) {
        return std::nullopt;
    }
    if (after->at == at) {
        return *after;
    }
    if (after == steps.begin() || after->at - std::prev(after)->at > between_max) {
        return std::nullopt;
    }
    const feeds::WeatherStep& before = *std::prev(after);
    const double length = static_cast<double>((after->at - before.at).count());
    const double share = static_cast<double>((at - before.at).count()) / length;
    const double hours_long = length / 3.6e6;
    const auto spread = [&](const std::optional<double>& sum) {
        return sum ? std::optional(*sum / hours_long) : std::nullopt;
    };
    return feeds::WeatherStep{
        .at = at,
        .temperature_c = between(before.temperature_c, after->temperature_c, share),
        .apparent_temperature_c =
            between(before.apparent_temperature_c, after->apparent_temperature_c, share),
        .wind_m_per_s = between(before.wind_m_per_s, after->wind_m_per_s, share),
        .cloud_share = between(before.cloud_share, after->cloud_share, share),
        .radiation_w_per_m2 = between(before.radiation_w_per_m2, after->radiation_w_per_m2, share),
        .precipitation_mm = spread(after->precipitation_mm),
        .snowfall_mm = spread(after->snowfall_mm)};
}

std::vector<feeds::WeatherStep> in_order(std::vector<feeds::WeatherStep> steps) {
    std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    const auto last =
        std::unique(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.at == b.at; });
    steps.erase(last, steps.end());
    return steps;
}

/// Length in hours, at least one, of the step that ends at `at`: a sum over three hours is spread over them.
double length_of(const std::vector<feeds::WeatherStep>& steps, UtcTime at) {
    const auto found =
        std::lower_bound(steps.begin(), steps.end(), at,
                         [](const feeds::WeatherStep& step, UtcTime time) { return step.at < time; });
    if (steps.size() < 2 || found == steps.end() || found->at != at) {
        return 1.0;
    }
    const auto later = found == steps.begin() ? std::next(found) : found;
    const milliseconds length = later->at - std::prev(later)->at;
    return length > between_max ? 1.0 : std::max(1.0, static_cast<double>(length.count()) / 3.6e6);
}

}  // namespace

FoundWeather assemble_weather(const WeatherQuery& query, const std::optional<ServiceWeather>& service,
                              const std::string& why_not) {
    const std::vector<feeds::WeatherStep> steps =
        service ? in_order(service->steps) : std::vector<feeds::WeatherStep>{};
    FoundWeather out;
    std::int64_t from_service = 0;
    std::int64_t from_season = 0;
    // One hour more, so that every half-hour of the window lies between two.
    for (UtcTime at = hour_of(query.from); at < query.until + hours{1}; at += hours{1}) {
        feeds::WeatherStep typical = feeds::climatology::typical_hour(query.lat, query.lon, at);
        std::optional<feeds::WeatherStep> said = step_at(steps, at);
        const bool is_said = said && said->temperature_c;
        (is_said ? from_service : from_season) += 1;
        if (is_said) {
            const double length = length_of(steps, at);
            if (said->precipitation_mm && length > 1.0) {
                *said->precipitation_mm /= length;
            }
            if (!said->radiation_w_per_m2) {
                // A service without sunshine: that of the season, less what its clouds keep away (Kasten and
                // Czeplak 1980, 0.75 of a covered sky to the power 3.4).
                const double cloud = said->cloud_share.value_or(0.0);
                said->radiation_w_per_m2 = typical.radiation_w_per_m2.value_or(0.0) *
                                           (said->cloud_share ? 1.0 - 0.75 * std::pow(cloud, 3.4) : 1.0);
            }
            typical = std::move(*said);
        }
        typical.precipitation_mm = typical.precipitation_mm.value_or(0.0);
        out.hours.push_back(std::move(typical));
    }
    if (from_service > 0) {
        out.origins.push_back(service->origin);
        out.origins.back().hours = from_service;
    }
    if (from_season > 0) {
        out.origins.push_back({.source = feeds::climatology::source,
                               .fetched = {},
                               .url = {},
                               .licence = "derived from Met Office averages 1991-2020",
                               .hours = from_season,
                               .why = from_service > 0 && why_not.empty()
                                          ? service->origin.source + " says nothing of these hours"
                                          : why_not});
    }
    return out;
}

std::optional<std::pair<UtcTime, UtcTime>> askable(const WeatherQuery& query, UtcTime now) {
    const UtcTime from = std::max(query.from, now - weather_back);
    const UtcTime until = std::min(query.until, now + weather_ahead);
    return from < until ? std::optional(std::pair{from, until}) : std::nullopt;
}

WeatherLookup::WeatherLookup(WeatherServices services, feeds::FeedClient::Parts parts, feeds::FeedCache cache,
                             feeds::FeedRules rules)
    : services_(std::move(services)), wall_(parts.wall), client_(std::move(parts), std::move(cache), rules) {}

namespace {

template <class Decode>
Result<ServiceWeather> asked(feeds::FeedClient& client, const feeds::FeedSource& source,
                             const feeds::FeedRequest& request, Decode decode) {
    const Result<feeds::FeedDocument> document = client.get(source, request);
    if (!document) {
        return document.error();
    }
    Result<feeds::FeedValues<feeds::WeatherStep>> read = decode(document->body);
    if (!read) {
        client.refuse(source, request, read.error().message);
        return Error{Errc::unavailable, source.id + ": " + read.error().message};
    }
    if (read->values.empty()) {
        return Error{Errc::unavailable, source.id + " said nothing"};
    }
    return ServiceWeather{.steps = std::move(read->values),
                          .origin = {.source = source.id,
                                     .fetched = document->provenance.fetched,
                                     .url = document->provenance.url,
                                     .licence = document->provenance.licence,
                                     .hours = 0,
                                     .why = document->stale_because},
                          .faults = std::move(read->faults),
                          .faults_total = read->faults_total};
}

}  // namespace

Result<ServiceWeather> WeatherLookup::open_meteo(const WeatherQuery& query,
                                                 std::pair<UtcTime, UtcTime> known) {
    const feeds::FeedRequest request = feeds::open_meteo::hourly(rounded(query.lat), rounded(query.lon),
                                                                 day_of(known.first), day_of(known.second));
    return asked(client_, services_.open_meteo, request, feeds::open_meteo::decode_hourly);
}

Result<ServiceWeather> WeatherLookup::openweathermap(const WeatherQuery& query) {
    if (!services_.openweathermap) {
        return Error{Errc::unavailable, ""};
    }
    const feeds::FeedRequest request =
        feeds::openweathermap::forecast(rounded(query.lat), rounded(query.lon));
    return asked(client_, *services_.openweathermap, request, feeds::openweathermap::decode_forecast);
}

Result<ServiceWeather> WeatherLookup::ask(const WeatherQuery& query) {
    const UtcTime now = wall_.now();
    const std::optional<std::pair<UtcTime, UtcTime>> known = askable(query, now);
    if (!known) {
        return Error{Errc::not_found, "no weather service knows these dates"};
    }
    Result<ServiceWeather> first = open_meteo(query, *known);
    if (first && first->origin.why.empty()) {
        return first;
    }
    std::string why = first ? first->origin.why : first.error().message;
    if (query.until > now) {
        Result<ServiceWeather> second = openweathermap(query);
        if (second && second->origin.why.empty()) {
            second->origin.why = why;
            return second;
        }
        const std::string also = second ? second->origin.why : second.error().message;
        why += also.empty() ? "" : "; " + also;
    }
    if (first) {
        return first;  // an old forecast is better than a typical year
    }
    return Error{Errc::unavailable, std::move(why)};
}

/// One who waits, and the lookup that may come too late for him.
struct ScenarioWeather::Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    std::optional<Result<ServiceWeather>> found;
};

ScenarioWeather::ScenarioWeather(asio::any_io_executor executor, WallClock& wall, MakeLookup make_lookup,
                                 std::string why_not, ScenarioWeatherOptions options)
    : executor_(std::move(executor)),
      wall_(wall),
      make_lookup_(std::move(make_lookup)),
      why_not_(std::move(why_not)),
      options_(options),
      worker_("scenario-weather") {}

Awaitable<FoundWeather> ScenarioWeather::find(WeatherQuery query) {
    if (!make_lookup_) {
        co_return assemble_weather(query, std::nullopt, why_not_);
    }
    if (!askable(query, wall_.now())) {
        co_return assemble_weather(query, std::nullopt, "no weather service knows these dates");
    }
    if (resting_until_ && steady_now() < *resting_until_) {
        co_return assemble_weather(query, std::nullopt, resting_because_);
    }
    if (worker_.pending() >= options_.waiting_max) {
        co_return assemble_weather(query, std::nullopt, "the weather services are still being waited for");
    }
    auto waiting = std::make_shared<Waiting>(executor_);
    waiting->timer.expires_after(options_.deadline);
    worker_.post([this, query, waiting, executor = executor_] {
        if (!lookup_) {
            lookup_ = make_lookup_();
        }
        asio::post(executor, [waiting, found = lookup_->ask(query)]() mutable {
            waiting->found = std::move(found);
            waiting->timer.cancel();
        });
    });
    auto token = asio::as_tuple(asio::use_awaitable);
    co_await waiting->timer.async_wait(token);
    if (!waiting->found) {
        co_return assemble_weather(query, std::nullopt, "the weather services did not answer in time");
    }
    if (*waiting->found) {
        co_return assemble_weather(query, **waiting->found, "");
    }
    const Error& fault = waiting->found->error();
    if (fault.code != Errc::not_found) {
        resting_until_ = steady_now() + options_.rest;
        resting_because_ = fault.message;
    }
    co_return assemble_weather(query, std::nullopt, fault.message);
}

}  // namespace headroom::agents
