#include "app/iec104_stations.hpp"

#include "core/log.hpp"
#include "core/settings.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::size_t mapping_bytes_max = 64UL * 1024 * 1024;

agents::Iec104Station station_of(const Iec104StationSettings& station, const Iec104SourceSettings& settings,
                                 agents::Iec104Mapping mapping) {
    net::Iec104Settings link{.host = station.host, .port = static_cast<std::uint16_t>(station.port)};
    link.t0 = seconds{settings.t0_s};
    link.rules.t1 = seconds{settings.t1_s};
    link.rules.t2 = seconds{settings.t2_s};
    link.rules.t3 = seconds{settings.t3_s};
    link.rules.k = static_cast<std::size_t>(settings.k);
    link.rules.w = static_cast<std::size_t>(settings.w);
    link.rules.interrogate_every = seconds{settings.interrogate_every_s};
    link.rules.originator = static_cast<std::uint8_t>(station.originator);
    return {
        .id = station.id.value,
        .link = std::move(link),
        .utc_offset = minutes{station.utc_offset_min},
        .untimed = telemetry::parse_quality(station.untimed_quality).value_or(telemetry::Quality::estimated),
        .mapping = std::move(mapping)};
}

desk::LinkAnswer link_answer(const agents::Iec104Status& status) {
    return {.source = status.station,
            .protocol = "iec104",
            .running = status.is_running,
            .why = status.why,
            .connections = static_cast<std::int64_t>(status.connections),
            .messages = static_cast<std::int64_t>(status.asdus),
            .invalid = static_cast<std::int64_t>(status.invalid_asdus),
            .unsupported = static_cast<std::int64_t>(status.unsupported_asdus),
            .interrogations_ended = static_cast<std::int64_t>(status.interrogations_ended),
            .interrogations_failed = static_cast<std::int64_t>(status.interrogations_failed),
            .untimed = static_cast<std::int64_t>(status.counts.untimed),
            .bad_times = static_cast<std::int64_t>(status.counts.bad_times)};
}

/// Takes what switches say, one after another, into the log and the states of their elements. Of the
/// executor's thread.
struct SwitchFollower {
    agents::FlexOrchestration& orchestration;
    agents::SwitchStates states;
    std::deque<agents::SwitchReport> waiting;
    bool is_running = false;
};

Awaitable<void> follow(std::shared_ptr<SwitchFollower> follower) {
    while (!follower->waiting.empty()) {
        const agents::SwitchReport report = std::move(follower->waiting.front());
        follower->waiting.pop_front();
        std::optional<grid::StateEntry> entry =
            follower->states.take(report, follower->orchestration.states().of(report.element));
        if (!entry) {
            continue;
        }
        Caller caller{.id = entry->source,
                      .kind = "system",
                      .role = "engineer",
                      .ip = {},
                      .reason = "the switches of " + report.element + " say so"};
        const Result<void> set =
            co_await follower->orchestration.set_state(report.element, std::move(*entry), std::move(caller));
        if (!set) {  // the next interrogation says it again
            log::error("what switches say could not be taken down",
                       {{"element", report.element}, {"why", set.error().message}});
        }
    }
    follower->is_running = false;
}

std::function<void(std::vector<agents::SwitchReport>)> switch_follower(
    const asio::any_io_executor& executor, agents::FlexOrchestration& orchestration) {
    const auto follower = std::make_shared<SwitchFollower>(orchestration);
    return [executor, follower](std::vector<agents::SwitchReport> reports) {
        asio::post(executor, [executor, follower, reports = std::move(reports)]() mutable {
            std::move(reports.begin(), reports.end(), std::back_inserter(follower->waiting));
            if (!std::exchange(follower->is_running, true)) {
                spawn(executor, follow(follower));
            }
        });
    };
}

}  // namespace

Result<std::vector<agents::Iec104Station>> iec104_stations(const Iec104SourceSettings& settings,
                                                           const grid::Network& network,
                                                           telemetry::PointRegistry& registry) {
    std::vector<agents::Iec104Station> stations;
    if (settings.stations.empty()) {
        return stations;
    }
    const Result<std::string> text = read_settings_file(settings.mapping_file, mapping_bytes_max);
    if (!text) {
        return Error{text.error().code, "iec104.mapping_file: " + text.error().message};
    }
    const auto is_known = [&network](std::string_view id) {
        return network.feeder(id) != nullptr || network.substation(id) != nullptr ||
               network.der(id) != nullptr;
    };
    Result<std::map<std::string, agents::Iec104Mapping>> mappings = agents::read_iec104_mapping(
        *text, std::filesystem::path(settings.mapping_file).filename().string(), is_known, registry);
    if (!mappings) {
        return mappings.error();
    }
    for (const Iec104StationSettings& station : settings.stations) {
        auto mapping = mappings->extract(station.id.value);
        if (mapping.empty()) {
            return Error{Errc::invalid,
                         settings.mapping_file + " maps nothing of station " + station.id.value};
        }
        stations.push_back(station_of(station, settings, std::move(mapping.mapped())));
    }
    if (!mappings->empty()) {
        return Error{Errc::invalid, settings.mapping_file + " maps objects of station " +
                                        mappings->begin()->first + ", which iec104.stations does not name"};
    }
    return stations;
}

std::unique_ptr<agents::Iec104Source> open_iec104(const asio::any_io_executor& executor,
                                                  agents::FlexOrchestration& orchestration,
                                                  agents::GridMonitoring& monitoring,
                                                  telemetry::PointRegistry& registry, DomainClock& clock,
                                                  desk::Quality& quality,
                                                  std::vector<agents::Iec104Station> stations) {
    std::vector<telemetry::PointRef> changes_only;
    for (const agents::Iec104Station& station : stations) {
        for (const agents::Iec104Object& object : station.mapping.objects()) {
            if (object.deadband_class == agents::DeadbandClass::change) {
                changes_only.push_back(object.point);
            }
        }
    }
    quality.expect_changes_only(changes_only);
    auto source = std::make_unique<agents::Iec104Source>(
        agents::Iec104Source::Parts{
            registry, [&clock] { return clock.now(); },
            [&monitoring](std::span<const telemetry::Reading> readings) {
                monitoring.ingest(readings, steady_now());
            },
            [&monitoring](std::uint16_t station, const telemetry::DecodeReport& report) {
                monitoring.count_refused(station, report);
            },
            switch_follower(executor, orchestration)},
        std::move(stations));
    quality.set_links([shown = source.get()] {
        std::vector<desk::LinkAnswer> links;
        for (const agents::Iec104Status& status : shown->status()) {
            links.push_back(link_answer(status));
        }
        return links;
    });
    return source;
}

}  // namespace headroom::app
