#pragma once

#include "beckn/action.hpp"
#include "beckn/envelope.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "flex/contract.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace headroom::beckn {

/// How far one contract has come with its provider.
enum class SagaStep : std::uint8_t {
    idle,
    selecting,
    quoted,
    initing,
    inited,
    confirming,
    checking,     ///< confirm sent, no on_confirm: status asked
    withdrawing,  ///< still not known: cancel sent
    active,
    activating,
    activated,
    cancelling,
    completed,
    cancelled,
    failed,
    unknown,  ///< nobody can say whether the provider holds the order
};
[[nodiscard]] std::string_view to_string(SagaStep step);
[[nodiscard]] std::optional<SagaStep> parse_saga_step(std::string_view text);

struct SagaRules {
    std::int64_t price_tolerance_ppm = 0;     ///< a quote may rise by so much over the one before
    std::int64_t quantity_tolerance_ppm = 0;  ///< energy of a line may fall by so much between on_select and
                                              ///< on_init
};

/// One contract's conversation with its provider.
struct Saga {
    flex::Contract contract;  ///< as asked until on_confirm, then as committed
    SagaStep step = SagaStep::idle;
    std::string provider_ref;            ///< the provider's own id in its catalog
    std::string order_ref;               ///< the order id that on_init announced; may be empty
    MicroPounds quoted{};                ///< by the newest quote
    std::optional<UtcTime> quote_until;  ///< wall time: the earliest of quote, offers and catalogue
    std::optional<UtcTime> status_at;    ///< timestamp of the newest on_status that was taken
    bool confirm_sent = false;
    bool was_activated = false;
    bool cancel_owed = false;               ///< a cancel that was sent is still without an answer: ask again
    std::optional<Action> asked;            ///< the request that is out
    std::map<Action, std::int64_t> rounds;  ///< requests made so far, by action: part of message ids

    [[nodiscard]] bool is_over() const;
};

/// Both clocks at one moment: deadlines are the domain's, quotes expire on the wall.
struct SagaTime {
    UtcTime domain{};
    UtcTime wall{};
};

namespace saga_event {
struct Start {};    ///< buy what `contract` asks for
struct Proceed {};  ///< from quoted to init, from inited to confirm
struct Answered {   ///< a callback with an order
    Action callback = Action::on_select;
    Order order;
    UtcTime at{};  ///< the message's timestamp; none when it is not known
};
struct Declined {  ///< a callback with an error, or a NACK: the request had no effect
    Action request = Action::select;
    MessageError error;
};
struct Unheard {  ///< no answer in time, or never delivered: the effect is not known
    Action request = Action::select;
    std::string why;
};
struct Activate {};
struct AskStatus {};
struct Cancel {
    std::string reason;
};
}  // namespace saga_event

using SagaEvent =
    std::variant<saga_event::Start, saga_event::Proceed, saga_event::Answered, saga_event::Declined,
                 saga_event::Unheard, saga_event::Activate, saga_event::AskStatus, saga_event::Cancel>;

/// What follows from a step, in this order: write the saga down, then send.
struct SagaEffects {
    std::optional<Action> send;          ///< `body_of(saga, *send)` to the provider
    bool proceed = false;                ///< feed `Proceed`
    bool done = false;                   ///< whoever asked gets the contract as it now stands
    bool tell = false;                   ///< the contract changed without being asked: tell the orchestrator
    std::optional<Error> fault;          ///< what was asked could not be done; the contract is unchanged
    std::optional<MessageError> refuse;  ///< the message does not fit the contract's state: NACK
};

/// One step of the conversation. Pure: the same saga, event and time give the same answer.
///
/// Nothing is promised before on_confirm; the lines of the contract become what the provider committed. After
/// a confirm without answer: status, then cancel, then `unknown`. An on_confirm that comes after that is a
/// live obligation: the contract becomes active and is told of. A cancel without answer stays owed: whoever
/// drives the saga feeds `Cancel` again until the provider has answered or a person has seen to it. An
/// on_status that is older than one already taken changes nothing, and an end is never left again.
[[nodiscard]] std::pair<Saga, SagaEffects> step(Saga saga, const SagaEvent& event, const SagaTime& now,
                                                const SagaRules& rules);

/// The message of a request that the saga sends.
[[nodiscard]] Body body_of(const Saga& saga, Action request);
/// The order id by which the provider is asked: its own, the announced one, or our transaction id before
/// there is any.
[[nodiscard]] std::string order_reference(const Saga& saga);

[[nodiscard]] json::Value to_json(const Saga& saga);
[[nodiscard]] Result<Saga> saga_from_json(const json::Value& value);

}  // namespace headroom::beckn
