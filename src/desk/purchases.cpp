#include "desk/purchases.hpp"

#include "core/json_object.hpp"
#include "desk/purchase_parts.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::array<std::pair<std::string_view, grid::DerClass>, 4> actions{{
    {"dispatch_battery_discharge", grid::DerClass::battery},
    {"reduce_ev_load", grid::DerClass::ev_charger},
    {"shift_hvac_load", grid::DerClass::hvac},
    {"deploy_mobile_generator", grid::DerClass::generator},
}};

/// Why nothing new may be bought at this feeder; nothing when it may.
std::optional<std::string> stop_above(const Parts& parts, const std::string& feeder) {
    if (parts.dispatch.is_stopped("")) {
        return "everything new is stopped";
    }
    for (const std::string_view asset : parts.network.path_to_top(feeder)) {
        if (parts.dispatch.is_stopped(std::string(asset))) {
            return "everything new is stopped at " + std::string(asset);
        }
    }
    return std::nullopt;
}

}  // namespace

/// How far it came, by the last answer that was taken.
std::string reached(const Parts& parts, const EventId& event) {
    std::string status = "failed";
    for (const agents::MessageTrace& message : parts.market.trace(event)) {
        if (message.outcome != "ACK") {
            continue;
        }
        status = message.action == "on_search" || message.action == "on_discover" ? "searched"
                 : message.action == "on_select"                                  ? "selected"
                 : message.action == "on_init"                                    ? "initialised"
                 : message.action == "on_confirm"                                 ? "confirmed"
                                                                                  : status;
    }
    return status;
}

json::Object entry_for(const PurchaseAction& action, std::string status) {
    return json::object({{"asset_id", action.asset},
                         {"service_type", action.action_type},
                         {"provider", ""},
                         {"status", std::move(status)}});
}

Awaitable<std::optional<agents::Turns::Turn>> purchase_turn(Desk& desk) {
    if (desk.parts().rules == nullptr) {
        co_return std::nullopt;
    }
    co_return co_await desk.purchases().take("rules");
}

json::Array only(json::Object entry) {
    json::Array out;
    out.emplace_back(std::move(entry));
    return out;
}

json::Object hindered(const PurchaseAction& action, std::string why) {
    json::Object entry = entry_for(action, "failed");
    entry.set("detail", std::move(why));
    return entry;
}

bool is_shadow(const Parts& parts) {
    return parts.orchestration.options().authority == grid::AuthorityLevel::shadow;
}

json::Array timeline(const Parts& parts, const EventId& event, const std::string& provider) {
    json::Array steps;
    for (const agents::MessageTrace& message : parts.market.trace(event)) {
        if (provider.empty() || message.provider == provider) {
            steps.emplace_back(json::object({{"action", message.action},
                                             {"at", format_utc(message.at)},
                                             {"latency_ms", message.latency_ms},
                                             {"provider", message.provider},
                                             {"outcome", message.outcome}}));
        }
    }
    return steps;
}

std::optional<grid::DerClass> class_of_action(std::string_view action_type) {
    for (const auto& [word, der_class] : actions) {
        if (word == action_type) {
            return der_class;
        }
    }
    return std::nullopt;
}

std::string_view action_of_class(grid::DerClass wanted) {
    for (const auto& [word, der_class] : actions) {
        if (der_class == wanted) {
            return word;
        }
    }
    return wanted == grid::DerClass::heat_pump ? "shift_hvac_load" : std::string_view{};
}

Awaitable<json::Array> carry_out(Desk& desk, PurchaseAction action, Caller caller) {
    const Parts& parts = desk.parts();
    const std::optional<grid::DerClass> der_class = class_of_action(action.action_type);
    if (!der_class) {
        co_return only(hindered(action, "no action is called " + action.action_type));
    }
    if (const std::optional<std::string> stop = stop_above(parts, action.asset)) {
        co_return only(hindered(action, *stop));
    }
    if (parts.network.feeder(action.asset) != nullptr) {
        co_return co_await buy_by_event(desk, std::move(action), *der_class, std::move(caller));
    }
    if (is_shadow(parts)) {
        co_return only(hindered(action, "shadow mode: nothing is bought"));
    }
    co_return co_await buy_by_offers(desk, std::move(action), *der_class, std::move(caller));
}

}  // namespace headroom::desk
