#pragma once

#include "copilot/wire.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

#include <optional>
#include <string>

namespace headroom::copilot {

inline constexpr int tries_max = 3;  ///< of one request

/// What came of one try.
struct TryOutcome {
    int status = 0;  ///< 0: no answer
    net::Headers headers;
    std::string_view body;
    bool is_timeout = false;
};

struct RetryStep {
    enum class What : std::uint8_t { take, again, give_up };
    What what = What::give_up;
    milliseconds wait{};    ///< before the next try
    bool is_quota = false;  ///< a 429
    std::string fault;      ///< one line, nothing of a key or a prompt in it
};

/// What follows from a try. A 200 is taken. Tried again are connections that failed, 408, 409, 429 and all
/// from 500 on but 501; `x-should-retry` overrules, except for 400, 401, 403, 404, 413 and 422. The wait is
/// what the provider names (`retry-after-ms`, `Retry-After` in seconds or as a date, Gemini's RetryInfo), or
/// half a second, doubled with each try to 8 s at most, less up to a quarter by `jitter` (0 to 1). A wait as
/// long as what is left of the budget gives up at once. Pure.
[[nodiscard]] RetryStep next_step(const TryOutcome& outcome, int tries_done, milliseconds left, UtcTime now,
                                  double jitter);

}  // namespace headroom::copilot
