#pragma once

#include "core/time.hpp"
#include "grid/quantity.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace headroom::telemetry {

enum class Quality : std::uint8_t { measured, estimated, substituted };
[[nodiscard]] std::string_view to_string(Quality quality);
[[nodiscard]] std::optional<Quality> parse_quality(std::string_view text);

/// What is measured where: a point is one quantity on one phase at one place (feeder, substation or DER id).
struct PointKey {
    std::string point_id;
    grid::Quantity quantity = grid::Quantity::p_kw;
    grid::Phase phase = grid::Phase::sum;

    bool operator==(const PointKey&) const = default;
    /// "F-017/p_kw/L1": the series key and the name in logs.
    [[nodiscard]] std::string text() const;
};

/// A dense handle for a point, so that a reading carries no string.
using PointRef = std::uint32_t;
inline constexpr PointRef no_point = 0xffff'ffffU;

/// Gives points and sources their handles. Filled at start (from the grid) or as points appear, when allowed.
/// One writer.
class PointRegistry {
  public:
    /// The handle of `key`, made when new.
    PointRef intern(const PointKey& key);
    /// `no_point` when unknown. No allocation.
    [[nodiscard]] PointRef find(std::string_view point_id, grid::Quantity quantity, grid::Phase phase) const;
    [[nodiscard]] const PointKey& key(PointRef point) const { return keys_[point]; }
    [[nodiscard]] std::size_t size() const { return keys_.size(); }

    /// The handle of a source's name. So that no sender can fill the table, names beyond `sources_max` share
    /// the handle of "other".
    std::uint16_t intern_source(std::string_view name);
    static constexpr std::size_t sources_max = 1024;
    [[nodiscard]] const std::string& source(std::uint16_t ref) const { return sources_[ref]; }

  private:
    struct Slots {
        // by quantity (8) and phase (5)
        PointRef refs[40];
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::deque<PointKey> keys_;
    std::unordered_map<std::string, Slots, Hash, std::equal_to<>> by_id_;
    std::vector<std::string> sources_;
};

/// One measurement over [interval_start, interval_end); equal ends mean an instant. Power is import-positive.
struct Reading {
    double value = 0.0;  ///< in the unit of the point's quantity; finite
    UtcTime interval_start{};
    UtcTime interval_end{};
    std::uint64_t seq = 0;  ///< of the source; 0 = none
    PointRef point = no_point;
    std::uint16_t source = 0;
    Quality quality = Quality::measured;
};
static_assert(std::is_trivially_copyable_v<Reading>);

/// Why a reading was not taken. `duplicate` and `conflict` concern a slot that has a value already.
enum class Quarantine : std::uint8_t {
    unknown_point,
    not_finite,
    out_of_range,  ///< absurd for the quantity or for the point's rating
    no_zone,       ///< a time without a zone
    bad_time,      ///< unreadable, or years off
    future,        ///< further ahead of the clock than allowed
    too_late,      ///< older than the ring
    malformed,     ///< the row or object could not be read
    bad_quality,   ///< the station that sent it says itself that the value is not to be used
};
[[nodiscard]] std::string_view to_string(Quarantine reason);
inline constexpr std::size_t quarantine_reasons = 9;

}  // namespace headroom::telemetry
