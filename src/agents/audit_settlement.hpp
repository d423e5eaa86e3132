#pragma once

#include "agents/agent_status.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/series_store.hpp"
#include "core/clock.hpp"
#include "settlement/statement.hpp"

#include <cstdint>
#include <string>

namespace headroom::agents {

struct SettlementOptions {
    milliseconds settle_after{
        minutes{2}};        ///< after the last half-hour has ended: its readings must have come
    int history_days = 60;  ///< the profiles' look-back
};

/// Settles released events from meters: waits for the last half-hour, gathers what was instructed and what
/// was metered, calls the pure verb, and writes the statement down. One io_context thread.
class AuditSettlement {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        Journal& journal;
        SeriesStore& series;
        FlexOrchestration& orchestration;
    };
    AuditSettlement(Parts parts, SettlementOptions options) : parts_(std::move(parts)), options_(options) {}

    /// Hooks itself to the orchestration's released events.
    void start();
    [[nodiscard]] AgentStatus status() const;

  private:
    Awaitable<void> settle(EventRecord record);
    Awaitable<Result<settlement::SettlementInput>> gather_input(const EventRecord& record);

    Parts parts_;
    SettlementOptions options_;
    std::uint64_t settled_ = 0;
    std::uint64_t failed_ = 0;
};

/// Energy instructed in each half-hour of [start, end) from the acknowledged instructions of one DER: each is
/// in force from its start to the next one's start or its own expiry. Whole Wh, halves to even.
[[nodiscard]] std::vector<std::int64_t> instructed_energy_wh(std::vector<dispatch::Instruction> instructions,
                                                             UtcTime start, UtcTime end, UtcTime event_end);

}  // namespace headroom::agents
