#include "agents/copilot.hpp"

#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headroom::agents {
namespace {

using copilot::Reason;

constexpr beckn::BreakerRules breaker_rules{
    .failures_max = 5, .open_for = seconds{60}, .open_for_max = minutes{15}, .probe_within = seconds{60}};
constexpr beckn::BreakerRules quota_rules{
    .failures_max = 1, .open_for = seconds{60}, .open_for_max = minutes{15}, .probe_within = seconds{60}};
constexpr int quotas_in_a_row_max = 3;  // a day's quota says no time: knocking on is of no use
constexpr std::size_t limits_max = 12;

milliseconds left_of(const Copilot::Turn& turn) {
    return std::chrono::floor<milliseconds>(turn.until - steady_now());
}

}  // namespace

Copilot::Copilot(Parts parts, CopilotOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      day_(options_.tokens_per_day),
      worker_("copilot") {
    if (options_.base_url.empty()) {
        options_.base_url = copilot::default_base_url(options_.wire.format);
    }
}

std::optional<Copilot::Turn> Copilot::begin(std::string purpose, std::string corr, audit::Actor actor,
                                            std::optional<milliseconds> budget, Reason& why) {
    const UtcTime now = parts_.wall.now();
    if (!options_.is_enabled) {
        why = Reason::llm_disabled;
        return std::nullopt;
    }
    if (!day_.may_ask(now)) {
        why = Reason::llm_budget;
        return std::nullopt;
    }
    if (turns_open_ >= turns_open_max) {
        why = Reason::llm_unavailable;
        return std::nullopt;
    }
    auto [next, may_ask] = beckn::step(breaker_, beckn::BreakerEvent::ask, now, breaker_rules);
    breaker_ = std::move(next);
    if (!may_ask) {
        why = Reason::llm_breaker_open;
        return std::nullopt;
    }
    why = Reason::none;
    ++turns_open_;
    Turn turn{.purpose = std::move(purpose), .corr = std::move(corr), .actor = std::move(actor)};
    turn.begun = steady_now();
    turn.until = turn.begun + std::min(options_.budget, budget.value_or(options_.budget));
    return turn;
}

Awaitable<Copilot::Asked> Copilot::ask(Turn& turn, const copilot::Chat& chat) {
    Asked asked;
    if (turn.rounds >= rounds_max || left_of(turn) <= milliseconds{0}) {
        asked.reason = Reason::llm_timeout;
        asked.fault = turn.rounds >= rounds_max ? "too many rounds" : "the budget is used up";
        co_return asked;
    }
    ++turn.rounds;
    const SteadyTime begun = steady_now();
    copilot::WireRequest request = copilot::write_request(options_.wire, chat);
    std::string prompt = request.body;
    Tried tried = co_await send(turn, std::move(request));
    if (tried.fault.empty()) {
        const std::size_t bytes = tried.body.size();
        auto job = [format = options_.wire.format, body = tried.body] {
            return copilot::read_answer(format, body);
        };
        Result<copilot::Answer> read = co_await worker_.run(std::move(job));
        if (read) {
            asked.answer = std::move(*read);
        } else {
            asked.fault = read.error().message;
            log::warn("a language model's answer could not be read",
                      {{"fault", asked.fault}, {"bytes", static_cast<std::int64_t>(bytes)}});
        }
    } else {
        asked.fault = tried.fault;
    }
    const double latency_ms = milliseconds_between(begun, steady_now());
    counts_.last_latency_ms = latency_ms;
    if (asked.answer) {
        succeed();
        turn.model = asked.answer->model.empty() ? options_.wire.model : asked.answer->model;
        turn.tokens += asked.answer->tokens.total();
        counts_.prompt_tokens += asked.answer->tokens.prompt;
        counts_.output_tokens += asked.answer->tokens.output;
        day_.spend(asked.answer->tokens.total(), parts_.wall.now());
    } else {
        asked.reason = tried.is_timeout      ? Reason::llm_timeout
                       : tried.fault.empty() ? Reason::llm_schema
                                             : Reason::llm_unavailable;
        fail(asked.fault, tried.is_quota);
    }
    co_await write_down(turn, std::move(prompt), tried, asked, latency_ms);
    co_return asked;
}

Awaitable<Copilot::Tried> Copilot::send(Turn& turn, copilot::WireRequest request) {
    if (const auto key = copilot::key_header(options_.wire.format, options_.key)) {
        request.headers.add(key->first, key->second);
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    Tried tried;
    for (;;) {
        net::ClientRequest sent{.method = "POST", .url = options_.base_url + request.path};
        sent.headers = request.headers;
        sent.body = request.body;
        sent.deadline_ms = std::max<std::int64_t>(left_of(turn).count(), 1);
        sent.max_response_bytes = copilot::answer_bytes_max;
        ++tried.tries;
        ++counts_.requests;
        Result<net::ClientResponse> response = co_await parts_.http.send(std::move(sent));
        copilot::TryOutcome outcome;
        if (response) {
            tried.status = response->status;
            tried.body = without_key(std::move(response->body));
            note_limits(response->headers);
            outcome = {.status = tried.status, .headers = response->headers, .body = tried.body};
        } else {
            tried.status = 0;
            tried.body.clear();
            tried.is_timeout = response.error().code == Errc::timeout;
            outcome.is_timeout = tried.is_timeout;
        }
        const bool can_never_work =
            !response && (response.error().code == Errc::invalid || response.error().code == Errc::denied);
        copilot::RetryStep step =
            copilot::next_step(outcome, tried.tries, left_of(turn), parts_.wall.now(), parts_.jitter());
        tried.is_quota = step.is_quota;
        // The client's words name the host at most, never a header.
        tried.fault = response ? step.fault : without_key(response.error().message);
        if (step.what != copilot::RetryStep::What::again || can_never_work) {
            tried.is_timeout = tried.is_timeout || left_of(turn) <= milliseconds{0};
            co_return tried;
        }
        asio::steady_timer timer(executor, step.wait);
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer.async_wait(token);
    }
}

Awaitable<void> Copilot::write_down(Turn& turn, std::string prompt, const Tried& tried, const Asked& asked,
                                    double latency_ms) {
    json::Object body{{"purpose", turn.purpose},
                      {"format", std::string(copilot::to_string(options_.wire.format))},
                      {"model", options_.wire.model},
                      {"round", turn.rounds},
                      {"tries", tried.tries},
                      {"status", tried.status},
                      {"latency_ms", static_cast<std::int64_t>(latency_ms)},
                      {"prompt_sha256", sha256_hex(prompt)}};
    if (!tried.body.empty()) {
        body.set("answer_sha256", sha256_hex(tried.body));
    }
    if (asked.answer) {
        body.set("model_told", asked.answer->model);
        body.set("finish", std::string(copilot::to_string(asked.answer->finish)));
        body.set("prompt_tokens", asked.answer->tokens.prompt);
        body.set("output_tokens", asked.answer->tokens.output);
    } else {
        body.set("fault", asked.fault.substr(0, 256));
    }
    const auto keep = [&](const char* name, std::string bytes) -> Awaitable<void> {
        Result<json::Value> blob = co_await parts_.journal.put_blob(std::move(bytes));
        if (blob) {
            body.set(name, std::move(*blob));
        } else {
            log::error("an exchange with a language model could not be kept",
                       {{"error", blob.error().message}});
        }
    };
    co_await keep("prompt_blob", std::move(prompt));
    if (!tried.body.empty()) {
        co_await keep("answer_blob", tried.body);
    }
    turn.drafts.push_back({.type = "copilot.exchange",
                           .actor = turn.actor,
                           .body = std::move(body),
                           .corr = turn.corr,
                           .outcome = asked.answer       ? "ok"
                                      : tried.is_timeout ? "timeout"
                                                         : "error"});
}

Awaitable<std::vector<std::uint64_t>> Copilot::end(Turn turn, std::string verdict) {
    --turns_open_;
    ++counts_.verdicts[verdict];
    std::vector<std::uint64_t> numbers;
    if (turn.drafts.empty()) {
        co_return numbers;
    }
    const std::size_t count = turn.drafts.size();
    for (audit::Draft& draft : turn.drafts) {
        draft.body.set("verdict", verdict);
    }
    const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(turn.drafts));
    if (!committed) {
        log::error("an exchange with a language model could not be written down",
                   {{"error", committed.error().message}});
        co_return numbers;
    }
    for (std::size_t i = 0; i < count; ++i) {
        numbers.push_back(committed->first_seq + i);
    }
    co_return numbers;
}

void Copilot::succeed() {
    breaker_ = beckn::step(breaker_, beckn::BreakerEvent::success, parts_.wall.now(), breaker_rules).first;
    quotas_in_a_row_ = 0;
    counts_.last_fault.clear();
}

void Copilot::fail(const std::string& fault, bool is_quota) {
    ++counts_.failures;
    counts_.last_fault = fault;
    quotas_in_a_row_ = is_quota ? quotas_in_a_row_ + 1 : 0;
    const beckn::BreakerRules& rules = quotas_in_a_row_ >= quotas_in_a_row_max ? quota_rules : breaker_rules;
    breaker_ = beckn::step(breaker_, beckn::BreakerEvent::failure, parts_.wall.now(), rules, fault).first;
}

/// "x-ratelimit-remaining-tokens" and the like, for the metrics.
void Copilot::note_limits(const net::Headers& headers) {
    for (const auto& [name, value] : headers.fields()) {
        std::string small = name;
        std::transform(small.begin(), small.end(), small.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
        const bool is_ours = small.starts_with("x-ratelimit-remaining-") ||
                             (small.starts_with("anthropic-ratelimit-") && small.ends_with("-remaining"));
        if (!is_ours) {
            continue;
        }
        char* end = nullptr;
        const double left = std::strtod(value.c_str(), &end);
        const bool is_known = counts_.limits.contains(small);
        if (end != value.c_str() && *end == '\0' && (is_known || counts_.limits.size() < limits_max)) {
            counts_.limits[small] = left;
        }
    }
}

/// Whoever answers could send the key back to us: it gets into no blob.
std::string Copilot::without_key(std::string text) const {
    constexpr std::string_view gone = "[key]";
    if (options_.key.size() < 4) {
        return text;
    }
    for (std::size_t at = text.find(options_.key); at != std::string::npos;
         at = text.find(options_.key, at + gone.size())) {
        text.replace(at, options_.key.size(), gone);
    }
    return text;
}

CopilotStatus Copilot::status() {
    const UtcTime now = parts_.wall.now();
    CopilotStatus out = counts_;
    out.format = copilot::to_string(options_.wire.format);
    out.model = options_.wire.model;
    out.share = copilot::to_string(options_.share);
    out.tokens_today = day_.used(now);
    out.tokens_per_day = options_.tokens_per_day;
    const bool is_closed = breaker_.state == beckn::BreakerState::closed;
    if (!is_closed) {
        out.open_until = breaker_.open_until;
    }
    out.state = !options_.is_enabled                               ? "off"
                : breaker_.state == beckn::BreakerState::open      ? "breaker"
                : breaker_.state == beckn::BreakerState::half_open ? "probing"
                : !day_.may_ask(now)                               ? "spent"
                                                                   : "ok";
    return out;
}

}  // namespace headroom::agents
