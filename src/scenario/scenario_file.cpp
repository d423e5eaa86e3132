#include "scenario/scenario_file.hpp"

#include "core/ids.hpp"
#include "core/reflect_schema.hpp"
#include "core/settings_tree.hpp"
#include "scenario/scenario_fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::scenario {

/// Weather as the contract's request states it.
struct RequestWeather {
    std::optional<double> max_temp_celsius;
    std::optional<double> min_temp_celsius;
    std::optional<double> total_rainfall_mm;
    std::optional<double> max_rainfall_per_hour_mm;
};

struct Request {
    std::string id;
    std::string title;
    std::string location;
    std::string event_type;
    std::string start_date;
    std::int64_t duration_hours = 0;
    std::optional<RequestWeather> weather;
    Levers levers;
    std::vector<std::string> lost_elements;
    std::string description;
};

}  // namespace headroom::scenario

namespace headroom {

template <>
struct Fields<scenario::RequestWeather> {
    using T = scenario::RequestWeather;
    static constexpr std::string_view name = "ScenarioRequestWeather";
    static constexpr auto table =
        field_table(field("max_temp_celsius", &T::max_temp_celsius, "Highest temperature of every day.",
                          {.unit = "°C", .minimum = -60.0, .maximum = 60.0}),
                    field("min_temp_celsius", &T::min_temp_celsius, "Lowest temperature.",
                          {.unit = "°C", .minimum = -60.0, .maximum = 60.0}),
                    field("total_rainfall_mm", &T::total_rainfall_mm, "Rain within 24 hours.",
                          {.unit = "mm", .minimum = 0.0, .maximum = 2000.0}),
                    field("max_rainfall_per_hour_mm", &T::max_rainfall_per_hour_mm, "In the wettest hour.",
                          {.unit = "mm/h", .minimum = 0.0, .maximum = 400.0}));
};

template <>
struct Fields<scenario::Request> {
    using T = scenario::Request;
    static constexpr std::string_view name = "ScenarioRequest";
    static constexpr auto table = field_table(
        field("id", &T::id, "Of the scenario.", {.maximum = 64, .required = false}),
        field("title", &T::title, "What people call it.", {.maximum = 200, .required = false}),
        field("location", &T::location, "Place whose assets are looked at.", {.minimum = 1, .maximum = 120}),
        field("event_type", &T::event_type, "What happens.", {.minimum = 1, .maximum = 64}),
        field("start_date", &T::start_date, "First half-hour.", {.minimum = 1, .maximum = 64}),
        field("duration_hours", &T::duration_hours, "Length.",
              {.unit = "h", .minimum = 1, .maximum = scenario::scenario_hours_max}),
        field("weather", &T::weather, "The event's own figures.", {}),
        field("levers", &T::levers, "What is turned besides.", {.required = false}),
        field("lost_elements", &T::lost_elements, "Assets that are out.",
              {.maximum = scenario::lost_elements_max, .required = false}),
        field("description", &T::description, "What it asks.", {.maximum = 2000, .required = false}));
};

}  // namespace headroom

namespace headroom::scenario {
namespace {

constexpr std::array<std::pair<std::string_view, Event>, 18> event_aliases{{
    {"none", Event::normal},
    {"baseline", Event::normal},
    {"winter_evening", Event::normal},
    {"heat_wave", Event::heatwave},
    {"extreme_heat", Event::heatwave},
    {"coldsnap", Event::cold_snap},
    {"cold_wave", Event::cold_snap},
    {"extreme_cold", Event::cold_snap},
    {"flooding", Event::flood},
    {"heavy_rain", Event::flood},
    {"windstorm", Event::storm},
    {"ev_charging_surge", Event::ev_surge},
    {"ev_peak", Event::ev_surge},
    {"loss_of_feeder", Event::loss_of_element},
    {"loss_of_substation", Event::loss_of_element},
    {"feeder_loss", Event::loss_of_element},
    {"outage", Event::loss_of_element},
    {"equipment_failure", Event::loss_of_element},
}};

std::string event_list() {
    std::vector<std::string_view> words;
    for (const Event event : EnumValues<Event>::all) {
        words.push_back(to_string(event));
    }
    return reflect_detail::one_of(words);
}

/// An instant with a zone, or a day of the London clock; begun with its half-hour.
std::optional<UtcTime> start_of(const std::string& text, const std::string& pointer,
                                std::vector<Fault>& faults) {
    if (const Result<Date> day = parse_date(text)) {
        return start_of_settlement_day(*day);
    }
    const Result<UtcTime> time = parse_utc(text);
    if (!time) {
        faults.push_back(
            {pointer, "must be a time with its zone, such as 2027-07-13T00:00:00Z: " + time.error().message});
        return std::nullopt;
    }
    return floor_period(*time);
}

void take_weather(const std::optional<RequestWeather>& weather, Levers& levers) {
    if (!weather) {
        return;
    }
    const auto take = [](const std::optional<double>& from, std::optional<double>& to) {
        if (from) {
            to = from;
        }
    };
    take(weather->max_temp_celsius, levers.temperature_max_c);
    take(weather->min_temp_celsius, levers.temperature_min_c);
    take(weather->total_rainfall_mm, levers.total_rainfall_mm);
    take(weather->max_rainfall_per_hour_mm, levers.rainfall_max_mm_per_h);
}

Error joined(const std::vector<SettingsFault>& faults) {
    std::string message;
    for (const SettingsFault& fault : faults) {
        message += (message.empty() ? "" : "\n") + fault.sentence();
    }
    return Error{Errc::invalid, std::move(message), ""};
}

Result<Scenario> read_toml(std::string_view text, const std::string& id, const std::string& file) {
    json::Value defaults = headroom::to_json(Scenario{});
    for (const char* required : {"place", "event", "start"}) {
        defaults.as_object()->erase(required);
    }
    SettingsTree tree(json::Value(json_schema<Scenario>()), *defaults.as_object());
    tree.add_toml(text, file);
    std::vector<Fault> faults;
    std::optional<Scenario> read = read_json<Scenario>(tree.values(), faults);
    if (read) {
        read->start = floor_period(read->start);
        check_scenario(*read, faults);
    }
    for (Fault& fault : faults) {
        tree.add_fault(fault.pointer, std::move(fault.detail));
    }
    std::vector<SettingsFault> told = tree.faults();
    for (SettingsFault& fault : told) {
        if (fault.where == "settings" || fault.where == "default") {
            fault.where = file;
        }
    }
    if (!read || !told.empty()) {
        return joined(told);
    }
    if (read->id.empty()) {
        read->id = id;
    }
    return std::move(*read);
}

Result<Scenario> read_json_text(std::string_view text, const std::string& id, const std::string& file) {
    const Result<json::Value> parsed = json::parse(text, {.bytes = scenario_bytes_max, .depth = 16});
    if (!parsed) {
        return Error{Errc::invalid, file + ": " + parsed.error().message, parsed.error().pointer};
    }
    std::vector<Fault> faults;
    std::optional<Scenario> read;
    if (parsed->get("event_type") != nullptr || parsed->get("location") != nullptr) {
        read = scenario_of_request(*parsed, faults);
    } else {
        read = read_json<Scenario>(*parsed, faults);
        if (read) {
            read->start = floor_period(read->start);
            check_scenario(*read, faults);
        }
    }
    if (!read || !faults.empty()) {
        Error fault = reflect_detail::as_error("scenario", faults);
        fault.message = file + " is " + fault.message;
        return fault;
    }
    if (read->id.empty()) {
        read->id = id;
    }
    return std::move(*read);
}

}  // namespace

std::optional<Event> event_of(std::string_view word) {
    std::string plain;
    for (const char c : word.substr(0, 64)) {
        plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == ' ' || c == '-' ? '_' : c;
    }
    if (const std::optional<Event> own = parse_event(plain)) {
        return own;
    }
    for (const auto& [alias, event] : event_aliases) {
        if (alias == plain) {
            return event;
        }
    }
    return std::nullopt;
}

void check_scenario(const Scenario& scenario, std::vector<Fault>& faults) {
    const Levers& levers = scenario.levers;
    if (levers.temperature_max_c && levers.temperature_min_c &&
        *levers.temperature_min_c > *levers.temperature_max_c) {
        faults.push_back({"/levers/temperature_min_c", "is above temperature_max_c"});
    }
    if (levers.total_rainfall_mm && levers.rainfall_max_mm_per_h &&
        *levers.rainfall_max_mm_per_h > *levers.total_rainfall_mm) {
        faults.push_back({"/levers/rainfall_max_mm_per_h", "is more than total_rainfall_mm"});
    }
    if (scenario.event == Event::loss_of_element && scenario.lost_elements.empty()) {
        faults.push_back(
            {"/lost_elements", "must name at least one asset when the event is loss_of_element"});
    }
    if (!scenario.id.empty() && !is_valid_id(scenario.id)) {
        faults.push_back({"/id", "must be letters, digits, '.', '_' and '-', at most 64"});
    }
    for (std::size_t i = 0; i < scenario.lost_elements.size() && faults.size() < faults_max; ++i) {
        if (!is_valid_id(scenario.lost_elements[i])) {
            faults.push_back({"/lost_elements/" + std::to_string(i), "is no id of an asset"});
        }
    }
}

std::optional<Scenario> scenario_of_request(const json::Value& body, std::vector<Fault>& faults) {
    const std::optional<Request> request = read_json<Request>(body, faults, "", UnknownMembers::ignore);
    if (!request) {
        return std::nullopt;
    }
    const std::optional<Event> event = event_of(request->event_type);
    if (!event) {
        faults.push_back({"/event_type", "must be " + event_list()});
    }
    const std::optional<UtcTime> start = start_of(request->start_date, "/start_date", faults);
    Scenario out{.id = request->id,
                 .title = request->title,
                 .place = request->location,
                 .event = event.value_or(Event::normal),
                 .start = start.value_or(UtcTime{}),
                 .hours = request->duration_hours,
                 .levers = request->levers,
                 .lost_elements = request->lost_elements,
                 .description = request->description};
    take_weather(request->weather, out.levers);
    std::vector<Fault> found;
    check_scenario(out, found);
    for (Fault& fault : found) {
        // Under the name that the request has for it.
        if (request->weather && fault.pointer == "/levers/temperature_min_c") {
            fault = {"/weather/min_temp_celsius", "is above max_temp_celsius"};
        } else if (request->weather && fault.pointer == "/levers/rainfall_max_mm_per_h") {
            fault = {"/weather/max_rainfall_per_hour_mm", "is more than total_rainfall_mm"};
        }
        faults.push_back(std::move(fault));
    }
    return faults.empty() ? std::optional(std::move(out)) : std::nullopt;
}

json::Object request_of(const Scenario& scenario) {
    json::Object weather;
    for (const auto& [name, value] : {std::pair{"max_temp_celsius", scenario.levers.temperature_max_c},
                                      {"min_temp_celsius", scenario.levers.temperature_min_c},
                                      {"total_rainfall_mm", scenario.levers.total_rainfall_mm},
                                      {"max_rainfall_per_hour_mm", scenario.levers.rainfall_max_mm_per_h}}) {
        if (value) {
            weather.set(name, *value);
        }
    }
    json::Object out{{"location", scenario.place},
                     {"event_type", to_string(scenario.event)},
                     {"start_date", format_utc(scenario.start)},
                     {"duration_hours", scenario.hours}};
    if (!weather.empty()) {
        out.set("weather", std::move(weather));
    }
    return out;
}

Result<Scenario> read_scenario(std::string_view text, const std::string& id, const std::string& file) {
    if (text.size() > scenario_bytes_max) {
        return Error{Errc::invalid,
                     file + ": is longer than " + std::to_string(scenario_bytes_max) + " bytes"};
    }
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '{' ? read_json_text(text, id, file)
                                                                 : read_toml(text, id, file);
}

const std::vector<ListedScenario>& predefined_scenarios() {
    static const std::vector<ListedScenario> all = [] {
        std::vector<ListedScenario> out;
        for (const auto& [name, text] : predefined_texts()) {
            Result<Scenario> read = read_scenario(text, std::string(name), std::string(name) + ".toml");
            HEADROOM_ASSERT(read.has_value());  // a test reads each
            out.push_back({.scenario = std::move(*read), .is_built_in = true, .file = {}});
        }
        return out;
    }();
    return all;
}

}  // namespace headroom::scenario
