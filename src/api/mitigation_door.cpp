#include "api/mitigation_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "api/door_routes.hpp"
#include "core/object_reader.hpp"
#include "desk/mitigation.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

constexpr std::size_t risks_max = 5'000;
constexpr std::size_t assets_max = 10'000;
constexpr double kw_max = 1e7;

double kw_at(json::ObjectReader& read, std::string_view key) {
    const std::optional<double> kw = read.value(key).as_double();
    if (!kw || !(*kw >= 0.0 && *kw <= kw_max)) {
        read.refuse(key, "must be a number from 0 to 10000000");
        return 0.0;
    }
    return *kw;
}

using Assets = std::map<std::string, desk::RiskAtAsset>;

/// What of an asset matters here; everything else that a scenario said of it is passed over.
Result<void> add_asset(const json::Value& item, const std::string& pointer, Assets& assets) {
    json::ObjectReader read(item, pointer);
    desk::RiskAtAsset asset;
    asset.asset = read.text("id", 64, 1);
    asset.name = read.text_or_empty("name", 256);
    asset.type = read.text_or_empty("type", 64);
    asset.capacity = to_watts(Kilowatts{kw_at(read, "capacity_kw")});
    if (!read.ok()) {
        return read.error();
    }
    if (!assets.emplace(asset.asset, asset).second) {
        return Error{Errc::invalid, "asset " + asset.asset + " stands twice", pointer + "/id"};
    }
    return {};
}

Result<desk::RiskAtAsset> risk_of(const json::Value& item, const std::string& pointer, const Assets& assets) {
    json::ObjectReader read(item, pointer);
    const std::string id = read.text("asset_id", 64, 1);
    const std::string level = read.text("risk_level", 16, 1);
    constexpr std::array<std::string_view, 4> levels{"CRITICAL", "HIGH", "MEDIUM", "LOW"};
    if (read.ok() && std::find(levels.begin(), levels.end(), level) == levels.end()) {
        read.refuse("risk_level", "must be CRITICAL, HIGH, MEDIUM or LOW");
    }
    const auto known = assets.find(id);
    if (read.ok() && known == assets.end()) {
        read.refuse("asset_id", "'" + id + "' is none of the assets given");
    }
    desk::RiskAtAsset risk = known == assets.end() ? desk::RiskAtAsset{} : known->second;
    risk.level = level;
    if (read.has("projected_peak_kw")) {
        risk.peak = to_watts(Kilowatts{kw_at(read, "projected_peak_kw")});
    }
    if (read.has("loading_percent")) {
        // What it carries in that weather is less, or more, than its nameplate says.
        const double percent = kw_at(read, "loading_percent");
        if (read.ok() && risk.peak && percent > 0.0) {
            risk.capacity = to_watts(Kilowatts{static_cast<double>(risk.peak->value) / 10.0 / percent});
        }
    }
    if (read.has("peak_time") && !read.value("peak_time").is_null()) {
        risk.at = read.time("peak_time");
    }
    return read.ok() ? Result<desk::RiskAtAsset>(std::move(risk)) : read.error();
}

Result<std::vector<desk::RiskAtAsset>> risks_of(const json::Value& body) {
    json::ObjectReader read(body);
    const json::Array& asset_items = read.array("assets", assets_max);
    const json::Array& risk_items = read.array("risks", risks_max);
    if (!read.ok()) {
        return read.error();
    }
    Assets assets;
    for (std::size_t i = 0; i < asset_items.size(); ++i) {
        const Result<void> added = add_asset(asset_items[i], "/assets/" + std::to_string(i), assets);
        if (!added) {
            return added.error();
        }
    }
    std::vector<desk::RiskAtAsset> risks;
    for (std::size_t i = 0; i < risk_items.size(); ++i) {
        Result<desk::RiskAtAsset> risk = risk_of(risk_items[i], "/risks/" + std::to_string(i), assets);
        if (!risk) {
            return risk.error();
        }
        risks.push_back(std::move(*risk));
    }
    return risks;
}

/// "heatwave in London", from a scenario that is a text or an object.
std::string name_of(const json::Value* scenario) {
    if (scenario == nullptr) {
        return {};
    }
    if (const std::string* text = scenario->as_string()) {
        return text->substr(0, 256);
    }
    const std::string title = scenario->text("/title");
    const std::string place = scenario->text("/location");
    const std::string event = scenario->text("/event_type");
    const std::string name = !title.empty()                     ? title
                             : !event.empty() && !place.empty() ? event + " in " + place
                                                                : event + place;
    return name.substr(0, 256);
}

Awaitable<net::Response> mitigate(Shared door, net::Request request) {
    const Body<json::Value> body = detail::parse_body(request);
    if (!body.value) {
        co_return body.refused;
    }
    Result<std::vector<desk::RiskAtAsset>> risks = risks_of(*body.value);
    const Result<void> started = door->desk().check_started();
    if (!risks || !started) {
        co_return net::problem_of(!risks ? risks.error() : started.error(), request.path);
    }
    std::string name = name_of(body.value->get("scenario"));
    json::Object answer = co_await desk::mitigate(door->desk().parts(), std::move(*risks), std::move(name));
    if (door->desk().mode().simulated) {
        answer.set("data_sources", json::Array{"offers of simulated providers"});
    } else {
        answer.set("data_sources", json::Array{"offers of the market"});
    }
    co_return net::json_response(200, std::move(answer));
}

}  // namespace

void add_mitigation(net::HttpServer& server, const Shared& door, const std::shared_ptr<Idempotency>& once) {
    const DoorRoutes routes(server, door, once);
    routes.write(
        "POST", "/agent/mitigate", mitigate,
        Operation("operator", "Plan what to do about a scenario's risks")
            .about("Takes what /scenario/run answered. Each asset that is projected above 95 % of its "
                   "capacity is planned for over the offers that the market has there at the time of the "
                   "peak, under the operator's rules and with what they count so far; what no offer "
                   "covers is said, with what is usual at such an asset. Nothing is "
                   "bought: /beckn/execute carries actions out.")
            .takes_json(json::Object{{"type", "object"}},
                        R"({"scenario":{"location":"London","event_type":"heatwave"},
                            "risks":[{"asset_id":"LV-001","risk_level":"HIGH","projected_peak_kw":324,
                                      "peak_time":"2027-01-14T17:30:00Z"}],
                            "assets":[{"id":"LV-001","name":"Feeder 1","type":"feeder","lat":51.5,"lon":-0.1,
                                       "capacity_kw":300,"criticality":"high"}]})")
            .answers_like(200, "Actions, the worst asset first.",
                          R"({"summary_text":"heatwave in London: 1 of 1 assets must be relieved …",
                              "planner":"optimiser","copilot":{"planner":"optimiser","reason":"llm_disabled"},
                              "required_kw":39.0,"expected_relief_kw":37.5,
                              "cost_gbp":12.5,"assets_not_asked_for":0,
                              "mitigation_actions":[{"asset_id":"LV-001",
                                "action_type":"dispatch_battery_discharge","urgency":"high",
                                "justification":"Feeder 1 is projected at 108 % of 300 kW …",
                                "target_time":null}],
                              "alternatives":[{"asset_id":"LV-001","name":"do_nothing"}],
                              "rule_set":"","rules":[],"refused":[],
                              "data_sources":["offers of the market"]})")
            .fails({400, 409, 413, 415, 422}),
        false);
}

}  // namespace headroom::api
