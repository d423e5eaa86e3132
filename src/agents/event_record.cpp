#include "agents/event_record.hpp"

#include "agents/entry_body.hpp"
#include "core/json_object.hpp"
#include "core/time.hpp"

#include <array>

namespace headroom::agents {
namespace {

constexpr std::array<std::pair<EventState, std::string_view>, 8> state_words{{
    {EventState::proposed, "proposed"},
    {EventState::approved, "approved"},
    {EventState::armed, "armed"},
    {EventState::notified, "notified"},
    {EventState::active, "active"},
    {EventState::completed, "completed"},
    {EventState::failed, "failed"},
    {EventState::cancelled, "cancelled"},
}};

json::Value grid_to_json(const flex::IntervalGrid& grid) {
    json::Array values;
    values.reserve(grid.values.size());
    for (const std::int64_t value : grid.values) {
        values.emplace_back(value);
    }
    return json::object(
        {{"start", format_utc(grid.start)}, {"step_ms", grid.step.count()}, {"values", std::move(values)}});
}

Result<flex::IntervalGrid> grid_from_json(const json::Value& value) {
    const Result<UtcTime> start = parse_utc(value.text("/start"));
    if (!start) {
        return start.error();
    }
    flex::IntervalGrid grid;
    grid.start = *start;
    grid.step = milliseconds{value.integer("/step_ms", period_length.count())};
    if (const json::Value* values = value.get("values"); values != nullptr && values->as_array() != nullptr) {
        for (const json::Value& item : *values->as_array()) {
            grid.values.push_back(item.as_int().value_or(0));
        }
    }
    return grid;
}

std::vector<std::string> texts_of(const json::Value* value) {
    std::vector<std::string> out;
    if (value != nullptr && value->as_array() != nullptr) {
        for (const json::Value& item : *value->as_array()) {
            if (const std::string* text = item.as_string()) {
                out.push_back(*text);
            }
        }
    }
    return out;
}

json::Array to_json(const std::vector<PendingUse>& pending) {
    json::Array out;
    for (const PendingUse& each : pending) {
        out.emplace_back(json::object({{"transaction", each.transaction},
                                       {"provider", each.provider},
                                       {"der", each.der},
                                       {"kind", each.kind},
                                       {"cost_micro_gbp", each.cost.value}}));
    }
    return out;
}

std::vector<PendingUse> pending_from_json(const json::Value* value) {
    std::vector<PendingUse> out;
    for (const json::Value& item :
         value != nullptr && value->as_array() != nullptr ? *value->as_array() : json::Array{}) {
        out.push_back({.transaction = item.text("/transaction"),
                       .provider = item.text("/provider"),
                       .der = item.text("/der"),
                       .kind = item.text("/kind"),
                       .cost = MicroPounds{item.integer("/cost_micro_gbp")}});
    }
    return out;
}

/// Confirmations, and what was put off.
Result<void> read_waits(const json::Value& value, EventRecord& record) {
    const json::Value* list = value.get("confirmations");
    for (const json::Value& item :
         list != nullptr && list->as_array() != nullptr ? *list->as_array() : json::Array{}) {
        const Result<UtcTime> at = parse_utc(item.text("/at"));
        if (!at) {
            return at.error();
        }
        record.confirmations.push_back({item.text("/provider"), *at, milliseconds{item.integer("/took_ms")}});
    }
    record.reviews = value.integer("/reviews");
    for (const auto& [name, into] :
         {std::pair{"review_at", &record.review_at}, std::pair{"more_until", &record.more_until}}) {
        if (const json::Value* text = value.get(name)) {
            const Result<UtcTime> at = parse_utc(text->as_string() != nullptr ? *text->as_string() : "");
            if (!at) {
                return at.error();
            }
            *into = *at;
        }
    }
    return {};
}

}  // namespace

std::string_view to_string(EventState state) {
    for (const auto& [value, word] : state_words) {
        if (value == state) {
            return word;
        }
    }
    return "unknown";
}

std::optional<EventState> parse_event_state(std::string_view text) {
    for (const auto& [value, word] : state_words) {
        if (word == text) {
            return value;
        }
    }
    return std::nullopt;
}

bool is_told(const Assignment& assignment) {
    return assignment.state == "told" || assignment.state == "following";
}

void EventRecord::stamp(std::string name, UtcTime at, std::int64_t wall_us) {
    if (moment(name) == nullptr) {
        clock.push_back({std::move(name), at, wall_us});
    }
}

const Moment* EventRecord::moment(std::string_view name) const {
    for (const Moment& entry : clock) {
        if (entry.name == name) {
            return &entry;
        }
    }
    return nullptr;
}

json::Value to_json(const EventRecord& record) {
    json::Array assignments;
    for (const Assignment& assignment : record.assignments) {
        json::Object item = json::object({
            {"der", assignment.der},
            {"provider", assignment.provider},
            {"transaction", assignment.transaction},
            {"offer", assignment.offer},
            {"power_w", grid_to_json(assignment.power_w)},
            {"relief_ppm", assignment.relief_ppm},
            {"baseline_w", assignment.baseline.value},
            {"state", assignment.state},
            {"instructions", texts(assignment.instructions)},
        });
        if (assignment.delivered_ppm >= 0) {
            item.set("delivered_ppm", assignment.delivered_ppm);
        }
        assignments.emplace_back(std::move(item));
    }
    json::Array moments;
    for (const Moment& moment : record.clock) {
        moments.emplace_back(json::object(
            {{"name", moment.name}, {"at", format_utc(moment.at)}, {"wall_us", moment.wall_us}}));
    }
    json::Object out = json::object({
        {"overload", risk::to_json(record.overload)},
        {"state", std::string(to_string(record.state))},
        {"round", record.round},
        {"plan_sha256", record.plan_sha256},
        {"authority", record.authority},
        {"authority_reason", record.authority_reason},
        {"approved_by", record.approved_by},
        {"transactions", texts(record.transactions)},
        {"assignments", std::move(assignments)},
        {"clock", std::move(moments)},
        {"required_w", record.required.value},
        {"contracted_w", record.contracted.value},
        {"shortfall_w", record.shortfall.value},
        {"delivered_w", record.delivered.value},
        {"delivered_wh", record.delivered_energy.value},
        {"cost_micro_gbp", record.cost.value},
        {"statement_micro_gbp", record.statement_total.value},
        {"statement_pence", record.statement_pence},
        {"statement", record.statement},
        {"detection_to_dispatch_us", record.detection_to_dispatch_us},
        {"outcome", record.outcome},
        {"note", record.note},
        {"alarmed", record.alarmed},
        {"extended", record.extended},
    });
    if (!record.relief_of_others_w.values.empty()) {
        out.set("relief_of_others_w", grid_to_json(record.relief_of_others_w));
    }
    if (record.only_class) {
        out.set("only_class", std::string(grid::to_string(*record.only_class)));
    }
    if (!record.confirmations.empty()) {
        json::Array list;
        for (const Confirmation& each : record.confirmations) {
            list.emplace_back(json::object(
                {{"provider", each.provider}, {"at", format_utc(each.at)}, {"took_ms", each.took.count()}}));
        }
        out.set("confirmations", std::move(list));
    }
    if (record.reviews > 0) {
        out.set("reviews", record.reviews);
    }
    if (record.review_at) {
        out.set("review_at", format_utc(*record.review_at));
    }
    if (record.more_until) {
        out.set("more_until", format_utc(*record.more_until));
    }
    if (!record.pending.empty()) {
        out.set("pending", to_json(record.pending));
    }
    return out;
}

Result<EventRecord> event_record_from_json(const json::Value& value) {
    const json::Value* overload_json = value.get("overload");
    if (overload_json == nullptr) {
        return Error{Errc::corrupt, "the event record has no overload", "/overload"};
    }
    const Result<risk::Overload> overload = risk::overload_from_json(*overload_json);
    if (!overload) {
        return overload.error();
    }
    const std::optional<EventState> state = parse_event_state(value.text("/state"));
    if (!state) {
        return Error{Errc::corrupt, "'" + value.text("/state") + "' is no event state", "/state"};
    }
    EventRecord record;
    record.overload = *overload;
    record.state = *state;
    record.round = value.integer("/round");
    record.plan_sha256 = value.text("/plan_sha256");
    record.authority = value.text("/authority");
    record.authority_reason = value.text("/authority_reason");
    record.approved_by = value.text("/approved_by");
    record.transactions = texts_of(value.get("transactions"));
    if (const json::Value* list = value.get("assignments"); list != nullptr && list->as_array() != nullptr) {
        for (const json::Value& item : *list->as_array()) {
            const json::Value* power = item.get("power_w");
            const Result<flex::IntervalGrid> grid =
                power == nullptr ? Result<flex::IntervalGrid>(flex::IntervalGrid{}) : grid_from_json(*power);
            if (!grid) {
                return grid.error();
            }
            record.assignments.push_back({.der = item.text("/der"),
                                          .provider = item.text("/provider"),
                                          .transaction = item.text("/transaction"),
                                          .offer = item.text("/offer"),
                                          .power_w = *grid,
                                          .relief_ppm = item.integer("/relief_ppm"),
                                          .baseline = Watts{item.integer("/baseline_w")},
                                          .state = item.text("/state"),
                                          .instructions = texts_of(item.get("instructions")),
                                          .delivered_ppm = item.integer("/delivered_ppm", -1)});
        }
    }
    if (const json::Value* others = value.get("relief_of_others_w")) {
        Result<flex::IntervalGrid> grid = grid_from_json(*others);
        if (!grid) {
            return grid.error();
        }
        record.relief_of_others_w = std::move(*grid);
    }
    if (const json::Value* list = value.get("clock"); list != nullptr && list->as_array() != nullptr) {
        for (const json::Value& item : *list->as_array()) {
            const Result<UtcTime> at = parse_utc(item.text("/at"));
            if (!at) {
                return at.error();
            }
            record.clock.push_back({item.text("/name"), *at, item.integer("/wall_us", -1)});
        }
    }
    if (const Result<void> read = read_waits(value, record); !read) {
        return read.error();
    }
    record.pending = pending_from_json(value.get("pending"));
    record.required = Watts{value.integer("/required_w")};
    record.contracted = Watts{value.integer("/contracted_w")};
    record.shortfall = Watts{value.integer("/shortfall_w")};
    record.delivered = Watts{value.integer("/delivered_w")};
    record.delivered_energy = WattHours{value.integer("/delivered_wh")};
    record.cost = MicroPounds{value.integer("/cost_micro_gbp")};
    record.statement_total = MicroPounds{value.integer("/statement_micro_gbp")};
    record.statement_pence = value.integer("/statement_pence");
    record.statement = value.text("/statement");
    record.detection_to_dispatch_us = value.integer("/detection_to_dispatch_us", -1);
    record.outcome = value.text("/outcome");
    record.note = value.text("/note");
    record.alarmed = value.boolean("/alarmed");
    record.extended = value.boolean("/extended");
    record.only_class = grid::parse_der_class(value.text("/only_class"));
    return record;
}

}  // namespace headroom::agents
