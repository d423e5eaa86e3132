#include "flex/schedule_digest.hpp"

#include "core/digest.hpp"
#include "core/reflect_json.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace headroom::flex {
namespace {

constexpr std::array<std::string_view, 5> request_since{"product", "minutes_to_limit", "limit", "switching",
                                                        "carbon_gbp_per_tonne"};
constexpr std::array<std::string_view, 1> need_since{"zones"};
constexpr std::array<std::string_view, 9> der_since{"min_duration_minutes",
                                                    "ramp_kw_per_minute",
                                                    "return_step_kw",
                                                    "battery",
                                                    "ev",
                                                    "heat_pump",
                                                    "generator",
                                                    "before",
                                                    "commitments"};
constexpr std::array<std::string_view, 4> action_since{"before_kw", "recharge_kw", "soc_kwh",
                                                       "recharge_left_kwh"};
/// Follows from request and rules, which are hashed.
constexpr std::array<std::string_view, 6> plan_told{"carbon_source", "ladder",       "doing_nothing",
                                                    "budget",        "needs_person", "primacy"};
constexpr std::array<std::string_view, 1> action_told{"means"};
constexpr std::array<std::string_view, 3> choice_told{"probability_over", "loss_of_life_gbp", "detail"};
constexpr std::array<std::string_view, 1> reserve_told{"is_checked"};
constexpr std::size_t reserves_hashed = 10;

bool says_nothing(const json::Value& value) {
    const std::string* text = value.as_string();
    const json::Array* list = value.as_array();
    return value.is_null() || (text != nullptr && text->empty()) || (list != nullptr && list->empty()) ||
           (value.is_number() && value.as_double() == 0.0);
}

template <std::size_t count>
void drop_silent(json::Object& object, const std::array<std::string_view, count>& names) {
    for (const std::string_view name : names) {
        const json::Value* value = object.find(name);
        if (value != nullptr && says_nothing(*value)) {
            object.erase(name);
        }
    }
}

template <std::size_t count>
void drop(json::Object& object, const std::array<std::string_view, count>& names) {
    for (const std::string_view name : names) {
        object.erase(name);
    }
}

json::Object& member(json::Object& object, std::string_view name) {
    return *object.find(name)->as_object();
}
json::Array& list(json::Object& object, std::string_view name) {
    return *object.find(name)->as_array();
}

}  // namespace

std::string schedule_digest(const PlanRequest& request, SchedulePlan plan) {
    plan.plan_id.clear();
    plan.sha256.clear();
    plan.first_feasible_ms = plan.elapsed_ms = 0.0;
    json::Value asked_value = headroom::to_json(request);
    json::Object& asked = *asked_value.as_object();
    drop_silent(asked, request_since);
    drop_silent(member(asked, "need"), need_since);
    std::erase_if(plan.alternatives, [](const PlanChoice& choice) {
        return choice.name == "switch" || choice.name.starts_with("without_");
    });
    plan.reserve.resize(std::min(plan.reserve.size(), reserves_hashed));
    for (json::Value& der : list(asked, "ders")) {
        drop_silent(*der.as_object(), der_since);
    }
    json::Value decided_value = headroom::to_json(plan);
    json::Object& decided = *decided_value.as_object();
    drop(decided, plan_told);
    for (json::Value& action : list(decided, "actions")) {
        drop(*action.as_object(), action_told);
        drop_silent(*action.as_object(), action_since);
    }
    for (json::Value& reserve : list(decided, "reserve")) {
        drop(*reserve.as_object(), reserve_told);
    }
    for (json::Value& choice : list(decided, "alternatives")) {
        drop(*choice.as_object(), choice_told);
    }
    return to_hex(sha256({json::write(asked_value), "\n", json::write(decided_value)}));
}

}  // namespace headroom::flex
