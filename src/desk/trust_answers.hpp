#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// A correction of a meter: proposed, in force, or taken back just now.
struct CorrectionAnswer {
    std::string correction_id = {};
    std::string meter = {};
    std::string kind = {};
    std::vector<double> factor = {};
    std::vector<std::int64_t> order = {};
    std::string proposal = {};
    std::string incident_id = {};
    std::optional<UtcTime> applied_at = {};
    std::string applied_by = {};
    std::string reason = {};
};

struct IncidentAnswer {
    std::string incident_id = {};
    std::string kind = {};
    std::string place = {};
    std::string meter = {};
    std::string layer = {};
    double confidence = 0.0;
    double statistic = 0.0;
    double threshold = 0.0;
    std::string evidence = {};
    bool open = false;
    bool distrusting = false;
    UtcTime opened_at{};
    UtcTime last_at{};
    std::optional<UtcTime> closed_at = {};
    std::string closed_by = {};
    std::string closed_because = {};
    std::optional<CorrectionAnswer> proposal = {};
    std::string event_id = {};
};

struct TrustPlaceAnswer {
    std::string place = {};
    std::string state = {};
    std::string how = {};
    std::int64_t feeders = 0;
    double learnt = 0.0;
    double slot_min = 0.0;
    std::optional<UtcTime> last_slot_at = {};
    std::optional<double> accuracy_factor = {};
    std::int64_t incidents_open = 0;
};

struct KindCountAnswer {
    std::string kind = {};
    std::int64_t open = 0;
    std::int64_t closed = 0;
};

struct TrustAnswer {
    UtcTime as_of{};
    std::vector<KindCountAnswer> kinds = {};
    std::int64_t places_watching = 0;
    std::int64_t places_learning = 0;
    std::int64_t places_waiting = 0;
    std::int64_t feeders_not_watched = 0;
    std::vector<CorrectionAnswer> corrections = {};
    std::vector<IncidentAnswer> incidents = {};
    std::optional<std::string> next_cursor = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::CorrectionAnswer> {
    using T = desk::CorrectionAnswer;
    static constexpr std::string_view name = "Correction";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("correction_id", &T::correction_id, "Its id; empty while it is only proposed.",
              {.example = R"("C-1f3a9c02b7d4")"}),
        field("meter", &T::meter, "Feeder or substation whose meter it is.", {.example = R"("F-0130")"}),
        field("kind", &T::kind, "reversed, unit, phase_order, missing or unexplained.",
              {.example = R"("reversed")"}),
        field("factor", &T::factor, "By phase: what its readings are multiplied by.",
              {.example = "[-1.0,-1.0,-1.0]"}),
        field("order", &T::order, "By phase, from 1: the meter's phase that it is taken from.",
              {.example = "[1,2,3]"}),
        field("proposal", &T::proposal, "In words.", {.example = R"("turn the sign of all phases")"}),
        field("incident_id", &T::incident_id, "The incident that proposed it; empty: an operator's own."),
        field("applied_at", &T::applied_at, "Since when it is in force."),
        field("applied_by", &T::applied_by, "Who applied it."), field("reason", &T::reason, "Why."));
};

template <>
struct Fields<desk::IncidentAnswer> {
    using T = desk::IncidentAnswer;
    static constexpr std::string_view name = "TrustIncident";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("incident_id", &T::incident_id, "Its id; begins with the time.",
              {.example = R"("T-20261120T1210-1f3a9c02")"}),
        field("kind", &T::kind,
              "tampering, commissioning, masking, baseline_inflation, flat_delivery or communication.",
              {.example = R"("tampering")"}),
        field("place", &T::place, "Substation, or feeder that is looked at alone."),
        field("meter", &T::meter,
              "Feeder or substation whose meter is accused; empty when none can be told."),
        field("layer", &T::layer,
              "validation, balance, residual, state, innovation, replay, masking or univariate.",
              {.example = R"("balance")"}),
        field("confidence", &T::confidence, "0 to 1: one half at the threshold; for sorting, no probability.",
              {.minimum = 0, .maximum = 1}),
        field("statistic", &T::statistic, "Of the layer's test, the strongest so far."),
        field("threshold", &T::threshold, "Above which it speaks."),
        field("evidence", &T::evidence, "A sentence with the numbers."),
        field("open", &T::open, "It is not over."),
        field(
            "distrusting", &T::distrusting,
            "While it is open the forecast stands for the meter's readings, and they start and end nothing."),
        field("opened_at", &T::opened_at, "Time of the first evidence."),
        field("last_at", &T::last_at, "Time of the newest evidence."),
        field("closed_at", &T::closed_at, "When it was over."),
        field("closed_by", &T::closed_by, "core, or who decided."),
        field("closed_because", &T::closed_because, "Why it is over."),
        field("proposal", &T::proposal, "The correction that would make it right; only a person applies it."),
        field("event_id", &T::event_id,
              "Event whose delivery by this meter is not paid while the incident is open; empty for none."));
};

template <>
struct Fields<desk::TrustPlaceAnswer> {
    using T = desk::TrustPlaceAnswer;
    static constexpr std::string_view name = "TrustPlace";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("place", &T::place, "Substation, or feeder of no substation."),
        field("state", &T::state, "waiting (no readings to compare), learning or watching.",
              {.example = R"("watching")"}),
        field("how", &T::how, "balance: busbar and feeders together; alone: each feeder by itself; none yet.",
              {.example = R"("balance")"}),
        field("feeders", &T::feeders, "That leave it."),
        field("learnt", &T::learnt, "Share of what must be seen before the layers speak.",
              {.minimum = 0, .maximum = 1}),
        field("slot_min", &T::slot_min, "Distance of the readings that are compared.", {.unit = "min"}),
        field("last_slot_at", &T::last_slot_at, "Newest time that was compared."),
        field("accuracy_factor", &T::accuracy_factor,
              "Deviation of its balance over what meters of class 0.5 would give."),
        field("incidents_open", &T::incidents_open, "Incidents there that are not over."));
};

template <>
struct Fields<desk::KindCountAnswer> {
    using T = desk::KindCountAnswer;
    static constexpr std::string_view name = "TrustKind";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("kind", &T::kind, "Kind of incident.", {.example = R"("tampering")"}),
        field("open", &T::open, "Not over."), field("closed", &T::closed, "Remembered ones that are."));
};

template <>
struct Fields<desk::TrustAnswer> {
    using T = desk::TrustAnswer;
    static constexpr std::string_view name = "Trust";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("as_of", &T::as_of, "Domain time of this answer."),
        field("kinds", &T::kinds, "Incidents by kind."),
        field("places_watching", &T::places_watching, "Places whose layers speak."),
        field("places_learning", &T::places_learning, "Places that have not been seen for two days yet."),
        field("places_waiting", &T::places_waiting, "Places without readings to compare."),
        field("feeders_not_watched", &T::feeders_not_watched, "Beyond the number that is looked at."),
        field("corrections", &T::corrections, "In force."),
        field("incidents", &T::incidents, "Open ones first, then the newest."),
        field("next_cursor", &T::next_cursor, "Of the incidents; null at the end."));
};

}  // namespace headroom
