#include "net/curl_transfer.hpp"

#include <algorithm>
#include <cmath>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace headroom::net {
namespace {

constexpr long idle_connection_s_max = 60;  // below the usual idle limit of servers, ours included

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_idempotent(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
           method == "OPTIONS";
}

bool is_passing_fault(int status) {
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

std::string address_text(const curl_sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes =
        address->family == AF_INET6
            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&address->addr)->sin6_addr)
            : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&address->addr)->sin_addr);
    const char* end = ::inet_ntop(address->family, bytes, text.data(), static_cast<socklen_t>(text.size()));
    return end == nullptr ? "an unknown address" : std::string(end);
}

template <class T>
void set_easy_option(CURL* easy, CURLoption option, T value) {
    // Every option is a constant of ours with a value of its type; a refusal is our own bug.
    HEADROOM_ASSERT(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

}  // namespace

CurlTransfer::CurlTransfer(ClientRequest request, Url url)
    : request_(std::move(request)), url_(std::move(url)), url_text_(url_.text()), started_(steady_now()) {}

Result<Url> check_request(const ClientRequest& request) {
    Result<Url> url = parse_url(request.url);
    if (!url) {
        return url;
    }
    if (url->scheme != "http" && url->scheme != "https") {
        return Error{
            Errc::invalid, "URL has the scheme " + url->scheme + "; only http and https are sent", {}};
    }
    if (!is_token(request.method)) {
        return Error{Errc::invalid, "request method is no word", {}};
    }
    for (const auto& [name, value] : request.headers.fields()) {
        if (!is_token(name) || !is_field_value(value)) {
            return Error{
                Errc::invalid, "request header " + std::string(name.substr(0, 64)) + " is malformed", {}};
        }
    }
    if (request.deadline_ms <= 0) {
        return Error{Errc::timeout, "no time is left for a request to " + url->authority(), {}};
    }
    return url;
}

void CurlTransfer::prepare(CURL* easy, const ClientSettings& settings, const PrivateTargets& targets) {
    ++attempts_;
    targets_ = &targets;
    through_proxy_ = !settings.proxy.empty();
    refused_address_.clear();
    too_large_ = false;
    header_bytes_ = 0;
    error_text_.front() = '\0';
    response_ = ClientResponse{};

    set_easy_option(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
    set_easy_option(easy, CURLOPT_ERRORBUFFER, error_text_.data());
    set_easy_option(easy, CURLOPT_NOSIGNAL, 1L);
    set_easy_option(easy, CURLOPT_URL, url_text_.c_str());
    set_easy_option(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set_easy_option(easy, CURLOPT_PROXY, settings.proxy.c_str());
    set_easy_option(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set_easy_option(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, left_ms())));
    set_easy_option(easy, CURLOPT_TCP_NODELAY, 1L);
    set_easy_option(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set_easy_option(easy, CURLOPT_MAXAGE_CONN, idle_connection_s_max);
    set_easy_option(easy, CURLOPT_USERAGENT, settings.user_agent.c_str());
    if (!settings.ca_file.empty()) {
        set_easy_option(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
    }
    if (request_.compressed) {
        set_easy_option(easy, CURLOPT_ACCEPT_ENCODING, "");
    }
    set_easy_option(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
    set_easy_option(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
    set_easy_option(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
    set_easy_option(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
    set_easy_option(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_socket);
    set_easy_option(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));

    const bool with_body = !request_.body.empty() || request_.method == "POST" || request_.method == "PUT" ||
                           request_.method == "PATCH";
    if (with_body) {
        set_easy_option(easy, CURLOPT_POST, 1L);
        set_easy_option(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
        set_easy_option(easy, CURLOPT_POSTFIELDS, request_.body.data());
    } else if (request_.method == "HEAD") {
        set_easy_option(easy, CURLOPT_NOBODY, 1L);
    }
    set_easy_option(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());

    curl_slist* list = curl_slist_append(nullptr, "Expect:");
    if (with_body && !request_.headers.has("Content-Type")) {
        list = curl_slist_append(list, "Content-Type:");
    }
    for (const auto& [name, value] : request_.headers.fields()) {
        // "Name;" is how curl is told to send a field without a value.
        const std::string line = value.empty() ? name + ";" : name + ": " + value;
        list = curl_slist_append(list, line.c_str());
    }
    headers_.reset(list);
    set_easy_option(easy, CURLOPT_HTTPHEADER, list);
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    const std::size_t bytes = size * count;
    if (bytes > transfer.request_.max_response_bytes - transfer.response_.body.size()) {
        transfer.too_large_ = true;
        return 0;
    }
    transfer.response_.body.append(data, bytes);
    return bytes;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    const std::size_t bytes = size * count;
    transfer.header_bytes_ += bytes;
    if (transfer.header_bytes_ > response_header_bytes_max) {
        transfer.too_large_ = true;
        return 0;
    }
    std::string_view line(data, bytes);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
        line.remove_suffix(1);
    }
    if (line.starts_with("HTTP/")) {
        transfer.response_.headers.clear();  // of an interim answer before this one
        return bytes;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        transfer.response_.headers.add(std::string(line.substr(0, colon)), std::string(value));
    }
    return bytes;
}

curl_socket_t CurlTransfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<CurlTransfer*>(self);
    const bool allowed = transfer.through_proxy_ || is_public_address(&address->addr) ||
                         transfer.targets_->allows(transfer.url_.host, transfer.url_.port);
    if (!allowed) {
        transfer.refused_address_ = address_text(address);
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::int64_t CurlTransfer::left_ms() const {
    const double gone = milliseconds_between(started_, steady_now());
    return request_.deadline_ms - static_cast<std::int64_t>(std::floor(gone));
}

Error CurlTransfer::late() const {
    return Error{
        Errc::timeout,
        "no answer from " + url_.authority() + " within " + std::to_string(request_.deadline_ms) + " ms",
        {}};
}

bool CurlTransfer::may_repeat() const {
    return is_idempotent(request_.method) || request_.retry.allow_repeat;
}

/// How long to wait before the next attempt; nothing when there is none left, or no time for one.
std::optional<std::int64_t> CurlTransfer::retry_delay(std::int64_t asked_ms) const {
    const RetryPolicy& policy = request_.retry;
    if (attempts_ >= policy.attempts) {
        return std::nullopt;
    }
    std::int64_t delay = std::max<std::int64_t>(0, policy.first_delay_ms);
    for (int i = 1; i < attempts_ && delay < policy.delay_ms_max; ++i) {
        delay *= 2;
    }
    delay = std::max(std::min(delay, policy.delay_ms_max), asked_ms);
    return delay < left_ms() ? std::optional<std::int64_t>(delay) : std::nullopt;
}

CurlTransfer::Outcome CurlTransfer::retry_or(Error error, bool repeatable) {
    const auto delay = repeatable ? retry_delay(0) : std::nullopt;
    if (!delay) {
        return {.result = Result<ClientResponse>(std::move(error)), .again_after_ms = 0};
    }
    return {.result = std::nullopt, .again_after_ms = *delay};
}

Error CurlTransfer::failure(CURLcode code) const {
    const std::string why = error_text_.front() != '\0' ? error_text_.data() : curl_easy_strerror(code);
    const std::string what = "request to " + url_.authority() + " failed: " + why;
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            return late();
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ISSUER_ERROR:
            return Error{Errc::denied, what, {}};
        default:
            return Error{Errc::unavailable, what, {}};
    }
}

CurlTransfer::Outcome CurlTransfer::conclude(CURL* easy, CURLcode code) {
    if (too_large_) {
        return {.result = Error{Errc::invalid,
                                "answer from " + url_.authority() + " is longer than the " +
                                    std::to_string(request_.max_response_bytes) + " bytes allowed",
                                {}},
                .again_after_ms = 0};
    }
    if (code != CURLE_OK && !refused_address_.empty()) {
        return {.result = Error{Errc::denied,
                                "request to " + url_.authority() + " was not sent: its address " +
                                    refused_address_ +
                                    " is not public and not on the list of allowed private targets",
                                {}},
                .again_after_ms = 0};
    }
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
        code == CURLE_COULDNT_RESOLVE_PROXY) {
        return retry_or(failure(code), true);
    }
    if (code != CURLE_OK) {
        return retry_or(failure(code), may_repeat() && code != CURLE_PEER_FAILED_VERIFICATION);
    }

    long status = 0;
    HEADROOM_ASSERT(curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
    response_.status = static_cast<int>(status);
    if (is_passing_fault(response_.status) && may_repeat()) {
        curl_off_t asked_s = 0;
        HEADROOM_ASSERT(curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &asked_s) == CURLE_OK);
        const std::int64_t asked_ms = std::clamp<std::int64_t>(asked_s, 0, 86'400) * 1000;
        if (const auto delay = retry_delay(asked_ms)) {
            return {.result = std::nullopt, .again_after_ms = *delay};
        }
    }
    const bool redirect = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    const bool reads = request_.method == "GET" || request_.method == "HEAD";
    if (redirect && reads && request_.redirects > 0) {
        return follow_redirect();
    }
    response_.attempts = attempts_;
    response_.elapsed_ms = milliseconds_between(started_, steady_now());
    return {.result = Result<ClientResponse>(std::move(response_)), .again_after_ms = 0};
}

CurlTransfer::Outcome CurlTransfer::follow_redirect() {
    const auto refuse = [this](std::string_view why) {
        return Outcome{
            .result = Error{Errc::denied, "redirect of " + url_.authority() + " " + std::string(why), {}},
            .again_after_ms = 0};
    };
    if (redirects_ == request_.redirects) {
        return refuse("was the last of " + std::to_string(redirects_) + " that may be followed");
    }
    ++redirects_;
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> resolver(curl_url(), &curl_url_cleanup);
    const std::string location(response_.headers.get("Location"));
    char* text = nullptr;
    if (curl_url_set(resolver.get(), CURLUPART_URL, url_text_.c_str(), 0) != CURLUE_OK ||
        curl_url_set(resolver.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK ||
        curl_url_get(resolver.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) {
        return refuse("names no usable place");
    }
    const auto target = parse_url(text);
    curl_free(text);
    if (!target) {
        return refuse("names no usable place: " + target.error().message);
    }
    if (target->scheme != url_.scheme || target->host != url_.host || target->port != url_.port) {
        return refuse("leads elsewhere, to " + target->scheme + "://" + target->authority());
    }
    url_ = *target;
    url_text_ = url_.text();
    --attempts_;  // the next request is the same attempt, one step further
    return {.result = std::nullopt, .again_after_ms = 0};
}

}  // namespace headroom::net
