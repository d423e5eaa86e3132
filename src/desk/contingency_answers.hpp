#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct SwitchingAnswer {
    std::string tie_id = {};
    std::string from = {};
    std::string to = {};
    std::int64_t close_after_minutes = 0;
    bool waits_for_orders = false;
    bool is_remote = false;
    double share = 0.0;
    double peak_kw = 0.0;
    double rating_kw = 0.0;
};

struct UnusedTieAnswer {
    std::string tie_id = {};
    std::string reason = {};
};

struct LimitUseAnswer {
    std::string kind = {};
    std::string phase = {};
    double limit_kw = 0.0;
    double peak_kw = 0.0;
    std::optional<std::int64_t> reached_after_minutes = {};
    std::int64_t allowed_minutes = 0;
};

struct ReceiverAnswer {
    std::string element_id = {};
    std::string phase = {};
    std::optional<double> limit_kw = {};
    std::vector<double> before_kw = {};
    std::vector<double> after_kw = {};
    std::vector<double> need_kw = {};
    double peak_loading = 0.0;
    std::optional<std::int64_t> time_to_limit_minutes = {};
    std::optional<std::int64_t> time_to_act_minutes = {};
    std::vector<LimitUseAnswer> limits = {};
};

struct ShelfOrderAnswer {
    std::string feeder_id = {};
    std::string phase = {};
    std::optional<std::string> event_id = {};
    std::int64_t from_minutes = 0;
    std::vector<double> power_kw = {};
    double peak_kw = 0.0;
    std::vector<std::string> der_ids = {};
    std::int64_t ders_count = 0;
    std::string authority = {};
    std::string authority_reason = {};
    std::string guard = {};
    std::string guard_reason = {};
};

struct DoubtAnswer {
    std::string doubt = {};
    std::string detail = {};
};

struct PathwayAnswer {
    std::string name = {};
    std::vector<std::string> assumes = {};
    std::vector<std::string> closes = {};
    double restored_kw = 0.0;
    double unserved_kwh = 0.0;
    double flexibility_kw = 0.0;
    double worst_loading = 0.0;
};

struct ShelfUseAnswer {
    UtcTime at{};
    std::string state = {};
    std::string source = {};
    std::string carried_out = {};
    std::string detail = {};
    std::string plan_sha256 = {};
    std::vector<std::string> event_ids = {};
    std::optional<double> first_command_ms = {};
};

/// One element of the shelf, as a list shows it.
struct ContingencyAnswer {
    std::string element_id = {};
    std::string name = {};
    std::string kind = {};
    std::int64_t rank = 0;
    std::string cover = {};
    std::string reason = {};
    std::string mode = {};
    double interrupted_kw = 0.0;
    double unrestored_kw = 0.0;
    double unserved_kwh = 0.0;
    std::optional<std::int64_t> customers = {};
    std::optional<std::int64_t> time_to_limit_minutes = {};
    std::int64_t switches = 0;
    std::int64_t receivers = 0;
    double orders_kw = 0.0;
    std::vector<std::string> doubts = {};
};

/// The whole plan for its loss.
struct ContingencyDetail {
    ContingencyAnswer summary{};
    UtcTime as_of{};
    UtcTime start{};
    double quantile = 0.0;
    std::string plan_sha256 = {};
    std::vector<double> interrupted_kw = {};
    std::vector<double> unrestored_kw = {};
    std::vector<SwitchingAnswer> switching = {};
    std::vector<UnusedTieAnswer> unused = {};
    std::vector<ReceiverAnswer> receivers = {};
    std::vector<ShelfOrderAnswer> orders = {};
    std::vector<DoubtAnswer> doubts = {};
    std::vector<PathwayAnswer> pathways = {};
    std::optional<ShelfUseAnswer> used = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::SwitchingAnswer> {
    using T = desk::SwitchingAnswer;
    static constexpr std::string_view name = "ShelfSwitching";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("tie_id", &T::tie_id, "Tie to be closed."),
                    field("from", &T::from, "Element whose load moves."),
                    field("to", &T::to, "Element that supplies it then."),
                    field("close_after_minutes", &T::close_after_minutes, "From the loss until it is closed.",
                          {.unit = "min"}),
                    field("waits_for_orders", &T::waits_for_orders,
                          "The orders respond later than the switch could be closed."),
                    field("is_remote", &T::is_remote, "Closed by remote control."),
                    field("share", &T::share, "Part of the load of `from` that moves, 0 to 1."),
                    field("peak_kw", &T::peak_kw, "Largest load over the tie.", {.unit = "kW"}),
                    field("rating_kw", &T::rating_kw, "What the tie may carry.", {.unit = "kW"}));
};

template <>
struct Fields<desk::UnusedTieAnswer> {
    using T = desk::UnusedTieAnswer;
    static constexpr std::string_view name = "ShelfUnusedTie";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(field("tie_id", &T::tie_id, "Tie."),
                                              field("reason", &T::reason, "Why it is not counted on."));
};

template <>
struct Fields<desk::LimitUseAnswer> {
    using T = desk::LimitUseAnswer;
    static constexpr std::string_view name = "ShelfLimitUse";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("kind", &T::kind, "continuous, cyclic, emergency, nameplate or another kind.",
              {.example = R"("cyclic")"}),
        field("phase", &T::phase, "L1, L2, L3 or sum."),
        field("limit_kw", &T::limit_kw, "The limit.", {.unit = "kW"}),
        field("peak_kw", &T::peak_kw, "Largest load after switching, without flexibility.", {.unit = "kW"}),
        field("reached_after_minutes", &T::reached_after_minutes,
              "From the loss until it is exceeded; null: it is not.", {.unit = "min"}),
        field("allowed_minutes", &T::allowed_minutes,
              "How long an emergency limit may be used; 0: without end.", {.unit = "min"}));
};

template <>
struct Fields<desk::ReceiverAnswer> {
    using T = desk::ReceiverAnswer;
    static constexpr std::string_view name = "ShelfReceiver";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("element_id", &T::element_id, "Who carries more."),
        field("phase", &T::phase, "The worst phase."),
        field("limit_kw", &T::limit_kw, "The binding limit on it; null when none is known.", {.unit = "kW"}),
        field("before_kw", &T::before_kw, "By half-hour, at the chosen quantile.", {.unit = "kW"}),
        field("after_kw", &T::after_kw, "After switching, without flexibility.", {.unit = "kW"}),
        field("need_kw", &T::need_kw, "Flexibility needed.", {.unit = "kW"}),
        field("peak_loading", &T::peak_loading,
              "Largest load after switching over the limit, without flexibility; 1 is the limit."),
        field("time_to_limit_minutes", &T::time_to_limit_minutes,
              "From the loss until the limit is exceeded without flexibility; null: it is not.",
              {.unit = "min"}),
        field("time_to_act_minutes", &T::time_to_act_minutes, "With what the emergency rating allows on top.",
              {.unit = "min"}),
        field("limits", &T::limits, "Each of its limits on that phase."));
};

template <>
struct Fields<desk::ShelfOrderAnswer> {
    using T = desk::ShelfOrderAnswer;
    static constexpr std::string_view name = "ShelfOrder";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("feeder_id", &T::feeder_id, "Where relief is called for."),
        field("phase", &T::phase, "On which phase."),
        field("event_id", &T::event_id, "An armed event that is fired; null: it is bought."),
        field("from_minutes", &T::from_minutes, "From the loss until the load arrives.", {.unit = "min"}),
        field("power_kw", &T::power_kw, "By half-hour.", {.unit = "kW"}),
        field("peak_kw", &T::peak_kw, "The most of these.", {.unit = "kW"}),
        field("der_ids", &T::der_ids, "Who is expected to answer, at most 20."),
        field("ders_count", &T::ders_count, "How many are."),
        field("authority", &T::authority, "What would be granted now: shadow, propose or act.",
              {.example = R"("act")"}),
        field("authority_reason", &T::authority_reason, "Why."),
        field("guard", &T::guard, "pass, or the rule that would hold it back.", {.example = R"("pass")"}),
        field("guard_reason", &T::guard_reason,
              "Why the guard would refuse a DER; empty when it would not."));
};

template <>
struct Fields<desk::DoubtAnswer> {
    using T = desk::DoubtAnswer;
    static constexpr std::string_view name = "ShelfDoubt";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("doubt", &T::doubt, "weather, topology, residuals or several_over.",
                          {.example = R"("residuals")"}),
                    field("detail", &T::detail, "With the numbers."));
};

template <>
struct Fields<desk::PathwayAnswer> {
    using T = desk::PathwayAnswer;
    static constexpr std::string_view name = "ShelfPathway";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("name", &T::name, "as_forecast, cautious or wait.", {.example = R"("cautious")"}),
        field("assumes", &T::assumes, "What it takes for granted."),
        field("closes", &T::closes, "Ties that it closes."),
        field("restored_kw", &T::restored_kw, "The most that is supplied again.", {.unit = "kW"}),
        field("unserved_kwh", &T::unserved_kwh, "Energy not served over the 6 h.", {.unit = "kWh"}),
        field("flexibility_kw", &T::flexibility_kw, "The most that is asked of one element's DERs.",
              {.unit = "kW"}),
        field("worst_loading", &T::worst_loading, "Of a receiver, orders counted; 1 is the limit."));
};

template <>
struct Fields<desk::ShelfUseAnswer> {
    using T = desk::ShelfUseAnswer;
    static constexpr std::string_view name = "ShelfUse";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("at", &T::at, "When it was lost."),
        field("state", &T::state, "outage or isolated.", {.example = R"("outage")"}),
        field("source", &T::source, "Who said so."),
        field("carried_out", &T::carried_out, "act, propose (somebody must choose) or shadow.",
              {.example = R"("act")"}),
        field("detail", &T::detail, "A sentence."),
        field("plan_sha256", &T::plan_sha256, "Of the plan that was used."),
        field("event_ids", &T::event_ids, "Events fired or begun for it."),
        field("first_command_ms", &T::first_command_ms,
              "From detection until the first instruction was sent and written down; null: none yet.",
              {.unit = "ms"}));
};

template <>
struct Fields<desk::ContingencyAnswer> {
    using T = desk::ContingencyAnswer;
    static constexpr std::string_view name = "Contingency";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("element_id", &T::element_id, "What would be lost."), field("name", &T::name, "Its name."),
        field("kind", &T::kind, "feeder or substation.", {.example = R"("feeder")"}),
        field("rank", &T::rank, "1 is the worst."),
        field("cover", &T::cover, "covered, partly, uncovered; none where there is no plan.",
              {.example = R"("covered")"}),
        field("reason", &T::reason, "Why, in a sentence."),
        field("mode", &T::mode, "act, propose or shadow: how far it would go by itself.",
              {.example = R"("act")"}),
        field("interrupted_kw", &T::interrupted_kw, "The most that is interrupted over the next 6 h.",
              {.unit = "kW"}),
        field("unrestored_kw", &T::unrestored_kw, "Of it what no switch can restore.", {.unit = "kW"}),
        field("unserved_kwh", &T::unserved_kwh, "Energy not served, time until switches are closed included.",
              {.unit = "kWh"}),
        field("customers", &T::customers, "Below it; null when not known."),
        field("time_to_limit_minutes", &T::time_to_limit_minutes,
              "The shortest of its receivers; null: all stay within.", {.unit = "min"}),
        field("switches", &T::switches, "Ties that would be closed."),
        field("receivers", &T::receivers, "Elements that would carry more."),
        field("orders_kw", &T::orders_kw, "Relief that would be called for.", {.unit = "kW"}),
        field("doubts", &T::doubts, "Why what was learnt may not hold."));
};

template <>
struct Fields<desk::ContingencyDetail> {
    using T = desk::ContingencyDetail;
    static constexpr std::string_view name = "ContingencyPlan";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("summary", &T::summary, "As in the list."),
                    field("as_of", &T::as_of, "When the loads were taken."),
                    field("start", &T::start, "First of the half-hours."),
                    field("quantile", &T::quantile, "At which loads are taken."),
                    field("plan_sha256", &T::plan_sha256, "Names the plan in the log."),
                    field("interrupted_kw", &T::interrupted_kw, "By half-hour.", {.unit = "kW"}),
                    field("unrestored_kw", &T::unrestored_kw,
                          "What stays without supply after everything that can be switched.", {.unit = "kW"}),
                    field("switching", &T::switching, "Recommended to whoever switches; never sent."),
                    field("unused", &T::unused, "Ties that are not counted on."),
                    field("receivers", &T::receivers, "The deepest first."),
                    field("orders", &T::orders, "Ready; armed events first."),
                    field("doubts", &T::doubts, "Empty: within what is known well."),
                    field("pathways", &T::pathways, "Only with doubts."),
                    field("used", &T::used, "The newest time it was used; null: never."));
};

}  // namespace headroom
