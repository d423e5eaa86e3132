#include "app/readings_network.hpp"

#include "grid/limits_from.hpp"
#include "telemetry/file_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace headroom::app {
namespace {

using telemetry::CsvPlace;
using telemetry::PointKey;
using telemetry::PointRef;

constexpr std::size_t grid_file_bytes_max = 64UL * 1024 * 1024;

}  // namespace

Result<grid::Network> read_grid_file(const std::filesystem::path& file) {
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

Result<void> add_percentile_limits(double percentile, const std::string& source,
                                   const telemetry::PointRegistry& registry, const ReplayFirstPass& first,
                                   grid::Network& network, std::vector<telemetry::Finding>& findings) {
    for (PointRef point = 0; point < registry.size(); ++point) {
        const PointKey& key = registry.key(point);
        const std::vector<double>* history = first.history(point);
        if (key.quantity != grid::Quantity::p_kw || network.feeder(key.point_id) == nullptr ||
            history == nullptr || history->empty()) {
            continue;
        }
        Result<grid::Limit> limit = grid::percentile_limit(key.point_id, key.phase, grid::Direction::import_,
                                                           *history, percentile, source);
        if (!limit) {
            std::vector<double> exported(history->size());
            std::transform(history->begin(), history->end(), exported.begin(),
                           [](double kw) { return 0.0 - kw; });
            limit = grid::percentile_limit(key.point_id, key.phase, grid::Direction::export_, exported,
                                           percentile, source);
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

}  // namespace headroom::app
