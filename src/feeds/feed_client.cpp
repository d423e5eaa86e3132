#include "feeds/feed_client.hpp"

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace headroom::feeds {
namespace {

constexpr milliseconds not_before_max{hours{48}};
constexpr std::size_t words_max = 300;

/// "120" (seconds), or a time as one of the services writes it.
std::optional<UtcTime> reset_in(std::string_view text, UtcTime now) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, number);
    if (!text.empty() && fault == std::errc{} && stop == end && number >= 0) {
        constexpr std::int64_t epoch_min = 1'000'000'000;
        return number < epoch_min ? now + seconds{std::min<std::int64_t>(number, 7 * 86'400)}
                                  : UtcTime{seconds{number}};
    }
    const Result<UtcTime> time = parse_utc(text);
    return time ? std::optional(*time) : std::nullopt;
}

/// What the service says of its refusal, in whichever envelope.
std::string words_of(std::string_view body, std::optional<UtcTime>& reset, UtcTime now) {
    const Result<json::Value> parsed = json::parse(body, {.bytes = 1UL << 20U, .depth = 16});
    if (!parsed) {
        return {};
    }
    if (const std::string* text = parsed->as_string()) {
        return text->substr(0, words_max);
    }
    if (const std::string at = parsed->text("/reset_time"); !at.empty()) {
        reset = reset_in(at, now);
    }
    for (const char* pointer :
         {"/error/message", "/message", "/reason", "/detail", "/error", "/error_code"}) {
        if (const std::string text = parsed->text(pointer); !text.empty()) {
            return text.substr(0, words_max);
        }
    }
    return {};
}

bool is_passing(int status) {
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

Errc code_of(int status) {
    return status == 401 || status == 403                   ? Errc::denied
           : status >= 400 && status < 500 && status != 429 ? Errc::invalid
                                                            : Errc::unavailable;
}

}  // namespace

Verdict judge(int status, const net::Headers& headers, std::string_view body, UtcTime now) {
    if (status >= 200 && status < 300) {
        return {.what = Verdict::What::take, .why = {}};
    }
    Verdict verdict;
    verdict.what = is_passing(status) ? Verdict::What::retry : Verdict::What::give_up;
    const std::string words = words_of(body, verdict.not_before, now);
    verdict.why = fmt::format("answered {}{}{}", status, words.empty() ? "" : ": ", words);
    if (verdict.what == Verdict::What::retry) {
        for (const char* name : {"Retry-After", "X-RateLimit-Reset"}) {
            if (!verdict.not_before && headers.has(name) && (status == 429 || status == 503)) {
                verdict.not_before = reset_in(headers.get(name), now);
            }
        }
    }
    if (verdict.not_before && *verdict.not_before > now + not_before_max) {
        verdict.not_before = now + not_before_max;
    }
    return verdict;
}

FeedClient::FeedClient(Parts parts, FeedCache cache, FeedRules rules)
    : parts_(std::move(parts)), cache_(std::move(cache)), rules_(rules) {}

bool FeedClient::take_turn(const FeedSource& source, milliseconds wait_max) {
    RateBudget& budget = budgets_.try_emplace(source.id, source.rate).first->second;
    for (;;) {
        const milliseconds wait = budget.take(parts_.wall.now());
        if (wait.count() == 0) {
            return true;
        }
        if (wait > wait_max) {
            return false;
        }
        parts_.sleep(wait);
    }
}

void FeedClient::note_trouble(const FeedSource& source, const std::string& why,
                              std::optional<UtcTime> not_before) {
    FeedHealth health = cache_.health(source.id);
    health.last_trouble = parts_.wall.now();
    health.trouble = why;
    if (not_before) {
        health.not_before = not_before;
    }
    if (const Result<void> written = cache_.put_health(health); !written) {
        log::warn("the state of a feed cannot be kept",
                  {{"source", source.id}, {"error", written.error().message}});
    }
}

Result<FeedDocument> FeedClient::fetch(const FeedSource& source, const std::string& target) {
    const FeedHealth health = cache_.health(source.id);
    if (health.not_before && *health.not_before > parts_.wall.now()) {
        return Error{Errc::unavailable, "asked not to be called before " + format_utc(*health.not_before)};
    }
    const std::string url = source.base_url + target;
    std::string asked = url;
    if (!source.key_parameter.empty() && !source.key.empty()) {
        asked += (target.find('?') == std::string::npos ? '?' : '&') + source.key_parameter + "=" +
                 net::percent_encode(source.key);
    }
    milliseconds delay = rules_.first_delay;
    Error last{Errc::unavailable, "was not asked"};
    for (int attempt = 1; attempt <= rules_.tries; ++attempt) {
        // A first question waits its turn; a repeat that would have to wait that long is none of now.
        if (attempt == 1 && !take_turn(source, std::max(rules_.wait_max, source.rate.refill))) {
            return Error{Errc::unavailable, "may not be asked so often"};
        }
        if (attempt > 1 && !take_turn(source, rules_.wait_max)) {
            note_trouble(source, last.message, std::nullopt);
            return last;
        }
        net::ClientRequest request;
        request.url = asked;
        request.headers.set("Accept", "application/json");
        request.deadline_ms = rules_.deadline.count();
        request.max_response_bytes = rules_.body_max;
        request.compressed = true;
        Result<net::ClientResponse> response = parts_.http.send_wait(std::move(request));
        const UtcTime now = parts_.wall.now();
        std::optional<UtcTime> not_before;
        if (response) {
            Verdict verdict = judge(response->status, response->headers, response->body, now);
            if (verdict.what == Verdict::What::take) {
                FeedDocument document;
                document.provenance = {.source = source.id,
                                       .url = url,
                                       .fetched = now,
                                       .status = response->status,
                                       .sha256 = sha256_hex(response->body),
                                       .licence = source.licence};
                document.body = std::move(response->body);
                return document;
            }
            last = {code_of(response->status), std::move(verdict.why)};
            not_before = verdict.not_before;
            if (verdict.what == Verdict::What::give_up) {
                note_trouble(source, last.message, std::nullopt);
                return last;
            }
        } else {
            last = {Errc::unavailable, response.error().message};
            if (response.error().code == Errc::invalid || response.error().code == Errc::denied) {
                note_trouble(source, last.message, std::nullopt);
                return response.error();
            }
        }
        const auto jitter =
            static_cast<std::int64_t>(parts_.jitter() * static_cast<double>(delay.count()) / 4.0);
        milliseconds wait = delay + milliseconds{jitter};
        if (not_before) {
            wait = std::max(wait, *not_before - now);
        }
        if (attempt == rules_.tries || wait > rules_.wait_max) {
            note_trouble(source, last.message, not_before);
            return last;
        }
        parts_.sleep(wait);
        delay *= 2;
    }
    return last;
}

void FeedClient::refuse(const FeedSource& source, const FeedRequest& request, const std::string& why) {
    cache_.forget(source.id, request.target());
    note_trouble(source, why, std::nullopt);
}

Result<FeedDocument> FeedClient::get(const FeedSource& source, const FeedRequest& request, bool refresh) {
    const std::string target = request.target();
    std::optional<FeedDocument> kept = cache_.find(source.id, target);
    if (kept && !refresh && parts_.wall.now() - kept->provenance.fetched < source.max_age) {
        return std::move(*kept);
    }
    Result<FeedDocument> fresh = fetch(source, target);
    if (!fresh) {
        if (!kept) {
            return Error{fresh.error().code, source.id + " " + fresh.error().message};
        }
        kept->stale_because = source.id + " " + fresh.error().message;
        return std::move(*kept);
    }
    FeedHealth health = cache_.health(source.id);
    health.last_answer = fresh->provenance.fetched;
    health.not_before.reset();
    for (const Result<void>& written : {cache_.put(target, *fresh), cache_.put_health(health)}) {
        if (!written) {
            log::warn("an answer of a feed cannot be kept",
                      {{"source", source.id}, {"error", written.error().message}});
        }
    }
    cache_.prune(source.id, parts_.wall.now(), rules_.kept_for, rules_.kept_files);
    return fresh;
}

}  // namespace headroom::feeds
