#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct ClockAnswer {
    std::string verdict = {};
    std::optional<double> median_s = {};
    std::optional<double> p05_s = {};
    std::optional<double> p95_s = {};
    std::int64_t samples = 0;
    std::string detail = {};
};

struct QuarantineExampleAnswer {
    UtcTime at{};
    std::string reason = {};
    std::string where = {};
    std::string detail = {};
};

struct SourceQualityAnswer {
    std::string source = {};
    std::string state = {};
    std::optional<UtcTime> last_at = {};
    std::optional<double> age_s = {};
    std::int64_t accepted = 0;
    std::int64_t duplicates = 0;
    std::int64_t conflicts = 0;
    std::int64_t quarantined_total = 0;
    std::map<std::string, std::int64_t> quarantined = {};
    std::optional<double> estimated_share = {};
    std::optional<double> substituted_share = {};
    ClockAnswer clock = {};
    std::vector<QuarantineExampleAnswer> examples = {};
};

struct CoverageAnswer {
    std::optional<UtcTime> as_of = {};
    std::int64_t feeders = 0;
    std::int64_t fresh = 0;
    std::int64_t stale = 0;
    std::int64_t silent = 0;
    std::int64_t points = 0;
    std::int64_t points_fresh = 0;
};

struct FindingCountAnswer {
    std::string kind = {};
    std::int64_t findings = 0;
    std::int64_t open = 0;
    std::int64_t times = 0;
};

struct BalanceAnswer {
    std::string substation_id = {};
    std::string phase = {};
    std::string state = {};
    UtcTime at{};
    std::optional<double> busbar_kw = {};
    double feeders_kw = 0.0;
    std::optional<double> difference_kw = {};
    std::int64_t feeders = 0;
    std::int64_t feeders_seen = 0;
    std::string missing = {};
    std::int64_t compared = 0;
    std::int64_t off = 0;
};

/// A connection that Headroom keeps to a station.
struct LinkAnswer {
    std::string source = {};
    std::string protocol = {};
    bool running = false;
    std::string why = {};
    std::int64_t connections = 0;
    std::int64_t messages = 0;
    std::int64_t invalid = 0;
    std::int64_t unsupported = 0;
    std::int64_t interrogations_ended = 0;
    std::int64_t interrogations_failed = 0;
    std::int64_t untimed = 0;
    std::int64_t bad_times = 0;
};

struct QualityAnswer {
    UtcTime as_of{};
    std::vector<SourceQualityAnswer> sources = {};
    std::int64_t mixed_unattributed = 0;
    std::vector<LinkAnswer> links = {};
    CoverageAnswer coverage = {};
    std::vector<FindingCountAnswer> findings = {};
    std::int64_t findings_forgotten = 0;
    std::int64_t balances_total = 0;
    std::vector<BalanceAnswer> balances = {};
};

struct FindingAnswer {
    std::string point_id = {};
    std::string quantity = {};
    std::string phase = {};
    std::string kind = {};
    std::string source = {};
    std::int64_t count = 0;
    UtcTime first_at{};
    UtcTime last_at{};
    bool open = false;
    std::string detail = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::ClockAnswer> {
    using T = desk::ClockAnswer;
    static constexpr std::string_view name = "SourceClock";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field(
            "verdict", &T::verdict,
            "ok; ahead: readings end after they arrive; behind: all late by the same time; delayed: late by "
            "different times; unknown: too few.",
            {.example = R"("ok")"}),
        field("median_s", &T::median_s, "Middle of arrival - interval end, of the newest readings.",
              {.unit = "s"}),
        field("p05_s", &T::p05_s, "One reading in twenty took less.", {.unit = "s"}),
        field("p95_s", &T::p95_s, "One reading in twenty took more.", {.unit = "s"}),
        field("samples", &T::samples, "So many of the newest readings."),
        field("detail", &T::detail, "The verdict as a sentence; empty when it is ok."));
};

template <>
struct Fields<desk::QuarantineExampleAnswer> {
    using T = desk::QuarantineExampleAnswer;
    static constexpr std::string_view name = "QuarantineExample";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("at", &T::at, "When it arrived."),
                    field("reason", &T::reason, "Why it was kept out.", {.example = R"("unknown_point")"}),
                    field("where", &T::where, "JSON Pointer, line, or addresses at the source."),
                    field("detail", &T::detail, "A sentence with the field and the value."));
};

template <>
struct Fields<desk::SourceQualityAnswer> {
    using T = desk::SourceQualityAnswer;
    static constexpr std::string_view name = "SourceQuality";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("source", &T::source, "Name that its readings carry.", {.example = R"("north")"}),
        field("state", &T::state, "ok; stale after 5 minutes, silent after 30, in domain time.",
              {.example = R"("ok")"}),
        field("last_at", &T::last_at, "End of the newest interval that is not in the future."),
        field("age_s", &T::age_s, "Its age in domain time.", {.unit = "s"}),
        field("accepted", &T::accepted, "Readings taken since start."),
        field("duplicates", &T::duplicates, "Of a value that was known."),
        field("conflicts", &T::conflicts, "A second, different value for one interval."),
        field("quarantined_total", &T::quarantined_total, "Readings kept out."),
        field("quarantined", &T::quarantined, "The same by reason."),
        field("estimated_share", &T::estimated_share, "Of the readings looked at, marked as estimated.",
              {.example = "0.0"}),
        field("substituted_share", &T::substituted_share, "Of the readings looked at, marked as substituted.",
              {.example = "0.0"}),
        field("clock", &T::clock, "How long its readings are under way, and what that says of its clock."),
        field("examples", &T::examples, "The newest different readings that were kept out, newest last."));
};

template <>
struct Fields<desk::CoverageAnswer> {
    using T = desk::CoverageAnswer;
    static constexpr std::string_view name = "Coverage";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("as_of", &T::as_of, "When all feeders had been looked at; null before the first time."),
        field("feeders", &T::feeders, "Feeders in the network."),
        field("fresh", &T::fresh, "With a reading of the last 15 minutes."),
        field("stale", &T::stale, "Had readings, but none of the last 15 minutes."),
        field("silent", &T::silent, "Never had a reading since start."),
        field("points", &T::points, "Phases that are expected of feeders that have had readings."),
        field("points_fresh", &T::points_fresh, "Of them, with a reading of the last 15 minutes."));
};

template <>
struct Fields<desk::FindingCountAnswer> {
    using T = desk::FindingCountAnswer;
    static constexpr std::string_view name = "FindingCount";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("kind", &T::kind,
              "stale, missing_phase, gap, duplicate, conflict, stuck, spike, range, late, sign or balance.",
              {.example = R"("gap")"}),
        field("findings", &T::findings, "Places and phases with such a finding."),
        field("open", &T::open, "Of them, conditions that hold now."),
        field("times", &T::times, "How often it was found since start."));
};

template <>
struct Fields<desk::BalanceAnswer> {
    using T = desk::BalanceAnswer;
    static constexpr std::string_view name = "BusbarBalance";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("substation_id", &T::substation_id, "The busbar."),
        field("phase", &T::phase, "L1, L2, L3 or sum.", {.example = R"("sum")"}),
        field("state", &T::state,
              "ok; off by more than 0.5 kW and 2 %; incomplete: a feeder has no reading of that time.",
              {.example = R"("ok")"}),
        field("at", &T::at, "End of the busbar's newest reading."),
        field("busbar_kw", &T::busbar_kw, "What the busbar reads.", {.unit = "kW"}),
        field("feeders_kw", &T::feeders_kw, "Sum of the feeders that have a reading of that time.",
              {.unit = "kW"}),
        field("difference_kw", &T::difference_kw, "Busbar - feeders; null while a feeder is missing.",
              {.unit = "kW"}),
        field("feeders", &T::feeders, "Feeders that leave the busbar."),
        field("feeders_seen", &T::feeders_seen, "Of them, with a reading of that time."),
        field("missing", &T::missing, "The first without; empty when none is."),
        field("compared", &T::compared, "Times at which every feeder had a reading."),
        field("off", &T::off, "Of them, how often the sums differed."));
};

template <>
struct Fields<desk::LinkAnswer> {
    using T = desk::LinkAnswer;
    static constexpr std::string_view name = "StationLink";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("source", &T::source, "The station."),
                    field("protocol", &T::protocol, "iec104.", {.example = R"("iec104")"}),
                    field("running", &T::running, "Its transfer is started."),
                    field("why", &T::why, "What ended the last connection; empty while it runs."),
                    field("connections", &T::connections, "That got as far as sending."),
                    field("messages", &T::messages, "Messages read."),
                    field("invalid", &T::invalid, "Messages that could not be read."),
                    field("unsupported", &T::unsupported, "Messages of types that are not read."),
                    field("interrogations_ended", &T::interrogations_ended,
                          "General interrogations answered to the end."),
                    field("interrogations_failed", &T::interrogations_failed, "Refused or not answered."),
                    field("untimed", &T::untimed, "Values given the time of their arrival."),
                    field("bad_times", &T::bad_times, "Of them, with a time tag that could not be used."));
};

template <>
struct Fields<desk::QualityAnswer> {
    using T = desk::QualityAnswer;
    static constexpr std::string_view name = "DataQuality";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("as_of", &T::as_of, "Domain time of this answer."),
        field("sources", &T::sources, "Every source of readings since start."),
        field("mixed_unattributed", &T::mixed_unattributed,
              "Readings of batches of several sources of which it is not known whose they were: duplicates, "
              "conflicts, quarantined, doubted."),
        field("links", &T::links, "Connections that are kept to stations."),
        field("coverage", &T::coverage, "How far the feeders are covered by readings."),
        field("findings", &T::findings, "Findings by kind; GET /api/v1/data-quality/findings lists them."),
        field("findings_forgotten", &T::findings_forgotten,
              "Findings that gave way to newer ones; only so many are kept in detail."),
        field("balances_total", &T::balances_total,
              "Busbars and phases that are compared with their feeders."),
        field("balances", &T::balances, "Of them the first 50, those that are off first."));
};

template <>
struct Fields<desk::FindingAnswer> {
    using T = desk::FindingAnswer;
    static constexpr std::string_view name = "Finding";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("point_id", &T::point_id, "Feeder, substation or DER.", {.example = R"("F-0130")"}),
        field("quantity", &T::quantity, "What is measured.", {.example = R"("p_kw")"}),
        field("phase", &T::phase, "L1, L2, L3, N or sum.", {.example = R"("L1")"}),
        field("kind", &T::kind,
              "stale, missing_phase, gap, duplicate, conflict, stuck, spike, range, late, sign or balance.",
              {.example = R"("gap")"}),
        field("source", &T::source, "Of the readings; empty when it is not known."),
        field("count", &T::count, "How often."), field("first_at", &T::first_at, "First time."),
        field("last_at", &T::last_at, "Newest time."),
        field("open", &T::open, "A condition that holds now; false for what happened."),
        field("detail", &T::detail, "A sentence with the numbers, of the newest time."));
};

}  // namespace headroom
