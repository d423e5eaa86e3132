#include "beckn/saga.hpp"

#include "beckn/saga_stepper.hpp"

#include <utility>

// What is asked of a saga, and what it asks in turn. What comes back is in saga_answers.cpp.

namespace headroom::beckn {

flex::ContractState state_of(const Saga& saga) {
    using flex::ContractState;
    switch (saga.step) {
        case SagaStep::idle:
        case SagaStep::selecting:
            return ContractState::requested;
        case SagaStep::quoted:
        case SagaStep::initing:
        case SagaStep::inited:
            return ContractState::quoted;
        case SagaStep::confirming:
        case SagaStep::checking:
        case SagaStep::withdrawing:
            return ContractState::confirming;
        case SagaStep::active:
        case SagaStep::activating:
            return ContractState::active;
        case SagaStep::activated:
            return ContractState::activated;
        case SagaStep::cancelling:
            return saga.was_activated ? ContractState::activated : ContractState::active;
        case SagaStep::completed:
            return ContractState::completed;
        case SagaStep::cancelled:
            return ContractState::cancelled;
        case SagaStep::failed:
            return ContractState::failed;
        case SagaStep::unknown:
            return ContractState::unknown;
    }
    HEADROOM_ASSERT(false);
    return ContractState::unknown;
}

void SagaStepper::send(SagaStep next, Action request) {
    saga_.step = next;
    saga_.asked = request;
    ++saga_.rounds[request];
    saga_.confirm_sent = saga_.confirm_sent || request == Action::confirm;
    effects_.send = request;
}

void SagaStepper::answer() {
    if (saga_.asked) {
        effects_.done = true;
    } else {
        effects_.tell = true;
    }
    saga_.asked.reset();
}

void SagaStepper::end(SagaStep last, std::string why) {
    saga_.step = last;
    saga_.contract.failure = std::move(why);
    saga_.cancel_owed = saga_.cancel_owed && last == SagaStep::unknown;
    answer();
}

void SagaStepper::back_to_service() {
    saga_.step = saga_.was_activated ? SagaStep::activated : SagaStep::active;
}

void SagaStepper::fault(Errc code, std::string why) {
    effects_.fault = Error{code, std::move(why), ""};
    effects_.done = true;
    saga_.asked.reset();
}

void SagaStepper::refuse(std::string why) {
    effects_.refuse = make_error(ErrorCode::biz_invalid_state_transition,
                                 why + ", but " + name() + " is " + std::string(to_string(saga_.step)));
}

void SagaStepper::withdraw(std::string why) {
    saga_.contract.failure = std::move(why);
    saga_.cancel_owed = true;
    send(SagaStep::withdrawing, Action::cancel);
}

void SagaStepper::operator()(const saga_event::Start&) {
    HEADROOM_ASSERT(saga_.step == SagaStep::idle);
    saga_.asked = Action::select;  // so that a refusal reaches who asked
    if (saga_.contract.lines.empty()) {
        end(SagaStep::failed, "nothing is asked for");
        return;
    }
    for (const flex::PlanLine& line : saga_.contract.lines) {
        if (line.offer.valid_until != UtcTime{} && line.offer.valid_until < now_.wall) {
            end(SagaStep::failed,
                "offer " + line.offer.id + " expired at " + format_utc(line.offer.valid_until));
            return;
        }
    }
    send(SagaStep::selecting, Action::select);
}

void SagaStepper::operator()(const saga_event::Proceed&) {
    HEADROOM_ASSERT(saga_.step == SagaStep::quoted || saga_.step == SagaStep::inited);
    if (saga_.quote_until && *saga_.quote_until < now_.wall) {
        saga_.asked = Action::init;
        end(SagaStep::failed, "the quote expired at " + format_utc(*saga_.quote_until));
        return;
    }
    if (saga_.step == SagaStep::quoted) {
        send(SagaStep::initing, Action::init);
    } else {
        send(SagaStep::confirming, Action::confirm);
    }
}

void SagaStepper::operator()(const saga_event::Activate&) {
    if (saga_.step == SagaStep::activated) {
        effects_.done = true;
    } else if (saga_.step == SagaStep::active && !saga_.asked) {
        send(SagaStep::activating, Action::update);
    } else {
        effects_.fault =
            Error{Errc::conflict,
                  name() + " cannot be activated while it is " + std::string(to_string(saga_.step)), ""};
    }
}

void SagaStepper::operator()(const saga_event::AskStatus&) {
    const bool asks = saga_.step == SagaStep::active || saga_.step == SagaStep::activated ||
                      saga_.step == SagaStep::unknown;
    if (saga_.step != SagaStep::unknown && saga_.is_over()) {
        effects_.done = true;
    } else if (asks && !saga_.asked) {
        send(saga_.step, Action::status);
    } else {
        effects_.fault =
            Error{Errc::conflict, name() + " is " + std::string(to_string(saga_.step)) + " just now", ""};
    }
}

void SagaStepper::operator()(const saga_event::Cancel& cancel) {
    const bool can = saga_.step == SagaStep::active || saga_.step == SagaStep::activated ||
                     saga_.step == SagaStep::unknown;
    if (saga_.step == SagaStep::idle) {
        saga_.asked = Action::cancel;
        end(SagaStep::cancelled, cancel.reason);
    } else if (saga_.step != SagaStep::unknown && saga_.is_over()) {
        effects_.done = true;
    } else if (can && !saga_.asked) {
        saga_.contract.failure = cancel.reason;
        saga_.cancel_owed = true;
        send(saga_.step == SagaStep::unknown ? SagaStep::withdrawing : SagaStep::cancelling, Action::cancel);
    } else {
        effects_.fault =
            Error{Errc::conflict, name() + " is " + std::string(to_string(saga_.step)) + " just now", ""};
    }
}

bool Saga::is_over() const {
    return step == SagaStep::completed || step == SagaStep::cancelled || step == SagaStep::failed ||
           step == SagaStep::unknown;
}

std::pair<Saga, SagaEffects> step(Saga saga, const SagaEvent& event, const SagaTime& now,
                                  const SagaRules& rules) {
    SagaStepper stepper(std::move(saga), now, rules);
    std::visit(stepper, event);
    return std::move(stepper).result();
}

}  // namespace headroom::beckn
