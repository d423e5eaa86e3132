#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct DeliveryRowAnswer {
    UtcTime start{};
    double baseline_kwh = 0.0;
    double metered_kwh = 0.0;
    double delivered_kwh = 0.0;
    double instructed_kwh = 0.0;
    double payable_kwh = 0.0;
};

struct DeliveryAnswer {
    std::string der_id = {};
    std::string transaction_id = {};
    std::string state = {};
    std::string reason = {};
    std::optional<std::string> payment_gbp = {};
    std::vector<DeliveryRowAnswer> rows = {};
};

struct StatementLineAnswer {
    std::string der_id = {};
    std::string transaction_id = {};
    std::string provider = {};
    double instructed_kwh = 0.0;
    double delivered_kwh = 0.0;
    double payable_kwh = 0.0;
    std::string utilisation_gbp = {};
    std::string availability_gbp = {};
    std::string total_gbp = {};
    std::string state = {};
};

struct StatementAnswer {
    std::string statement_id = {};
    std::int64_t version = 1;
    std::string state = {};
    std::string rounding = {};
    double delivered_kwh = 0.0;
    std::string total_gbp = {};
    std::string sha256 = {};
    std::int64_t seq = 0;
    std::vector<StatementLineAnswer> lines = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::DeliveryRowAnswer> {
    using T = desk::DeliveryRowAnswer;
    static constexpr std::string_view name = "DeliveryRow";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("start", &T::start, "Start of the half-hour."),
        field("baseline_kwh", &T::baseline_kwh, "Load had nothing been asked.", {.unit = "kWh"}),
        field("metered_kwh", &T::metered_kwh, "As metered.", {.unit = "kWh"}),
        field("delivered_kwh", &T::delivered_kwh, "Signed; positive when it helped.", {.unit = "kWh"}),
        field("instructed_kwh", &T::instructed_kwh, "As instructed, pro rata.", {.unit = "kWh"}),
        field("payable_kwh", &T::payable_kwh, "What is paid for.", {.unit = "kWh"}));
};

template <>
struct Fields<desk::DeliveryAnswer> {
    using T = desk::DeliveryAnswer;
    static constexpr std::string_view name = "Delivery";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("der_id", &T::der_id, "The resource."),
                    field("transaction_id", &T::transaction_id, "Contract."),
                    field("state", &T::state, "VERIFIED, PENDING_DATA, NO_BASELINE or HELD."),
                    field("reason", &T::reason, "Of the last two."),
                    field("payment_gbp", &T::payment_gbp,
                          "Total of its statement line; null when it has none.", {.unit = "GBP"}),
                    field("rows", &T::rows, "Half-hours."));
};

template <>
struct Fields<desk::StatementLineAnswer> {
    using T = desk::StatementLineAnswer;
    static constexpr std::string_view name = "StatementLine";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("der_id", &T::der_id, "The resource."),
        field("transaction_id", &T::transaction_id, "Contract."),
        field("provider", &T::provider, "Who is paid."),
        field("instructed_kwh", &T::instructed_kwh, "As instructed.", {.unit = "kWh"}),
        field("delivered_kwh", &T::delivered_kwh, "Signed.", {.unit = "kWh"}),
        field("payable_kwh", &T::payable_kwh, "What is paid for.", {.unit = "kWh"}),
        field("utilisation_gbp", &T::utilisation_gbp, "To the millionth.", {.unit = "GBP"}),
        field("availability_gbp", &T::availability_gbp, "To the millionth.", {.unit = "GBP"}),
        field("total_gbp", &T::total_gbp, "Rounded once, half to even, to the penny.", {.unit = "GBP"}),
        field("state", &T::state, "VERIFIED, PENDING_DATA, NO_BASELINE or HELD."));
};

template <>
struct Fields<desk::StatementAnswer> {
    using T = desk::StatementAnswer;
    static constexpr std::string_view name = "Statement";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("statement_id", &T::statement_id, "Its id."),
        field("version", &T::version, "A correction supersedes."),
        field("state", &T::state, "VERIFIED, PENDING_DATA or HELD."),
        field("rounding", &T::rounding, "Rule that pence were made by."),
        field("delivered_kwh", &T::delivered_kwh, "Sum of its lines.", {.unit = "kWh"}),
        field("total_gbp", &T::total_gbp, "Sum of the rounded lines.", {.unit = "GBP"}),
        field("sha256", &T::sha256, "Of the settlement result in canonical form."),
        field("seq", &T::seq, "Audit entry."), field("lines", &T::lines, "One per resource and contract."));
};

}  // namespace headroom
