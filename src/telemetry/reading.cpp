#include "telemetry/reading.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <array>

namespace headroom::telemetry {
namespace {

constexpr std::array<std::string_view, 3> qualities{"measured", "estimated", "substituted"};
constexpr std::array<std::string_view, quarantine_reasons> reasons{
    "unknown_point", "not_finite", "out_of_range", "no_zone",    "bad_time",
    "future",        "too_late",   "malformed",    "bad_quality"};
constexpr std::size_t phase_count = 5;

std::size_t slot_of(grid::Quantity quantity, grid::Phase phase) {
    return static_cast<std::size_t>(quantity) * phase_count + static_cast<std::size_t>(phase);
}

}  // namespace

std::string_view to_string(Quality quality) {
    return qualities[static_cast<std::size_t>(quality)];
}

std::optional<Quality> parse_quality(std::string_view text) {
    const auto found = std::find(qualities.begin(), qualities.end(), text);
    return found == qualities.end() ? std::nullopt
                                    : std::optional(static_cast<Quality>(found - qualities.begin()));
}

std::string_view to_string(Quarantine reason) {
    return reasons[static_cast<std::size_t>(reason)];
}

std::string PointKey::text() const {
    std::string text = point_id;
    text += '/';
    text += grid::to_string(quantity);
    text += '/';
    text += grid::to_string(phase);
    return text;
}

PointRef PointRegistry::intern(const PointKey& key) {
    const auto [found, is_new] = by_id_.try_emplace(key.point_id);
    if (is_new) {
        std::fill(std::begin(found->second.refs), std::end(found->second.refs), no_point);
    }
    PointRef& ref = found->second.refs[slot_of(key.quantity, key.phase)];
    if (ref == no_point) {
        HEADROOM_ASSERT(keys_.size() < no_point);
        ref = static_cast<PointRef>(keys_.size());
        keys_.push_back(key);
    }
    return ref;
}

PointRef PointRegistry::find(std::string_view point_id, grid::Quantity quantity, grid::Phase phase) const {
    const auto found = by_id_.find(point_id);
    return found == by_id_.end() ? no_point : found->second.refs[slot_of(quantity, phase)];
}

std::uint16_t PointRegistry::intern_source(std::string_view name) {
    const auto found = std::find(sources_.begin(), sources_.end(), name);
    if (found != sources_.end()) {
        return static_cast<std::uint16_t>(found - sources_.begin());
    }
    if (sources_.size() + 1 >= sources_max && name != "other") {
        return intern_source("other");
    }
    sources_.emplace_back(name);
    return static_cast<std::uint16_t>(sources_.size() - 1);
}

}  // namespace headroom::telemetry
