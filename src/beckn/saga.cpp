#include "beckn/saga.hpp"

#include "beckn/saga_terms.hpp"

#include <utility>

namespace headroom::beckn {

namespace {

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

/// Carries the saga and its effects through one step.
class Stepper {
  public:
    Stepper(Saga saga, const SagaTime& now, const SagaRules& rules)
        : saga_(std::move(saga)), now_(now), rules_(rules) {}

    void operator()(const saga_event::Start&);
    void operator()(const saga_event::Proceed&);
    void operator()(const saga_event::Answered& answered);
    void operator()(const saga_event::Declined& declined);
    void operator()(const saga_event::Unheard& unheard);
    void operator()(const saga_event::Activate&);
    void operator()(const saga_event::AskStatus&);
    void operator()(const saga_event::Cancel& cancel);

    [[nodiscard]] std::pair<Saga, SagaEffects> result() && {
        saga_.contract.state = state_of(saga_);
        return {std::move(saga_), std::move(effects_)};
    }

  private:
    void send(SagaStep next, Action request);
    void end(SagaStep last, std::string why);
    void back_to_service();
    /// Whoever waits gets the contract; when nobody waits, the change is told.
    void answer();
    void fault(Errc code, std::string why);
    void refuse(std::string why);
    void withdraw(std::string why);
    void take_commitment(const Order& order, bool already_withdrawing);
    void on_quote(const Order& order);
    void on_confirm(const Order& order);
    void on_status(const Order& order, UtcTime at);
    void on_update(const Order& order);
    void on_cancel(const Order& order);
    [[nodiscard]] std::string name() const { return "contract " + saga_.contract.transaction.value; }
    [[nodiscard]] bool is_held() const {
        return saga_.step == SagaStep::active || saga_.step == SagaStep::activating ||
               saga_.step == SagaStep::activated || saga_.step == SagaStep::cancelling;
    }

    Saga saga_;
    SagaEffects effects_;
    const SagaTime& now_;
    const SagaRules& rules_;
};

void Stepper::send(SagaStep next, Action request) {
    saga_.step = next;
    saga_.asked = request;
    ++saga_.rounds[request];
    saga_.confirm_sent = saga_.confirm_sent || request == Action::confirm;
    effects_.send = request;
}

void Stepper::answer() {
    if (saga_.asked) {
        effects_.done = true;
    } else {
        effects_.tell = true;
    }
    saga_.asked.reset();
}

void Stepper::end(SagaStep last, std::string why) {
    saga_.step = last;
    saga_.contract.failure = std::move(why);
    saga_.cancel_owed = saga_.cancel_owed && last == SagaStep::unknown;
    answer();
}

void Stepper::back_to_service() {
    saga_.step = saga_.was_activated ? SagaStep::activated : SagaStep::active;
}

void Stepper::fault(Errc code, std::string why) {
    effects_.fault = Error{code, std::move(why), ""};
    effects_.done = true;
    saga_.asked.reset();
}

void Stepper::refuse(std::string why) {
    effects_.refuse = make_error(ErrorCode::biz_invalid_state_transition,
                                 why + ", but " + name() + " is " + std::string(to_string(saga_.step)));
}

void Stepper::withdraw(std::string why) {
    saga_.contract.failure = std::move(why);
    saga_.cancel_owed = true;
    send(SagaStep::withdrawing, Action::cancel);
}

void Stepper::operator()(const saga_event::Start&) {
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

void Stepper::operator()(const saga_event::Proceed&) {
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

void Stepper::operator()(const saga_event::Answered& answered) {
    switch (answered.callback) {
        case Action::on_select:
        case Action::on_init:
            on_quote(answered.order);
            return;
        case Action::on_confirm:
            on_confirm(answered.order);
            return;
        case Action::on_status:
            on_status(answered.order, answered.at);
            return;
        case Action::on_update:
            on_update(answered.order);
            return;
        case Action::on_cancel:
            on_cancel(answered.order);
            return;
        default:
            refuse(std::string(to_string(answered.callback)) + " is no answer to a contract");
    }
}

void Stepper::on_quote(const Order& order) {
    const bool is_select = saga_.step == SagaStep::selecting;
    if (!is_select && saga_.step != SagaStep::initing) {
        refuse("a quote came");
        return;
    }
    std::optional<std::string> wrong =
        is_select ? take_quantities(saga_, order) : compare_quantities(saga_, order, rules_);
    if (!wrong) {
        wrong = is_select ? take_quote(saga_, order, offered_total(saga_.contract), "offer", now_, rules_)
                          : take_quote(saga_, order, saga_.quoted, "on_select", now_, rules_);
    }
    if (wrong) {
        end(SagaStep::failed, *wrong);
        return;
    }
    if (!order.id.empty()) {
        saga_.order_ref = order.id;
    }
    saga_.step = is_select ? SagaStep::quoted : SagaStep::inited;
    saga_.asked.reset();
    effects_.proceed = true;
}

/// Makes an order of the provider's the contract; where that cannot be, the order is cancelled.
void Stepper::take_commitment(const Order& order, bool already_withdrawing) {
    if (order.status == OrderStatus::cancelled) {
        end(SagaStep::failed, "the provider cancelled: " + order.cancellation);
        return;
    }
    const std::optional<std::string> wrong = commit(saga_, order, rules_);
    if (wrong && !already_withdrawing) {
        if (!order.id.empty()) {
            saga_.order_ref = order.id;
        }
        withdraw(*wrong);
        return;
    }
    if (wrong) {
        return;  // the cancel that is out settles it
    }
    saga_.contract.failure.clear();
    saga_.cancel_owed = false;
    // A provider may begin at once, without waiting for an activation.
    const bool is_running =
        order.fulfilment == FulfilmentState::active && saga_.contract.kind != flex::ContractKind::spot;
    saga_.was_activated = is_running;
    saga_.step = is_running ? SagaStep::activated : SagaStep::active;
    answer();
}

void Stepper::on_confirm(const Order& order) {
    if (!saga_.confirm_sent) {
        refuse("an on_confirm came");
        return;
    }
    switch (saga_.step) {
        case SagaStep::confirming:
        case SagaStep::checking:
            take_commitment(order, false);
            return;
        case SagaStep::unknown:
        case SagaStep::failed:
            // A live obligation, however late: it must be used or cancelled.
            take_commitment(order, false);
            return;
        default:
            return;  // a repeat, or settled by a cancel that came after it
    }
}

void Stepper::on_status(const Order& order, UtcTime at) {
    const bool was_asked = saga_.asked == Action::status;
    if (at != UtcTime{}) {
        if (saga_.status_at && at < *saga_.status_at) {
            // Overtaken on its way by a newer one: what it says is no longer so.
            if (was_asked && is_held()) {
                answer();
            }
            return;
        }
        saga_.status_at = at;
    }
    switch (saga_.step) {
        case SagaStep::confirming:
        case SagaStep::checking:
        case SagaStep::unknown:
            if (order.status == OrderStatus::none) {
                // The provider knows the conversation, but has no order.
                if (saga_.step == SagaStep::checking) {
                    withdraw("the provider has not confirmed");
                } else if (was_asked) {
                    answer();
                }
                return;
            }
            take_commitment(order, false);
            return;
        case SagaStep::active:
        case SagaStep::activating:
        case SagaStep::activated:
        case SagaStep::cancelling:
            if (order.status == OrderStatus::cancelled) {
                end(SagaStep::cancelled, "the provider cancelled: " + order.cancellation);
            } else if (order.status == OrderStatus::complete ||
                       order.fulfilment == FulfilmentState::completed) {
                end(SagaStep::completed, "");
            } else {
                // An update of the provider's that was lost on its way shows here at last.
                const bool is_less = take_reduction(saga_, order);
                effects_.tell = is_less;
                if (was_asked) {
                    answer();
                }
            }
            return;
        case SagaStep::completed:
        case SagaStep::cancelled:
        case SagaStep::failed:
            return;  // never back from an end
        default:
            refuse("an on_status came");
    }
}

void Stepper::on_update(const Order& order) {
    if (!is_held()) {
        refuse("an on_update came");
        return;
    }
    if (order.status == OrderStatus::cancelled) {
        end(SagaStep::cancelled, "the provider cancelled: " + order.cancellation);
        return;
    }
    if (saga_.step == SagaStep::activating && saga_.asked == Action::update) {
        saga_.step = SagaStep::activated;
        saga_.was_activated = true;
        const std::optional<std::string> wrong = commit(saga_, order, rules_);
        if (wrong) {
            // The activation stands; what the provider wrote about its lines does not.
            saga_.contract.failure = *wrong;
        }
        answer();
        return;
    }
    if (const std::optional<std::string> wrong = commit(saga_, order, rules_)) {
        effects_.refuse = make_error(ErrorCode::biz_generic_error, *wrong);
        return;
    }
    effects_.tell = true;  // nobody asked for it; a request that is out goes on
}

void Stepper::on_cancel(const Order& order) {
    if (saga_.step == SagaStep::withdrawing) {
        end(SagaStep::cancelled, saga_.contract.failure + "; cancelled");
        return;
    }
    if (saga_.step == SagaStep::cancelling) {
        end(SagaStep::cancelled, saga_.contract.failure);
        return;
    }
    if (is_held() || saga_.step == SagaStep::unknown || saga_.step == SagaStep::confirming ||
        saga_.step == SagaStep::checking) {
        end(SagaStep::cancelled, "the provider cancelled: " + order.cancellation);
        return;
    }
    if (!saga_.is_over()) {
        refuse("an on_cancel came");
    }
}

void Stepper::operator()(const saga_event::Declined& declined) {
    const std::string why =
        std::string(to_string(declined.request)) + " was refused: " + describe(declined.error);
    const bool no_order = declined.error.is_order_not_found();
    if (saga_.asked != declined.request) {
        return;  // a message that came after this answer, and was taken before it, has settled the question
    }
    switch (saga_.step) {
        case SagaStep::selecting:
        case SagaStep::initing:
        case SagaStep::confirming:
            end(SagaStep::failed, why);
            return;
        case SagaStep::checking:
            // Not even then is it certain: the confirm may still be on its way. A cancel seals it.
            withdraw(no_order ? "the provider has no order" : why);
            return;
        case SagaStep::withdrawing:
            if (no_order) {
                end(SagaStep::failed, "the provider has no order");
            } else {
                end(SagaStep::unknown, why);
            }
            return;
        case SagaStep::cancelling:
            if (no_order) {
                end(SagaStep::cancelled, "the provider no longer knows the order");
            } else {
                saga_.cancel_owed = false;  // it was heard and refused: for a person to settle
                back_to_service();
                fault(Errc::denied, why);
            }
            return;
        case SagaStep::activating:
            back_to_service();
            fault(Errc::denied, why);
            return;
        case SagaStep::active:
        case SagaStep::activated:
        case SagaStep::unknown:
            if (no_order) {
                end(saga_.step == SagaStep::unknown ? SagaStep::failed : SagaStep::cancelled,
                    "the provider no longer knows the order");
            } else {
                fault(Errc::denied, why);
            }
            return;
        default:
            return;  // ended meanwhile
    }
}

void Stepper::operator()(const saga_event::Unheard& unheard) {
    const std::string why = "no " + std::string(to_string(callback_of(unheard.request))) + " from " +
                            saga_.contract.provider +
                            (unheard.why.empty() ? std::string() : ": " + unheard.why);
    if (saga_.asked != unheard.request) {
        return;
    }
    switch (saga_.step) {
        case SagaStep::selecting:
        case SagaStep::initing:
            end(SagaStep::failed, why);
            return;
        case SagaStep::confirming:
            saga_.contract.failure = why;
            send(SagaStep::checking, Action::status);
            return;
        case SagaStep::checking:
            withdraw(why);
            return;
        case SagaStep::withdrawing:
            end(SagaStep::unknown, saga_.contract.failure + "; " + why);
            return;
        case SagaStep::activating:
        case SagaStep::cancelling:
            back_to_service();
            fault(Errc::timeout, why);
            return;
        case SagaStep::active:
        case SagaStep::activated:
        case SagaStep::unknown:
            fault(Errc::timeout, why);
            return;
        default:
            return;  // ended meanwhile
    }
}

void Stepper::operator()(const saga_event::Activate&) {
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

void Stepper::operator()(const saga_event::AskStatus&) {
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

void Stepper::operator()(const saga_event::Cancel& cancel) {
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

}  // namespace

bool Saga::is_over() const {
    return step == SagaStep::completed || step == SagaStep::cancelled || step == SagaStep::failed ||
           step == SagaStep::unknown;
}

std::pair<Saga, SagaEffects> step(Saga saga, const SagaEvent& event, const SagaTime& now,
                                  const SagaRules& rules) {
    Stepper stepper(std::move(saga), now, rules);
    std::visit(stepper, event);
    return std::move(stepper).result();
}

}  // namespace headroom::beckn
