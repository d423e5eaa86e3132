#include "app/run_plan.hpp"

#include "app/complaint.hpp"
#include "app/plan_text.hpp"
#include "app/run_plan_desk.hpp"
#include "core/clock.hpp"
#include "flex/rule_file.hpp"
#include "flex/schedule_plan.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
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

Result<flex::RuleFile> rules_of_file(const std::filesystem::path& path) {
    const Result<std::string> text = text_of_file(path);
    return text ? flex::read_rule_file(*text, path.string()) : Result<flex::RuleFile>(text.error());
}

Result<json::Value> read_json_file(const std::filesystem::path& path) {
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
        Result<flex::RuleFile> book = rules_of_file(rules_file);
        if (!book) {
            return book.error();
        }
        rules = std::move(static_cast<flex::RuleBook&>(*book));
    }
    Result<json::Value> value = read_json_file(path);
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

/// The plan of an id or in a file.
Result<json::Value> plan_named(const PlanCommand& command, const std::filesystem::path& what) {
    std::error_code fault;
    if (!std::filesystem::exists(what, fault) || what.string().starts_with("plan/")) {
        if (is_plan_id(what.string())) {
            return plan_by_id(command.server, what.string());
        }
        return Error{Errc::not_found, "'" + what.string() +
                                          "' is no file, and no plan's id (plan/<event_id>.<round>, or "
                                          "plan/P-… of one handed in); headroom plan list shows the ids"};
    }
    return plan_of(what, command.rules);
}

}  // namespace

int run_plan(const PlanCommand& command) {
    const Result<json::Value> plan = plan_of(command.file, command.rules);
    if (!plan) {
        return complain("plan", plan.error());
    }
    if (command.is_json) {
        std::cout << json::write(*plan) << "\n";
    } else {
        print_plan(std::cout, *plan);
    }
    return 0;
}

int run_explain_plan(const PlanCommand& command) {
    const Result<json::Value> plan = plan_named(command, command.file);
    if (!plan) {
        return complain("explain plan", plan.error());
    }
    if (command.is_json) {
        std::cout << json::write(*plan) << "\n";
        return 0;
    }
    print_plan(std::cout, *plan);
    print_why(std::cout, *plan);
    return 0;
}

int run_rules_test(const PlanCommand& command) {
    const Result<flex::RuleFile> book = rules_of_file(command.file);
    if (!book) {
        std::cerr << "headroom rules test: " << book.error().message << "\n";
        return 1;
    }
    if (command.is_json) {
        std::cout << json::write(flex::to_json(*book)) << "\n";
        return 0;
    }
    std::cout << fmt::format("{}@{}: {} rules, {} protected, {} rungs, {} envelopes, no contradiction\n",
                             book->id, book->version, book->rules.size(), book->protected_ders.size(),
                             book->ladder.size(), book->envelopes.size());
    return 0;
}

int run_diff_plan(const PlanCommand& command) {
    const Result<json::Value> one = plan_named(command, command.file);
    const Result<json::Value> two = one ? plan_named(command, command.other) : one;
    if (!one || !two) {
        return complain("diff plan", one ? two.error() : one.error());
    }
    const json::Object difference = plan_difference(*one, *two);
    if (command.is_json) {
        std::cout << json::write(difference) << "\n";
    } else {
        print_difference(std::cout, *one, *two, difference);
    }
    return json::Value(difference).boolean("/same") ? 0 : 1;
}

}  // namespace headroom::app
