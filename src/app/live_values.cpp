#include "app/live_values.hpp"

#include "app/feed_sources.hpp"
#include "app/scenario_parts.hpp"
#include "core/log.hpp"
#include "features/half_hours.hpp"
#include "feeds/carbon_intensity.hpp"
#include "feeds/elexon.hpp"
#include "feeds/half_hours.hpp"
#include "feeds/neso_portal.hpp"
#include "feeds/octopus_agile.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace headroom::app {
namespace {

using agents::FeedAnswer;
using agents::FeedSeries;

/// Nobody waits long for a service: the next round is not far.
constexpr feeds::FeedRules live_rules{
    .tries = 2, .first_delay = milliseconds{500}, .wait_max = seconds{2}, .deadline = seconds{5}};
constexpr auto values_ahead = std::chrono::days{3};
constexpr auto one_day = std::chrono::days{1};
/// So long after it has begun, a settlement period's system price is published.
constexpr hours published_after{3};

/// The services with one client; used on the feeds' own thread.
class LiveReader {
  public:
    LiveReader(const FeedsSettings& settings, const std::filesystem::path& folder, WallClock& wall)
        : settings_(settings),
          http_(feeds_http(settings)),
          wall_(wall),
          client_(feed_client_parts(*http_, wall_), feeds::FeedCache(folder), live_rules),
          weather_(weather_lookup(settings, *http_, wall_, folder)) {}

    Result<FeedAnswer> weather() {
        const UtcTime now = wall_.now();
        Result<agents::ServiceWeather> said = weather_->ask(
            {.lat = settings_.lat, .lon = settings_.lon, .from = now - one_day, .until = now + values_ahead});
        if (!said) {
            return said.error();
        }
        const feeds::Provenance origin{.source = said->origin.source,
                                       .url = said->origin.url,
                                       .fetched = said->origin.fetched.value_or(now),
                                       .status = 200,
                                       .sha256 = {},
                                       .licence = said->origin.licence};
        FeedAnswer answer;
        answer.faults = std::move(said->faults);
        answer.faults_total = said->faults_total;
        const auto add = [&](const char* name, std::optional<double> feeds::WeatherStep::*member) {
            FeedSeries series{
                .name = name, .values = {}, .origin = origin, .stale_because = said->origin.why};
            for (const feeds::WeatherStep& step : feeds::half_hourly(said->steps)) {
                if (step.*member) {
                    series.values.emplace(features::period_index(step.at), *(step.*member));
                }
            }
            answer.series.push_back(std::move(series));
        };
        add("temperature_c", &feeds::WeatherStep::temperature_c);
        add("radiation_w_per_m2", &feeds::WeatherStep::radiation_w_per_m2);
        add("wind_m_per_s", &feeds::WeatherStep::wind_m_per_s);
        return answer;
    }

    Result<FeedAnswer> demand() {
        const UtcTime now = wall_.now();
        return one<feeds::elexon::DemandOutturn>(
            "elexon", feeds::elexon::demand_outturn(utc_date_of(now - one_day), utc_date_of(now)),
            feeds::elexon::decode_demand_outturn, "national_demand_mw", [](const auto& row) {
                return std::pair{row.start, std::optional(row.national_mw)};
            });
    }
    Result<FeedAnswer> demand_ahead() {
        return one<feeds::elexon::DemandForecast>(
            "elexon", feeds::elexon::demand_day_ahead(), feeds::elexon::decode_demand,
            "national_demand_ahead_mw", [](const auto& row) {
                return std::pair{row.start, std::optional(row.national_mw)};
            });
    }
    Result<FeedAnswer> retail_price() {
        const UtcTime today{std::chrono::floor<std::chrono::days>(wall_.now())};
        Result<feeds::FeedRequest> request = feeds::octopus_agile::unit_rates(
            settings_.octopus_product, settings_.octopus_gsp_group.front(), today, today + values_ahead);
        if (!request) {
            return request.error();
        }
        return one<feeds::octopus_agile::UnitRate>(
            "octopus_agile", *request, feeds::octopus_agile::decode_unit_rates,
            std::string(agents::retail_price_series), [](const auto& row) {
                return std::pair{row.from, std::optional(row.gbp_per_mwh_without_vat)};
            });
    }
    Result<FeedAnswer> market_price() {
        const UtcTime now = floor_period(wall_.now());
        return one<feeds::elexon::MarketPrice>("elexon", feeds::elexon::market_index(now - one_day, now),
                                               feeds::elexon::decode_market_index,
                                               std::string(agents::market_price_series), [](const auto& row) {
                                                   return std::pair{row.start, row.gbp_per_mwh};
                                               });
    }
    /// Batteries and generators that chase the system's imbalance move with it. The newest day that has some:
    /// shortly after midnight nothing of today is published.
    Result<FeedAnswer> system_price() {
        const UtcTime now = wall_.now();
        const Date today = settlement_period(now).date;
        const Date before = settlement_period(now - published_after).date;
        Result<FeedAnswer> newest = system_price_of(today);
        const bool is_young = newest && newest->series.front().stale_because.empty();
        if (is_young || before == today) {
            return newest;
        }
        Result<FeedAnswer> yesterdays = system_price_of(before);
        return yesterdays ? yesterdays : newest;
    }
    Result<FeedAnswer> embedded() {
        using feeds::neso_portal::EmbeddedForecast;
        return several<EmbeddedForecast>("neso_portal", feeds::neso_portal::embedded_ahead(),
                                         feeds::neso_portal::decode_embedded,
                                         {{"embedded_solar_mw",
                                           [](const EmbeddedForecast& row) {
                                               return std::pair{row.start, row.solar_mw};
                                           }},
                                          {"embedded_wind_mw", [](const EmbeddedForecast& row) {
                                               return std::pair{row.start, row.wind_mw};
                                           }}});
    }
    Result<FeedAnswer> carbon() {
        const UtcTime now = floor_period(wall_.now());
        Result<FeedAnswer> regional = carbon_of(
            feeds::carbon_intensity::regional_ahead(now, static_cast<int>(settings_.carbon_region)));
        if (regional && regional->series.front().stale_because.empty()) {
            return regional;
        }
        Result<FeedAnswer> national = carbon_of(feeds::carbon_intensity::national_ahead(now));
        return national ? national : regional;
    }

  private:
    template <class Row>
    using Reads = std::function<std::pair<UtcTime, std::optional<double>>(const Row&)>;

    template <class Row>
    Result<FeedAnswer> one(const char* id, const feeds::FeedRequest& request,
                           const std::function<Result<feeds::FeedValues<Row>>(std::string_view)>& decode,
                           std::string name, const Reads<Row>& value_of) {
        return several<Row>(id, request, decode, {{std::move(name), value_of}});
    }
    /// Every quantity of one answer.
    template <class Row>
    Result<FeedAnswer> several(const char* id, const feeds::FeedRequest& request,
                               const std::function<Result<feeds::FeedValues<Row>>(std::string_view)>& decode,
                               const std::vector<std::pair<std::string, Reads<Row>>>& quantities) {
        const feeds::FeedSource source = feed_source(settings_, id);
        const Result<feeds::FeedDocument> document = client_.get(source, request);
        if (!document) {
            return document.error();
        }
        Result<feeds::FeedValues<Row>> read = decode(document->body);
        if (!read) {
            client_.refuse(source, request, read.error().message);
            return Error{Errc::unavailable, source.id + ": " + read.error().message};
        }
        FeedAnswer answer{
            .series = {}, .faults = std::move(read->faults), .faults_total = read->faults_total};
        for (const auto& [name, value_of] : quantities) {
            FeedSeries series{.name = name,
                              .values = {},
                              .origin = document->provenance,
                              .stale_because = document->stale_because};
            for (const Row& row : read->values) {
                const auto [at, value] = value_of(row);
                if (value) {
                    series.values.insert_or_assign(features::period_index(at), *value);
                }
            }
            if (!series.values.empty()) {
                answer.series.push_back(std::move(series));
            }
        }
        if (answer.series.empty()) {
            std::string why = source.id + " said nothing that is believed";
            if (!answer.faults.empty()) {
                why += ": " + answer.faults.front().pointer + " " + answer.faults.front().why;
            }
            return Error{Errc::unavailable, std::move(why)};
        }
        return answer;
    }
    /// Bought and sold at one price since 2015; where they differ, what the short ones pay.
    Result<FeedAnswer> system_price_of(Date date) {
        return one<feeds::elexon::SystemPrice>(
            "elexon", feeds::elexon::system_prices(date), feeds::elexon::decode_system_prices,
            std::string(agents::system_price_series), [](const auto& row) {
                return std::pair{row.start, std::optional(row.buy_gbp_per_mwh)};
            });
    }
    Result<FeedAnswer> carbon_of(const feeds::FeedRequest& request) {
        return one<feeds::carbon_intensity::CarbonPeriod>(
            "carbon_intensity", request, feeds::carbon_intensity::decode, std::string(agents::carbon_series),
            [](const auto& row) {
                return std::pair{row.from,
                                 row.actual_g_per_kwh ? row.actual_g_per_kwh : row.forecast_g_per_kwh};
            });
    }

    FeedsSettings settings_;
    std::unique_ptr<net::HttpClient> http_;
    WallClock& wall_;
    feeds::FeedClient client_;
    std::unique_ptr<agents::WeatherLookup> weather_;
};

}  // namespace

std::vector<agents::FeedAsk> live_asks(const FeedsSettings& settings, const std::filesystem::path& folder,
                                       WallClock& wall) {
    const auto reader = std::make_shared<LiveReader>(settings, folder, wall);
    const std::string forecasts = "load forecasts";
    return {{"weather", forecasts, [reader] { return reader->weather(); }},
            {"national_demand", forecasts, [reader] { return reader->demand(); }},
            {"national_demand_ahead", forecasts, [reader] { return reader->demand_ahead(); }},
            {"retail_price", forecasts, [reader] { return reader->retail_price(); }},
            {"market_price", forecasts, [reader] { return reader->market_price(); }},
            {"system_price", forecasts, [reader] { return reader->system_price(); }},
            {"carbon_intensity", "carbon of plans and of live events", [reader] { return reader->carbon(); }},
            // Last: it may be asked twice a minute, and waits its turn.
            {"embedded_generation", forecasts, [reader] { return reader->embedded(); }}};
}

std::unique_ptr<agents::PublicFeeds> open_public_feeds(const FeedsSettings& settings, ControlRoom& room) {
    if (!settings.live) {
        return nullptr;
    }
    log::info("public services are asked for what forecasts and plans look at",
              {{"every_min", std::to_string(settings.max_age_min)}});
    auto feeds = std::make_unique<agents::PublicFeeds>(
        agents::PublicFeeds::Parts{room.context().get_executor(), room.clock(), room.wall(), room.series(),
                                   room.feeds().board(),
                                   [&room](std::shared_ptr<const forecast::CovariateTable> table) {
                                       room.monitor().inform(std::move(table));
                                   },
                                   live_asks(settings, room.data_dir() / "feeds", room.wall())},
        minutes{settings.max_age_min});
    feeds->start();
    return feeds;
}

}  // namespace headroom::app
