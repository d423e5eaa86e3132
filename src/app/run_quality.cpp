#include "app/run_quality.hpp"

#include "app/ask_server.hpp"
#include "app/cli_parts.hpp"
#include "app/server_target.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

#include <iostream>
#include <optional>

namespace headroom::app {
namespace {

constexpr int http_ok = 200;
constexpr int exit_no_answer = 2;

const json::Array& list_of(const json::Value& value, std::string_view name) {
    static const json::Array none;
    const json::Value* member = value.get(name);
    return member != nullptr && member->as_array() != nullptr ? *member->as_array() : none;
}

void print(const json::Value& quality) {
    std::cout << fmt::format("feeders     {} of {} with fresh readings, {} fell silent, {} never heard\n",
                             quality.integer("/coverage/fresh"), quality.integer("/coverage/feeders"),
                             quality.integer("/coverage/stale"), quality.integer("/coverage/silent"));
    for (const json::Value& source : list_of(quality, "sources")) {
        std::cout << fmt::format(
            "source      {}: {}, {} accepted, {} duplicates, {} conflicts, {} kept out, clock {}\n",
            source.text("/source"), source.text("/state"), source.integer("/accepted"),
            source.integer("/duplicates"), source.integer("/conflicts"), source.integer("/quarantined_total"),
            source.text("/clock/verdict"));
    }
    for (const json::Value& link : list_of(quality, "links")) {
        std::cout << fmt::format("station     {}: {}\n", link.text("/source"),
                                 link.get("running") != nullptr && *link.get("running") == json::Value(true)
                                     ? std::string("sends")
                                     : "does not send: " + link.text("/why"));
    }
    for (const json::Value& kind : list_of(quality, "findings")) {
        if (kind.integer("/findings") > 0) {
            std::cout << fmt::format("finding     {}: {} places, {} of them now\n", kind.text("/kind"),
                                     kind.integer("/findings"), kind.integer("/open"));
        }
    }
}

Result<json::Value> ask_quality(const ServerTarget& target, const std::string& key) {
    const Result<net::Url> url = net::parse_url(target.url);
    if (!url || (url->scheme != "http" && url->scheme != "https")) {
        return Error{Errc::invalid,
                     "'" + target.url + "' (" + target.origin + ") is no http:// or https:// address"};
    }
    net::HttpClient client({.allow_private = {url->authority()}});
    Result<ServerReply> reply =
        ask(client, url->scheme + "://" + url->authority() + "/api/v1/data-quality", key);
    if (!reply) {
        return reply.error();
    }
    if (reply->status != http_ok) {
        return Error{Errc::unavailable,
                     fmt::format("the server answered {}: {}", reply->status, reply->body.text("/detail"))};
    }
    return std::move(reply->body);
}

}  // namespace

std::vector<std::string> quality_faults(const json::Value& quality) {
    std::vector<std::string> faults;
    for (const json::Value& source : list_of(quality, "sources")) {
        if (source.text("/state") != "ok") {
            faults.push_back(source.text("/source") + " is " + source.text("/state"));
        }
        if (const std::string detail = source.text("/clock/detail"); !detail.empty()) {
            faults.push_back(source.text("/source") + ": " + detail);
        }
    }
    for (const json::Value& link : list_of(quality, "links")) {
        if (link.get("running") == nullptr || !(*link.get("running") == json::Value(true))) {
            faults.push_back("station " + link.text("/source") + " does not send: " + link.text("/why"));
        }
    }
    for (const json::Value& kind : list_of(quality, "findings")) {
        if (kind.integer("/open") > 0) {
            faults.push_back(fmt::format("{} in {} places", kind.text("/kind"), kind.integer("/open")));
        }
    }
    return faults;
}

int run_quality(const StatusCommand& command) {
    const Result<ServerTarget> target = find_server(command.server, command.data_dir, command.sources);
    const Result<std::string> key = read_api_key(command.key_file, command.sources);
    if (!target || !key) {
        std::cerr << "headroom quality: " << (target ? key.error().message : target.error().message) << "\n";
        return exit_usage;
    }
    const Result<json::Value> quality = ask_quality(*target, *key);
    if (!quality) {
        std::cerr << "headroom quality: " << quality.error().message << "\n";
        return exit_no_answer;
    }
    const std::vector<std::string> faults = quality_faults(*quality);
    if (command.is_json) {
        std::cout << json::write(*quality) << "\n";
    } else {
        print(*quality);
        for (const std::string& fault : faults) {
            std::cerr << "now: " << fault << "\n";
        }
    }
    return faults.empty() ? 0 : 1;
}

}  // namespace headroom::app
