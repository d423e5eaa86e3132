#include "contingency/shelf_plan.hpp"

#include "core/digest.hpp"

#include <algorithm>
#include <utility>

namespace headroom::contingency {
namespace {

template <class Row>
json::Array row_json(const Row& row) {
    json::Array out;
    for (const std::int64_t value : row) {
        out.emplace_back(value);
    }
    return out;
}

json::Array texts(const std::vector<std::string>& list) {
    json::Array out;
    for (const std::string& text : list) {
        out.emplace_back(text);
    }
    return out;
}

json::Value to_json(const Switching& one);
json::Value to_json(const UnusedTie& one);
json::Value to_json(const LimitUse& one);
json::Value to_json(const Receiver& one);
json::Value to_json(const ShelfOrder& one);
json::Value to_json(const DoubtReason& one);
json::Value to_json(const Pathway& one);

template <class Items>
json::Array listed(const Items& items) {
    json::Array out;
    for (const auto& item : items) {
        out.push_back(to_json(item));
    }
    return out;
}

json::Value to_json(const Switching& one) {
    return json::Object{{"tie", one.tie},
                        {"from", one.from},
                        {"to", one.to},
                        {"close_after_minutes", one.close_after_minutes},
                        {"waits_for_orders", one.waits_for_orders},
                        {"is_remote", one.is_remote},
                        {"share_ppm", one.share_ppm},
                        {"peak_w", one.peak_w},
                        {"rating_w", one.rating_w}};
}

json::Value to_json(const UnusedTie& one) {
    return json::Object{{"tie", one.tie}, {"reason", one.reason}};
}

json::Value to_json(const LimitUse& one) {
    return json::Object{{"kind", one.kind},
                        {"phase", one.phase},
                        {"limit_w", one.limit_w},
                        {"peak_w", one.peak_w},
                        {"reached_after_minutes", one.reached_after_minutes},
                        {"allowed_minutes", one.allowed_minutes}};
}

json::Value to_json(const Receiver& one) {
    return json::Object{{"element", one.element},
                        {"phase", one.phase},
                        {"limit_w", one.limit_w},
                        {"before_w", row_json(one.before_w)},
                        {"after_w", row_json(one.after_w)},
                        {"need_w", row_json(one.need_w)},
                        {"peak_ppm", one.peak_ppm},
                        {"time_to_limit_minutes", one.time_to_limit_minutes},
                        {"time_to_act_minutes", one.time_to_act_minutes},
                        {"limits", listed(one.limits)}};
}

json::Value to_json(const ShelfOrder& one) {
    return json::Object{{"feeder", one.feeder},
                        {"phase", one.phase},
                        {"event", one.event},
                        {"from_minutes", one.from_minutes},
                        {"power_w", row_json(one.power_w)},
                        {"ders", texts(one.ders)},
                        {"ders_count", one.ders_count},
                        {"authority", one.authority},
                        {"authority_reason", one.authority_reason},
                        {"guard", one.guard},
                        {"guard_reason", one.guard_reason},
                        {"is_limit_verified", one.is_limit_verified}};
}

json::Value to_json(const DoubtReason& one) {
    return json::Object{{"doubt", to_string(one.doubt)}, {"detail", one.detail}};
}

json::Value to_json(const Pathway& one) {
    return json::Object{{"name", one.name},
                        {"assumes", texts(one.assumes)},
                        {"closes", texts(one.closes)},
                        {"restored_peak_w", one.restored_peak_w},
                        {"unserved_wh", one.unserved_wh},
                        {"flexibility_peak_w", one.flexibility_peak_w},
                        {"worst_loading_ppm", one.worst_loading_ppm}};
}

}  // namespace

std::string_view to_string(Cover cover) {
    switch (cover) {
        case Cover::covered:
            return "covered";
        case Cover::partly:
            return "partly";
        case Cover::uncovered:
            return "uncovered";
    }
    HEADROOM_ASSERT(false && "a cover without a word");
    return {};
}

std::optional<Cover> parse_cover(std::string_view text) {
    for (const Cover cover : {Cover::covered, Cover::partly, Cover::uncovered}) {
        if (to_string(cover) == text) {
            return cover;
        }
    }
    return std::nullopt;
}

std::int64_t ShelfOrder::peak_w() const {
    return *std::max_element(power_w.begin(), power_w.end());
}

json::Value to_json(const ShelfPlan& plan) {
    return json::Object{{"element", plan.element},
                        {"name", plan.name},
                        {"kind", plan.is_feeder ? "feeder" : "substation"},
                        {"start", format_utc(plan.start)},
                        {"quantile_ppm", plan.quantile_ppm},
                        {"is_load_known", plan.is_load_known},
                        {"is_energised", plan.is_energised},
                        {"interrupted_w", row_json(plan.interrupted_w)},
                        {"unrestored_w", row_json(plan.unrestored_w)},
                        {"interrupted_peak_w", plan.interrupted_peak_w},
                        {"unrestored_peak_w", plan.unrestored_peak_w},
                        {"unserved_wh", plan.unserved_wh},
                        {"unrestored_wh", plan.unrestored_wh},
                        {"customers", plan.customers},
                        {"cover", to_string(plan.cover)},
                        {"reason", plan.reason},
                        {"switching", listed(plan.switching)},
                        {"unused", listed(plan.unused)},
                        {"receivers", listed(plan.receivers)},
                        {"orders", listed(plan.orders)},
                        {"time_to_limit_minutes", plan.time_to_limit_minutes},
                        {"mode", plan.mode},
                        {"doubts", listed(plan.doubts)},
                        {"pathways", listed(plan.pathways)}};
}

std::string plan_sha256(const ShelfPlan& plan) {
    const Result<std::string> canonical = json::write_canonical(to_json(plan));
    HEADROOM_ASSERT(canonical.has_value());
    return sha256_hex(*canonical);
}

}  // namespace headroom::contingency
