#include "agents/sources/iec104_readings.hpp"

#include "telemetry/validate.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace headroom::agents {
namespace {

using net::iec104::InformationObject;
using net::iec104::TypeId;
using telemetry::Quality;
using telemetry::Quarantine;

enum class Content { measured, state, nothing };

Content content_of(std::uint8_t type) {
    switch (static_cast<TypeId>(type)) {
        case TypeId::normalised:
        case TypeId::scaled:
        case TypeId::short_float:
        case TypeId::normalised_time:
        case TypeId::scaled_time:
        case TypeId::short_float_time:
            return Content::measured;
        case TypeId::single_point:
        case TypeId::double_point:
        case TypeId::single_point_time:
        case TypeId::double_point_time:
            return Content::state;
        case TypeId::end_of_initialisation:
        case TypeId::interrogation:
        case TypeId::clock:
            return Content::nothing;
    }
    return Content::nothing;
}

/// Of a value that can be used.
Quality quality_of(std::uint8_t quality) {
    if ((quality & net::iec104::quality_substituted) != 0) {
        return Quality::substituted;
    }
    // Beyond the range of the measurement: at least so much, which is no reason to hide it.
    return (quality & net::iec104::quality_overflow) != 0 ? Quality::estimated : Quality::measured;
}

}  // namespace

std::optional<UtcTime> instant_of(const net::iec104::TimeTag& tag, milliseconds utc_offset) {
    if (tag.is_invalid || !tag.face) {
        return std::nullopt;
    }
    return *tag.face - utc_offset - (tag.is_summer_time ? hours{1} : hours{0});
}

void read_iec104(const net::iec104::Asdu& asdu, const Iec104Mapping& mapping, const Iec104Rules& rules,
                 UtcTime arrival, std::vector<telemetry::Reading>& out, telemetry::DecodeReport& report,
                 Iec104Counts& counts) {
    const Content content = content_of(asdu.header.type);
    if (content != Content::measured) {
        counts.states += content == Content::state ? asdu.objects.size() : 0;
        return;
    }
    counts.objects += asdu.objects.size();
    if (asdu.header.is_test) {
        counts.tests += asdu.objects.size();
        return;
    }
    for (const InformationObject& object : asdu.objects) {
        report.received += 1;
        const auto quarantine = [&](Quarantine reason, std::string detail) {
            report.quarantine({.pointer = fmt::format("/{}/{}", asdu.header.common_address, object.address),
                               .line = 0,
                               .reason = reason,
                               .detail = std::move(detail)});
        };
        const Iec104Object* mapped = mapping.find(asdu.header.common_address, object.address);
        if (mapped == nullptr) {
            quarantine(Quarantine::unknown_point,
                       fmt::format("common address {}, object {} is not in the mapping",
                                   asdu.header.common_address, object.address));
            continue;
        }
        if (mapped->switch_kind != SwitchKind::none) {
            quarantine(Quarantine::unknown_point,
                       fmt::format("common address {}, object {} is a switch and sent a measured value",
                                   asdu.header.common_address, object.address));
            continue;
        }
        if ((object.quality & iec104_not_usable) != 0) {
            quarantine(Quarantine::bad_quality,
                       fmt::format("common address {}, object {} is marked {}", asdu.header.common_address,
                                   object.address, net::iec104::quality_text(object.quality)));
            continue;
        }
        telemetry::Reading reading{.value = object.value * mapped->scale + mapped->offset,
                                   .interval_start = arrival,
                                   .interval_end = arrival,
                                   .seq = 0,
                                   .point = mapped->point,
                                   .source = rules.source,
                                   .quality = quality_of(object.quality)};
        const std::optional<UtcTime> instant =
            object.time ? instant_of(*object.time, rules.utc_offset) : std::nullopt;
        if (instant) {
            reading.interval_start = reading.interval_end = *instant;
        } else {
            counts.untimed += 1;
            counts.bad_times += object.time ? 1 : 0;
            reading.quality = reading.quality == Quality::measured ? rules.untimed : reading.quality;
        }
        out.push_back(reading);
    }
}

}  // namespace headroom::agents
