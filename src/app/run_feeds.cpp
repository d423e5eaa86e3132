#include "app/run_feeds.hpp"

#include "app/feed_sources.hpp"
#include "app/feed_values_json.hpp"
#include "core/json_object.hpp"
#include "feeds/climatology.hpp"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace headroom::app {
namespace {

constexpr int exit_old = 1;
constexpr int exit_nothing = 2;
constexpr int feed_pages_max = 100;

int complain_of_feeds(const std::string& why) {
    std::cerr << "headroom feeds: " << why << "\n";
    return exit_nothing;
}

/// What was fetched, as it is printed.
struct Fetched {
    json::Array values;
    json::Array faults;
    std::size_t faults_total = 0;
    feeds::Provenance provenance;
    std::string stale_because;
    bool is_from_cache = false;
};

class Fetcher {
  public:
    Fetcher(const Settings& settings, const std::filesystem::path& folder, bool is_refresh)
        : settings_(settings.feeds),
          is_refresh_(is_refresh),
          http_(feeds_http(settings.feeds)),
          wall_(make_system_wall_clock()),
          client_(feed_client_parts(*http_, *wall_), feeds::FeedCache(folder)) {}

    [[nodiscard]] UtcTime now() const { return wall_->now(); }
    [[nodiscard]] const FeedsSettings& settings() const { return settings_; }

    /// Pages of one answer. `next` makes the request after a page that said where it goes on; nothing at the
    /// end.
    template <class T>
    Result<Fetched> fetch(
        const char* id, feeds::FeedRequest request,
        const std::function<Result<feeds::FeedValues<T>>(const std::string& body)>& decode,
        const std::function<std::optional<feeds::FeedRequest>(const std::string& next)>& next = {}) {
        const feeds::FeedSource source = feed_source(settings_, id);
        Fetched out;
        for (int page = 0; page < feed_pages_max; ++page) {
            const Result<feeds::FeedDocument> document = client_.get(source, request, is_refresh_);
            if (!document) {
                return document.error();
            }
            Result<feeds::FeedValues<T>> read = decode(document->body);
            if (!read) {
                client_.refuse(source, request, read.error().message);
                return Error{Errc::invalid, source.id + ": " + read.error().message, read.error().pointer};
            }
            if (page == 0 || !document->stale_because.empty()) {
                out.provenance = document->provenance;
                out.stale_because = document->stale_because;
                out.is_from_cache = document->is_from_cache;
            }
            for (const T& value : read->values) {
                out.values.push_back(feed_value_json(value));
            }
            for (const feeds::RowFault& fault : read->faults) {
                out.faults.emplace_back(json::Object{{"pointer", fault.pointer}, {"why", fault.why}});
            }
            out.faults_total += read->faults_total;
            const std::optional<feeds::FeedRequest> more =
                read->next.empty() || !next ? std::nullopt : next(read->next);
            if (!more) {
                break;
            }
            request = *more;
        }
        return out;
    }

  private:
    FeedsSettings settings_;
    bool is_refresh_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<WallClock> wall_;
    feeds::FeedClient client_;
};

/// Open-Meteo, then OpenWeatherMap where there is a key, then the climatology, each named.
Result<Fetched> weather(Fetcher& fetcher, std::int64_t hours_ahead) {
    const FeedsSettings& place = fetcher.settings();
    const UtcTime now = fetcher.now();
    const UtcTime until = now + hours{hours_ahead};
    Result<Fetched> found = fetcher.fetch<feeds::WeatherStep>(
        "open_meteo", feeds::open_meteo::hourly(place.lat, place.lon, utc_date_of(now), utc_date_of(until)),
        feeds::open_meteo::decode_hourly);
    if (found && found->stale_because.empty()) {
        return found;
    }
    std::string why = found ? found->stale_because : found.error().message;
    if (!place.openweathermap_api_key.empty()) {
        Result<Fetched> other = fetcher.fetch<feeds::WeatherStep>(
            "openweathermap", feeds::openweathermap::forecast(place.lat, place.lon),
            feeds::openweathermap::decode_forecast);
        if (other && other->stale_because.empty()) {
            return other;
        }
        why += "; " + (other ? other->stale_because : other.error().message);
    }
    if (found) {
        return found;  // an old forecast is better than a typical year
    }
    Fetched typical;
    typical.provenance = {.source = feeds::climatology::source,
                          .url = {},
                          .fetched = now,
                          .status = 0,
                          .sha256 = {},
                          .licence = "derived from Met Office averages 1991-2020"};
    typical.stale_because = why;
    const UtcTime first{std::chrono::floor<std::chrono::hours>(now)};
    for (const feeds::WeatherStep& step :
         feeds::climatology::typical_hours(place.lat, place.lon, first, until)) {
        typical.values.push_back(feed_value_json(step));
    }
    return typical;
}

Result<Fetched> ukpn_pages(Fetcher& fetcher, const std::string& what, UtcTime from) {
    const auto page = [&](std::size_t offset) {
        return what == "live_faults"  ? feeds::ukpn::live_faults(offset)
               : what == "dispatches" ? feeds::ukpn::flexibility_dispatches(from, offset)
                                      : feeds::ukpn::primary_sites(offset);
    };
    std::size_t offset = 0;
    const auto next = [&](const std::string& text) -> std::optional<feeds::FeedRequest> {
        offset = static_cast<std::size_t>(std::stoull(text));
        Result<feeds::FeedRequest> request = page(offset);
        return request ? std::optional(std::move(*request)) : std::nullopt;
    };
    const Result<feeds::FeedRequest> first = page(0);
    if (!first) {
        return first.error();
    }
    if (what == "live_faults") {
        return fetcher.fetch<feeds::ukpn::LiveFault>(
            "ukpn", *first,
            [&](const std::string& body) { return feeds::ukpn::decode_live_faults(body, offset); }, next);
    }
    if (what == "dispatches") {
        return fetcher.fetch<feeds::ukpn::FlexibilityDispatch>(
            "ukpn", *first,
            [&](const std::string& body) { return feeds::ukpn::decode_dispatches(body, offset); }, next);
    }
    return fetcher.fetch<feeds::ukpn::PrimarySite>(
        "ukpn", *first,
        [&](const std::string& body) { return feeds::ukpn::decode_primary_sites(body, offset); }, next);
}

/// A table is one value: its columns and rows.
Result<Fetched> neso_table(Fetcher& fetcher, const std::string& resource) {
    const Result<feeds::FeedRequest> request = feeds::neso_portal::datastore(resource, 0);
    if (!request) {
        return request.error();
    }
    return fetcher.fetch<feeds::neso_portal::Table>(
        "neso_portal", *request,
        [](const std::string& body) -> Result<feeds::FeedValues<feeds::neso_portal::Table>> {
            Result<feeds::neso_portal::Table> table = feeds::neso_portal::decode_datastore(body);
            if (!table) {
                return table.error();
            }
            feeds::FeedValues<feeds::neso_portal::Table> out;
            out.values.push_back(std::move(*table));
            return out;
        });
}

Result<Fetched> fetch(Fetcher& fetcher, const FeedsCommand& command) {
    const UtcTime now = fetcher.now();
    const hours span{command.hours};
    if (command.what == "weather") {
        return weather(fetcher, command.hours);
    }
    if (command.what == "carbon" || command.what == "carbon_region") {
        feeds::FeedRequest request =
            command.what == "carbon"
                ? feeds::carbon_intensity::national_ahead(floor_period(now))
                : feeds::carbon_intensity::regional_ahead(floor_period(now),
                                                          static_cast<int>(fetcher.settings().carbon_region));
        return fetcher.fetch<feeds::carbon_intensity::CarbonPeriod>("carbon_intensity", std::move(request),
                                                                    feeds::carbon_intensity::decode);
    }
    if (command.what == "system_prices") {
        return fetcher.fetch<feeds::elexon::SystemPrice>(
            "elexon", feeds::elexon::system_prices(settlement_period(now).date),
            feeds::elexon::decode_system_prices);
    }
    if (command.what == "market_index") {
        return fetcher.fetch<feeds::elexon::MarketPrice>(
            "elexon", feeds::elexon::market_index(floor_period(now - span), floor_period(now)),
            feeds::elexon::decode_market_index);
    }
    if (command.what == "demand") {
        return fetcher.fetch<feeds::elexon::DemandForecast>("elexon", feeds::elexon::demand_day_ahead(),
                                                            feeds::elexon::decode_demand);
    }
    if (command.what == "agile") {
        const Result<feeds::FeedRequest> request = feeds::octopus_agile::unit_rates(
            fetcher.settings().octopus_product, fetcher.settings().octopus_gsp_group.front(),
            floor_period(now), floor_period(now) + span);
        return request ? fetcher.fetch<feeds::octopus_agile::UnitRate>(
                             "octopus_agile", *request, feeds::octopus_agile::decode_unit_rates)
                       : Result<Fetched>(request.error());
    }
    if (command.what == "neso") {
        return neso_table(fetcher, command.resource);
    }
    // By the day, so that the question, and with it the place in the cache, does not change with every
    // minute.
    return ukpn_pages(fetcher, command.what, UtcTime{std::chrono::floor<std::chrono::days>(now - span)});
}

std::string age_text(milliseconds age) {
    const std::int64_t minutes_old = age / minutes{1};
    return minutes_old < 120 ? fmt::format("{} min", minutes_old) : fmt::format("{} h", minutes_old / 60);
}

void print_fetched(const Fetched& fetched, UtcTime now) {
    for (const json::Value& value : fetched.values) {
        std::string line;
        for (const auto& [name, member] : value.as_object()->members()) {
            if (!member.is_null()) {
                const std::string* text = member.as_string();
                line += fmt::format("{}{} {}", line.empty() ? "" : "  ", name,
                                    text != nullptr ? *text : json::write(member));
            }
        }
        std::cout << line << "\n";
    }
    const feeds::Provenance& from = fetched.provenance;
    std::cerr << fmt::format("{} values from {}, {} old{}, {}\n", fetched.values.size(), from.source,
                             age_text(now - from.fetched), fetched.is_from_cache ? " (kept)" : "",
                             from.licence);
    if (!fetched.stale_because.empty()) {
        std::cerr << "not fresh: " << fetched.stale_because << "\n";
    }
    for (const json::Value& fault : fetched.faults) {
        std::cerr << "not believed: " << fault.text("/pointer") << " " << fault.text("/why") << "\n";
    }
}

}  // namespace

int run_feeds_fetch(const FeedsCommand& command) {
    const Result<LoadedSettings> loaded = load_settings(command.sources);
    if (!loaded) {
        return complain_of_feeds(loaded.error().message);
    }
    const std::filesystem::path data_dir =
        command.data_dir.empty() ? std::filesystem::path(loaded->settings.data.dir) : command.data_dir;
    Fetcher fetcher(loaded->settings, data_dir / "feeds", command.is_refresh);
    const Result<Fetched> fetched = fetch(fetcher, command);
    if (!fetched) {
        return complain_of_feeds(fetched.error().message +
                                 (fetched.error().pointer.empty() ? "" : " at " + fetched.error().pointer));
    }
    if (command.is_json) {
        const feeds::Provenance& from = fetched->provenance;
        std::cout << json::write(
                         json::Object{{"source", from.source},
                                      {"url", from.url},
                                      {"fetched", format_utc(from.fetched)},
                                      {"age_s", (fetcher.now() - from.fetched) / seconds{1}},
                                      {"licence", from.licence},
                                      {"sha256", from.sha256},
                                      {"from_cache", fetched->is_from_cache},
                                      {"stale_because", fetched->stale_because},
                                      {"values", fetched->values},
                                      {"faults", fetched->faults},
                                      {"faults_total", static_cast<std::int64_t>(fetched->faults_total)}})
                  << "\n";
    } else {
        print_fetched(*fetched, fetcher.now());
    }
    return fetched->stale_because.empty() ? 0 : exit_old;
}

int run_feeds_status(const FeedsCommand& command) {
    const Result<LoadedSettings> loaded = load_settings(command.sources);
    if (!loaded) {
        return complain_of_feeds(loaded.error().message);
    }
    const std::filesystem::path data_dir =
        command.data_dir.empty() ? std::filesystem::path(loaded->settings.data.dir) : command.data_dir;
    const feeds::FeedCache cache(data_dir / "feeds");
    const UtcTime now = make_system_wall_clock()->now();
    json::Array rows;
    for (const feeds::FeedSource& source : feed_sources(loaded->settings.feeds)) {
        const feeds::FeedHealth health = cache.health(source.id);
        const bool needs_key = source.id == "openweathermap" && source.key.empty();
        const std::string state = needs_key            ? "no key"
                                  : health.is_down()   ? "down"
                                  : health.last_answer ? "ok"
                                                       : "never asked";
        const auto text = [](const std::optional<UtcTime>& time) {
            return time ? json::Value(format_utc(*time)) : json::Value();
        };
        if (!command.is_json) {
            std::cout << fmt::format(
                "{:17} {:12} {}{}\n", source.id, state, source.base_url,
                health.last_answer ? ", answered " + age_text(now - *health.last_answer) + " ago" : "");
            if (health.is_down()) {
                std::cout << "                  " << health.trouble
                          << (health.not_before ? "; not before " + format_utc(*health.not_before) : "")
                          << "\n";
            }
        }
        rows.emplace_back(json::Object{{"source", source.id},
                                       {"state", state},
                                       {"base_url", source.base_url},
                                       {"licence", source.licence},
                                       {"has_key", !source.key.empty()},
                                       {"last_answer", text(health.last_answer)},
                                       {"last_trouble", text(health.last_trouble)},
                                       {"trouble", health.trouble},
                                       {"not_before", text(health.not_before)}});
    }
    if (command.is_json) {
        std::cout << json::write(json::Object{{"feeds", std::move(rows)}}) << "\n";
    }
    return 0;
}

}  // namespace headroom::app
