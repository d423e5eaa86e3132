#include "app/replay_readings.hpp"

#include "app/readings_network.hpp"
#include "app/replay_first_pass.hpp"
#include "app/replay_run.hpp"
#include "telemetry/csv_survey.hpp"
#include "telemetry/data_quality.hpp"
#include "telemetry/file_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

using telemetry::CsvDecoder;
using telemetry::CsvPlace;
using telemetry::Going;
using telemetry::PointKey;
using telemetry::PointRef;
using telemetry::Reading;

}  // namespace

Result<json::Object> replay_readings(const ReplayOptions& options) {
    const auto began = std::chrono::steady_clock::now();
    if (!(options.rating_percentile > 0.0 && options.rating_percentile <= 100.0)) {
        return Error{Errc::invalid, fmt::format("the rating percentile {:g} is not above 0 and at most 100",
                                                options.rating_percentile)};
    }
    Result<telemetry::CsvSurvey> survey = telemetry::survey_csv(options.file);
    if (!survey) {
        return survey.error();
    }
    grid::Network network;
    if (options.grid) {
        Result<grid::Network> read = read_grid_file(*options.grid);
        if (!read) {
            return read.error();
        }
        network = *std::move(read);
        survey->options.is_known = [&network](std::string_view id) {
            return network.feeder(id) != nullptr || network.substation(id) != nullptr ||
                   network.der(id) != nullptr;
        };
    }

    telemetry::PointRegistry registry;
    CsvDecoder decoder(registry, survey->options);
    ReplayFirstPass first(options.readings_held_max, !options.grid);
    const Result<void> read =
        telemetry::read_csv_file(options.file, decoder, [&](const std::vector<Reading>& readings) {
            return first.take(readings, registry, survey->options.file_name);
        });
    if (!read) {
        return read.error();
    }
    const std::vector<CsvPlace> places = decoder.places();
    if (!options.grid) {
        Result<grid::Network> made = network_of(places);
        if (!made) {
            return made.error();
        }
        network = *std::move(made);
        const Result<void> limited =
            add_percentile_limits(options.rating_percentile, "file " + options.file.filename().string(),
                                  registry, first, network, survey->findings);
        if (!limited) {
            return limited.error();
        }
    }

    // Again from the front, in the order of time: from memory, or from the file.
    const auto each_reading = [&](auto&& take) -> Result<void> {
        if (first.is_held()) {
            for (const Reading& reading : first.sorted()) {
                take(reading);
            }
            return {};
        }
        CsvDecoder again(registry, survey->options);
        return telemetry::read_csv_file(options.file, again, [&](const std::vector<Reading>& readings) {
            std::for_each(readings.begin(), readings.end(), take);
            return Result<Going>(Going::on);
        });
    };
    std::vector<telemetry::CadenceLearner> learners(registry.size());
    const Result<void> learnt =
        each_reading([&](const Reading& reading) { learners[reading.point].take(reading.interval_start); });
    if (!learnt) {
        return learnt.error();
    }
    std::vector<milliseconds> cadences(learners.size());
    std::transform(learners.begin(), learners.end(), cadences.begin(),
                   [](const telemetry::CadenceLearner& learner) { return learner.cadence(); });

    ReplayRun run(network, registry, options.progress);
    run.prepare(places, cadences);
    const Result<void> ran = each_reading([&run](const Reading& reading) { run.take(reading); });
    if (!ran) {
        return ran.error();
    }
    run.finish();

    json::Object answer{{"format", telemetry::to_string(survey->format)}};
    run.write(decoder.report(), std::move(survey->findings), answer);
    const auto feeders = std::count_if(places.begin(), places.end(), [&](const CsvPlace& place) {
        return network.feeder(place.id) != nullptr;
    });
    answer.set("feeders", static_cast<std::int64_t>(feeders));
    answer.set("limits_from", options.grid ? std::string("grid")
                                           : fmt::format("percentile {:g} of the readings (unverified: never "
                                                         "good enough for act)",
                                                         options.rating_percentile));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    answer.set("seconds", took.count());
    return answer;
}

}  // namespace headroom::app
