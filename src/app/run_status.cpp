#include "app/run_status.hpp"

#include "app/ask_server.hpp"
#include "app/cli_parts.hpp"
#include "app/http_status.hpp"
#include "app/server_target.hpp"
#include "net/http_client.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

std::string number_text(const json::Value* value) {
    return value != nullptr ? json::write(*value) : "unknown";
}

ServerStatus ask_status(const ServerTarget& target, const std::string& key) {
    ServerStatus down;
    const Result<net::Url> url = net::parse_url(target.url);
    if (!url || (url->scheme != "http" && url->scheme != "https")) {
        down.reasons.push_back("'" + target.url + "' (" + target.origin +
                               ") is no http:// or https:// address");
        return down;
    }
    net::HttpClient client({.allow_private = {url->authority()}});
    const std::string base = url->scheme + "://" + url->authority();
    const Result<ServerReply> health = ask(client, base + "/health", key);
    if (!health) {
        down.reasons.push_back(health.error().message +
                               ". Is headroom serve running there? The address is from " + target.origin +
                               "; give another with --server URL");
        return down;
    }
    std::optional<json::Value> state;
    std::string note;
    const Result<ServerReply> status = ask(client, base + "/api/v1/status", key);
    if (status && status->status == http_ok) {
        state = status->body;
    } else if (status && (status->status == http_unauthorized || status->status == http_forbidden)) {
        note = "more is told with a key: --key-file FILE or $HEADROOM_KEY (headroom key add makes one)";
    }
    ServerStatus judged = judge_server(health->status, health->body, state);
    if (!note.empty()) {
        judged.details.set("note", note);
    }
    return judged;
}

std::string_view level_word(ServerLevel level) {
    switch (level) {
        case ServerLevel::ok:
            return "ok";
        case ServerLevel::degraded:
            return "degraded";
        case ServerLevel::down:
            return "down";
    }
    return "down";
}

void print_details(const json::Object& details) {
    if (const json::Value* version = details.find("version")) {
        std::cout << "version     " << *version->as_string() << "\n";
    }
    if (const json::Value* mode = details.find("mode")) {
        const json::Value* simulated = mode->get("simulated");
        const bool is_simulated = simulated != nullptr && *simulated == json::Value(true);
        std::cout << "mode        " << (is_simulated ? "SIMULATED, " : "") << "authority "
                  << mode->text("/authority") << ", devices over " << mode->text("/control_path") << "\n";
    }
    if (const json::Value* counts = details.find("counts")) {
        std::cout << fmt::format(
            "feeders     {} constrained, {} below 10 %, {} below 25 %, {} normal, {} without readings\n",
            number_text(counts->get("constrained")), number_text(counts->get("below_10_percent")),
            number_text(counts->get("below_25_percent")), number_text(counts->get("normal")),
            number_text(counts->get("unknown")));
    }
    if (const json::Value* events = details.find("open_events")) {
        std::cout << "events      " << number_text(events) << " open\n";
    }
    if (const json::Value* audit = details.find("audit")) {
        std::cout << "audit log   " << number_text(audit->get("size")) << " entries\n";
    }
    if (const json::Value* note = details.find("note")) {
        std::cout << *note->as_string() << "\n";
    }
}

}  // namespace

ServerStatus judge_server(int health_status, const json::Value& health,
                          const std::optional<json::Value>& state) {
    ServerStatus status;
    const std::string word = health.text("/status");
    if (word != "healthy" && word != "degraded") {
        status.reasons.emplace_back("/health did not say how it is: is this a Headroom server?");
        return status;
    }
    status.level = word == "healthy" && health_status == http_ok ? ServerLevel::ok : ServerLevel::degraded;
    if (status.level != ServerLevel::ok) {
        const json::Value* checks = health.get("checks");
        const json::Object* members = checks != nullptr ? checks->as_object() : nullptr;
        if (members != nullptr) {
            for (const auto& [name, said] : members->members()) {
                if (const std::string* text = said.as_string(); text != nullptr && *text != "ok") {
                    status.reasons.push_back(name + ": " + *text);
                }
            }
        }
    }
    status.details.set("version", health.text("/version"));
    if (!state || state->as_object() == nullptr) {
        return status;
    }
    for (const char* name : {"mode", "now", "counts", "open_events", "readings", "audit", "stopped_areas"}) {
        if (const json::Value* value = state->get(name)) {
            status.details.set(name, *value);
        }
    }
    const json::Value* stopped = state->get("stopped_areas");
    const json::Array* areas = stopped != nullptr ? stopped->as_array() : nullptr;
    if (areas != nullptr && !areas->empty()) {
        status.level = ServerLevel::degraded;
        std::string names;
        for (const json::Value& area : *areas) {
            const std::string* name = area.as_string();
            names += (names.empty() ? "" : ", ") + (name != nullptr ? *name : json::write(area));
        }
        status.reasons.push_back("stopped by an operator: " + names);
    }
    return status;
}

int run_status(const StatusCommand& command) {
    const Result<ServerTarget> target = find_server(command.server, command.data_dir, command.sources);
    const Result<std::string> key = read_api_key(command.key_file, command.sources);
    if (!target || !key) {
        std::cerr << "headroom status: " << (target ? key.error().message : target.error().message) << "\n";
        return exit_usage;
    }
    const ServerStatus status = ask_status(*target, *key);
    if (command.is_json) {
        json::Array reasons;
        for (const std::string& reason : status.reasons) {
            reasons.emplace_back(reason);
        }
        std::cout << json::write(json::Object{{"status", std::string(level_word(status.level))},
                                              {"server", target->url},
                                              {"reasons", std::move(reasons)},
                                              {"details", status.details}})
                  << "\n";
        return static_cast<int>(status.level);
    }
    std::cout << level_word(status.level) << "  " << target->url << "\n";
    print_details(status.details);
    for (const std::string& reason : status.reasons) {
        std::cerr << level_word(status.level) << ": " << reason << "\n";
    }
    return static_cast<int>(status.level);
}

}  // namespace headroom::app
