#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct ProgrammeAnswer {
    std::string programme_id = {};
    std::string name = {};
    std::string terms = {};
    std::vector<std::string> products = {};
    std::vector<std::string> der_classes = {};
    UtcTime from{};
    UtcTime until{};
    std::string day_from = {};
    std::string day_until = {};
    bool working_days_only = false;
    double test_share = 0.0;
    std::int64_t test_valid_days = 0;
    bool open_now = false;
    std::int64_t enrolled = 0;
    std::int64_t eligible = 0;
    double eligible_kw = 0.0;
};

struct EnrolmentAnswer {
    std::string programme_id = {};
    std::string der_id = {};
    std::string provider = {};
    std::string der_class = {};
    std::string feeder_id = {};
    double power_kw = 0.0;
    std::string standing = {};
    std::string consent_by = {};
    UtcTime consent_from{};
    UtcTime consent_until{};
    std::optional<UtcTime> tested_at = {};
    std::optional<double> tested_kw = {};
    std::optional<double> delivered_kw = {};
    std::string evidence = {};
    std::optional<UtcTime> qualified_until = {};
    std::optional<UtcTime> suspended_from = {};
    std::optional<UtcTime> suspended_until = {};
    std::string suspended_because = {};
    std::optional<UtcTime> withdrawn_at = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::ProgrammeAnswer> {
    using T = desk::ProgrammeAnswer;
    static constexpr std::string_view name = "Programme";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("programme_id", &T::programme_id, "Its id.", {.example = R"("WINTER-26")"}),
        field("name", &T::name, "As people call it.", {.example = R"("Winter evenings 2026/27")"}),
        field("terms", &T::terms, "The document and its version, or its address."),
        field("products", &T::products, "framework, availability (armed) or spot.",
              {.example = R"(["availability","spot"])"}),
        field("der_classes", &T::der_classes, "Which may enrol; none: every class."),
        field("from", &T::from, "Half-open."), field("until", &T::until, "Half-open."),
        field("day_from", &T::day_from, "Begin of the daily window, Europe/London.",
              {.example = R"("16:00")"}),
        field("day_until", &T::day_until, "Its end; before its begin: past midnight.",
              {.example = R"("20:00")"}),
        field("working_days_only", &T::working_days_only, "Monday to Friday."),
        field("test_share", &T::test_share, "Of what was asked, that a test must have delivered; 0: no test.",
              {.minimum = 0, .maximum = 1}),
        field("test_valid_days", &T::test_valid_days, "How long a passed test counts; 0: until the end."),
        field("open_now", &T::open_now, "The half-hour that runs lies in its dates and window."),
        field("enrolled", &T::enrolled, "DERs that have joined and not left."),
        field("eligible", &T::eligible, "Of these, those that may be used now."),
        field("eligible_kw", &T::eligible_kw, "Their enrolled power.", {.unit = "kW"}));
};

template <>
struct Fields<desk::EnrolmentAnswer> {
    using T = desk::EnrolmentAnswer;
    static constexpr std::string_view name = "Enrolment";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("programme_id", &T::programme_id, "Programme.", {.example = R"("WINTER-26")"}),
        field("der_id", &T::der_id, "Resource.", {.example = R"("BAT-17")"}),
        field("provider", &T::provider, "Who may offer it under the programme.",
              {.example = R"("tesla-vpp")"}),
        field("der_class", &T::der_class, "As the network has it; empty when it has no such DER any more."),
        field("feeder_id", &T::feeder_id, "Where it is."),
        field("power_kw", &T::power_kw, "Largest change that is enrolled.", {.unit = "kW"}),
        field("standing", &T::standing,
              "eligible, no_consent, not_qualified, failed_test, suspended or withdrawn, now.",
              {.example = R"("eligible")"}),
        field("consent_by", &T::consent_by, "Who agreed on the site's behalf."),
        field("consent_from", &T::consent_from, "Half-open."),
        field("consent_until", &T::consent_until, "Half-open."),
        field("tested_at", &T::tested_at, "Newest test dispatch."),
        field("tested_kw", &T::tested_kw, "Asked of it.", {.unit = "kW"}),
        field("delivered_kw", &T::delivered_kw, "What came.", {.unit = "kW"}),
        field("evidence", &T::evidence, "An event, or where the measurement is kept."),
        field("qualified_until", &T::qualified_until,
              "Until when a passed test counts; null when none does."),
        field("suspended_from", &T::suspended_from, "Barred since."),
        field("suspended_until", &T::suspended_until, "Null: until it is lifted."),
        field("suspended_because", &T::suspended_because, "Why."),
        field("withdrawn_at", &T::withdrawn_at, "When the site left."));
};

}  // namespace headroom
