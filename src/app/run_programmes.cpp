#include "app/run_programmes.hpp"

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

using Print = void (*)(const json::Value&);

int show_programmes(const ProgrammesCommand& command, const Result<DeskReply>& reply, Print print) {
    if (!reply) {
        return complain("programmes", reply.error().message, exit_no_answer);
    }
    if (!reply->is_done()) {
        return complain("programmes", reply->refusal(), exit_refused);
    }
    if (command.server.is_json) {
        std::cout << json::write(reply->body) << "\n";
    } else {
        print(reply->body);
    }
    return 0;
}

int send_enrolment(const ProgrammesCommand& command, const std::string& method, const std::string& path,
                   json::Object body, Print print) {
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("programmes", server.error().message, exit_no_answer);
    }
    body.set("reason", command.reason);
    return show_programmes(
        command, server->ask(method, path + (command.is_dry_run ? "?dry_run=true" : ""), body), print);
}

std::string joined_words(const json::Value& value, std::string_view name) {
    std::vector<std::string> words;
    for (const json::Value& word : list_of(value, name)) {
        words.push_back(*word.as_string());
    }
    return fmt::format("{}", fmt::join(words, ", "));
}

void print_programme(const json::Value& programme) {
    const std::string classes = joined_words(programme, "der_classes");
    std::cout << fmt::format("{}  {}\n    {} to {}, {}–{}{}, {}; {}\n", programme.text("/programme_id"),
                             programme.text("/name"), programme.text("/from").substr(0, 10),
                             programme.text("/until").substr(0, 10), programme.text("/day_from"),
                             programme.text("/day_until"),
                             programme.boolean("/working_days_only") ? " on working days" : "",
                             joined_words(programme, "products"), classes.empty() ? "every class" : classes);
    if (const double share = programme.number("/test_share"); share > 0.0) {
        const std::int64_t days = programme.integer("/test_valid_days");
        std::cout << fmt::format("    a test must deliver {:.0f} %{}\n", 100.0 * share,
                                 days > 0 ? fmt::format(" and counts for {} days", days) : std::string());
    }
    std::cout << fmt::format("    {} enrolled, {} may be used now with {:.1f} kW{}\n",
                             programme.integer("/enrolled"), programme.integer("/eligible"),
                             programme.number("/eligible_kw"),
                             programme.boolean("/open_now") ? "; open" : "; closed at this hour");
}

void print_programmes(const json::Value& answer) {
    const json::Array& all = list_of(answer, "programmes");
    for (const json::Value& programme : all) {
        print_programme(programme);
    }
    if (all.empty()) {
        std::cout << "there is no programme: every offer counts\n";
    }
}

void print_enrolment(const json::Value& enrolment) {
    std::cout << fmt::format("{}  {}  {} through {}, {:.1f} kW, consent by {} until {}",
                             enrolment.text("/programme_id"), enrolment.text("/der_id"),
                             enrolment.text("/standing"), enrolment.text("/provider"),
                             enrolment.number("/power_kw"), enrolment.text("/consent_by"),
                             enrolment.text("/consent_until").substr(0, 10));
    if (const std::string tested = enrolment.text("/tested_at"); !tested.empty()) {
        std::cout << fmt::format("; test of {}: {:.1f} of {:.1f} kW", tested.substr(0, 10),
                                 enrolment.number("/delivered_kw"), enrolment.number("/tested_kw"));
    }
    if (const std::string why = enrolment.text("/suspended_because"); !why.empty()) {
        std::cout << "; suspended: " << why;
    }
    std::cout << "\n";
}

void print_enrolments(const json::Value& answer) {
    const json::Array& all = list_of(answer, "enrolments");
    for (const json::Value& enrolment : all) {
        print_enrolment(enrolment);
    }
    if (all.empty()) {
        std::cout << "no enrolments\n";
    }
}

void print_would_be(const json::Value& answer) {
    if (answer.boolean("/dry_run")) {
        std::cout << fmt::format("{} would be enrolled in {}\n", answer.text("/der_id"),
                                 answer.text("/programme_id"));
    } else {
        print_enrolment(answer);
    }
}

std::string enrolment_path(const ProgrammesCommand& command, std::string_view verb) {
    return fmt::format("/api/v1/programmes/{}/enrolments/{}/{}", command.programme, command.der, verb);
}

}  // namespace

int run_programmes_list(const ProgrammesCommand& command) {
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("programmes", server.error().message, exit_no_answer);
    }
    return show_programmes(command, server->ask_all("/api/v1/programmes", "", "programmes"),
                           print_programmes);
}

int run_enrolments(const ProgrammesCommand& command) {
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        return complain("programmes", server.error().message, exit_no_answer);
    }
    std::string query;
    for (const auto& [name, value] :
         {std::pair{"programme", command.programme}, std::pair{"der", command.der},
          std::pair{"standing", command.standing}}) {
        if (!value.empty()) {
            query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, value);
        }
    }
    return show_programmes(command, server->ask_all("/api/v1/enrolments", query, "enrolments"),
                           print_enrolments);
}

int run_programme_set(const ProgrammesCommand& command) {
    std::ifstream file(command.file, std::ios::binary | std::ios::ate);
    if (!file || file.tellg() > sent_file_max) {
        return complain(
            "programmes",
            "the terms cannot be read from " + command.file.string() + " (a JSON object of at most 1 MiB)",
            exit_no_answer);
    }
    file.seekg(0);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    Result<json::Value> terms = json::parse(text);
    if (!terms || terms->as_object() == nullptr) {
        return complain("programmes",
                        command.file.string() + ": " + (terms ? "no JSON object" : terms.error().message),
                        exit_no_answer);
    }
    return send_enrolment(command, "PUT", "/api/v1/programmes/" + command.programme,
                          std::move(*terms->as_object()), print_programme);
}

int run_enrol(const ProgrammesCommand& command) {
    json::Object body{{"der_id", command.der},        {"provider", command.provider},
                      {"power_kw", command.power_kw}, {"consent_by", command.consent_by},
                      {"consent_from", command.from}, {"consent_until", command.until}};
    return send_enrolment(command, "POST", "/api/v1/programmes/" + command.programme + "/enrolments",
                          std::move(body), print_would_be);
}

int run_enrolment_test(const ProgrammesCommand& command) {
    json::Object body;
    if (!command.event.empty()) {
        body.set("event_id", command.event);
    } else {
        body.set("at", command.at);
        body.set("asked_kw", command.asked_kw);
        body.set("delivered_kw", command.delivered_kw);
        body.set("evidence", command.evidence);
    }
    return send_enrolment(command, "POST", enrolment_path(command, "test"), std::move(body), print_enrolment);
}

int run_enrolment_suspend(const ProgrammesCommand& command) {
    json::Object body;
    if (!command.until.empty()) {
        body.set("until", command.until);
    }
    return send_enrolment(command, "POST", enrolment_path(command, "suspend"), std::move(body),
                          print_enrolment);
}

int run_enrolment_resume(const ProgrammesCommand& command) {
    return send_enrolment(command, "POST", enrolment_path(command, "resume"), {}, print_enrolment);
}

int run_enrolment_withdraw(const ProgrammesCommand& command) {
    return send_enrolment(command, "POST", enrolment_path(command, "withdraw"), {}, print_enrolment);
}

}  // namespace headroom::app
