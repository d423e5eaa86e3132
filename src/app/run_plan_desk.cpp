#include "app/run_plan_desk.hpp"

#include "app/complaint.hpp"
#include "app/desk_server.hpp"
#include "app/plan_text.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <cctype>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::string_view plan_id_prefix = "plan/";

int complain_of_plan(const char* verb, const std::string& why, int code) {
    std::cerr << "headroom plan " << verb << ": " << why << "\n";
    return code;
}

std::string id_of(const std::string& text) {
    return text.starts_with(plan_id_prefix) ? text.substr(plan_id_prefix.size()) : text;
}

std::string plan_path(const std::string& id) {
    return "/api/v1/plans/" + net::percent_encode(id);
}

/// The hash that an approval is bound to, and whether a person has confirmed it.
Result<std::string> confirmed(const PlanDeskCommand& command, const char* verb, const json::Value& plan) {
    const std::string known =
        command.is_proposal ? plan.text("/copilot/proposal_sha256") : plan.text("/sha256");
    if (known.empty()) {
        return Error{Errc::not_found, "--proposal: the co-pilot has proposed nothing beside plan " +
                                          plan.text("/plan_id") + "; leave it out to judge the plan itself"};
    }
    if (!command.sha256.empty() && command.sha256 != known) {
        return Error{Errc::conflict, "--sha256: plan " + plan.text("/plan_id") + " has " + known +
                                         "; look at it again with headroom plan show"};
    }
    if (command.is_yes || command.is_dry_run || !command.sha256.empty()) {
        return known;
    }
    if (isatty(STDIN_FILENO) != 1) {
        return Error{Errc::invalid,
                     "nobody can be asked here: give --sha256 HASH of the plan that was looked at, or --yes"};
    }
    print_plan(std::cerr, plan);
    std::cerr << fmt::format("To {} it, sha256 {}, type yes: ", verb, known.substr(0, 16));
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "yes" ? Result<std::string>(known)
                           : Result<std::string>(Error{Errc::denied, "not confirmed, nothing was done"});
}

int judge(const PlanDeskCommand& command, const char* verb) {
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain_of_plan(verb, server.error().message, exit_no_answer);
    }
    const std::string path = plan_path(id_of(command.plan));
    const Result<DeskReply> plan = server->ask("GET", path);
    if (!plan || !plan->is_done()) {
        return plan ? complain_of_plan(verb, plan->refusal(), exit_refused)
                    : complain_of_plan(verb, plan.error().message, exit_no_answer);
    }
    const Result<std::string> sha256 = confirmed(command, verb, plan->body);
    if (!sha256) {
        return complain_of_plan(verb, sha256.error().message,
                                sha256.error().code == Errc::invalid ? exit_no_answer : exit_refused);
    }
    const Result<DeskReply> done =
        server->ask("POST", path + "/" + verb + (command.is_dry_run ? "?dry_run=true" : ""),
                    json::Object{{"sha256", *sha256}, {"reason", command.reason}});
    if (!done) {
        return complain_of_plan(verb, done.error().message, exit_no_answer);
    }
    if (!done->is_done()) {
        return complain_of_plan(verb, done->refusal(), exit_refused);
    }
    if (command.server.is_json) {
        std::cout << json::write(done->body) << "\n";
    } else {
        std::cout << fmt::format("{}{} (sha256 {})\n", command.is_dry_run ? "would be " : "",
                                 done->body.text("/status"), *sha256);
    }
    return 0;
}

}  // namespace

bool is_plan_id(const std::string& text) {
    if (text.starts_with(plan_id_prefix) || text.starts_with("P-")) {
        return true;
    }
    const std::size_t dot = text.rfind('.');
    return text.starts_with("ev-") && dot != std::string::npos && dot + 1 < text.size() &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dot) + 1, text.end(),
                       [](unsigned char c) { return std::isdigit(c) != 0; });
}

Result<json::Value> plan_by_id(const StatusCommand& server, const std::string& text) {
    const Result<DeskServer> found = DeskServer::find(server);
    if (!found) {
        return found.error();
    }
    Result<DeskReply> reply = found->ask("GET", plan_path(id_of(text)));
    if (!reply) {
        return reply.error();
    }
    if (!reply->is_done()) {
        return Error{reply->status == 404 ? Errc::not_found : Errc::denied,
                     reply->refusal() +
                         (reply->status == 404 ? "; headroom plan list shows the plans there are" : "")};
    }
    return std::move(reply->body);
}

int run_plan_list(const PlanDeskCommand& command) {
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain_of_plan("list", server.error().message, exit_no_answer);
    }
    std::string path = "/api/v1/plans?limit=" + std::to_string(command.limit);
    for (const auto& [name, value] : {std::pair{"event", command.event}, std::pair{"feeder", command.feeder},
                                      std::pair{"state", command.state}, std::pair{"kind", command.kind},
                                      std::pair{"since", command.since}}) {
        if (!value.empty()) {
            path += std::string("&") + name + "=" + net::percent_encode(value);
        }
    }
    const Result<DeskReply> reply = server->ask("GET", path);
    if (!reply || !reply->is_done()) {
        return reply ? complain_of_plan("list", reply->refusal(), exit_refused)
                     : complain_of_plan("list", reply.error().message, exit_no_answer);
    }
    if (command.server.is_json) {
        std::cout << json::write(reply->body) << "\n";
        return 0;
    }
    print_plans(std::cout, list_of(reply->body, "plans"));
    if (!reply->body.text("/next_cursor").empty()) {
        std::cerr << "There are more: raise --limit or narrow with --since, --feeder or --state.\n";
    }
    return 0;
}

int run_plan_show(const PlanDeskCommand& command) {
    const Result<json::Value> plan = plan_by_id(command.server, command.plan);
    if (!plan) {
        const bool is_refusal = plan.error().code == Errc::not_found || plan.error().code == Errc::denied;
        return complain_of_plan("show", plan.error().message, is_refusal ? exit_refused : exit_no_answer);
    }
    if (command.server.is_json) {
        std::cout << json::write(*plan) << "\n";
    } else {
        print_plan(std::cout, *plan);
        print_why(std::cout, *plan);
    }
    return 0;
}

int run_plan_approve(const PlanDeskCommand& command) {
    return judge(command, "approve");
}

int run_plan_reject(const PlanDeskCommand& command) {
    return judge(command, "reject");
}

}  // namespace headroom::app
