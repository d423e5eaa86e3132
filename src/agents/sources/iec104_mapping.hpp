#pragma once

#include "core/result.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

/// When a station sends a point.
enum class DeadbandClass : std::uint8_t {
    cyclic,  ///< every so often, moved or not
    change,  ///< when it has moved beyond the station's dead band; between, the last value holds
};
[[nodiscard]] std::string_view to_string(DeadbandClass deadband_class);

/// What a switch is to its element.
enum class SwitchKind : std::uint8_t {
    none,     ///< no switch: a measured value
    breaker,  ///< closed in normal running; open, the element is without supply
    tie,      ///< open in normal running; closed, it is fed from elsewhere
};

/// What one information object of a station measures, or which switch it tells of.
struct Iec104Object {
    std::uint16_t common_address = 0;
    std::uint32_t object_address = 0;
    telemetry::PointRef point = telemetry::no_point;
    double scale = 1.0;  ///< value of the point = value on the wire × scale + offset
    double offset = 0.0;
    DeadbandClass deadband_class = DeadbandClass::cyclic;
    SwitchKind switch_kind = SwitchKind::none;
    std::string element = {};  ///< of a switch; `point` is none then
};

/// The objects of one station that are points of ours.
class Iec104Mapping {
  public:
    Iec104Mapping() = default;
    /// Objects in any order, their addresses distinct.
    explicit Iec104Mapping(std::vector<Iec104Object> objects);

    /// Null when the object is none of ours.
    [[nodiscard]] const Iec104Object* find(std::uint16_t common_address, std::uint32_t object_address) const;
    [[nodiscard]] const std::vector<Iec104Object>& objects() const { return objects_; }
    /// Those that are interrogated, ascending.
    [[nodiscard]] std::vector<std::uint16_t> common_addresses() const;

  private:
    std::vector<Iec104Object> objects_;  // by common address, then object address
};

/// Reads the mapping table, `station,common_address,object_address,point_id,quantity,phase,scale,offset,
/// deadband_class` (docs/formats/iec104.md); the columns from `quantity` on may be left out. Points are made
/// in `registry` where `is_known` says that their place exists.
///
/// Errors: `invalid`, with line and column, at most 20 faults joined by "; ". Nothing is taken then but what
/// was interned.
[[nodiscard]] Result<std::map<std::string, Iec104Mapping>> read_iec104_mapping(
    std::string_view text, const std::string& file_name,
    const std::function<bool(std::string_view point_id)>& is_known, telemetry::PointRegistry& registry);

}  // namespace headroom::agents
