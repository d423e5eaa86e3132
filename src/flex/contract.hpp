#pragma once

#include "flex/contract_kind.hpp"
#include "flex/flex_plan.hpp"

#include <string>
#include <vector>

namespace headroom::flex {

enum class ContractState {
    requested,
    quoted,
    confirming,
    active,
    activated,
    completed,
    cancelled,
    failed,
    unknown
};
[[nodiscard]] std::string_view to_string(ContractState state);
[[nodiscard]] std::optional<ContractState> parse_contract_state(std::string_view text);

/// What one provider has promised: one Beckn transaction and order, with a line for each DER.
struct Contract {
    TransactionId transaction;
    std::string order_id;  ///< the provider's, from on_confirm
    EventId event;
    std::string provider;
    ContractKind kind = ContractKind::spot;
    ContractState state = ContractState::requested;
    std::vector<PlanLine> lines;  ///< as committed, not as asked
    MicroPounds quoted{};         ///< total of the quote
    std::string failure;          ///< why failed or cancelled
};

[[nodiscard]] json::Value to_json(const Contract& contract);
[[nodiscard]] Result<Contract> contract_from_json(const json::Value& value);

}  // namespace headroom::flex
