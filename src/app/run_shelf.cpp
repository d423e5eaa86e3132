#include "app/run_shelf.hpp"

#include "agents/contingency.hpp"
#include "app/complaint.hpp"
#include "app/desk_server.hpp"
#include "app/shelf_files.hpp"
#include "core/clock.hpp"
#include "core/reflect_json.hpp"
#include "desk/contingency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>

namespace headroom::app {
namespace {

std::string in_minutes(const json::Value* minutes) {
    return minutes == nullptr || minutes->is_null() ? "-"
                                                    : std::to_string(minutes->as_int().value_or(0)) + " min";
}

void print_contingencies(const json::Array& items) {
    std::cout << fmt::format("{:>5} {:<20} {:<10} {:<10} {:>10} {:>10} {:>10} {:>9}  {}\n", "rank", "element",
                             "cover", "mode", "lost kW", "left kW", "relief kW", "to limit", "why");
    for (const json::Value& one : items) {
        std::cout << fmt::format("{:>5} {:<20} {:<10} {:<10} {:>10.0f} {:>10.0f} {:>10.0f} {:>9}  {}\n",
                                 one.integer("/rank"), one.text("/element_id"), one.text("/cover"),
                                 one.text("/mode"), one.number("/interrupted_kw"),
                                 one.number("/unrestored_kw"), one.number("/orders_kw"),
                                 in_minutes(one.at("/time_to_limit_minutes")), one.text("/reason"));
    }
    if (items.empty()) {
        std::cout << "no plans\n";
    }
}

double most_of(const json::Value& value, std::string_view name) {
    double most = 0.0;
    for (const json::Value& number : list_of(value, name)) {
        most = std::max(most, number.as_double().value_or(0.0));
    }
    return most;
}

void print_orders(const json::Value& plan) {
    for (const json::Value& one : list_of(plan, "orders")) {
        const json::Value* event = one.at("/event_id");
        std::cout << fmt::format(
            "  order   {} {}: {:.1f} kW from {} min on, {}; {} DERs; {}; guard {}\n", one.text("/feeder_id"),
            one.text("/phase"), one.number("/peak_kw"), one.integer("/from_minutes"),
            event == nullptr || event->is_null() ? "to be bought" : "armed as " + one.text("/event_id"),
            one.integer("/ders_count"), one.text("/authority"), one.text("/guard"));
    }
}

void print_doubts(const json::Value& plan) {
    for (const json::Value& one : list_of(plan, "doubts")) {
        std::cout << fmt::format("  doubt   {}: {}\n", one.text("/doubt"), one.text("/detail"));
    }
    for (const json::Value& one : list_of(plan, "pathways")) {
        std::cout << fmt::format("  pathway {}: {:.0f} kW supplied again, {:.0f} kWh not served\n",
                                 one.text("/name"), one.number("/restored_kw"), one.number("/unserved_kwh"));
        for (const json::Value& assumption : list_of(one, "assumes")) {
            std::cout << "            assumes that "
                      << (assumption.as_string() != nullptr ? *assumption.as_string() : std::string())
                      << "\n";
        }
    }
}

void print_contingency_plan(const json::Value& plan) {
    std::cout << fmt::format("{} {} ({}): {}, {}\n  {}\n", plan.text("/summary/kind"),
                             plan.text("/summary/element_id"), plan.text("/summary/name"),
                             plan.text("/summary/cover"), plan.text("/summary/mode"),
                             plan.text("/summary/reason"));
    for (const json::Value& one : list_of(plan, "switching")) {
        std::cout << fmt::format("  close   {}: {} from {} to {}, {:.0f} kW of {:.0f} kW, after {} min{}\n",
                                 one.text("/tie_id"), one.boolean("/is_remote") ? "remote" : "by hand",
                                 one.text("/from"), one.text("/to"), one.number("/peak_kw"),
                                 one.number("/rating_kw"), one.integer("/close_after_minutes"),
                                 one.boolean("/waits_for_orders") ? ", once the orders have responded" : "");
    }
    for (const json::Value& one : list_of(plan, "receivers")) {
        std::cout << fmt::format(
            "  carries {} {}: {:.0f} kW after switching, {:.0f} % of its limit; limit in {}\n",
            one.text("/element_id"), one.text("/phase"), most_of(one, "after_kw"),
            one.number("/peak_loading") * 100.0, in_minutes(one.at("/time_to_limit_minutes")));
    }
    print_orders(plan);
    for (const json::Value& one : list_of(plan, "unused")) {
        std::cout << fmt::format("  not     {}: {}\n", one.text("/tie_id"), one.text("/reason"));
    }
    print_doubts(plan);
    if (const json::Value* used = plan.at("/used"); used != nullptr && !used->is_null()) {
        std::cout << fmt::format("  used    {}: {}, {}\n", plan.text("/used/at"),
                                 plan.text("/used/carried_out"), plan.text("/used/detail"));
    }
}

int run_of_files(const ShelfCommand& command) {
    if (command.loads.empty()) {
        return complain("shelf", "--grid needs --loads, a CSV element_id,phase,load_kw", exit_no_answer);
    }
    UtcTime now = make_system_wall_clock()->now();
    if (!command.now.empty()) {
        const Result<UtcTime> given = parse_utc(command.now);
        if (!given) {
            return complain("shelf", "--now: " + given.error().message, exit_no_answer);
        }
        now = *given;
    }
    const Result<std::vector<contingency::ShelfPlan>> plans =
        shelf_of_files(command.grid, command.loads, now);
    if (!plans) {
        return complain("shelf", plans.error().message, exit_refused);
    }
    json::Array items;
    for (std::size_t i = 0; i < plans->size(); ++i) {
        const contingency::ShelfPlan& plan = (*plans)[i];
        const desk::ContingencyDetail detail = desk::contingency_detail(plan, i + 1, plan.start);
        const bool is_kept = (command.element.empty() || command.element == plan.element) &&
                             (command.cover.empty() || command.cover == detail.summary.cover) &&
                             (command.kind.empty() || command.kind == detail.summary.kind);
        if (is_kept) {
            items.push_back(command.what == "show" ? to_json(detail) : to_json(detail.summary));
        }
    }
    if (command.what == "show" && items.empty()) {
        return complain("shelf",
                        "no feeder or substation " + command.element + " in " + command.grid.string(),
                        exit_refused);
    }
    if (command.server.is_json) {
        std::cout << json::write(command.what == "show"
                                     ? items.front()
                                     : json::Value(json::Object{{"contingencies", std::move(items)}}))
                  << "\n";
    } else if (command.what == "show") {
        print_contingency_plan(items.front());
    } else {
        print_contingencies(items);
    }
    return 0;
}

std::string query_of(const ShelfCommand& command) {
    std::string query;
    for (const auto& [name, value] : {std::pair{"cover", command.cover}, std::pair{"kind", command.kind}}) {
        if (!value.empty()) {
            query += (query.empty() ? "?" : "&") + std::string(name) + "=" + value;
        }
    }
    return query;
}

}  // namespace

int run_shelf(const ShelfCommand& command) {
    if (!command.grid.empty() && command.what != "carry-out") {
        return run_of_files(command);
    }
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("shelf", server.error().message, exit_no_answer);
    }
    const std::string path = "/api/v1/contingencies";
    const Result<DeskReply> reply =
        command.what == "list"   ? server->ask_all(path, query_of(command), "contingencies")
        : command.what == "show" ? server->ask("GET", path + "/" + command.element)
                                 : server->ask("POST", path + "/" + command.element + "/carry-out",
                                               json::Object{{"reason", command.reason}});
    if (!reply) {
        return complain("shelf", reply.error().message, exit_no_answer);
    }
    if (!reply->is_done()) {
        return complain("shelf", reply->refusal(), exit_refused);
    }
    if (command.server.is_json) {
        std::cout << json::write(reply->body) << "\n";
    } else if (command.what == "list") {
        print_contingencies(list_of(reply->body, "contingencies"));
    } else {
        print_contingency_plan(reply->body);
    }
    return 0;
}

}  // namespace headroom::app
