#pragma once

#include "agents/journal.hpp"
#include "beckn/breaker.hpp"
#include "copilot/day_budget.hpp"
#include "copilot/retry.hpp"
#include "copilot/verdict.hpp"
#include "copilot/wire.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "net/http_client.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

inline constexpr int rounds_max = 6;                  ///< requests in one turn
inline constexpr std::size_t calls_in_turn_max = 20;  ///< of functions, over all rounds
inline constexpr int turns_open_max = 4;              ///< at once; more are told that it is busy

struct CopilotOptions {
    bool is_enabled = false;
    copilot::WireOptions wire;
    std::string base_url;         ///< without a final slash; empty: the format's own service
    std::string key;              ///< secret: in no log, entry, error or metric; empty: none is sent
    milliseconds budget{20'000};  ///< of one turn: tries, waits and rounds included
    std::int64_t tokens_per_day = 1'000'000;
    copilot::Share share = copilot::Share::figures;
};

/// What a page shows of it.
struct CopilotStatus {
    std::string state;  ///< off, ok, breaker, probing, spent
    std::string format;
    std::string model;
    std::string share;
    std::string last_fault;             ///< of the newest failure; empty after a success
    std::optional<UtcTime> open_until;  ///< of the breaker, wall time
    std::int64_t tokens_today = 0;
    std::int64_t tokens_per_day = 0;
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
    std::int64_t prompt_tokens = 0;
    std::int64_t output_tokens = 0;
    double last_latency_ms = 0.0;
    std::map<std::string, std::uint64_t> verdicts;  ///< by word
    std::map<std::string, std::uint64_t> refusals;  ///< by guard
    std::map<std::string, double> limits;           ///< the provider's own words of what is left
};

/// What came of asking for a better plan.
struct Considered {
    flex::FlexPlan plan;                                     ///< the one that counts
    std::string planner = "optimiser";                       ///< or "llm+optimiser"
    copilot::Reason reason = copilot::Reason::llm_disabled;  ///< why the deterministic plan stands
    std::optional<copilot::Guard> guard;                     ///< that refused the proposal
    std::vector<std::string> violations;
    std::vector<flex::RuleBreak> rules_broken;  ///< of a proposal that was refused for them
    std::string summary;  ///< of an accepted proposal; plain text, its figures are the data's; may be empty
    std::string justification;
    std::string model;
    double latency_ms = 0.0;
    std::int64_t tokens = 0;
    std::vector<std::uint64_t> entries;  ///< audit entries of the exchanges
};

/// Asks a language model: off unless it is enabled, with a budget of its own, retries, a breaker and a limit
/// by the day. No decision waits for it: whoever asks has a plan already. Every exchange is an audit entry
/// (prompt and answer by hash and blob). It has no authority: it approves, sends and changes nothing. One
/// io_context thread; what takes time is reckoned on a thread of its own.
class Copilot {
  public:
    struct Parts {
        asio::any_io_executor executor;
        net::HttpClient& http;
        Journal& journal;
        WallClock& wall;
        std::function<double()> jitter;  ///< 0 to 1
    };
    Copilot(Parts parts, CopilotOptions options);
    Copilot(const Copilot&) = delete;
    Copilot& operator=(const Copilot&) = delete;

    [[nodiscard]] bool is_enabled() const { return options_.is_enabled; }
    [[nodiscard]] copilot::Share share() const { return options_.share; }
    [[nodiscard]] CopilotStatus status();

    /// Whether there is a better plan: asks once, and once more with what is wrong. The model may choose from
    /// what the operator's rules and the ladder leave, and what it proposes is held against them again.
    /// `plan` is the deterministic one and comes back unless a proposal passed every guard and is better.
    /// `budget` shortens the turn.
    Awaitable<Considered> consider(flex::EventPlanInput input, flex::FlexPlan plan,
                                   std::vector<knowledge::RuleRef> rules,
                                   std::optional<milliseconds> budget = std::nullopt);

    /// One turn of several requests that share a budget.
    struct Turn {
        std::string purpose;  ///< "plan" or "ask"
        std::string corr;     ///< event id; may be empty
        audit::Actor actor;
        SteadyTime begun{};
        SteadyTime until{};
        int rounds = 0;
        std::int64_t tokens = 0;
        std::string model;
        std::vector<audit::Draft> drafts;  ///< entries that wait for the verdict
    };
    struct Asked {
        std::optional<copilot::Answer> answer;
        copilot::Reason reason = copilot::Reason::none;  ///< when there is none
        std::string fault;
    };
    /// Nothing when no model may be asked now; the reason in `why`.
    [[nodiscard]] std::optional<Turn> begin(std::string purpose, std::string corr, audit::Actor actor,
                                            std::optional<milliseconds> budget, copilot::Reason& why);
    /// One request of the turn.
    Awaitable<Asked> ask(Turn& turn, const copilot::Chat& chat);
    /// Ends the turn: writes its entries with the verdict and waits until they are durable. Answers their
    /// numbers. Every turn that was begun must be ended.
    Awaitable<std::vector<std::uint64_t>> end(Turn turn, std::string verdict);

  private:
    struct Tried {
        int status = 0;
        std::string body;
        int tries = 0;
        bool is_timeout = false;
        bool is_quota = false;
        std::string fault;  ///< empty for a 200
    };
    Awaitable<Tried> send(Turn& turn, copilot::WireRequest request);
    Awaitable<void> write_down(Turn& turn, std::string prompt, const Tried& tried, const Asked& asked,
                               double latency_ms);
    Awaitable<Considered> propose(Turn& turn, std::shared_ptr<const flex::EventPlanInput> input,
                                  Considered standing,
                                  std::shared_ptr<const std::vector<knowledge::RuleRef>> rules);
    void succeed();
    void fail(const std::string& fault, bool is_quota);
    void note_limits(const net::Headers& headers);
    [[nodiscard]] std::string without_key(std::string text) const;

    Parts parts_;
    CopilotOptions options_;
    beckn::Breaker breaker_;
    copilot::DayBudget day_;
    int turns_open_ = 0;
    int quotas_in_a_row_ = 0;
    CopilotStatus counts_;
    Worker worker_;
};

}  // namespace headroom::agents
