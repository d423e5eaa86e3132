#pragma once

#include "agents/journal.hpp"
#include "core/async.hpp"
#include "dispatch/channel.hpp"
#include "dispatch/guard/guard.hpp"
#include "dispatch/instruction.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace headroom::agents {

/// One DER to be told something for an event.
struct DispatchOrder {
    dispatch::Instruction instruction;  ///< id, fence and ack_by are set by the agent when empty
    dispatch::guard::GuardQuestion
        guard;  ///< context; the agent fills instruction, now, its own counters and stop_all
};

struct DispatchOutcome {
    dispatch::Instruction
        instruction;     ///< with its final state: acked, nacked, timeout, cancelled (guard refused) …
    std::string detail;  ///< reason of a refusal or fault
    SteadyTime sent{};   ///< when the transport took it; zero when never
    SteadyTime acked{};
};

struct DispatchOptions {
    milliseconds ack_within{seconds{5}};  ///< domain time; one resend of the same id half-way
    dispatch::guard::GuardRules guard;
};

/// Sends instructions: guard → intents durable (one group for all) → send → sent noted → ack or timeout. One
/// io_context thread.
class DispatchAgent {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        WallClock& wall;
        InFlight& in_flight;
        Journal& journal;
        dispatch::Channel& channel;
    };
    DispatchAgent(Parts parts, DispatchOptions options);
    ~DispatchAgent();
    DispatchAgent(const DispatchAgent&) = delete;
    DispatchAgent& operator=(const DispatchAgent&) = delete;

    /// Returns when each is acked, refused or timed out; outcomes in the order of `orders`. `first_sent` is
    /// called once, when the first instruction has been taken by the transport. Orders whose guard refuses
    /// are alarmed (guard.refused) and not sent. Errors: `unavailable` when the intents could not be made
    /// durable: then nothing was sent.
    Awaitable<Result<std::vector<DispatchOutcome>>> instruct(std::vector<DispatchOrder> orders);

    /// Ends the setpoints of these DERs: always allowed.
    Awaitable<Result<std::vector<DispatchOutcome>>> release(EventId event, std::vector<DispatchOrder> orders);

    /// After a restart: intents without ack whose expiry is ahead are sent again with the same id; others
    /// become expired.
    Awaitable<Result<std::vector<DispatchOutcome>>> recover();

    /// Stop-all for an area ("" = everywhere): nothing new is sent but releases.
    void set_stop(std::string area, bool stopped);
    [[nodiscard]] bool is_stopped(const std::string& area) const;
    /// Areas under stop-all; "" is everywhere.
    [[nodiscard]] const std::set<std::string>& stopped_areas() const;

    void on_measurement(std::function<void(dispatch::DeviceMeasurement)> handler);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::agents
