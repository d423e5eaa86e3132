#include "app/run_needs.hpp"

#include "app/complaint.hpp"
#include "app/desk_server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <utility>

namespace headroom::app {
namespace {

std::string numbers_of(const json::Value& value, std::string_view name) {
    std::vector<double> numbers;
    for (const json::Value& number : list_of(value, name)) {
        numbers.push_back(number.as_double().value_or(0.0));
    }
    return fmt::format("{}", fmt::join(numbers, " "));
}

void print_order(const json::Value& order) {
    std::cout << fmt::format("    {}  {}  {} kW offered", order.text("/aggregator"), order.text("/step"),
                             numbers_of(order, "offered_kw"));
    if (!list_of(order, "awarded_kw").empty()) {
        std::cout << fmt::format(", {} kW contracted for £{:.2f}", numbers_of(order, "awarded_kw"),
                                 order.number("/cost_gbp"));
    }
    for (const auto& [name, words] :
         {std::pair{"/seller_gbp", "settled: £"}, std::pair{"/seller_gbp_by_us", "by us: £"},
          std::pair{"/seller_gbp_by_them", "by them: £"}}) {
        const json::Value* amount = order.at(name);
        if (amount != nullptr && !amount->is_null()) {
            std::cout << fmt::format("; {}{:.2f}", words, amount->as_double().value_or(0.0));
        }
    }
    if (const std::string why = order.text("/because"); !why.empty()) {
        std::cout << "; " << why;
    }
    std::cout << "\n        transaction " << order.text("/transaction_id") << "\n";
}

void print_need(const json::Value& need) {
    std::cout << fmt::format("{}  {} on {}, {} from {}\n    {} kW wanted, {} kW still open; bids until {}",
                             need.text("/need_id"), need.text("/state"), need.text("/feeder_id"),
                             need.text("/rule"), need.text("/start"), numbers_of(need, "requested_kw"),
                             numbers_of(need, "still_wanted_kw"), need.text("/gate"));
    if (const std::string why = need.text("/because"); !why.empty()) {
        std::cout << " (" << why << ")";
    }
    std::cout << "\n";
    for (const json::Value& round : list_of(need, "clearings")) {
        std::cout << fmt::format("    round {}: {} bids, {} kW cleared at {} £/kWh\n",
                                 round.integer("/round"), round.integer("/bids"),
                                 numbers_of(round, "cleared_kw"), numbers_of(round, "prices_gbp_per_kwh"));
    }
    for (const json::Value& order : list_of(need, "orders")) {
        print_order(order);
    }
}

void print_needs(const json::Value& answer) {
    const json::Array& all = list_of(answer, "needs");
    for (const json::Value& need : all) {
        print_need(need);
    }
    if (all.empty()) {
        std::cout << "no needs\n";
    }
}

int show_needs(const NeedsCommand& command, const Result<DeskReply>& reply,
               void (*print)(const json::Value&)) {
    if (!reply) {
        return complain("beckn need", reply.error().message, exit_no_answer);
    }
    if (!reply->is_done()) {
        return complain("beckn need", reply->refusal(), exit_refused);
    }
    if (command.server.is_json) {
        std::cout << json::write(reply->body) << "\n";
    } else {
        print(reply->body);
    }
    return 0;
}

int send_need(const NeedsCommand& command, const std::string& method, const std::string& path,
              json::Object body) {
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("beckn need", server.error().message, exit_no_answer);
    }
    body.set("reason", command.reason);
    return show_needs(command, server->ask(method, path + (command.is_dry_run ? "?dry_run=true" : ""), body),
                      print_need);
}

json::Array list(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

Result<json::Object> terms_of(const NeedsCommand& command) {
    if (command.file.empty()) {
        json::Object body{{"feeder_id", command.feeder},
                          {"rule", command.rule},
                          {"start", command.start},
                          {"requested_kw", list(command.kw)},
                          {"next_round_minutes", command.next_round_minutes}};
        if (!command.need.empty()) {
            body.set("need_id", command.need);
        }
        if (!command.prices.empty()) {
            body.set("prices_gbp_per_kwh", list(command.prices));
        }
        if (!command.shortfall.empty()) {
            body.set("shortfall_gbp_per_kwh", list(command.shortfall));
        }
        if (command.ceiling > 0.0) {
            body.set("ceiling_gbp_per_kwh", command.ceiling);
        }
        if (!command.gate.empty()) {
            body.set("gate", command.gate);
        }
        return body;
    }
    std::ifstream file(command.file, std::ios::binary | std::ios::ate);
    if (!file || file.tellg() > sent_file_max) {
        return Error{Errc::invalid, "the terms cannot be read from " + command.file.string() +
                                        " (a JSON object of at most 1 MiB)"};
    }
    file.seekg(0);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    Result<json::Value> terms = json::parse(text);
    if (!terms || terms->as_object() == nullptr) {
        return Error{Errc::invalid,
                     command.file.string() + ": " + (terms ? "no JSON object" : terms.error().message)};
    }
    return std::move(*terms->as_object());
}

}  // namespace

int run_needs_list(const NeedsCommand& command) {
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("beckn need", server.error().message, exit_no_answer);
    }
    const std::string query = command.state.empty() ? "" : "?state=" + command.state;
    return show_needs(command, server->ask_all("/api/v1/needs", query, "needs"), print_needs);
}

int run_need_publish(const NeedsCommand& command) {
    Result<json::Object> terms = terms_of(command);
    if (!terms) {
        return complain("beckn need", terms.error().message, exit_no_answer);
    }
    return send_need(command, "POST", "/api/v1/needs", std::move(*terms));
}

int run_need_withdraw(const NeedsCommand& command) {
    return send_need(command, "DELETE", "/api/v1/needs/" + command.need, {});
}

int run_need_clear(const NeedsCommand& command) {
    return send_need(command, "POST", "/api/v1/needs/" + command.need + "/clear", {});
}

}  // namespace headroom::app
