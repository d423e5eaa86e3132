#include "app/replay_readings.hpp"

#include "app/replay_first_pass.hpp"
#include "app/replay_run.hpp"
#include "grid/limits_from.hpp"
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

constexpr std::size_t grid_file_bytes_max = 64UL * 1024 * 1024;

Result<grid::Network> read_grid(const std::filesystem::path& file) {
    Result<telemetry::FileReader> reader = telemetry::FileReader::open(file);
    if (!reader) {
        return reader.error();
    }
    std::string text;
    std::vector<char> chunk(telemetry::file_chunk_bytes);
    while (true) {
        const Result<std::size_t> count = reader->read(chunk);
        if (!count) {
            return count.error();
        }
        if (*count == 0) {
            return grid::read_grid_csv(text, file.filename().string());
        }
        text.append(chunk.data(), *count);
        if (text.size() > grid_file_bytes_max) {
            return Error{Errc::invalid, fmt::format("{} is longer than the {} MiB that a grid file may have",
                                                    file.filename().string(), grid_file_bytes_max >> 20U)};
        }
    }
}

/// The network that the file itself speaks of: its substations and feeders, without limits.
Result<grid::Network> network_of(const std::vector<CsvPlace>& places) {
    grid::Network network;
    const auto add_substation = [&network](const std::string& id) -> Result<void> {
        if (id.empty() || network.substation(id) != nullptr) {
            return {};
        }
        return network.add(
            grid::Substation{.id = grid::SubstationId{id}, .parent = {}, .name = id, .kind = "secondary"});
    };
    for (const CsvPlace& place : places) {
        const bool is_substation = place.kind == CsvPlace::Kind::substation;
        if (Result<void> added = add_substation(is_substation ? place.id : place.substation); !added) {
            return added.error();
        }
    }
    for (const CsvPlace& place : places) {
        if (place.kind != CsvPlace::Kind::feeder) {
            continue;
        }
        const Result<void> added =
            network.add(grid::Feeder{.id = grid::FeederId{place.id},
                                     .parent = place.substation,
                                     .name = place.name,
                                     .source_ref = place.name == place.id ? "" : place.name});
        if (!added) {
            return added.error();
        }
    }
    return network;
}

/// Gives each phase of each feeder the limit that its readings suggest: of import, or of export where there
/// is hardly any import to guard.
Result<void> add_percentile_limits(const ReplayOptions& options, const telemetry::PointRegistry& registry,
                                   const ReplayFirstPass& first, grid::Network& network,
                                   std::vector<telemetry::Finding>& findings) {
    const std::string source = "file " + options.file.filename().string();
    for (PointRef point = 0; point < registry.size(); ++point) {
        const PointKey& key = registry.key(point);
        const std::vector<double>* history = first.history(point);
        if (key.quantity != grid::Quantity::p_kw || network.feeder(key.point_id) == nullptr ||
            history == nullptr || history->empty()) {
            continue;
        }
        Result<grid::Limit> limit = grid::percentile_limit(key.point_id, key.phase, grid::Direction::import_,
                                                           *history, options.rating_percentile, source);
        if (!limit) {
            std::vector<double> exported(history->size());
            std::transform(history->begin(), history->end(), exported.begin(),
                           [](double kw) { return 0.0 - kw; });
            limit = grid::percentile_limit(key.point_id, key.phase, grid::Direction::export_, exported,
                                           options.rating_percentile, source);
        }
        if (!limit) {
            findings.push_back(
                {key.point_id, "limit",
                 fmt::format("p_kw {}: no limit can be taken from these readings, and no overload "
                             "is looked for: {}",
                             grid::to_string(key.phase), limit.error().message)});
            continue;
        }
        if (Result<void> added = network.add(*std::move(limit)); !added) {
            return added;
        }
    }
    return {};
}

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
        Result<grid::Network> read = read_grid(*options.grid);
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
            add_percentile_limits(options, registry, first, network, survey->findings);
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
