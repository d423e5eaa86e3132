#pragma once

#include "beckn/ack.hpp"
#include "beckn/action.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::beckn {

/// Where a request of ours stands. The order is that of its life; from `answered` on it is settled.
enum class OutboxState : std::uint8_t {
    kept,         ///< written down, not sent
    sending,      ///< sent at least once, no answer yet
    accepted,     ///< ACK: never sent again
    answered,     ///< its callback has been handled
    closed,       ///< ACK, but no callback will follow
    refused,      ///< NACK
    unreachable,  ///< never acknowledged: whether the peer has it is not known
    expired,      ///< no callback in time
};
[[nodiscard]] std::string_view to_string(OutboxState state);
[[nodiscard]] std::optional<OutboxState> parse_outbox_state(std::string_view text);
[[nodiscard]] constexpr bool is_settled(OutboxState state) {
    return state >= OutboxState::answered;
}

/// A request and how often it was sent. The bytes stay the same from the first send to the last.
struct OutboxEntry {
    std::string message_id;
    std::string transaction_id;
    Action action = Action::search;
    std::string peer;  ///< our short id of the provider
    std::string bytes;
    OutboxState state = OutboxState::kept;
    std::int64_t sends = 0;
    MessageError error;  ///< of a NACK or of the last failed send
};

struct OutboxRules {
    std::int64_t sends_max = 3;
    milliseconds backoff{50};  ///< before the second send; doubled before each further one
};

enum class OutboxEvent : std::uint8_t {
    start,     ///< send it; after a restart as well
    answer,    ///< the HTTP exchange ended: see `ack`
    callback,  ///< its callback has been handled
    deadline,  ///< the time for its callback is over
};

struct OutboxEffect {
    bool send = false;
    milliseconds after{0};
};

/// One step of a request's life: at most one send follows from it. A request with an ACK, or one that is
/// settled, is never sent again.
[[nodiscard]] std::pair<OutboxEntry, OutboxEffect> step(OutboxEntry entry, OutboxEvent event, const Ack& ack,
                                                        const OutboxRules& rules);

}  // namespace headroom::beckn
