#pragma once

// Inside of the saga: one step on its way. Not for others.

#include "beckn/saga.hpp"

#include <string>
#include <utility>

namespace headroom::beckn {

/// What a saga's step says of its contract.
[[nodiscard]] flex::ContractState state_of(const Saga& saga);

/// Carries the saga and its effects through one step.
class SagaStepper {
  public:
    SagaStepper(Saga saga, const SagaTime& now, const SagaRules& rules)
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

}  // namespace headroom::beckn
