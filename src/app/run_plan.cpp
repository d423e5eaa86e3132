#include "app/run_plan.hpp"

#include "app/commands.hpp"
#include "core/clock.hpp"
#include "flex/rules.hpp"
#include "flex/schedule_plan.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace headroom::app {
namespace {

Result<std::string> text_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return Error{Errc::not_found, "cannot read " + path.string()};
    }
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

Result<flex::RuleBook> rules_of_file(const std::filesystem::path& path) {
    const Result<std::string> text = text_of_file(path);
    return text ? flex::read_rules(*text, path.string()) : Result<flex::RuleBook>(text.error());
}

Result<json::Value> read_file(const std::filesystem::path& path) {
    const Result<std::string> text = text_of_file(path);
    if (!text) {
        return text.error();
    }
    Result<json::Value> value = json::parse(*text, {.bytes = 64UL * 1024 * 1024});
    if (!value) {
        return Error{value.error().code, path.string() + ": " + value.error().message};
    }
    return value;
}

/// Every fault on a line of its own.
Error refused(const std::filesystem::path& path, const std::vector<Fault>& faults) {
    std::string text = path.string() + " is no request for a plan (docs/formats/plans.md):";
    for (const Fault& fault : faults) {
        text += "\n  " + (fault.pointer.empty() ? "/" : fault.pointer) + " " + fault.detail;
    }
    return Error{Errc::invalid, text};
}

/// The plan in `path`: made now from a request, or as it was written.
Result<json::Value> plan_of(const std::filesystem::path& path, const std::filesystem::path& rules_file) {
    std::optional<flex::RuleBook> rules;
    if (!rules_file.empty()) {
        Result<flex::RuleBook> book = rules_of_file(rules_file);
        if (!book) {
            return book.error();
        }
        rules = std::move(*book);
    }
    Result<json::Value> value = read_file(path);
    if (!value || (value->get("plan_id") != nullptr && value->get("actions") != nullptr)) {
        return value;
    }
    std::vector<Fault> faults;
    std::optional<flex::PlanRequest> request = flex::read_plan_request(*value, faults);
    if (!request) {
        return refused(path, faults);
    }
    if (!request->now) {
        return Error{Errc::invalid,
                     path.string() + ": /now is missing: a file is planned the same every day"};
    }
    const SteadyTime begin = steady_now();
    const Result<flex::SchedulePlan> plan = flex::make_schedule_plan(
        *request, [begin] { return milliseconds_between(begin, steady_now()); }, rules ? &*rules : nullptr);
    if (!plan) {
        return plan.error();
    }
    return to_json(*plan);
}

int fail(const char* command, const Error& error) {
    std::cerr << "headroom " << command << ": " << error.message << "\n";
    return exit_code_of(error);
}

std::string text_of(const json::Value& value) {
    const std::string* text = value.as_string();
    return text == nullptr ? "" : *text;
}

std::string powers(const json::Value& action) {
    std::string out;
    for (const json::Value& kw : *action.get("kw")->as_array()) {
        out += fmt::format(" {:g}", kw.as_double().value_or(0.0));
    }
    return out;
}

void print_summary(const json::Value& plan) {
    std::cout << fmt::format(
        "{} {}\n  {:.2f} GBP ({:.2f} bought), no plan costs less than {:.2f} GBP (gap {:.3f} %)\n",
        plan.text("/plan_id"), plan.text("/status"), plan.number("/cost_gbp"), plan.number("/purchase_gbp"),
        plan.number("/bound_gbp"), plan.number("/gap_percent"));
    std::cout << fmt::format("  covers the whole need in {:.1f} % of drawn deliveries\n",
                             100.0 * plan.number("/certainty"));
    for (const json::Value& action : *plan.get("actions")->as_array()) {
        std::cout << fmt::format("  {:<24} {:>10.2f} GBP  kW{}\n", action.text("/der_id"),
                                 action.number("/cost_gbp"), powers(action));
    }
    for (const json::Value& help : *plan.get("would_help")->as_array()) {
        std::cout << "  would help: " << text_of(help) << "\n";
    }
}

void print_reasons(const json::Value& plan) {
    std::cout << "Why:\n";
    for (const json::Value& action : *plan.get("actions")->as_array()) {
        std::cout << fmt::format("  {}: {}\n", action.text("/der_id"), action.text("/reason"));
    }
    std::cout << "Limits it runs into:\n";
    for (const json::Value& limit : *plan.get("binding")->as_array()) {
        std::cout << fmt::format("  {} {}: {}\n", limit.text("/limit"), limit.text("/subject"),
                                 limit.text("/detail"));
    }
    std::cout << "Refused:\n";
    for (const json::Value& refusal : *plan.get("refused")->as_array()) {
        std::cout << fmt::format("  {}: {}\n", refusal.text("/der_id"), refusal.text("/reason"));
    }
    std::cout << "Other ways:\n";
    for (const json::Value& way : *plan.get("alternatives")->as_array()) {
        std::cout << fmt::format("  {:<16} {:>10.2f} GBP, {:.3f} kWh open, {:.1f} % certain, {:.1f} kg\n",
                                 way.text("/name"), way.number("/cost_gbp"), way.number("/shortfall_kwh"),
                                 100.0 * way.number("/certainty"), way.number("/carbon_kg"));
    }
    std::cout << "If one fails:\n";
    for (const json::Value& reserve : *plan.get("reserve")->as_array()) {
        std::string who;
        for (const json::Value& id : *reserve.get("stand_in")->as_array()) {
            who += " " + text_of(id);
        }
        std::cout << fmt::format("  {}: {:g} kW missing; then{} for {:.2f} GBP, {:g} kW left\n",
                                 reserve.text("/if_fails"), reserve.number("/shortfall_kw"),
                                 who.empty() ? " nobody" : who, reserve.number("/extra_cost_gbp"),
                                 reserve.number("/left_kw"));
    }
}

std::map<std::string, std::string> powers_by_der(const json::Value& plan) {
    std::map<std::string, std::string> out;
    for (const json::Value& action : *plan.get("actions")->as_array()) {
        out[action.text("/der_id")] = powers(action);
    }
    return out;
}

}  // namespace

int run_plan(const PlanCommand& command) {
    const Result<json::Value> plan = plan_of(command.file, command.rules);
    if (!plan) {
        return fail("plan", plan.error());
    }
    if (command.is_json) {
        std::cout << json::write(*plan) << "\n";
    } else {
        print_summary(*plan);
    }
    return 0;
}

int run_explain_plan(const PlanCommand& command) {
    const Result<json::Value> plan = plan_of(command.file, command.rules);
    if (!plan) {
        return fail("explain plan", plan.error());
    }
    if (command.is_json) {
        std::cout << json::write(*plan) << "\n";
        return 0;
    }
    print_summary(*plan);
    print_reasons(*plan);
    return 0;
}

int run_rules_test(const PlanCommand& command) {
    const Result<flex::RuleBook> book = rules_of_file(command.file);
    if (!book) {
        std::cerr << "headroom rules test: " << book.error().message << "\n";
        return 1;
    }
    if (command.is_json) {
        std::cout << json::write(to_json(*book)) << "\n";
        return 0;
    }
    std::cout << fmt::format("{}@{}: {} rules, {} protected, {} rungs, no contradiction\n", book->id,
                             book->version, book->rules.size(), book->protected_ders.size(),
                             book->ladder.size());
    return 0;
}

int run_diff_plan(const PlanCommand& command) {
    const Result<json::Value> one = plan_of(command.file, command.rules);
    const Result<json::Value> two = plan_of(command.other, command.rules);
    if (!one || !two) {
        return fail("diff plan", one ? two.error() : one.error());
    }
    const std::map<std::string, std::string> before = powers_by_der(*one);
    const std::map<std::string, std::string> after = powers_by_der(*two);
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
    const double cost = two->number("/cost_gbp") - one->number("/cost_gbp");
    const bool is_same = changes.empty() && cost == 0.0;
    if (command.is_json) {
        std::cout << json::write(
                         json::Object{{"same", is_same}, {"cost_change_gbp", cost}, {"changes", changes}})
                  << "\n";
        return is_same ? 0 : 1;
    }
    std::cout << fmt::format("{} -> {}: {:+.2f} GBP\n", one->text("/plan_id"), two->text("/plan_id"), cost);
    for (const json::Value& change : changes) {
        std::cout << fmt::format("  {}\n    - kW{}\n    + kW{}\n", change.text("/der_id"),
                                 change.text("/before_kw"), change.text("/after_kw"));
    }
    return is_same ? 0 : 1;
}

}  // namespace headroom::app
