#include "app/run_beckn_doctor.hpp"

#include "app/complaint.hpp"
#include "audit/key_file.hpp"
#include "beckn/doctor.hpp"
#include "beckn/registry_message.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "net/http.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::size_t capture_bytes_max = 64UL << 20U;

Result<std::string> read_all(const std::filesystem::path& path) {
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) {
            return Error{Errc::invalid, path.string() + " cannot be read", ""};
        }
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (text.size() > capture_bytes_max) {
        return Error{Errc::invalid, path.string() + " has more than 64 MiB", ""};
    }
    return text;
}

/// "Name: value" lines, or an object of names and values.
Result<net::Headers> parse_headers(std::string_view text) {
    net::Headers headers;
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && text[first] == '{') {
        const Result<json::Value> parsed = json::parse(text);
        if (!parsed) {
            return parsed.error();
        }
        for (const auto& [name, value] : parsed->as_object()->members()) {
            headers.add(name.str(), value.is_string() ? *value.as_string() : json::write(value));
        }
        return headers;
    }
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            continue;
        }
        std::string_view value = line.substr(colon + 1);
        const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
        while (!value.empty() && is_space(value.front())) {
            value.remove_prefix(1);
        }
        while (!value.empty() && is_space(value.back())) {
            value.remove_suffix(1);
        }
        headers.add(std::string(line.substr(0, colon)), std::string(value));
    }
    return headers;
}

Result<UtcTime> time_of(const std::string& text, const std::string& body) {
    if (text.empty()) {
        return make_system_wall_clock()->now();
    }
    if (text == "message") {
        const Result<json::Value> parsed = json::parse(body);
        return parsed ? parse_utc(parsed->text("/context/timestamp")) : Result<UtcTime>(parsed.error());
    }
    std::int64_t unix_seconds = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), unix_seconds);
    if (code == std::errc{} && end == text.data() + text.size()) {
        return UtcTime{seconds{unix_seconds}};
    }
    return parse_utc(text);
}

Result<void> add_keys(const BecknDoctorCommand& command, beckn::DoctorCase& message) {
    if (!command.key.empty()) {
        const Result<Ed25519PublicKey> key = beckn::parse_ed25519_key(command.key);
        if (!key) {
            return key.error();
        }
        message.keys.push_back({.subscriber = {}, .key = {}, .signing = *key});
        message.takes_any_key_id = true;
    }
    if (!command.keys.empty()) {
        const Result<std::string> text = read_all(command.keys);
        Result<std::vector<beckn::PublishedKey>> keys =
            text ? beckn::read_subscriptions(*text) : Result<std::vector<beckn::PublishedKey>>(text.error());
        if (!keys) {
            return keys.error();
        }
        std::move(keys->begin(), keys->end(), std::back_inserter(message.keys));
    }
    return {};
}

void print_report(const beckn::DoctorReport& report) {
    for (const beckn::DoctorFinding& finding : report.findings) {
        std::cout << fmt::format("{:<8} {:<18} {}\n", beckn::to_string(finding.level), finding.where,
                                 finding.what);
        if (!finding.remedy.empty()) {
            std::cout << fmt::format("{:<27} {}\n", "", finding.remedy);
        }
    }
    std::cout << "\nkey id   " << report.key_id << "\ndigest   " << report.digest
              << "\nsigned text, without a newline at its end:\n"
              << report.signing_text << "\n";
}

int sign_message(const BecknDoctorCommand& command, const std::string& body,
                 const beckn::SignatureRules& rules) {
    if (command.key_file.empty() || command.subscriber.empty()) {
        return complain("beckn doctor", Error{Errc::invalid, "--sign needs --key-file and --subscriber", ""});
    }
    std::error_code fault;
    if (!std::filesystem::exists(command.key_file, fault)) {
        return complain(
            "beckn doctor",
            Error{Errc::invalid, command.key_file.string() + " is not there; headroom beckn keygen makes one",
                  ""});
    }
    const Result<Ed25519KeyPair> key = audit::load_or_create_key(command.key_file);
    if (!key) {
        return complain("beckn doctor", key.error());
    }
    const Result<UtcTime> at = time_of(command.at, body);
    if (!at) {
        return complain("beckn doctor", at.error());
    }
    const beckn::Signer signer{
        command.subscriber, command.key_id.empty() ? beckn::key_name_of(key->public_key()) : command.key_id,
        *key};
    const std::string header = beckn::sign(rules, signer, *at, seconds{command.ttl_s}, body, command.request);
    if (command.is_json) {
        std::cout << json::write(json::Object{{"authorization", header},
                                              {"digest", beckn::digest_text(rules.label, body)},
                                              {"public_key", to_base64(key->public_key())}})
                  << "\n";
    } else {
        std::cout << "Authorization: " << header << "\n";
    }
    return 0;
}

/// A line of evidence: {"raw", "headers": {"authorization", …}, "received_at", "public_key"}.
Result<beckn::DoctorReport> examine_line(const std::string& line, const BecknDoctorCommand& command,
                                         const beckn::SignatureRules& rules) {
    const Result<json::Value> parsed = json::parse(line);
    if (!parsed) {
        return parsed.error();
    }
    beckn::DoctorCase message;
    message.body = parsed->text("/raw");
    const json::Value* headers = parsed->get("headers");
    const Result<net::Headers> named = parse_headers(headers != nullptr ? json::write(*headers) : "{}");
    if (!named) {
        return named.error();
    }
    message.authorization = std::string(named->get("Authorization"));
    message.gateway_authorization = std::string(named->get("X-Gateway-Authorization"));
    message.request_authorization = parsed->text("/request_authorization");
    message.rules = rules;
    BecknDoctorCommand keys = command;
    if (const std::string key = parsed->text("/public_key"); !key.empty() && command.keys.empty()) {
        keys.key = key;
    }
    const Result<void> added = add_keys(keys, message);
    if (!added) {
        return added.error();
    }
    const Result<UtcTime> given = command.at.empty()
                                      ? Result<UtcTime>(UtcTime{seconds{parsed->integer("/received_at")}})
                                      : time_of(command.at, message.body);
    if (!given) {
        return given.error();
    }
    message.at = *given;
    return beckn::examine(message);
}

int examine_capture(const BecknDoctorCommand& command, const beckn::SignatureRules& rules) {
    std::ifstream file(command.capture, std::ios::binary);
    if (!file) {
        return complain("beckn doctor",
                        Error{Errc::invalid, command.capture.string() + " cannot be read", ""});
    }
    std::size_t number = 0;
    std::size_t bad = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.empty()) {
            continue;
        }
        const Result<beckn::DoctorReport> report = examine_line(line, command, rules);
        if (!report) {
            return complain(
                "beckn doctor",
                Error{Errc::invalid, fmt::format("line {}: {}", number, report.error().message), ""});
        }
        bad += report->is_good() ? 0 : 1;
        if (command.is_json) {
            json::Object object = report->to_json();
            object.set("line", static_cast<std::int64_t>(number));
            std::cout << json::write(std::move(object)) << "\n";
        } else if (!report->is_good()) {
            std::cout << "line " << number << "\n";
            print_report(*report);
        }
    }
    std::cerr << number << " messages, " << bad << " with faults\n";
    return bad == 0 ? 0 : 1;
}

}  // namespace

int run_beckn_doctor(const BecknDoctorCommand& command) {
    const std::optional<beckn::SignatureProfile> profile = beckn::parse_signature_profile(command.profile);
    if (!profile) {
        return complain("beckn doctor", Error{Errc::invalid, "there is no profile " + command.profile, ""});
    }
    const beckn::SignatureRules rules = beckn::rules_of(*profile);
    if (!command.capture.empty()) {
        return examine_capture(command, rules);
    }
    Result<std::string> body = read_all(command.body);
    if (!body) {
        return complain("beckn doctor", body.error());
    }
    if (command.is_signing) {
        return sign_message(command, *body, rules);
    }
    beckn::DoctorCase message;
    message.rules = rules;
    message.authorization = command.authorization;
    message.request_authorization = command.request;
    if (!command.headers.empty()) {
        const Result<std::string> text = read_all(command.headers);
        const Result<net::Headers> headers = text ? parse_headers(*text) : Result<net::Headers>(text.error());
        if (!headers) {
            return complain("beckn doctor", headers.error());
        }
        message.authorization = std::string(headers->get("Authorization"));
        message.gateway_authorization = std::string(headers->get("X-Gateway-Authorization"));
        message.digest = std::string(headers->get("Digest"));
        if (message.authorization.empty()) {
            message.ack_signature = std::string(headers->get("Signature"));
        }
    }
    if (const Result<void> added = add_keys(command, message); !added) {
        return complain("beckn doctor", added.error());
    }
    const Result<UtcTime> at = time_of(command.at, *body);
    if (!at) {
        return complain("beckn doctor", Error{Errc::invalid, "--at: " + at.error().message, ""});
    }
    message.at = *at;
    message.body = std::move(*body);
    const beckn::DoctorReport report = beckn::examine(message);
    if (command.is_json) {
        std::cout << json::write(report.to_json()) << "\n";
    } else {
        print_report(report);
    }
    return report.is_good() ? 0 : 1;
}

}  // namespace headroom::app
