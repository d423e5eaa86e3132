#include "contingency/shelf_call.hpp"

#include "core/json_object.hpp"
#include "risk/risk_json.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace headroom::contingency {
namespace {

PeriodWatts row_of(const json::Value* value) {
    PeriodWatts out{};
    const json::Array* list = value == nullptr ? nullptr : value->as_array();
    for (std::size_t t = 0; list != nullptr && t < out.size() && t < list->size(); ++t) {
        out[t] = (*list)[t].as_int().value_or(0);
    }
    return out;
}

std::vector<std::string> texts_of(const json::Value* value) {
    std::vector<std::string> out;
    for (const json::Value& item :
         value != nullptr && value->as_array() != nullptr ? *value->as_array() : json::Array{}) {
        if (const std::string* text = item.as_string()) {
            out.push_back(*text);
        }
    }
    return out;
}

std::optional<std::int64_t> minutes_of(const json::Value& value, std::string_view key) {
    const json::Value* found = value.get(key);
    return found == nullptr ? std::nullopt : found->as_int();
}

Switching switching_of(const json::Value& value) {
    return {.tie = value.text("/tie"),
            .from = value.text("/from"),
            .to = value.text("/to"),
            .close_after_minutes = value.integer("/close_after_minutes"),
            .waits_for_orders = value.boolean("/waits_for_orders"),
            .is_remote = value.boolean("/is_remote"),
            .share_ppm = value.integer("/share_ppm"),
            .peak_w = value.integer("/peak_w"),
            .rating_w = value.integer("/rating_w")};
}

UnusedTie unused_of(const json::Value& value) {
    return {value.text("/tie"), value.text("/reason")};
}

LimitUse limit_use_of(const json::Value& value) {
    return {.kind = value.text("/kind"),
            .phase = value.text("/phase"),
            .limit_w = value.integer("/limit_w"),
            .peak_w = value.integer("/peak_w"),
            .reached_after_minutes = minutes_of(value, "reached_after_minutes"),
            .allowed_minutes = value.integer("/allowed_minutes")};
}

/// Each item of a list, read by `read`.
template <class Item, class Read>
std::vector<Item> listed(const json::Value& value, std::string_view key, Read read) {
    std::vector<Item> out;
    const json::Value* list = value.get(key);
    for (const json::Value& item :
         list != nullptr && list->as_array() != nullptr ? *list->as_array() : json::Array{}) {
        out.push_back(read(item));
    }
    return out;
}

Receiver read_receiver(const json::Value& value) {
    return {.element = value.text("/element"),
            .phase = value.text("/phase"),
            .limit_w = value.integer("/limit_w"),
            .before_w = row_of(value.get("before_w")),
            .after_w = row_of(value.get("after_w")),
            .need_w = row_of(value.get("need_w")),
            .peak_ppm = value.integer("/peak_ppm"),
            .time_to_limit_minutes = minutes_of(value, "time_to_limit_minutes"),
            .time_to_act_minutes = minutes_of(value, "time_to_act_minutes"),
            .limits = listed<LimitUse>(value, "limits", limit_use_of)};
}

ShelfOrder order_of(const json::Value& value) {
    return {.feeder = value.text("/feeder"),
            .phase = value.text("/phase"),
            .event = value.text("/event"),
            .from_minutes = value.integer("/from_minutes"),
            .power_w = row_of(value.get("power_w")),
            .ders = texts_of(value.get("ders")),
            .ders_count = value.integer("/ders_count"),
            .authority = value.text("/authority"),
            .authority_reason = value.text("/authority_reason"),
            .guard = value.text("/guard"),
            .guard_reason = value.text("/guard_reason"),
            .is_limit_verified = value.boolean("/is_limit_verified")};
}

DoubtReason doubt_of(const json::Value& value) {
    DoubtReason out;
    for (const Doubt doubt : {Doubt::weather, Doubt::topology, Doubt::residuals, Doubt::several_over}) {
        out.doubt = to_string(doubt) == value.text("/doubt") ? doubt : out.doubt;
    }
    out.detail = value.text("/detail");
    return out;
}

Pathway pathway_of(const json::Value& value) {
    return {.name = value.text("/name"),
            .assumes = texts_of(value.get("assumes")),
            .closes = texts_of(value.get("closes")),
            .restored_peak_w = value.integer("/restored_peak_w"),
            .unserved_wh = value.integer("/unserved_wh"),
            .flexibility_peak_w = value.integer("/flexibility_peak_w"),
            .worst_loading_ppm = value.integer("/worst_loading_ppm")};
}

}  // namespace

Result<risk::Overload> overload_of(const ShelfCall& call) {
    const ShelfOrder& order = call.order;
    risk::Overload out;
    out.feeder = order.feeder;
    out.limit = call.limit;
    out.cause = risk::Cause::person;
    out.detected_at = call.at;
    out.source = "shelf";
    out.time_to_limit = minutes{order.from_minutes};
    const UtcTime arrives = call.at + minutes{order.from_minutes};
    std::size_t first = shelf_periods;
    std::size_t last = 0;
    for (std::size_t t = 0; t < shelf_periods; ++t) {
        const UtcTime end = call.plan_start + period_length * static_cast<std::int64_t>(t + 1);
        if (order.power_w[t] > 0 && end > arrives) {
            first = std::min(first, t);
            last = t;
        }
    }
    if (first == shelf_periods) {
        return Error{Errc::invalid, "nothing is left to order at " + order.feeder};
    }
    out.start = call.plan_start + period_length * static_cast<std::int64_t>(first);
    out.end = call.plan_start + period_length * static_cast<std::int64_t>(last + 1);
    out.need.start = out.start;
    std::int64_t watts = 0;
    for (std::size_t t = first; t <= last; ++t) {
        out.need.w.push_back(order.power_w[t]);
        out.peak_over = std::max(out.peak_over, Watts{order.power_w[t]});
        watts += order.power_w[t];
    }
    out.energy_over = energy_of(Watts{watts}, period_length);
    out.peak_load = Watts{std::llround(out.limit.value * 1000.0) + out.peak_over.value};
    out.level = risk::Level::medium;
    out.event =
        make_event_id("shelf/" + call.element + "/" + format_utc(call.at) + "/" + out.limit.key(), out.start);
    return out;
}

json::Value to_json(const ShelfCall& call) {
    json::Array power;
    for (const std::int64_t w : call.order.power_w) {
        power.emplace_back(w);
    }
    return json::Object{{"element", call.element},
                        {"at", format_utc(call.at)},
                        {"plan_start", format_utc(call.plan_start)},
                        {"plan_sha256", call.plan_sha256},
                        {"order", json::Object{{"feeder", call.order.feeder},
                                               {"phase", call.order.phase},
                                               {"from_minutes", call.order.from_minutes},
                                               {"power_w", std::move(power)}}},
                        {"limit", risk::limit_json(call.limit)}};
}

Result<ShelfCall> shelf_call_from_json(const json::Value& value) {
    const Result<UtcTime> at = parse_utc(value.text("/at"));
    const Result<UtcTime> plan_start = parse_utc(value.text("/plan_start"));
    const json::Value* order = value.get("order");
    const json::Value* limit_json = value.get("limit");
    if (!at || !plan_start || order == nullptr || limit_json == nullptr) {
        return Error{Errc::corrupt, "an order of the shelf lacks at, plan_start, order or limit"};
    }
    Result<grid::Limit> limit = risk::limit_from_json(*limit_json);
    if (!limit) {
        return limit.error();
    }
    return ShelfCall{.element = value.text("/element"),
                     .at = *at,
                     .plan_start = *plan_start,
                     .plan_sha256 = value.text("/plan_sha256"),
                     .order = order_of(*order),
                     .limit = std::move(*limit)};
}

Result<ShelfPlan> shelf_plan_from_json(const json::Value& value) {
    ShelfPlan out;
    out.element = value.text("/element");
    if (out.element.empty()) {
        return out;  // there was no plan
    }
    const Result<UtcTime> start = parse_utc(value.text("/start"));
    const std::optional<Cover> cover = parse_cover(value.text("/cover"));
    if (!start || !cover) {
        return Error{Errc::corrupt, "the plan for " + out.element + " lacks its start or its cover"};
    }
    out.name = value.text("/name");
    out.is_feeder = value.text("/kind") == "feeder";
    out.start = *start;
    out.quantile_ppm = value.integer("/quantile_ppm");
    out.is_load_known = value.boolean("/is_load_known");
    out.is_energised = value.boolean("/is_energised");
    out.interrupted_w = row_of(value.get("interrupted_w"));
    out.unrestored_w = row_of(value.get("unrestored_w"));
    out.interrupted_peak_w = value.integer("/interrupted_peak_w");
    out.unrestored_peak_w = value.integer("/unrestored_peak_w");
    out.unserved_wh = value.integer("/unserved_wh");
    out.unrestored_wh = value.integer("/unrestored_wh");
    out.customers = value.integer("/customers");
    out.rank_weight = out.unrestored_wh * std::max<std::int64_t>(1, out.customers);
    out.cover = *cover;
    out.reason = value.text("/reason");
    out.switching = listed<Switching>(value, "switching", switching_of);
    out.unused = listed<UnusedTie>(value, "unused", unused_of);
    out.receivers = listed<Receiver>(value, "receivers", read_receiver);
    out.orders = listed<ShelfOrder>(value, "orders", order_of);
    out.time_to_limit_minutes = minutes_of(value, "time_to_limit_minutes");
    out.mode = value.text("/mode");
    out.doubts = listed<DoubtReason>(value, "doubts", doubt_of);
    out.pathways = listed<Pathway>(value, "pathways", pathway_of);
    return out;
}

}  // namespace headroom::contingency
