#include "copilot/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace headroom::copilot {
namespace {

constexpr milliseconds first_wait{500};
constexpr milliseconds wait_max{8'000};
constexpr std::int64_t named_wait_max_ms = 24LL * 3'600'000;

bool is_final(int status) {
    constexpr std::array<int, 7> never{400, 401, 403, 404, 413, 422, 501};
    return std::find(never.begin(), never.end(), status) != never.end();
}

bool is_passing(int status) {
    return status == 408 || status == 409 || status == 429 || (status >= 500 && status != 501);
}

std::optional<double> number_of(std::string_view text) {
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = fault == std::errc{} && end == text.data() + text.size() && !text.empty();
    return is_whole && std::isfinite(value) && value >= 0.0 ? std::optional(value) : std::nullopt;
}

milliseconds bounded_wait(double ms) {
    return milliseconds{std::llround(std::min(ms, static_cast<double>(named_wait_max_ms)))};
}

/// "Sun, 06 Nov 2026 08:49:37 GMT". Source: RFC 9110 §5.6.7.
std::optional<UtcTime> http_date(std::string_view text) {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 29 || !text.ends_with(" GMT")) {
        return std::nullopt;
    }
    const std::size_t place = months.find(text.substr(8, 3));
    if (place == std::string_view::npos || place % 3 != 0) {
        return std::nullopt;
    }
    std::string month = std::to_string(place / 3 + 1);
    month.insert(0, 2 - month.size(), '0');
    const std::string iso = std::string(text.substr(12, 4)) + "-" + month + "-" +
                            std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z";
    const Result<UtcTime> time = parse_utc(iso);
    return time ? std::optional(*time) : std::nullopt;
}

/// The wait that the provider asks for.
std::optional<milliseconds> named_wait(const TryOutcome& outcome, UtcTime now) {
    if (const auto ms = number_of(outcome.headers.get("retry-after-ms"))) {
        return bounded_wait(*ms);
    }
    const std::string_view after = outcome.headers.get("Retry-After");
    if (const auto s = number_of(after)) {
        return bounded_wait(*s * 1000.0);
    }
    if (const auto date = http_date(after)) {
        return std::max(milliseconds{0}, *date - now);
    }
    return read_fault(outcome.body).retry_after;
}

std::string fault_words(const TryOutcome& outcome) {
    if (outcome.status == 0) {
        return outcome.is_timeout ? "no answer in time" : "no connection";
    }
    const ProviderFault fault = read_fault(outcome.body);
    return "status " + std::to_string(outcome.status) + (fault.kind.empty() ? "" : " " + fault.kind);
}

}  // namespace

RetryStep next_step(const TryOutcome& outcome, int tries_done, milliseconds left, UtcTime now,
                    double jitter) {
    RetryStep step;
    if (outcome.status == 200) {
        step.what = RetryStep::What::take;
        return step;
    }
    step.is_quota = outcome.status == 429;
    step.fault = fault_words(outcome);
    const std::string_view asked = outcome.headers.get("x-should-retry");
    const bool may_retry =
        !is_final(outcome.status) && !outcome.is_timeout &&
        (asked == "true" || (asked != "false" && (outcome.status == 0 || is_passing(outcome.status))));
    if (!may_retry || tries_done >= tries_max) {
        return step;
    }
    const milliseconds doubled =
        std::min(wait_max, first_wait * (std::int64_t{1} << std::min(tries_done - 1, 10)));
    const milliseconds less{
        std::llround(static_cast<double>(doubled.count()) * 0.25 * std::clamp(jitter, 0.0, 1.0))};
    step.wait = outcome.status == 0 ? doubled - less : named_wait(outcome, now).value_or(doubled - less);
    step.what = step.wait < left ? RetryStep::What::again : RetryStep::What::give_up;
    return step;
}

}  // namespace headroom::copilot
