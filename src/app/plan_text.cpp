#include "app/plan_text.hpp"

#include "app/desk_server.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>

namespace headroom::app {
namespace {

std::string text_or_empty(const json::Value& value) {
    const std::string* text = value.as_string();
    return text == nullptr ? "" : *text;
}

bool is_known(const json::Value& value, const char* pointer) {
    const json::Value* member = value.at(pointer);
    return member != nullptr && !member->is_null();
}

std::string powers_text(const json::Value& action) {
    std::string out;
    for (const json::Value& kw : list_of(action, "kw")) {
        out += fmt::format(" {:g}", kw.as_double().value_or(0.0));
    }
    return out;
}

/// "17:30" of an RFC 3339 time.
std::string clock_text(const std::string& time) {
    return time.size() >= 16 ? time.substr(11, 5) : time;
}

void print_state(std::ostream& out, const json::Value& plan) {
    const std::string id = plan.text("/plan_id");
    if (!is_known(plan, "/kind")) {
        out << fmt::format("{} {}\n", id, plan.text("/status"));
        return;
    }
    out << fmt::format("{} {}, {}: {} on {}, {} to {} UTC\n", id, plan.text("/state"), plan.text("/status"),
                       plan.text("/kind") == "asked" ? "handed in for a need" : plan.text("/why"),
                       plan.text("/feeder_id"), plan.text("/start").substr(0, 16),
                       clock_text(plan.text("/end")));
    if (const std::string by = plan.text("/approved_by"); !by.empty()) {
        out << fmt::format("  {} by {}: {}\n", plan.text("/state"), by, plan.text("/decision_reason"));
    }
    out << fmt::format("  sha256 {}\n", plan.text("/sha256"));
}

void print_cost(std::ostream& out, const json::Value& plan) {
    out << fmt::format("  {:.2f} GBP", plan.number("/cost_gbp"));
    if (is_known(plan, "/purchase_gbp")) {
        out << fmt::format(" ({:.2f} bought)", plan.number("/purchase_gbp"));
    }
    if (is_known(plan, "/bound_gbp")) {
        out << fmt::format(", no plan costs less than {:.2f} GBP", plan.number("/bound_gbp"));
    }
    if (is_known(plan, "/gap_percent")) {
        out << fmt::format(" (gap {:.3f} %)", plan.number("/gap_percent"));
    }
    out << "\n";
    const char* const certainty = is_known(plan, "/certainty") ? "/certainty" : "/residual/certainty";
    if (is_known(plan, certainty)) {
        out << fmt::format("  covers the whole need in {:.1f} % of drawn deliveries\n",
                           100.0 * plan.number(certainty));
    }
    if (is_known(plan, "/residual/probability_with")) {
        out << fmt::format("  the limit is exceeded with probability {:.1f} %, without the plan {:.1f} %\n",
                           100.0 * plan.number("/residual/probability_with"),
                           100.0 * plan.number("/residual/probability_without"));
    }
}

void print_titled_list(std::ostream& out, const char* title, const json::Array& items,
                       const std::function<std::string(const json::Value&)>& line) {
    if (!items.empty()) {
        out << title << ":\n";
    }
    for (const json::Value& item : items) {
        out << "  " << line(item) << "\n";
    }
}

std::string alternative_words(const json::Value& way) {
    std::string out = fmt::format("{:<16} {:>10.2f} GBP", way.text("/name"), way.number("/cost_gbp"));
    if (is_known(way, "/shortfall_kwh")) {
        out += fmt::format(", {:.3f} kWh open", way.number("/shortfall_kwh"));
    } else if (is_known(way, "/shortfall_kw")) {
        out += fmt::format(", {:.1f} kW open", way.number("/shortfall_kw"));
    }
    if (is_known(way, "/certainty")) {
        out += fmt::format(", {:.1f} % certain", 100.0 * way.number("/certainty"));
    }
    if (is_known(way, "/carbon_kg")) {
        out += fmt::format(", {:.1f} kg", way.number("/carbon_kg"));
    }
    if (is_known(way, "/probability_over")) {
        out += fmt::format(", over the limit with {:.1f} %", 100.0 * way.number("/probability_over"));
    }
    if (is_known(way, "/loss_of_life_gbp")) {
        out += fmt::format(", ageing {:.2f} GBP", way.number("/loss_of_life_gbp"));
    }
    return out;
}

std::string reserve_words(const json::Value& reserve) {
    std::string who;
    for (const json::Value& id : list_of(reserve, "stand_in")) {
        who += " " + text_or_empty(id);
    }
    return fmt::format("{}: {:g} kW missing; then{} for {:.2f} GBP, {:g} kW left", reserve.text("/if_fails"),
                       reserve.number("/shortfall_kw"), who.empty() ? " nobody" : who,
                       reserve.number("/extra_cost_gbp"), reserve.number("/left_kw"));
}

std::string rule_words(const json::Value& ref) {
    const std::int64_t page = ref.integer("/page");
    return fmt::format(
        "{} ({}{}): \"{}\"", ref.text("/document"), ref.text("/subject"),
        page > 0 ? fmt::format(", page {}", page) : fmt::format(", line {}", ref.integer("/line")),
        ref.text("/quote"));
}

void print_copilot(std::ostream& out, const json::Value& plan) {
    const json::Value* said = plan.get("copilot");
    if (said == nullptr || said->is_null()) {
        return;
    }
    const std::string guard = said->text("/guard");
    out << fmt::format("The co-pilot ({}): {}{}\n", said->text("/model"), said->text("/verdict"),
                       guard.empty() ? "" : ", refused by the guard of " + guard);
    for (const json::Value& violation : list_of(*said, "violations")) {
        out << "  " << text_or_empty(violation) << "\n";
    }
    if (said->text("/verdict") == "accepted") {
        out << fmt::format(
            "  {:.2f} GBP, {:.1f} kW uncovered; sha256 {}\n  {}\n", said->number("/proposal_cost_gbp"),
            said->number("/proposal_shortfall_kw"), said->text("/proposal_sha256"),
            said->boolean("/may_be_approved") ? "It may be approved instead: headroom plan approve --proposal"
                                              : "The deterministic plan stands");
    }
}

std::map<std::string, std::string> powers_by_der(const json::Value& plan) {
    std::map<std::string, std::string> out;
    for (const json::Value& action : list_of(plan, "actions")) {
        out[action.text("/der_id")] += powers_text(action);
    }
    return out;
}

}  // namespace

void print_plan(std::ostream& out, const json::Value& plan) {
    print_state(out, plan);
    print_cost(out, plan);
    for (const json::Value& action : list_of(plan, "actions")) {
        out << fmt::format("  {:<24} {:>10.2f} GBP  kW{}\n", action.text("/der_id"),
                           action.number("/cost_gbp"), powers_text(action));
    }
    for (const json::Value& help : list_of(plan, "would_help")) {
        out << "  would help: " << text_or_empty(help) << "\n";
    }
}

void print_why(std::ostream& out, const json::Value& plan) {
    print_titled_list(out, "Why", list_of(plan, "reasons"), text_or_empty);
    print_titled_list(out, "Who is asked, and why", list_of(plan, "actions"), [](const json::Value& action) {
        return action.text("/der_id") + ": " + action.text("/reason");
    });
    print_titled_list(out, "Limits it runs into", list_of(plan, "binding"), [](const json::Value& limit) {
        return limit.text("/limit") + " " + limit.text("/subject") + ": " + limit.text("/detail");
    });
    print_titled_list(out, "Refused", list_of(plan, "refused"), [](const json::Value& refusal) {
        return refusal.text("/der_id", refusal.text("/offer_id")) + ": " + refusal.text("/reason");
    });
    print_titled_list(out, "Other ways", list_of(plan, "alternatives"), alternative_words);
    print_titled_list(out, "If one fails", list_of(plan, "reserve"), reserve_words);
    print_titled_list(out, "Rules", list_of(plan, "rules"), [](const json::Value& rule) {
        return rule.text("/rule") + " on " + rule.text("/der_id") + ": " + rule.text("/detail");
    });
    print_titled_list(out, "Ladder", list_of(plan, "ladder"), [](const json::Value& rung) {
        return fmt::format("{} {} ({}): {}", rung.integer("/rung"), rung.text("/name"), rung.text("/outcome"),
                           rung.text("/reason"));
    });
    print_titled_list(out, "Rulebooks", list_of(plan, "rule_refs"), rule_words);
    print_copilot(out, plan);
}

void print_plans(std::ostream& out, const json::Array& plans) {
    for (const json::Value& plan : plans) {
        out << fmt::format("{:<26} {:<11} {:<9} {:<16} {}–{}  {:>9.2f} GBP  {:>6.1f} kW open  {} asked\n",
                           plan.text("/plan_id"), plan.text("/state"), plan.text("/status"),
                           plan.text("/feeder_id"), plan.text("/start").substr(0, 16),
                           clock_text(plan.text("/end")), plan.number("/cost_gbp"),
                           plan.number("/shortfall_kw"), list_of(plan, "actions").size());
    }
    if (plans.empty()) {
        out << "no plans\n";
    }
}

json::Object plan_difference(const json::Value& a, const json::Value& b) {
    const std::map<std::string, std::string> before = powers_by_der(a);
    const std::map<std::string, std::string> after = powers_by_der(b);
    std::set<std::string> ders;
    for (const auto* side : {&before, &after}) {
        for (const auto& [der, kw] : *side) {
            ders.insert(der);
        }
    }
    json::Array changes;
    for (const std::string& der : ders) {
        const auto old = before.find(der);
        const auto now = after.find(der);
        const std::string was = old == before.end() ? "" : old->second;
        const std::string is = now == after.end() ? "" : now->second;
        if (was != is) {
            changes.push_back(json::Object{{"der_id", der}, {"before_kw", was}, {"after_kw", is}});
        }
    }
    const double cost = b.number("/cost_gbp") - a.number("/cost_gbp");
    return json::Object{
        {"same", changes.empty() && cost == 0.0}, {"cost_change_gbp", cost}, {"changes", std::move(changes)}};
}

void print_difference(std::ostream& out, const json::Value& a, const json::Value& b,
                      const json::Object& difference) {
    const json::Value whole(difference);
    out << fmt::format("{} -> {}: {:+.2f} GBP\n", a.text("/plan_id"), b.text("/plan_id"),
                       whole.number("/cost_change_gbp"));
    for (const json::Value& change : list_of(whole, "changes")) {
        out << fmt::format("  {}\n    - kW{}\n    + kW{}\n", change.text("/der_id"),
                           change.text("/before_kw"), change.text("/after_kw"));
    }
}

}  // namespace headroom::app
