#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "dispatch/instruction.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace headroom::dispatch {

// What can happen to an instruction. Each is a fact that somebody has seen, with what the step must know of
// it.

struct IntentDurable {};     ///< the intent is in the audit log
struct TransportTook {};     ///< PUBACK, frame written
struct TransportRefused {};  ///< PUBACK reason ≥ 128, no control path
struct SentAgain {};         ///< the same id once more
struct Acknowledged {
    AckResult result = AckResult::accepted;
};
struct AckDeadline {};  ///< `ack_by` has come
struct Expiry {};       ///< `expires` has come
struct Measured {
    Watts moved{};                  ///< against the load before the instruction, in its direction
    milliseconds since_start{};     ///< since start or acknowledgement, whichever was later
    milliseconds ramp{minutes{1}};  ///< the device's, or the default of 60 s
};
struct Cancelled {};   ///< by a person or the end of the event
struct Superseded {};  ///< a newer instruction took its place
struct Restarted {};   ///< this process began again and does not know what became of it

using Event = std::variant<IntentDurable, TransportTook, TransportRefused, SentAgain, Acknowledged,
                           AckDeadline, Expiry, Measured, Cancelled, Superseded, Restarted>;

struct Step {
    Instruction instruction;     ///< with its new state
    bool not_following = false;  ///< acknowledged, but the meter does not show it within the ramp time
};

/// An instruction is sent at most so often.
inline constexpr int attempts_max = 2;

/// Nothing follows any more.
[[nodiscard]] bool is_final(InstructionState state);

/// The instruction after `event` at `now`. A repeat of what is known already changes nothing (an ack after an
/// ack). Pure.
/// Errors: `conflict` naming the instruction, its state and the event, when the one cannot follow the other
/// or comes before its time.
[[nodiscard]] Result<Step> step(Instruction instruction, const Event& event, UtcTime now);

}  // namespace headroom::dispatch
