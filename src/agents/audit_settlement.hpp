#pragma once

#include "agents/agent_status.hpp"
#include "agents/delivered_load.hpp"
#include "agents/delivery_doubts.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/series_store.hpp"
#include "core/clock.hpp"
#include "settlement/statement.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace headroom::agents {

struct SettlementOptions {
    milliseconds settle_after{
        minutes{2}};        ///< after the last half-hour has ended: its readings must have come
    int history_days = 60;  ///< the profiles' look-back
};

/// What a settlement asks before it pays.
struct DeliveryTrust {
    /// A delivery is in doubt: whether it is held until a person has decided. One that a person has let pass
    /// is not.
    std::function<bool(const EventRecord&, const DeliveryDoubt&)> is_held;
    MinuteMeans minutes;
};

/// Settles released events from meters: waits for the last half-hour, gathers what was instructed and what
/// was metered, calls the pure verb, holds back what is paid for a meter in doubt, and writes the statement
/// down, and beside the loads what it verified. One io_context thread.
class AuditSettlement {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        Journal& journal;
        SeriesStore& series;
        FlexOrchestration& orchestration;
        const grid::Network& network;
    };
    AuditSettlement(Parts parts, SettlementOptions options) : parts_(std::move(parts)), options_(options) {}

    /// Hooks itself to the orchestration's released events.
    void start();
    /// Lays beside the loads what was verified of an event or an order that another settled.
    void lay(VerifiedDelivery delivery);
    /// Lays what the statements of former runs verified beside the loads again: what a crash lost between a
    /// statement and the series store is made up for.
    Awaitable<Result<void>> recover();
    /// Without it nothing is held.
    void judge_by(DeliveryTrust trust) { trust_ = std::move(trust); }
    /// A statement that supersedes the event's: a person has decided about what was held. Does nothing for
    /// an event that has none yet.
    void settle_again(const std::string& event);
    [[nodiscard]] AgentStatus status() const;

  private:
    struct Statement {  ///< with what it was made from
        settlement::SettlementInput input;
        settlement::SettlementResult result;
    };
    Awaitable<void> settle(EventRecord record);
    Awaitable<void> correct(EventRecord record);
    Awaitable<Result<settlement::SettlementInput>> gather_input(const EventRecord& record);
    Awaitable<Result<Statement>> make_statement(const EventRecord& record, std::int64_t version);
    Awaitable<Result<void>> write_down(EventRecord record, Statement made);
    Awaitable<VerifiedDelivery> verify(const Statement& made);
    Awaitable<Result<std::int64_t>> newest_version(std::string statement);
    void fail(const EventId& event, const Error& error);

    Parts parts_;
    SettlementOptions options_;
    DeliveryTrust trust_;
    DeliveredLoad delivered_;
    std::uint64_t settled_ = 0;
    std::uint64_t failed_ = 0;
};

/// Energy instructed in each half-hour of [start, end) from the acknowledged instructions of one DER: each is
/// in force from its start to the next one's start or its own expiry. Whole Wh, halves to even.
[[nodiscard]] std::vector<std::int64_t> instructed_energy_wh(std::vector<dispatch::Instruction> instructions,
                                                             UtcTime start, UtcTime end, UtcTime event_end);

}  // namespace headroom::agents
