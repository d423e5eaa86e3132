#include "app/run_quality.hpp"

#include "app/ask_server.hpp"
#include "app/cli_parts.hpp"
#include "app/complaint.hpp"
#include "app/desk_server.hpp"
#include "app/http_status.hpp"
#include "app/server_target.hpp"
#include "core/time.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <string_view>
#include <utility>

namespace headroom::app {
namespace {

constexpr minutes told_as_now{15};

/// `text` is an instant within the quarter of an hour before `as_of`.
bool is_recent(const std::string& text, const std::string& as_of) {
    const Result<UtcTime> at = parse_utc(text);
    const Result<UtcTime> now = parse_utc(as_of);
    return at && now && *now - *at <= told_as_now;
}

/// "3 places fell silent".
std::string finding_text(const std::string& kind, std::int64_t places) {
    static constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"stale", "fell silent"},
        {"missing_phase", "with a phase missing"},
        {"balance", "where the busbar is not the sum of its feeders"},
        {"sign", "whose sign looks turned round"},
        {"gap", "with gaps"},
        {"duplicate", "with readings sent twice"},
        {"conflict", "with a second, different value"},
        {"stuck", "whose value stands still"},
        {"spike", "with spikes"},
        {"range", "with values out of range"},
        {"late", "with readings that came late"}};
    const auto* const found =
        std::find_if(std::begin(words), std::end(words), [&](const auto& one) { return one.first == kind; });
    return fmt::format("{} {} {}", places, places == 1 ? "place" : "places",
                       found == std::end(words) ? kind : found->second);
}

void print_quality(const json::Value& quality) {
    std::cout << fmt::format("feeders     {} of {} with fresh readings, {} fell silent, {} never heard\n",
                             quality.integer("/coverage/fresh"), quality.integer("/coverage/feeders"),
                             quality.integer("/coverage/stale"), quality.integer("/coverage/silent"));
    for (const json::Value& source : list_of(quality, "sources")) {
        std::cout << fmt::format(
            "source      {}: {}, {} accepted, {} duplicates, {} conflicts, {} kept out, clock {}\n",
            source.text("/source"),
            source.integer("/accepted") == 0 ? "nothing usable yet" : source.text("/state"),
            source.integer("/accepted"), source.integer("/duplicates"), source.integer("/conflicts"),
            source.integer("/quarantined_total"), source.text("/clock/verdict"));
    }
    for (const json::Value& link : list_of(quality, "links")) {
        std::cout << fmt::format("station     {}: {}\n", link.text("/source"),
                                 link.get("running") != nullptr && *link.get("running") == json::Value(true)
                                     ? std::string("sends")
                                     : "does not send: " + link.text("/why"));
    }
    for (const json::Value& kind : list_of(quality, "findings")) {
        if (kind.integer("/findings") > 0) {
            const std::int64_t open = kind.integer("/open");
            std::cout << fmt::format("finding     {}{}\n",
                                     finding_text(kind.text("/kind"), kind.integer("/findings")),
                                     open > 0 ? fmt::format(", {} of them now", open) : "");
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
        if (source.integer("/accepted") == 0) {  // a door that only refused: no fault once that is over
            const json::Array& examples = list_of(source, "examples");
            if (std::any_of(examples.begin(), examples.end(), [&](const json::Value& example) {
                    return is_recent(example.text("/at"), quality.text("/as_of"));
                })) {
                faults.push_back(fmt::format("{}: nothing of it could be used, {} kept out",
                                             source.text("/source"), source.integer("/quarantined_total")));
            }
        } else if (source.text("/state") != "ok") {
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
            faults.push_back(finding_text(kind.text("/kind"), kind.integer("/open")));
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
        print_quality(*quality);
        for (const std::string& fault : faults) {
            std::cerr << "now: " << fault << "\n";
        }
    }
    return faults.empty() ? 0 : 1;
}

}  // namespace headroom::app
