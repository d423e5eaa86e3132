#include "dispatch/state_machine.hpp"

#include <algorithm>
#include <initializer_list>

namespace headroom::dispatch {

namespace {

using State = InstructionState;

/// One event applied to one instruction.
class Stepper {
  public:
    Stepper(Instruction& instruction, UtcTime now, bool& not_following)
        : instruction_(instruction), now_(now), not_following_(not_following) {}

    Result<void> operator()(const IntentDurable&) {
        return move("becomes an intent", {State::planned}, State::intent);
    }
    Result<void> operator()(const TransportTook&) {
        if (instruction_.state == State::acked || instruction_.state == State::active) {
            return {};  // the device was quicker than the broker
        }
        return move("is taken by the transport", {State::intent, State::sent, State::unknown}, State::sent);
    }
    Result<void> operator()(const TransportRefused&) {
        return move("is refused by the transport", {State::intent, State::sent, State::unknown},
                    State::nacked);
    }
    Result<void> operator()(const SentAgain&) {
        if (instruction_.attempt >= attempts_max) {
            return conflict("is sent a third time");
        }
        const Result<void> moved = require("is sent again", {State::intent, State::sent, State::unknown});
        if (moved) {
            ++instruction_.attempt;
        }
        return moved;
    }
    Result<void> operator()(const Acknowledged& ack) {
        if (ack.result == AckResult::refused) {
            return move("is refused by the device", {State::intent, State::sent, State::unknown},
                        State::nacked);
        }
        if (instruction_.state == State::acked || instruction_.state == State::active) {
            return {};
        }
        return move("is acknowledged", {State::intent, State::sent, State::unknown}, State::acked);
    }
    Result<void> operator()(const AckDeadline&) {
        if (now_ < instruction_.ack_by) {
            return conflict("times out before " + format_utc(instruction_.ack_by));
        }
        return move("times out", {State::intent, State::sent, State::unknown}, State::timeout);
    }
    Result<void> operator()(const Expiry&) {
        if (now_ < instruction_.expires) {
            return conflict("expires before " + format_utc(instruction_.expires));
        }
        const bool ran = instruction_.state == State::acked || instruction_.state == State::active;
        return move("expires",
                    {State::planned, State::intent, State::sent, State::acked, State::active, State::unknown},
                    ran ? State::ended : State::expired);
    }
    Result<void> operator()(const Measured& measured) {
        if (instruction_.state == State::active) {
            return {};
        }
        const Result<void> may = require("is measured", {State::acked});
        if (!may) {
            return may;
        }
        // An ack is not delivery: half of the step must show at the meter, within the ramp time.
        if (measured.moved.value * 2 >= instruction_.change.value) {
            instruction_.state = State::active;
        } else {
            not_following_ = measured.since_start > measured.ramp;
        }
        return {};
    }
    Result<void> operator()(const Cancelled&) {
        return move("is cancelled",
                    {State::planned, State::intent, State::sent, State::acked, State::active, State::unknown},
                    State::cancelled);
    }
    Result<void> operator()(const Superseded&) {
        return move("is superseded",
                    {State::intent, State::sent, State::acked, State::active, State::unknown},
                    State::superseded);
    }
    Result<void> operator()(const Restarted&) {
        return move("is found again", {State::intent, State::sent}, State::unknown);
    }

  private:
    [[nodiscard]] Error conflict(const std::string& what) const {
        return {Errc::conflict, "instruction " + instruction_.id.value + " for " + instruction_.der + " is " +
                                    std::string(to_string(instruction_.state)) + ": it cannot be that it " +
                                    what};
    }

    [[nodiscard]] Result<void> require(const std::string& what, std::initializer_list<State> from) const {
        if (std::find(from.begin(), from.end(), instruction_.state) == from.end()) {
            return conflict(what);
        }
        return {};
    }

    Result<void> move(const std::string& what, std::initializer_list<State> from, State to) {
        const Result<void> may = require(what, from);
        if (may) {
            instruction_.state = to;
        }
        return may;
    }

    Instruction& instruction_;
    UtcTime now_;
    bool& not_following_;
};

}  // namespace

bool is_final(InstructionState state) {
    switch (state) {
        case State::ended:
        case State::nacked:
        case State::timeout:
        case State::expired:
        case State::cancelled:
        case State::superseded:
            return true;
        case State::planned:
        case State::intent:
        case State::sent:
        case State::acked:
        case State::active:
        case State::unknown:
            return false;
    }
    return false;
}

Result<Step> step(Instruction instruction, const Event& event, UtcTime now) {
    Step next;
    const Result<void> stepped = std::visit(Stepper(instruction, now, next.not_following), event);
    if (!stepped) {
        return stepped.error();
    }
    next.instruction = std::move(instruction);
    return next;
}

}  // namespace headroom::dispatch
