#pragma once

#include "core/clock.hpp"
#include "feeds/feed_cache.hpp"
#include "feeds/feed_request.hpp"
#include "feeds/rate_budget.hpp"
#include "net/http_client.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace headroom::feeds {

/// A service as it is configured.
struct FeedSource {
    std::string id;        ///< "open_meteo": folder of the cache, name in provenance
    std::string base_url;  ///< "https://api.open-meteo.com"
    std::string licence;
    std::string key_parameter;  ///< query parameter that carries the key; empty when there is none
    std::string key;            ///< secret: in no log, cache or provenance
    RateRule rate;
    milliseconds max_age{minutes{30}};  ///< an answer so old is asked for again
};

struct FeedRules {
    int tries = 4;
    milliseconds first_delay{seconds{1}};  ///< doubled each time, up to a quarter more by jitter
    milliseconds wait_max{seconds{20}};    ///< longer than that nobody waits: the source counts as down
    milliseconds deadline{seconds{30}};    ///< of one request
    std::size_t body_max = 64UL << 20U;
    milliseconds kept_for{hours{24 * 90}};  ///< answers on disk
    std::size_t kept_files = 10'000;
};

/// What follows from an answer. Pure.
struct Verdict {
    enum class What { take, retry, give_up } what = What::give_up;
    std::optional<UtcTime> not_before = {};  ///< the service's own word on when to come again
    std::string why;
};
/// Retried are 429, 500, 502, 503 and 504; the words of each service's error envelope are read, and
/// Retry-After, X-RateLimit-Reset and `reset_time` are kept to.
[[nodiscard]] Verdict judge(int status, const net::Headers& headers, std::string_view body, UtcTime now);

/// Asks services for data: politely (rates, retries with backoff, no repeat before the time that the service
/// names), with a cache on disk and provenance. Blocking, for a thread of its own or the command line;
/// nothing of the control room waits for it. One thread.
class FeedClient {
  public:
    struct Parts {
        net::HttpClient& http;
        WallClock& wall;
        std::function<void(milliseconds)> sleep;  ///< waits; a test moves its clock instead
        std::function<double()> jitter;           ///< 0 to 1
    };
    FeedClient(Parts parts, FeedCache cache, FeedRules rules = {});

    /// The answer: from the cache while it is young enough (`refresh` asks anyway), else from the service,
    /// else, when that is down, an old one that says so. Errors: `unavailable` when there is neither, with
    /// what went wrong; `denied` for a missing or refused key; `invalid` for a request that the service does
    /// not understand.
    Result<FeedDocument> get(const FeedSource& source, const FeedRequest& request, bool refresh = false);
    /// The answer could not be read after all: it is let go of, and the source's trouble is what `why` says.
    void refuse(const FeedSource& source, const FeedRequest& request, const std::string& why);
    [[nodiscard]] FeedHealth health(const std::string& source) const { return cache_.health(source); }

  private:
    Result<FeedDocument> fetch(const FeedSource& source, const std::string& target);
    /// Waits for the source's budget. False when that would take longer than `wait_max`.
    bool take_turn(const FeedSource& source, milliseconds wait_max);
    void note_trouble(const FeedSource& source, const std::string& why, std::optional<UtcTime> not_before);

    Parts parts_;
    FeedCache cache_;
    FeedRules rules_;
    std::map<std::string, RateBudget> budgets_;
};

}  // namespace headroom::feeds
