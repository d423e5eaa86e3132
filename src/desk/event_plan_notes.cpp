#include "desk/event_plan_notes.hpp"

#include "desk/amounts.hpp"

#include <fmt/format.h>

#include <utility>

namespace headroom::desk {
namespace {

const json::Array& chance_help(const json::Value& chance) {
    static const json::Array none;
    const json::Value* list = chance.get("would_help");
    return list != nullptr && list->as_array() != nullptr ? *list->as_array() : none;
}

/// Arming now against waiting, as the entry has it; nothing where it was not weighed.
std::optional<PlanArmingAnswer> arming_of(const json::Value& body) {
    const json::Value* arming = body.get("arming");
    if (arming == nullptr) {
        return std::nullopt;
    }
    const auto gbp = [arming](const char* pointer) { return gbp_of(arming->integer(pointer)); };
    const Result<UtcTime> review = parse_utc(arming->text("/review_at"));
    return PlanArmingAnswer{.choice = arming->text("/choice"),
                            .cost_now_gbp = gbp("/cost_now_micro_gbp"),
                            .cost_later_gbp = gbp("/cost_later_micro_gbp"),
                            .value_of_waiting_gbp = gbp("/value_of_waiting_micro_gbp"),
                            .reason = arming->text("/reason"),
                            .review_at = review ? std::optional(*review) : std::nullopt};
}

}  // namespace

void add_notes(const json::Value& body, PlanDetailAnswer& out) {
    const auto each = [&body](const char* pointer) -> const json::Array& {
        static const json::Array none;
        const json::Value* list = body.at(pointer);
        return list != nullptr && list->as_array() != nullptr ? *list->as_array() : none;
    };
    for (const json::Value& step : each("/notes/ladder")) {
        out.ladder.push_back({.rung = step.integer("/rung"),
                              .name = step.text("/name"),
                              .outcome = step.text("/outcome"),
                              .reason = step.text("/reason"),
                              .legal_basis = step.text("/legal_basis")});
    }
    for (const json::Value& use : each("/notes/rules")) {
        out.rules.push_back({.rule = use.text("/rule"),
                             .der_id = use.text("/der_id"),
                             .is_refused = use.boolean("/is_refused"),
                             .detail = use.text("/detail")});
    }
    for (const json::Value& reserve : each("/notes/reserve")) {
        flex::PlanReserve answer{.if_fails = reserve.text("/if_fails"),
                                 .shortfall_kw = kw_of(reserve.integer("/shortfall_w")),
                                 .left_kw = kw_of(reserve.integer("/left_w"))};
        if (const json::Value* who = reserve.get("stand_in"); who != nullptr && who->as_array() != nullptr) {
            for (const json::Value& der : *who->as_array()) {
                answer.stand_in.push_back(der.as_string() == nullptr ? "" : *der.as_string());
            }
        }
        out.reserve.push_back(std::move(answer));
    }
    out.arming = arming_of(body);
    out.carbon_source = body.text("/notes/carbon_source");
    const json::Value* chance = body.at("/notes/chance");
    if (chance != nullptr && chance->as_object() != nullptr && !chance->boolean("/is_reached")) {
        out.binding.push_back(
            {.limit = "probability",
             .subject = chance->text("/rule"),
             .detail =
                 fmt::format("{:.1f} % of drawn loads and deliveries stay within the limit, {:.1f} % are "
                             "asked for",
                             static_cast<double>(chance->integer("/reached_ppm")) / 1e4,
                             static_cast<double>(chance->integer("/asked_ppm")) / 1e4)});
        for (const json::Value& help : chance_help(*chance)) {
            out.would_help.push_back(help.as_string() == nullptr ? "" : *help.as_string());
        }
    }
}

std::optional<double> carbon_kg_of(const json::Value& body, const std::string& chosen) {
    const json::Value* ways = body.at("/notes/ways");
    if (ways == nullptr || ways->as_array() == nullptr) {
        return std::nullopt;
    }
    for (const json::Value& way : *ways->as_array()) {
        const json::Value* grams = way.get("carbon_g");
        if (way.text("/name") == chosen && grams != nullptr && grams->is_number()) {
            return grams->as_double().value_or(0.0) / 1000.0;
        }
    }
    return std::nullopt;
}

}  // namespace headroom::desk
