// Reads any bytes as a snapshot: as a file as it stands, or, after a first byte that is odd, as frames (kind,
// length in two bytes, payload) whose sums are made right, so that what lies behind the sums is reached.
// Holds: it is refused with a remedy, or what was taken can be read into, forecast, saved and restored again.

#include "monitor/monitor.hpp"
#include "monitor/snapshot_format.hpp"

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

using namespace headroom;
using namespace headroom::monitor;

namespace {

grid::Network small_network() {
    grid::Network network;
    HEADROOM_ASSERT(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    HEADROOM_ASSERT(network.add(grid::Feeder{.id = {"F-1"}, .parent = "S-1", .name = "F-1"}));
    HEADROOM_ASSERT(network.add(grid::Limit{.asset = "F-1", .value = 100.0, .source = "test"}));
    return network;
}

void write(const std::filesystem::path& file, std::string_view data) {
    if (data.empty() || data[0] % 2 == 0) {
        std::ofstream(file, std::ios::binary) << data;
        return;
    }
    data.remove_prefix(1);
    SnapshotFile out(file);
    HEADROOM_ASSERT(out.open());
    while (data.size() >= 3) {
        const auto kind = static_cast<FrameKind>(1 + static_cast<unsigned char>(data[0]) % 6);
        const std::size_t length = std::min<std::size_t>(
            static_cast<unsigned char>(data[1]) + 256U * static_cast<unsigned char>(data[2]),
            data.size() - 3);
        HEADROOM_ASSERT(out.frame(kind, data.substr(3, length)));
        data.remove_prefix(3 + length);
    }
    HEADROOM_ASSERT(out.commit());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("headroom-fuzz-" + std::to_string(::getpid()));
    static const grid::Network network = small_network();
    write(file, std::string_view(reinterpret_cast<const char*>(data), size));
    telemetry::PointRegistry registry;
    MonitorOptions options;
    options.shards = 1;
    Monitor monitor(network, registry, options);
    const Result<SnapshotInfo> info = monitor.restore(file);
    if (!info) {
        HEADROOM_ASSERT(!info.error().message.empty());
        return 0;
    }
    const telemetry::PointRef point = registry.find("F-1", grid::Quantity::p_kw, grid::Phase::sum);
    const UtcTime now = info->saved_at + minutes{1};
    const telemetry::Reading reading{
        .value = 120.0, .interval_start = now, .interval_end = now, .point = point};
    registry.intern_source("test");
    monitor.ingest(std::span(&reading, 1), now);
    monitor.tick(now);
    static_cast<void>(monitor.view(point));
    static_cast<void>(monitor.stream_row(point));
    HEADROOM_ASSERT(monitor.save(file, info->positions, info->note));
    telemetry::PointRegistry again;
    Monitor other(network, again, options);
    HEADROOM_ASSERT(other.restore(file).has_value());
    return 0;
}
