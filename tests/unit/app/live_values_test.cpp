#include "app/live_values.hpp"

#include "agents/contingency_view.hpp"
#include "agents/covariate_series.hpp"
#include "core/random.hpp"
#include "forecast/live_forecast.hpp"
#include "forecast/live_training.hpp"
#include "monitor/monitor.hpp"
#include "store/series.hpp"
#include "unit/net/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <stdlib.h>

namespace headroom::app {
namespace {

using testing::HasSubstr;

const UtcTime five_past_noon = parse_utc("2026-11-24T12:05:00Z").value();
constexpr int days = 45;

double usual_demand(std::int64_t period) {
    const Random random(4);
    return 30'000.0 + 3'000.0 * random.normal(1, static_cast<std::uint64_t>(period / 24));
}
/// The feeder follows the nation, one kilowatt for a hundred megawatts.
std::vector<float> loads(std::int64_t first, int periods) {
    const Random random(8);
    std::vector<float> kw;
    for (std::int64_t i = first; i < first + periods; ++i) {
        kw.push_back(static_cast<float>(usual_demand(i) / 100.0 - 200.0 +
                                        random.normal(2, static_cast<std::uint64_t>(i))));
    }
    return kw;
}

/// Services of the same shapes as the real ones, at one local address.
class Services {
  public:
    Services()
        : server_([this](net::HttpServer& server) {
              add(server, "/v1/forecast", [this] { return weather(); });
              add(server, "/forecast/demand/day-ahead", [this] { return demand(true); });
              add(server, "/demand/outturn", [this] { return demand(false); });
              add(server, "/balancing/pricing/market-index", [this] { return market_price(); });
              server.route("GET", "/balancing/settlement/system-prices/{date}",
                           [this](net::Request request) -> Awaitable<net::Response> {
                               co_return is_down
                                   ? net::text_response(500, "")
                                   : net::text_response(200, system_price(request.path_parameter("date")));
                           });
              add(server, "/datastore_search", [this] { return embedded(); });
              add(server, "/regional/intensity/{from}/fw48h/regionid/{id}", [this] { return carbon(); });
          }) {}

    [[nodiscard]] FeedsSettings settings() const {
        FeedsSettings out;
        out.open_meteo_url = out.carbon_url = out.elexon_url = out.neso_url = server_.url("");
        out.octopus_url = "http://127.0.0.1:1";  // nobody is there
        out.live = true;
        return out;
    }

    UtcTime now = five_past_noon;
    std::optional<double> demand_mw = {};  ///< the same in every half-hour; as usual without it
    double celsius = 6.0;
    double system_gbp = -42.25;
    bool is_down = false;

  private:
    void add(net::HttpServer& server, const char* pattern, std::function<std::string()> body) {
        server.route("GET", pattern, [this, body](net::Request) -> Awaitable<net::Response> {
            co_return is_down ? net::text_response(500, "") : net::text_response(200, body());
        });
    }
    [[nodiscard]] std::string weather() const {
        std::string times;
        std::string values;
        const UtcTime first{std::chrono::floor<std::chrono::days>(now)};
        for (int hour = -24; hour < 96; ++hour) {
            times += fmt::format("{}\"{}\"", times.empty() ? "" : ",",
                                 format_utc(first + hours{hour}).substr(0, 16));
            values += fmt::format("{}{}", values.empty() ? "" : ",", hour == 40 ? -40.0 : celsius);
        }
        return fmt::format(R"({{"utc_offset_seconds":0,"hourly":{{"time":[{}],"temperature_2m":[{}]}}}})",
                           times, values);
    }
    [[nodiscard]] std::string demand(bool is_ahead) const {
        std::string rows;
        const std::int64_t period = features::period_index(now);
        for (std::int64_t i = is_ahead ? period : period - 40; i < (is_ahead ? period + 70 : period); ++i) {
            const UtcTime start = features::period_start(i);
            const SettlementPeriod named = settlement_period(start);
            rows += fmt::format(
                R"({}{{"publishTime":"{}","startTime":"{}","settlementDate":"{}","settlementPeriod":{},"{}":{},"{}":{}}})",
                rows.empty() ? "" : ",", format_utc(now), format_utc(start), format_date(named.date),
                named.number, is_ahead ? "nationalDemand" : "initialDemandOutturn",
                demand_mw.value_or(usual_demand(i)),
                is_ahead ? "transmissionSystemDemand" : "initialTransmissionSystemDemandOutturn", 31'000.0);
        }
        return R"({"data":[)" + rows + "]}";
    }
    /// Published until two half-hours ago.
    [[nodiscard]] std::string market_price() const {
        std::string rows;
        for (std::int64_t i = features::period_index(now) - 20; i < features::period_index(now) - 1; ++i) {
            const UtcTime start = features::period_start(i);
            const SettlementPeriod named = settlement_period(start);
            rows += fmt::format(
                R"({}{{"startTime":"{}","settlementDate":"{}","settlementPeriod":{},"dataProvider":"APXMIDP","price":88.5,"volume":300}})",
                rows.empty() ? "" : ",", format_utc(start), format_date(named.date), named.number);
        }
        return R"({"data":[)" + rows + "]}";
    }
    /// Of the settlement day's periods until two half-hours ago; negative, as prices can be.
    [[nodiscard]] std::string system_price(std::string_view day) const {
        std::string rows;
        for (std::int64_t i = features::period_index(now) - 20; i < features::period_index(now) - 1; ++i) {
            const UtcTime start = features::period_start(i);
            if (const SettlementPeriod named = settlement_period(start); format_date(named.date) == day) {
                rows += fmt::format(
                    R"({}{{"settlementDate":"{}","settlementPeriod":{},"startTime":"{}","systemSellPrice":{},"systemBuyPrice":{},"netImbalanceVolume":-210.5}})",
                    rows.empty() ? "" : ",", format_date(named.date), named.number, format_utc(start),
                    system_gbp, system_gbp);
            }
        }
        return R"({"data":[)" + rows + "]}";
    }
    [[nodiscard]] std::string embedded() const {
        std::string rows;
        for (std::int64_t i = features::period_index(now); i < features::period_index(now) + 96; ++i) {
            const SettlementPeriod named = settlement_period(features::period_start(i));
            rows += fmt::format(
                R"({}{{"SETTLEMENT_DATE":"{}T00:00:00","SETTLEMENT_PERIOD":{},"EMBEDDED_SOLAR_FORECAST":{},"EMBEDDED_WIND_FORECAST":2100}})",
                rows.empty() ? "" : ",", format_date(named.date), named.number,
                i == features::period_index(now) + 7 ? 9e9 : 4'200.0);
        }
        return R"({"success":true,"result":{"fields":[],"records":[)" + rows + "]}}";
    }
    [[nodiscard]] std::string carbon() const {
        const UtcTime from = floor_period(now);
        return fmt::format(
            R"({{"data":{{"regionid":13,"shortname":"London","data":[
                {{"from":"{}","to":"{}","intensity":{{"forecast":142,"index":"moderate"}}}},
                {{"from":"{}","to":"{}","intensity":{{"forecast":5000,"index":"very high"}}}}]}}}})",
            format_utc(from), format_utc(from + period_length), format_utc(from + period_length),
            format_utc(from + 2 * period_length));
    }

    net::testing::TestServer server_;
};

std::shared_ptr<const forecast::LiveModel> learn(const std::vector<forecast::CovariateSeries>& said,
                                                 std::vector<float> kw) {
    const std::int64_t end = features::period_index(five_past_noon);
    const std::vector<forecast::LiveHistory> histories{
        {.name = "F-1/p_kw/sum", .first = end - days * 48, .kw = std::move(kw)}};
    forecast::LiveTrainOptions options;
    options.learn.trees = {.rounds_max = 30, .depth_max = 4, .eta = 0.25, .bins = 32};
    options.learn.width_trees = {.rounds_max = 4, .depth_max = 2, .eta = 0.3, .bins = 32};
    options.leads_s = {1800, 4 * 3600, 12 * 3600};
    auto learnt =
        forecast::train_challenger(histories, end, nullptr, options, nullptr, forecast::table_of(said));
    EXPECT_TRUE(learnt) << learnt.error().message;
    return std::make_shared<const forecast::LiveModel>(
        *forecast::LiveModel::make(std::move(learnt->ensemble), "m-1"));
}

/// A model that has learnt how the feeder follows the nation, from what feeds had said.
std::shared_ptr<const forecast::LiveModel> model() {
    static const auto made = [] {
        const std::int64_t end = features::period_index(five_past_noon);
        const std::int64_t first = end - days * 48;
        const std::size_t ahead = forecast::live_column("national_demand_ahead_mw").value();
        std::vector<forecast::CovariateSeries> said;
        for (std::size_t i = 0; i < forecast::live_befores.size(); ++i) {
            forecast::CovariateSeries& series = said.emplace_back();
            series.column = ahead;
            series.said = i;
            series.first = first;
            for (std::int64_t period = first; period < end; ++period) {
                series.values.push_back(static_cast<float>(usual_demand(period)));
            }
        }
        return learn(said, loads(first, days * 48));
    }();
    return made;
}

/// One whose feeder has stores that draw 0.2 kW less for every pound, twelve hours after the system's price.
std::shared_ptr<const forecast::LiveModel> price_model() {
    const std::int64_t end = features::period_index(five_past_noon);
    const std::int64_t first = end - days * 48;
    const Random random(6);
    const auto price = [&random](std::int64_t period) {
        return 80.0 + 40.0 * random.normal(1, static_cast<std::uint64_t>(period));
    };
    forecast::CovariateSeries said{.column = forecast::live_column("system_price_gbp_per_mwh").value(),
                                   .said = 0,
                                   .first = first,
                                   .values = {}};
    std::vector<float> kw;
    for (std::int64_t period = first; period < end; ++period) {
        said.values.push_back(static_cast<float>(price(period)));
        kw.push_back(static_cast<float>(116.0 - 0.2 * price(period - 24) +
                                        random.normal(2, static_cast<std::uint64_t>(period))));
    }
    return learn({said}, std::move(kw));
}

class LiveValuesTest : public testing::Test {
  protected:
    LiveValuesTest() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-live-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        HEADROOM_ASSERT(network_.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}).has_value());
        HEADROOM_ASSERT(
            network_.add(grid::Feeder{.id = {"F-1"}, .parent = "S-1", .name = "F-1"}).has_value());
        HEADROOM_ASSERT(network_
                            .add(grid::Limit{.asset = "F-1",
                                             .phase = grid::Phase::sum,
                                             .value = 500.0,
                                             .source = "t",
                                             .verified_by = "t"})
                            .has_value());
        open();
    }
    ~LiveValuesTest() override {
        close();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    /// A process begins: monitor, series store and feeds.
    void open() {
        registry_ = std::make_unique<telemetry::PointRegistry>();
        monitor_ = std::make_unique<monitor::Monitor>(
            network_, *registry_, monitor::MonitorOptions{.rules = {}, .half_hours = 1400});
        point_ = registry_->find("F-1", grid::Quantity::p_kw, grid::Phase::sum);
        ASSERT_TRUE(monitor_->serve(model()));
        series_ =
            std::make_unique<agents::SeriesStore>(store::open_sqlite_series(folder_ / "series.db").value());
        feeds_ = std::make_unique<agents::PublicFeeds>(
            agents::PublicFeeds::Parts{context_.get_executor(), clock_, wall_, *series_, board_,
                                       [this](auto table) {
                                           informed_ = table;
                                           monitor_->inform(std::move(table));
                                       },
                                       live_asks(services_.settings(), folder_ / "feeds", wall_)},
            minutes{30});
        wait(feeds_->take_up());
    }
    void close() {
        feeds_.reset();
        series_.reset();
    }
    void wait(Awaitable<void> work) {
        bool is_done = false;
        spawn(context_.get_executor(), [](Awaitable<void> inner, bool& done) -> Awaitable<void> {
            co_await std::move(inner);
            done = true;
        }(std::move(work), is_done));
        const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        while (!is_done) {
            ASSERT_LT(std::chrono::steady_clock::now(), latest);
            context_.restart();
            context_.run_for(std::chrono::milliseconds{2});
        }
    }
    void go_to(UtcTime at) {
        clock_.advance_to(at);
        wall_.set(at);
        services_.now = at;
    }
    /// The forecast made at `at`, six hours ahead, with the past that the feeder has by then.
    forecast::LoadForecast forecast_at(UtcTime at) {
        go_to(at);
        const std::int64_t end = features::period_index(at);
        monitor_->warm(point_, {.key = {},
                                .start = features::period_start(end - 30 * 48),
                                .step = period_length,
                                .values = loads(end - 30 * 48, 30 * 48)});
        return monitor_->forecast_ahead(point_, at, 24).value();
    }
    const agents::FeedStanding& standing(const std::string& id) {
        standings_ = feeds_->standing();
        return *std::ranges::find(standings_, id, &agents::FeedStanding::id);
    }

    std::filesystem::path folder_;
    Services services_;
    VirtualClock clock_{five_past_noon};
    ManualWallClock wall_{five_past_noon};
    asio::io_context context_;
    grid::Network network_;
    std::unique_ptr<telemetry::PointRegistry> registry_;
    std::unique_ptr<monitor::Monitor> monitor_;
    telemetry::PointRef point_ = telemetry::no_point;
    std::shared_ptr<agents::FeedBoard> board_ = std::make_shared<agents::FeedBoard>();
    std::unique_ptr<agents::SeriesStore> series_;
    std::unique_ptr<agents::PublicFeeds> feeds_;
    std::vector<agents::FeedStanding> standings_;
    std::shared_ptr<const forecast::CovariateTable> informed_;  ///< what the monitor was given last
};

TEST_F(LiveValuesTest, AChangedNationalDemandChangesALiveForecast) {
    ASSERT_EQ(model()->ensemble().covariates, std::vector<std::string>{"national_demand_ahead_mw"});
    services_.demand_mw = 27'000.0;
    wait(feeds_->round());
    const forecast::LoadForecast usual = forecast_at(five_past_noon + minutes{30});
    EXPECT_EQ(usual.method, forecast::Method::ensemble);
    EXPECT_EQ(usual.reason, "");

    services_.demand_mw = 33'000.0;
    go_to(five_past_noon + minutes{35});
    wait(feeds_->round());
    const forecast::LoadForecast same_half_hour = forecast_at(five_past_noon + minutes{40});
    EXPECT_EQ(same_half_hour.load_w, usual.load_w)
        << "what is said within a half-hour counts from the next on";
    const forecast::LoadForecast changed = forecast_at(five_past_noon + minutes{60});
    // Ten kilowatts for a thousand megawatts, twelve hours ahead, where the newest load says little.
    EXPECT_GT(changed.load_w[23][3], usual.load_w[23][3] + 10'000);
}

TEST_F(LiveValuesTest, AChangedSystemPriceChangesALiveForecast) {
    const auto model = price_model();
    ASSERT_EQ(model->ensemble().covariates, std::vector<std::string>{"system_price_gbp_per_mwh"});
    ASSERT_TRUE(monitor_->serve(model));
    services_.system_gbp = 30.0;
    wait(feeds_->round());
    const forecast::LoadForecast cheap = forecast_at(five_past_noon + minutes{30});
    EXPECT_EQ(cheap.method, forecast::Method::ensemble);
    EXPECT_EQ(cheap.reason, "");
    services_.system_gbp = 130.0;
    go_to(five_past_noon + minutes{35});
    wait(feeds_->round());
    const forecast::LoadForecast dear = forecast_at(five_past_noon + minutes{60});
    // A hundred pounds are twenty kilowatts, twelve hours ahead.
    EXPECT_LT(dear.load_w[23][3], cheap.load_w[23][3] - 10'000);
}

TEST_F(LiveValuesTest, ShortlyAfterMidnightTheSystemPriceIsThatOfTheDayBefore) {
    go_to(parse_utc("2026-11-25T00:10:00Z").value());
    wait(feeds_->round());
    const std::int64_t now = features::period_index(clock_.now());
    EXPECT_DOUBLE_EQ(
        informed_->columns[forecast::live_column("system_price_gbp_per_mwh").value()].at(0, now, now),
        -42.25);
    EXPECT_EQ(standing("system_price").fault, "");
    EXPECT_THAT(standing("system_price").url, HasSubstr("/2026-11-24"));
}

TEST_F(LiveValuesTest, EveryColumnOfTheForecastsIsFilledByItsFeed) {
    wait(feeds_->round());
    ASSERT_TRUE(informed_);
    const std::int64_t now = features::period_index(five_past_noon);
    const auto known = [&](std::string_view name, std::int64_t period, std::int64_t origin) {
        return informed_->columns[forecast::live_column(name).value()].at(0, period, origin);
    };
    EXPECT_DOUBLE_EQ(known("temperature_c", now + 2, now + 1), 6.0);
    EXPECT_GT(known("national_demand_ahead_mw", now + 8, now + 1), 20'000.0);
    EXPECT_GT(known("national_demand_mw", now, now), 20'000.0);
    EXPECT_DOUBLE_EQ(known("market_price_gbp_per_mwh", now, now), 88.5) << "the newest that is published";
    EXPECT_DOUBLE_EQ(known("system_price_gbp_per_mwh", now, now), -42.25);
    EXPECT_TRUE(std::isnan(known("system_price_gbp_per_mwh", now + 1, now + 1))) << "measured, not foretold";
    EXPECT_FLOAT_EQ(static_cast<float>(known("embedded_solar_mw", now + 8, now + 1)), 4'200.0F);
    EXPECT_FLOAT_EQ(static_cast<float>(known("embedded_wind_mw", now + 8, now + 1)), 2'100.0F);
    EXPECT_TRUE(std::isnan(known("embedded_solar_mw", now + 7, now + 1))) << "9e9 MW are not believed";
    EXPECT_TRUE(std::isnan(known("price_gbp_per_mwh", now + 2, now + 1))) << "nobody is there to tell it";
    EXPECT_EQ(standing("embedded_generation").quarantined, 1);
    EXPECT_EQ(standing("market_price").source, "elexon");
    EXPECT_EQ(standing("market_price").effects, 1);
    EXPECT_EQ(standing("market_price").reaches, "load forecasts");
}

TEST_F(LiveValuesTest, TheShelfPlansWithWhatTheFeedsSay) {
    const contingency::ShelfNetwork shelf(network_, grid::Season::winter);
    const auto element = static_cast<std::size_t>(
        std::ranges::find(shelf.elements(), "F-1", &contingency::ShelfNetwork::Element::id) -
        shelf.elements().begin());
    ASSERT_LT(element, shelf.elements().size());
    const UtcTime later = five_past_noon + minutes{30};
    // What the shelf takes for the next hours of F-1 when the nation needs so much.
    const auto outlook = [&](double mw) {
        services_.demand_mw = mw;
        wait(feeds_->round());
        forecast_at(later);  // the past that the feeder has by then
        monitor_->tick(later);
        const forecast::LoadForecast made = monitor_->forecast(point_).value();
        EXPECT_EQ(made.method, forecast::Method::ensemble);
        agents::ContingencyView view(shelf, *registry_, *monitor_, 5);
        const auto median = view.load(element, made.start).value().median[contingency::phase_sum];
        for (std::size_t t = 0; t < median.size() && t < made.load_w.size(); ++t) {
            EXPECT_EQ(median[t], made.load_w[t][3]) << "half-hour " << t;
        }
        return median;
    };
    const auto low = outlook(27'000.0);
    close();
    std::filesystem::remove_all(folder_ / "feeds");
    std::filesystem::remove(folder_ / "series.db");
    open();
    const auto high = outlook(33'000.0);
    EXPECT_NE(low, high);
    EXPECT_GT(std::accumulate(high.begin(), high.end(), std::int64_t{0}),
              std::accumulate(low.begin(), low.end(), std::int64_t{0}));
}

TEST_F(LiveValuesTest, WithoutTheFeedItServesAndSaysSo) {
    services_.is_down = true;
    wait(feeds_->round());
    const forecast::LoadForecast blind = forecast_at(five_past_noon + minutes{30});
    EXPECT_EQ(blind.method, forecast::Method::ensemble);
    EXPECT_EQ(blind.reason, forecast::feed_is_silent);
    for (const agents::FeedStanding& feed : feeds_->standing()) {
        EXPECT_NE(feed.fault, "") << feed.id;
        EXPECT_FALSE(feed.answered.has_value()) << feed.id;
    }
}

TEST_F(LiveValuesTest, ValuesHangOnTheBoardWithSourceAndAgeAndPoisonedOnesAreKeptOut) {
    wait(feeds_->round());
    const auto table = board_->table();
    const auto carbon = table->at(agents::carbon_series, five_past_noon);
    ASSERT_TRUE(carbon);
    EXPECT_EQ(carbon->value, 142.0);
    EXPECT_EQ(carbon->source, "carbon_intensity");
    EXPECT_THAT(carbon->url, HasSubstr("/regionid/13"));
    EXPECT_EQ(carbon->fetched, five_past_noon);
    EXPECT_FALSE(table->at(agents::carbon_series, five_past_noon + minutes{30}))
        << "5,000 g/kWh are not believed";
    EXPECT_EQ(standing("carbon_intensity").quarantined, 1);
    EXPECT_EQ(standing("weather").quarantined, 1) << "-40 °C in November";
    EXPECT_EQ(standing("weather").source, "open_meteo");
    EXPECT_THAT(standing("retail_price").fault, HasSubstr("octopus_agile"));
    EXPECT_GT(standing("national_demand").effects, 0);
}

TEST_F(LiveValuesTest, TheNextProcessGoesOnWithWhatWasSaid) {
    wait(feeds_->round());
    const forecast::LoadForecast before = forecast_at(five_past_noon + minutes{30});
    close();
    services_.is_down = true;
    open();
    EXPECT_EQ(forecast_at(five_past_noon + minutes{30}).load_w, before.load_w);
}

}  // namespace
}  // namespace headroom::app
