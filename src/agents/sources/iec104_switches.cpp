#include "agents/sources/iec104_switches.hpp"

#include <algorithm>

namespace headroom::agents {
namespace {

using grid::OperationalState;
using net::iec104::TypeId;

constexpr std::string_view our_source = "iec104:";

/// Nothing when the object says neither.
std::optional<bool> is_closed(TypeId type, double value) {
    const bool is_double = type == TypeId::double_point || type == TypeId::double_point_time;
    if (is_double) {
        return value == 1.0 ? std::optional(false) : value == 2.0 ? std::optional(true) : std::nullopt;
    }
    return value == 1.0;
}

bool is_state(TypeId type) {
    return type == TypeId::single_point || type == TypeId::double_point ||
           type == TypeId::single_point_time || type == TypeId::double_point_time;
}

OperationalState state_of(const SwitchReport& report) {
    if (report.kind == SwitchKind::breaker) {
        return report.is_closed ? OperationalState::normal : OperationalState::outage;
    }
    return report.is_closed ? OperationalState::abnormal : OperationalState::normal;
}

int gravity(OperationalState state) {
    return state == OperationalState::outage ? 2 : state == OperationalState::abnormal ? 1 : 0;
}

}  // namespace

void read_switches(const net::iec104::Asdu& asdu, const std::string& station, const Iec104Mapping& mapping,
                   const Iec104Rules& rules, UtcTime arrival, std::vector<SwitchReport>& out,
                   Iec104Counts& counts) {
    const auto type = static_cast<TypeId>(asdu.header.type);
    if (!is_state(type) || asdu.header.is_test) {
        return;
    }
    for (const net::iec104::InformationObject& object : asdu.objects) {
        const Iec104Object* mapped = mapping.find(asdu.header.common_address, object.address);
        if (mapped == nullptr || mapped->switch_kind == SwitchKind::none) {
            continue;
        }
        const std::optional<bool> closed = is_closed(type, object.value);
        if (!closed || (object.quality & iec104_not_usable) != 0) {
            counts.undecided += 1;
            continue;
        }
        const std::optional<UtcTime> instant =
            object.time ? instant_of(*object.time, rules.utc_offset) : std::nullopt;
        out.push_back({.station = station,
                       .element = mapped->element,
                       .kind = mapped->switch_kind,
                       .common_address = asdu.header.common_address,
                       .object_address = object.address,
                       .is_closed = *closed,
                       .at = instant.value_or(arrival)});
        counts.switches += 1;
    }
}

std::optional<grid::StateEntry> SwitchStates::take(const SwitchReport& report, const grid::StateEntry& now) {
    auto& switches = known_[report.element];
    switches[{report.station, {report.common_address, report.object_address}}] = state_of(report);
    const auto gravest = std::max_element(switches.begin(), switches.end(), [](const auto& a, const auto& b) {
        return gravity(a.second) < gravity(b.second);
    });
    const bool is_ours = now.state == OperationalState::normal || now.source.starts_with(our_source);
    if (now.held_by_engineer || !is_ours || gravest->second == now.state) {
        return std::nullopt;
    }
    return grid::StateEntry{.state = gravest->second,
                            .since = report.at,
                            .source = std::string(our_source) + report.station,
                            .person = {},
                            .held_by_engineer = false};
}

}  // namespace headroom::agents
