#include "app/run_trust_desk.hpp"

#include "app/complaint.hpp"
#include "app/desk_server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

int refuse(const DeskReply& answer) {
    std::cerr << "headroom trust: " << answer.refusal() << "\n";
    return exit_refused;
}

std::string correction_text(const json::Value& correction) {
    std::vector<std::string> factors;
    std::vector<std::string> order;
    for (const json::Value& factor : list_of(correction, "factor")) {
        factors.push_back(fmt::format("{:g}", factor.as_double().value_or(1.0)));
    }
    for (const json::Value& from : list_of(correction, "order")) {
        order.push_back(std::to_string(from.as_int().value_or(0)));
    }
    return fmt::format("{} {}: times {}, phases {} ({})", correction.text("/meter"), correction.text("/kind"),
                       fmt::join(factors, " "), fmt::join(order, " "), correction.text("/proposal"));
}

}  // namespace

std::string trust_report_text(const json::Value& trust) {
    std::string out = fmt::format("places       {} watched, {} learning, {} without readings to compare\n",
                                  trust.integer("/places_watching"), trust.integer("/places_learning"),
                                  trust.integer("/places_waiting"));
    if (const std::int64_t beyond = trust.integer("/feeders_not_watched"); beyond > 0) {
        out += fmt::format("not watched  {} feeders beyond the number that is looked at\n", beyond);
    }
    for (const json::Value& correction : list_of(trust, "corrections")) {
        out += fmt::format("correction   {}  {}, by {} since {}\n", correction.text("/correction_id"),
                           correction_text(correction), correction.text("/applied_by"),
                           correction.text("/applied_at"));
    }
    const json::Array& incidents = list_of(trust, "incidents");
    if (incidents.empty()) {
        out += "incidents    none open: every reading is believed\n";
    }
    for (const json::Value& incident : incidents) {
        const std::string meter = incident.text("/meter");
        out +=
            fmt::format("incident     {}  {} at {}{}, {}, confidence {:.2f}, since {}{}\n             {}\n",
                        incident.text("/incident_id"), incident.text("/kind"), incident.text("/place"),
                        meter.empty() ? ": no meter can be named" : ": " + meter, incident.text("/layer"),
                        incident.number("/confidence"), incident.text("/opened_at"),
                        incident.boolean("/distrusting") ? ", the forecast stands for it" : "",
                        incident.text("/evidence"));
        if (const json::Value* proposal = incident.get("proposal");
            proposal != nullptr && proposal->is_object()) {
            out += fmt::format("             proposed: {}\n", correction_text(*proposal));
        }
    }
    return out;
}

int run_trust_report(const TrustDeskCommand& command) {
    Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("trust", server.error().message, exit_no_answer);
    }
    const Result<DeskReply> answer = server->ask_all("/api/v1/trust", "?open=true", "incidents");
    if (!answer) {
        return complain("trust", answer.error().message, exit_no_answer);
    }
    if (!answer->is_done()) {
        return refuse(*answer);
    }
    std::cout << (command.server.is_json ? json::write(answer->body) + "\n"
                                         : trust_report_text(answer->body));
    return list_of(answer->body, "incidents").empty() ? 0 : 1;
}

int run_corrections_list(const TrustDeskCommand& command) {
    Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("trust", server.error().message, exit_no_answer);
    }
    const Result<DeskReply> answer = server->ask("GET", "/api/v1/trust/corrections?limit=1000");
    if (!answer) {
        return complain("trust", answer.error().message, exit_no_answer);
    }
    if (!answer->is_done()) {
        return refuse(*answer);
    }
    if (command.server.is_json) {
        std::cout << json::write(answer->body) << "\n";
        return 0;
    }
    const json::Array& all = list_of(answer->body, "corrections");
    for (const json::Value& correction : all) {
        std::cout << fmt::format("{}  {}, by {} since {}: {}\n", correction.text("/correction_id"),
                                 correction_text(correction), correction.text("/applied_by"),
                                 correction.text("/applied_at"), correction.text("/reason"));
    }
    if (all.empty()) {
        std::cout << "no correction is in force\n";
    }
    return 0;
}

namespace {

int send_correction(const TrustDeskCommand& command, const std::string& method, const std::string& path,
                    json::Object body, std::string_view done) {
    Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("trust", server.error().message, exit_no_answer);
    }
    const Result<DeskReply> answer =
        server->ask(method, path + (command.is_dry_run ? "?dry_run=true" : ""), std::move(body));
    if (!answer) {
        return complain("trust", answer.error().message, exit_no_answer);
    }
    if (!answer->is_done()) {
        return refuse(*answer);
    }
    if (command.server.is_json) {
        std::cout << json::write(answer->body) << "\n";
    } else {
        std::cout << fmt::format("{}{} {}\n", command.is_dry_run ? "would be " : "", done,
                                 correction_text(answer->body));
        if (const std::string id = answer->body.text("/correction_id"); !id.empty()) {
            std::cout << "correction " << id << "\n";
        }
    }
    return 0;
}

}  // namespace

int run_correction_apply(const TrustDeskCommand& command) {
    json::Object body{{"reason", command.reason}};
    if (!command.incident.empty()) {
        body.set("incident_id", command.incident);
    } else {
        body.set("meter", command.meter);
        body.set("kind", command.kind);
        if (!command.factor.empty()) {
            json::Array factor(command.factor.begin(), command.factor.end());
            body.set("factor", std::move(factor));
        }
        if (!command.order.empty()) {
            json::Array order(command.order.begin(), command.order.end());
            body.set("order", std::move(order));
        }
    }
    return send_correction(command, "POST", "/api/v1/trust/corrections", std::move(body), "applied:");
}

int run_correction_revert(const TrustDeskCommand& command) {
    return send_correction(command, "DELETE", "/api/v1/trust/corrections/" + command.id,
                           json::Object{{"reason", command.reason}}, "reverted:");
}

}  // namespace headroom::app
