#pragma once

#include "agents/sources/iec104_mapping.hpp"
#include "agents/sources/iec104_readings.hpp"
#include "core/time.hpp"
#include "grid/operational_state.hpp"
#include "net/iec104_asdu.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

/// What a station says of a switch.
struct SwitchReport {
    std::string station;
    std::string element;  ///< the feeder or substation that it belongs to
    SwitchKind kind = SwitchKind::breaker;
    std::uint16_t common_address = 0;
    std::uint32_t object_address = 0;
    bool is_closed = false;
    UtcTime at{};
};

/// Appends what an ASDU of single or double points says of the mapping's switches (rules:
/// docs/formats/iec104.md). A state that is between, faulty or of bad quality says nothing and is counted.
void read_switches(const net::iec104::Asdu& asdu, const std::string& station, const Iec104Mapping& mapping,
                   const Iec104Rules& rules, UtcTime arrival, std::vector<SwitchReport>& out,
                   Iec104Counts& counts);

/// Follows the operational state of elements from their switches. An element with several has the gravest of
/// their states.
class SwitchStates {
  public:
    /// The state that follows for the report's element, when it is another than `now`. Nothing when somebody
    /// else's word stands: a control engineer holds the element, or a state that is not normal came from
    /// elsewhere.
    [[nodiscard]] std::optional<grid::StateEntry> take(const SwitchReport& report,
                                                       const grid::StateEntry& now);

  private:
    using Place = std::pair<std::string, std::pair<std::uint16_t, std::uint32_t>>;  // station, addresses
    std::map<std::string, std::map<Place, grid::OperationalState>> known_;
};

}  // namespace headroom::agents
