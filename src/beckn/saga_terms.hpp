#pragma once

#include "beckn/saga.hpp"

#include <optional>
#include <string>

// Inside of the saga: what orders and quotes do to a contract's terms.
namespace headroom::beckn {

/// Makes the contract's lines what on_select quotes: never more than was asked, lines that are not quoted
/// left out; a quote that says nothing of powers is for all that was asked. Answers what is wrong when it
/// cannot be taken: the saga is then unchanged.
[[nodiscard]] std::optional<std::string> take_quantities(Saga& saga, const Order& order);

/// Whether on_init still has what on_select quoted; a line whose energy fell within the tolerance is taken as
/// it is now. Answers what is wrong otherwise.
[[nodiscard]] std::optional<std::string> compare_quantities(Saga& saga, const Order& order,
                                                            const SagaRules& rules);

/// Takes a quote when it is no higher than `before` by more than the tolerance. Answers why not otherwise. It
/// is good until its own time to live is over or the first of the contract's offers expires.
[[nodiscard]] std::optional<std::string> take_quote(Saga& saga, const Order& order, MicroPounds before,
                                                    const char* before_name, const SagaTime& now,
                                                    const SagaRules& rules);

/// Makes the contract's lines what the order commits: never more than was asked, lines with nothing left out.
/// Answers what is wrong when the order cannot be taken: the saga is then unchanged.
[[nodiscard]] std::optional<std::string> commit(Saga& saga, const Order& order, const SagaRules& rules);

/// Where an order commits less than the contract has, the contract becomes that. Answers whether it did; an
/// order that says nothing of powers, or is for other half-hours, changes nothing.
[[nodiscard]] bool take_reduction(Saga& saga, const Order& order);

/// What the offers' own terms make of the lines as they stand.
[[nodiscard]] MicroPounds offered_total(const flex::Contract& contract);

}  // namespace headroom::beckn
