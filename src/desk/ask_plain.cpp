#include "desk/ask_plain.hpp"

#include "core/json_object.hpp"
#include "desk/describe_entry.hpp"
#include "knowledge/search_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace headroom::desk {
namespace {

constexpr std::int64_t feeders_told = 5;
constexpr std::int64_t events_told = 10;

class Words {
  public:
    explicit Words(std::string_view question) {
        for (const char c : question.substr(0, 1'000)) {
            const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            text_ += is_letter ? static_cast<char>(c | 0x20) : ' ';
        }
        text_ = " " + text_ + " ";
    }
    /// Whether one of the words begins with one of these.
    [[nodiscard]] bool any(std::initializer_list<std::string_view> beginnings) const {
        return std::any_of(beginnings.begin(), beginnings.end(), [this](std::string_view beginning) {
            return text_.find(" " + std::string(beginning)) != std::string::npos;
        });
    }

  private:
    std::string text_;
};

const Mention* first_of(const std::vector<Mention>& mentions, std::string_view kind) {
    const auto found = std::find_if(mentions.begin(), mentions.end(),
                                    [kind](const Mention& each) { return each.kind == kind; });
    return found == mentions.end() ? nullptr : &*found;
}

std::string kw_at(const json::Value& value, std::string_view member) {
    const json::Value* found = value.get(member);
    return found != nullptr && found->is_number() ? fmt::format("{:.1f} kW", *found->as_double()) : "unknown";
}

std::string feeder_words(const json::Value& feeder) {
    const std::string id = feeder.text("/feeder_id");
    if (feeder.get("headroom_kw") == nullptr) {
        return id + ": the load is not known now.";
    }
    const double headroom = feeder.number("/headroom_kw");
    std::string out = fmt::format("{}: {} of {} on {}, ", id, kw_at(feeder, "load_kw"),
                                  kw_at(feeder, "limit_kw"), feeder.text("/phase"));
    out += headroom < 0.0 ? fmt::format("{:.1f} kW over its limit.", -headroom)
                          : fmt::format("headroom {:.1f} kW ({:.0f} %).", headroom,
                                        100.0 * feeder.number("/headroom_share"));
    if (feeder.boolean("/stale")) {
        out += " The reading is stale.";
    }
    if (const json::Value* expected = feeder.get("expected"); expected != nullptr && expected->is_object()) {
        out += fmt::format(" Expected at most {} of {} on {} at {} UTC.", kw_at(*expected, "peak_kw"),
                           kw_at(*expected, "limit_kw"), expected->text("/phase"),
                           hour_and_minute(expected->text("/at")));
    }
    return out;
}

std::string feeders_words(const json::Value& content) {
    std::string out;
    for (const json::Value& feeder : *content.get("feeders")->as_array()) {
        out += (out.empty() ? "" : "\n") + feeder_words(feeder);
    }
    return out.empty() ? "There is no feeder." : out;
}

std::string event_words(const json::Value& event) {
    return fmt::format(
        "{}: {} on {} {}, {}–{} UTC, {}; needs {}, contracted {}, delivered {} ({:.1f} kWh), cost £{:.2f}.",
        event.text("/event_id"), event.text("/cause"), event.text("/feeder_id"), event.text("/phase"),
        hour_and_minute(event.text("/start")), hour_and_minute(event.text("/end")), event.text("/state"),
        kw_at(event, "required_kw"), kw_at(event, "contracted_kw"), kw_at(event, "delivered_kw"),
        event.number("/delivered_kwh"), event.number("/cost_gbp"));
}

std::string events_words(const json::Value& content) {
    std::string out;
    for (const json::Value& event : *content.get("events")->as_array()) {
        out += (out.empty() ? "" : "\n") + event_words(event);
    }
    return out.empty() ? "There is no such event." : out;
}

std::string plan_words(const json::Value& plan) {
    const json::Value* actions = plan.get("actions");
    std::string out = fmt::format("Plan {} ({}, {}): £{:.2f}, {} left uncovered.", plan.text("/plan_id"),
                                  plan.text("/chosen"), plan.text("/state"), plan.number("/cost_gbp"),
                                  kw_at(plan, "shortfall_kw"));
    if (actions != nullptr && actions->as_array() != nullptr) {
        for (const json::Value& line : *actions->as_array()) {
            out +=
                fmt::format("\n{} through {}: up to {} of relief, £{:.2f}.", line.text("/der_id"),
                            line.text("/provider"), kw_at(line, "relief_peak_kw"), line.number("/cost_gbp"));
        }
    }
    if (const json::Value* reasons = plan.get("reasons");
        reasons != nullptr && reasons->as_array() != nullptr) {
        for (const json::Value& reason : *reasons->as_array()) {
            out += "\n" + (reason.as_string() == nullptr ? std::string() : *reason.as_string());
        }
    }
    return out;
}

std::string statement_words(const json::Value& statement) {
    return fmt::format("Statement of {} ({}): {:.1f} kWh delivered, £{} in all.", statement.text("/event_id"),
                       statement.text("/state"), statement.number("/delivered_kwh"),
                       statement.text("/total_gbp"));
}

std::string status_words(const json::Value& status) {
    return fmt::format(
        "{} feeders are over their limit, {} have less than 10 % headroom, {} less than 25 %, {} more, {} "
        "are "
        "unknown. {:.1f} kW armed, {:.1f} kW in use, {} open events.",
        status.integer("/counts/constrained"), status.integer("/counts/below_10_percent"),
        status.integer("/counts/below_25_percent"), status.integer("/counts/normal"),
        status.integer("/counts/unknown"), status.number("/armed_kw"), status.number("/active_kw"),
        status.integer("/open_events"));
}

std::string rules_words(const json::Value& content) {
    std::string out;
    for (const json::Value& passage : *content.get("passages")->as_array()) {
        const std::int64_t page = passage.integer("/page");
        out += fmt::format("{}{}{}, line {}: \"{}\"", out.empty() ? "" : "\n", passage.text("/document"),
                           page > 0 ? fmt::format(", page {}", page) : std::string(),
                           passage.integer("/line"), passage.text("/quote"));
    }
    return out.empty() ? "The indexed rulebooks say nothing about that." : out;
}

}  // namespace

std::optional<PlainQuery> recognise(std::string_view question, const std::vector<Mention>& mentions) {
    const Words words(question);
    const auto query = [](std::string tool, json::Object arguments) {
        return PlainQuery{.tool = std::move(tool), .arguments = std::move(arguments)};
    };
    if (words.any({"rule", "manual", "regulation", "clause", "handbook", "licence", "code "})) {
        return query("rules", {{"words", std::string(question.substr(0, 512))}});
    }
    if (const Mention* event = first_of(mentions, "event")) {
        const bool is_money = words.any({"statement", "paid", "pay", "settle", "deliver"});
        const bool is_plan = words.any({"plan", "why", "offer", "who", "relief", "alternativ"});
        return query(is_money ? "statement" : is_plan ? "plan" : "event", {{"event", event->id}});
    }
    if (const Mention* feeder = first_of(mentions, "feeder")) {
        return query("feeder", {{"feeder", feeder->id}});
    }
    if (words.any({"tight", "worst", "least", "headroom", "most loaded", "closest"}) &&
        words.any({"feeder", "where", "which"})) {
        return query("tightest_feeders", {{"limit", feeders_told}});
    }
    if (words.any({"event"}) && words.any({"open", "running", "active", "now", "over", "past", "finished",
                                           "all", "last", "latest", "list", "which"})) {
        const bool is_over = words.any({"over ", "past", "finished", "last", "latest"});
        const bool is_all = words.any({"all ", "list"});
        return query("events", {{"state", is_over  ? "over"
                                          : is_all ? "all"
                                                   : "open"},
                                {"limit", events_told}});
    }
    if (words.any(
            {"status", "situation", "how many feeder", "armed", "overview", "constrained", "going on"})) {
        return query("status", {});
    }
    return std::nullopt;
}

std::string plain_words(const PlainQuery& query, const json::Value& content) {
    if (const json::Value* error = content.get("error"); error != nullptr && error->as_string() != nullptr) {
        return "That could not be answered: " + *error->as_string();
    }
    return query.tool == "status"             ? status_words(content)
           : query.tool == "tightest_feeders" ? feeders_words(content)
           : query.tool == "feeder"           ? feeder_words(content)
           : query.tool == "events"           ? events_words(content)
           : query.tool == "event"            ? event_words(content)
           : query.tool == "plan"             ? plan_words(content)
           : query.tool == "statement"        ? statement_words(content)
                                              : rules_words(content);
}

std::string_view plain_help() {
    return "No language model is configured, and this is none of the questions that Headroom answers by "
           "itself: which "
           "feeders are tightest; a feeder, an event, its plan or its statement, by id; which events are "
           "open or over; "
           "the status; what the rulebooks say about something. To ask freely, set llm.enabled = true, "
           "llm.model and, for "
           "a server of your own, llm.url (docs/settings.md), and start again.";
}

}  // namespace headroom::desk
