#include "app/bench_stages.hpp"

#include "app/bench_feeders.hpp"
#include "app/bench_result.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"
#include "forecast/forecaster.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/json_decoder.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::size_t forecast_points = 1000;
constexpr int trained_days = 16;
/// Until memory and caches have settled.
constexpr std::size_t rounds_unmeasured = 3;
constexpr std::size_t rounds_min = 5;

Result<grid::Network> stages_network(std::size_t feeders) {
    grid::Network network;
    if (const Result<void> added = network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}); !added) {
        return added.error();
    }
    for (std::size_t i = 0; i < feeders; ++i) {
        const std::string name = BenchFeeders::name(i);
        Result<void> added = network.add(grid::Feeder{.id = {name}, .parent = "S-1", .name = name});
        if (added) {
            added = network.add(
                grid::Limit{.asset = name, .value = 500.0, .source = "bench", .verified_by = "bench"});
        }
        if (!added) {
            return added.error();
        }
    }
    return network;
}

/// One reading of every feeder, as JSON arrays of `batch`.
std::vector<std::string> round_of(const BenchStagesOptions& options, UtcTime at, std::uint64_t round) {
    const Random random(11);
    const std::string time = format_utc(at).substr(0, 19) + "Z";
    std::vector<std::string> bodies;
    std::string body;
    for (std::size_t i = 0; i < options.points; ++i) {
        body += body.empty() ? "[" : ",";
        fmt::format_to(std::back_inserter(body), R"({{"feeder":"{}","ts":"{}","kw":{:.2f}}})",
                       BenchFeeders::name(i), time, 150.0 + 40.0 * random.uniform(i, round));
        if ((i + 1) % options.batch == 0 || i + 1 == options.points) {
            bodies.push_back(std::exchange(body, {}) + "]");
        }
    }
    return bodies;
}

/// Readings per second through decoder and monitor, or the decoder alone.
enum class StagePart { whole, decode, decode_generally };

Result<std::vector<double>> measure_readings(const BenchStagesOptions& options, StagePart measured) {
    const bool is_decode_only = measured != StagePart::whole;
    const Result<grid::Network> network = stages_network(options.points);
    if (!network) {
        return network.error();
    }
    telemetry::PointRegistry registry;
    monitor::Monitor monitor(*network, registry, {});
    UtcTime at = parse_utc("2026-11-20T00:00:00Z").value();
    telemetry::JsonDecoder decoder(registry, {.now = at, .source = "bench"});
    if (measured == StagePart::decode_generally) {
        decoder.read_generally_only();
    }
    std::vector<telemetry::Reading> readings;
    std::vector<double> rates;
    const SteadyTime begin = steady_now();
    for (std::size_t round = 0;
         rates.size() < rounds_min || milliseconds_between(begin, steady_now()) < options.seconds * 1000.0;
         ++round) {
        const std::vector<std::string> bodies = round_of(options, at, round);
        std::uint64_t taken = 0;
        const SteadyTime from = steady_now();
        for (const std::string& body : bodies) {
            decoder.reset(at);
            readings.clear();
            if (const Result<void> decoded = decoder.decode(body, readings); !decoded) {
                return decoded.error();
            }
            taken += is_decode_only ? readings.size() : monitor.ingest(readings, at).accepted;
        }
        const double seconds = milliseconds_between(from, steady_now()) / 1000.0;
        if (taken != options.points) {
            return Error{Errc::invalid, fmt::format("of {} readings {} were taken", options.points, taken)};
        }
        if (round >= rounds_unmeasured) {
            rates.push_back(static_cast<double>(options.points) / seconds);
        }
        at += minutes{1};
        if (!is_decode_only && round % 30 == 29) {
            monitor.tick(at);
            static_cast<void>(monitor.take_rollups());
        }
    }
    return rates;
}

/// Sixteen days of a feeder with morning and evening peaks.
std::vector<float> made_up_history(std::uint64_t feeder) {
    const Random random(13);
    std::vector<float> kw;
    for (int i = 0; i < trained_days * 48; ++i) {
        const double hour = static_cast<double>(i % 48) / 2.0;
        const double shape = 1.0 + 0.3 * std::exp(-std::pow((hour - 8.0) / 2.0, 2.0)) +
                             0.8 * std::exp(-std::pow((hour - 18.0) / 2.5, 2.0));
        kw.push_back(
            static_cast<float>((80.0 + static_cast<double>(feeder % 50)) *
                               (shape + 0.1 * random.normal(feeder, static_cast<std::uint64_t>(i)))));
    }
    return kw;
}

Result<json::Array> measure_forecasts(const BenchStagesOptions& options) {
    const UtcTime now = parse_utc("2026-11-20T12:00:00Z").value();
    std::vector<std::vector<float>> loads;
    std::vector<features::HalfHours> histories;
    for (std::uint64_t i = 0; i < forecast_points; ++i) {
        loads.push_back(made_up_history(i));
    }
    for (const std::vector<float>& load : loads) {
        histories.push_back(
            {.first = features::period_index(now) - static_cast<std::int64_t>(load.size()), .kw = load});
    }
    const SteadyTime train_from = steady_now();
    const std::optional<forecast::ForecastModel> model = forecast::train(histories, {.now = now});
    const double train_ms = milliseconds_between(train_from, steady_now());
    if (!model) {
        return Error{Errc::invalid, "no model could be trained"};
    }
    const forecast::Ahead ahead = forecast::look_ahead(now, forecast::periods_max);
    std::vector<forecast::LoadForecast> out(histories.size());
    std::vector<double> batches_ms;
    std::vector<double> rates;
    const SteadyTime begin = steady_now();
    while (rates.size() < rounds_min ||
           milliseconds_between(begin, steady_now()) < options.seconds * 1000.0) {
        const SteadyTime from = steady_now();
        for (std::size_t i = 0; i < histories.size(); ++i) {
            forecast::forecast_load(&*model, ahead, histories[i], static_cast<telemetry::PointRef>(i),
                                    out[i]);
        }
        batches_ms.push_back(milliseconds_between(from, steady_now()));
        rates.push_back(static_cast<double>(histories.size()) / batches_ms.back() * 1000.0);
    }
    if (out.back().method != forecast::Method::ridge) {
        return Error{Errc::invalid, "the model could not serve its own points: " + out.back().reason};
    }
    return json::Array{median_result("stages.forecasts_per_s", "1/s", rates),
                       median_result("stages.forecast_1000_points_ms", "ms", batches_ms),
                       median_result("stages.train_ms", "ms", {train_ms})};
}

}  // namespace

Result<json::Object> bench_stages(const BenchStagesOptions& options) {
    if (options.points == 0 || options.batch == 0) {
        return Error{Errc::invalid, "the stages need at least one point and one reading in a batch"};
    }
    const Result<std::vector<double>> whole = measure_readings(options, StagePart::whole);
    const Result<std::vector<double>> decode = measure_readings(options, StagePart::decode);
    const Result<std::vector<double>> general = measure_readings(options, StagePart::decode_generally);
    const Result<json::Array> forecasts = measure_forecasts(options);
    if (!whole || !decode || !general || !forecasts) {
        return !whole     ? whole.error()
               : !decode  ? decode.error()
               : !general ? general.error()
                          : forecasts.error();
    }
    json::Array results{median_result("stages.readings_per_s", "1/s", *whole),
                        median_result("stages.decode_per_s", "1/s", *decode),
                        median_result("stages.decode_general_per_s", "1/s", *general)};
    results.insert(results.end(), forecasts->begin(), forecasts->end());
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
