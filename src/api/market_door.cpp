#include "api/market_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/door_routes.hpp"
#include "core/object_reader.hpp"
#include "desk/compute_purchase.hpp"
#include "desk/purchases.hpp"

#include <array>
#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

constexpr std::size_t actions_max = 50;
constexpr std::size_t reason_chars_max = 1000;
constexpr double required_kw_max = 100'000.0;

/// An action as a plan gives it; members that only the plan's reader needs are passed over.
Result<desk::PurchaseAction> action_of(const json::Value& item, const std::string& pointer) {
    json::ObjectReader read(item, pointer);
    desk::PurchaseAction action;
    action.asset = read.text("asset_id", 64, 1);
    action.action_type = read.text("action_type", 64, 1);
    action.justification = read.text_or_empty("justification", 2'000);
    if (read.has("target_time")) {
        action.target = read.time("target_time");
    }
    if (read.has("required_kw")) {
        const std::optional<double> kw = read.value("required_kw").as_double();
        if (!kw || !(*kw >= 0.0 && *kw <= required_kw_max)) {
            read.refuse("required_kw", "must be a number from 0 to 100000");
        }
        action.power = to_watts(Kilowatts{read.ok() ? *kw : 0.0});
    }
    action.half_hours = read.optional_integer("half_hours", 1, 48).value_or(2);
    if (read.ok() && !desk::class_of_action(action.action_type)) {
        read.refuse("action_type", "'" + action.action_type +
                                       "' is none of dispatch_battery_discharge, reduce_ev_load, "
                                       "shift_hvac_load, deploy_mobile_generator");
    }
    return read.ok() ? Result<desk::PurchaseAction>(std::move(action)) : read.error();
}

Result<std::vector<desk::PurchaseAction>> actions_of(const json::Value& body) {
    json::ObjectReader read(body);
    const json::Array& items = read.array("actions", actions_max);
    if (!read.ok()) {
        return read.error();
    }
    std::vector<desk::PurchaseAction> actions;
    for (std::size_t i = 0; i < items.size(); ++i) {
        Result<desk::PurchaseAction> action = action_of(items[i], "/actions/" + std::to_string(i));
        if (!action) {
            return action.error();
        }
        actions.push_back(std::move(*action));
    }
    return actions;
}

std::string reason_of(const desk::PurchaseAction& action) {
    const std::string why =
        action.justification.empty() ? "ordered through /beckn/execute" : action.justification;
    return why.substr(0, reason_chars_max);
}

Awaitable<net::Response> execute(Shared door, net::Request request) {
    const Body<json::Value> body = detail::parse_body(request);
    if (!body.value) {
        co_return body.refused;
    }
    Result<std::vector<desk::PurchaseAction>> actions = actions_of(*body.value);
    const Result<void> started = door->desk().check_started();
    if (!actions || !started) {
        co_return net::problem_of(!actions ? actions.error() : started.error(), request.path);
    }
    // One after the other: two actions at one asset must not be given the same offer.
    json::Array log;
    for (desk::PurchaseAction& action : *actions) {
        Caller caller = caller_of(request, reason_of(action));
        json::Array entries = co_await desk::carry_out(door->desk(), std::move(action), std::move(caller));
        for (json::Value& entry : entries) {
            log.push_back(std::move(entry));
        }
    }
    co_return net::json_response(200, json::Object{{"log", std::move(log)}});
}

Awaitable<net::Response> journey(Shared door, net::Request request) {
    const Result<std::int64_t> carbon = number_parameter(request, "carbon_threshold", 0, 2'000, 200);
    const Result<std::int64_t> renewable = number_parameter(request, "renewable_min", 0, 100, 70);
    const Result<std::int64_t> energy = number_parameter(request, "workload_energy_kwh", 1, 1'000'000, 150);
    if (const Result<void> started = door->desk().check_started(); !started) {
        co_return net::problem_of(started.error(), request.path);
    }
    for (const Result<std::int64_t>* number : std::array{&carbon, &renewable, &energy}) {
        if (!*number) {
            co_return net::problem_of(number->error(), request.path);
        }
    }
    const desk::WindowRequest wanted{.carbon_max_g_per_kwh = *carbon,
                                     .renewable_min_ppm = *renewable * 10'000,
                                     .energy = WattHours{*energy * 1'000}};
    Caller caller = caller_of(request, "ordered through /beckn/execute-journey");
    const Result<json::Object> answer =
        co_await desk::buy_compute_window(door->desk(), wanted, std::move(caller));
    co_return answer ? net::json_response(200, json::Value(*answer))
                     : net::problem_of(answer.error(), request.path);
}

}  // namespace

void add_market(net::HttpServer& server, const Shared& door, const std::shared_ptr<Idempotency>& once) {
    const DoorRoutes routes(server, door, once);
    routes.write(
        "POST", "/beckn/execute", execute,
        Operation("operator", "Carry mitigation actions out")
            .about("At a feeder of this network an action is an event of its own, with plan, authority, "
                   "contracts, instructions and settlement; the same action in the same half-hour is the "
                   "same event. At any other asset it is bought from the cheapest provider that offers "
                   "there and delivers by itself. What hinders one stands in its entry; nothing is bought "
                   "in shadow mode or under a stop.")
            .takes_json(json::Object{{"type", "object"}},
                        R"({"actions":[{"asset_id":"LV-001","action_type":"dispatch_battery_discharge",
                            "urgency":"high","justification":"loading of 112 %","required_kw":5}]})")
            .answers_like(200, "How far each came.",
                          R"({"log":[{"asset_id":"LV-001","service_type":"dispatch_battery_discharge",
                              "provider":"tesla-vpp","status":"confirmed"}]})")
            .fails({400, 409, 413, 415, 422}),
        false);
    routes.write(
        "POST", "/beckn/execute-journey", journey,
        Operation("operator", "Book a window of computing power")
            .about("discover → select → init → confirm for the window with the least carbon within the "
                   "bounds. 404 when none fits.")
            .query("carbon_threshold", "Most carbon for a kWh, in g.", number_schema(0, 2'000), "200")
            .query("renewable_min", "Least share of renewable power, in per cent.", number_schema(0, 100),
                   "70")
            .query("workload_energy_kwh", "Energy that is needed.", number_schema(1, 1'000'000), "150")
            .answers_like(200, "Booked.",
                          R"({"status":"success","message":"window CEW-1 of grid-windows is booked",
                              "order_id":"ORD-0a1b2c3d","timestamp":"2027-01-14T17:30:00.000Z",
                              "transaction_id":"5d0c…","price_gbp":1.5,
                              "window":{"id":"CEW-1"},"steps":[{"action":"discover"}]})")
            .fails({400, 404, 409, 422}),
        false);
}

}  // namespace headroom::api
