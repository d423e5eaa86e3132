#include "core/settings_iec104.hpp"

#include "core/settings_tree.hpp"

#include <set>

namespace headroom {

void check_iec104(const Iec104SourceSettings& settings, SettingsTree& tree) {
    if (!settings.stations.empty() && settings.mapping_file.empty()) {
        tree.add_fault("/iec104/mapping_file", "is needed to know what the stations' objects measure");
    }
    if (settings.t2_s >= settings.t1_s) {
        tree.add_fault("/iec104/t2_s", "must be less than t1_s, or acknowledgements would come too late");
    }
    std::set<std::string> ids;
    for (std::size_t i = 0; i < settings.stations.size(); ++i) {
        const Iec104StationSettings& station = settings.stations[i];
        const std::string pointer = "/iec104/stations/" + std::to_string(i);
        if (!ids.insert(station.id.value).second) {
            tree.add_fault(pointer + "/id", "stands twice: " + station.id.value);
        }
        if (station.untimed_quality != "estimated" && station.untimed_quality != "measured") {
            tree.add_fault(pointer + "/untimed_quality", "must be estimated or measured");
        }
    }
}

}  // namespace headroom
