#include "agents/trust_incident.hpp"

#include "core/digest.hpp"
#include "core/json_object.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace headroom::agents {
namespace {

constexpr double micro = 1e6;

std::int64_t scaled(double value, double scale) {
    constexpr double most = 1e15;
    return std::isfinite(value) ? std::llround(std::clamp(value * scale, -most, most)) : 0;
}

Error lacks(std::string_view what, std::string_view member) {
    return {Errc::corrupt, "a " + std::string(what) + " has no valid " + std::string(member),
            "/" + std::string(member)};
}

std::optional<trust::CommissioningKind> commissioning_kind(std::string_view text) {
    for (const auto kind : {trust::CommissioningKind::reversed, trust::CommissioningKind::unit,
                            trust::CommissioningKind::phase_order, trust::CommissioningKind::missing,
                            trust::CommissioningKind::unexplained}) {
        if (trust::to_string(kind) == text) {
            return kind;
        }
    }
    return std::nullopt;
}

std::optional<trust::Layer> layer_of(std::string_view text) {
    for (std::size_t i = 0; i < trust::layers; ++i) {
        if (trust::to_string(static_cast<trust::Layer>(i)) == text) {
            return static_cast<trust::Layer>(i);
        }
    }
    return std::nullopt;
}

json::Value time_or_nothing(std::optional<UtcTime> at) {
    return at ? json::Value(format_utc(*at)) : json::Value();
}

}  // namespace

bool MeterCorrection::changes_anything() const {
    return order != std::array<std::uint8_t, 3>{0, 1, 2} ||
           std::any_of(factor.begin(), factor.end(), [](double one) { return one != 1.0; });
}

MeterCorrection MeterCorrection::inverse() const {
    MeterCorrection out = *this;
    for (std::size_t p = 0; p < 3; ++p) {
        out.order[order[p]] = static_cast<std::uint8_t>(p);
        out.factor[order[p]] = 1.0 / factor[p];
    }
    return out;
}

json::Value to_json(const MeterCorrection& correction) {
    json::Array factor;
    json::Array order;
    for (std::size_t p = 0; p < 3; ++p) {
        factor.emplace_back(scaled(correction.factor[p], micro));
        order.emplace_back(static_cast<std::int64_t>(correction.order[p]));
    }
    return json::object({{"id", correction.id},
                         {"meter", correction.meter},
                         {"kind", std::string(trust::to_string(correction.kind))},
                         {"factor_micro", std::move(factor)},
                         {"order", std::move(order)},
                         {"proposal", correction.proposal},
                         {"incident", correction.incident},
                         {"applied_at", format_utc(correction.applied_at)},
                         {"applied_by", correction.applied_by},
                         {"reason", correction.reason}});
}

Result<MeterCorrection> correction_from_json(const json::Value& value) {
    MeterCorrection out{.id = value.text("/id"), .meter = value.text("/meter")};
    const std::optional<trust::CommissioningKind> kind = commissioning_kind(value.text("/kind"));
    if (out.meter.empty() || !kind) {
        return lacks("correction", out.meter.empty() ? "meter" : "kind");
    }
    out.kind = *kind;
    std::array<bool, 3> is_taken{};
    for (std::size_t p = 0; p < 3; ++p) {
        const std::string at = "/" + std::to_string(p);
        out.factor[p] = static_cast<double>(value.integer("/factor_micro" + at)) / micro;
        const std::int64_t from = value.integer("/order" + at, -1);
        if (out.factor[p] == 0.0 || from < 0 || from > 2 || is_taken[static_cast<std::size_t>(from)]) {
            return lacks("correction", out.factor[p] == 0.0 ? "factor_micro" : "order");
        }
        is_taken[static_cast<std::size_t>(from)] = true;
        out.order[p] = static_cast<std::uint8_t>(from);
    }
    out.proposal = value.text("/proposal");
    out.incident = value.text("/incident");
    out.applied_by = value.text("/applied_by");
    out.reason = value.text("/reason");
    const Result<UtcTime> at = parse_utc(value.text("/applied_at"));
    if (!at) {
        return lacks("correction", "applied_at");
    }
    out.applied_at = *at;
    return out;
}

json::Value to_json(const TrustIncident& incident) {
    const trust::Evidence& evidence = incident.evidence;
    json::Object out{{"id", incident.id},
                     {"place", incident.place},
                     {"meter", incident.meter},
                     {"kind", std::string(trust::to_string(incident.kind))},
                     {"layer", std::string(trust::to_string(evidence.layer))},
                     {"statistic_milli", scaled(evidence.statistic, 1000.0)},
                     {"threshold_milli", scaled(evidence.threshold, 1000.0)},
                     {"confidence_milli", scaled(evidence.confidence, 1000.0)},
                     {"detail", evidence.detail},
                     {"opened_at", format_utc(incident.opened_at)},
                     {"last_at", format_utc(incident.last_at)},
                     {"closed_at", time_or_nothing(incident.closed_at)},
                     {"closed_by", incident.closed_by},
                     {"closed_because", incident.closed_because},
                     {"distrusting", incident.is_distrusting},
                     {"proposal", incident.proposal ? to_json(*incident.proposal) : json::Value()}};
    if (!incident.event.empty()) {
        out.set("event", incident.event);
    }
    return out;
}

Result<TrustIncident> incident_from_json(const json::Value& value) {
    TrustIncident out{.id = value.text("/id"), .place = value.text("/place"), .meter = value.text("/meter")};
    const std::optional<trust::IncidentKind> kind = trust::parse_incident_kind(value.text("/kind"));
    const std::optional<trust::Layer> layer = layer_of(value.text("/layer"));
    const Result<UtcTime> opened = parse_utc(value.text("/opened_at"));
    const Result<UtcTime> last = parse_utc(value.text("/last_at"));
    if (out.id.empty() || !kind || !layer || !opened || !last) {
        return lacks("trust incident", out.id.empty() ? "id" : !kind ? "kind" : !layer ? "layer" : "time");
    }
    out.kind = *kind;
    const auto milli = [&value](std::string_view member) {
        return static_cast<double>(value.integer(member)) / 1000.0;
    };
    out.evidence = {.layer = *layer,
                    .meter = out.meter,
                    .statistic = milli("/statistic_milli"),
                    .threshold = milli("/threshold_milli"),
                    .confidence = milli("/confidence_milli"),
                    .detail = value.text("/detail")};
    out.opened_at = *opened;
    out.last_at = *last;
    if (const std::string closed = value.text("/closed_at"); !closed.empty()) {
        const Result<UtcTime> at = parse_utc(closed);
        if (!at) {
            return lacks("trust incident", "closed_at");
        }
        out.closed_at = *at;
    }
    out.closed_by = value.text("/closed_by");
    out.closed_because = value.text("/closed_because");
    out.is_distrusting = value.boolean("/distrusting");
    out.event = value.text("/event");
    if (const json::Value* proposal = value.get("proposal"); proposal != nullptr && proposal->is_object()) {
        Result<MeterCorrection> correction = correction_from_json(*proposal);
        if (!correction) {
            return correction.error();
        }
        out.proposal = std::move(*correction);
    }
    return out;
}

std::string incident_id(UtcTime slot, const std::string& place, const std::string& meter,
                        trust::IncidentKind kind) {
    std::string time = format_utc(slot).substr(0, 16);  // 2026-11-20T12:10
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    const std::string what = place + "\n" + meter + "\n" + std::string(trust::to_string(kind));
    return "T-" + time + "-" + sha256_hex(what).substr(0, 8);
}

}  // namespace headroom::agents
