#include "beckn/saga_stepper.hpp"
#include "beckn/saga_terms.hpp"

#include <utility>

// What providers say, or do not say, to what a saga asked.

namespace headroom::beckn {

void SagaStepper::operator()(const saga_event::Answered& answered) {
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

void SagaStepper::on_quote(const Order& order) {
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
void SagaStepper::take_commitment(const Order& order, bool already_withdrawing) {
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

void SagaStepper::on_confirm(const Order& order) {
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

void SagaStepper::on_status(const Order& order, UtcTime at) {
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

void SagaStepper::on_update(const Order& order) {
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

void SagaStepper::on_cancel(const Order& order) {
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

void SagaStepper::operator()(const saga_event::Declined& declined) {
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

void SagaStepper::operator()(const saga_event::Unheard& unheard) {
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

}  // namespace headroom::beckn
