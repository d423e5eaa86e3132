#pragma once

#include "agents/event_record.hpp"
#include "audit/entry.hpp"
#include "flex/commitment.hpp"
#include "flex/rules_use.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

// Where contracts are confirmed: what others have bought since a plan was made counts.

/// A contract under the rules as they count at this moment.
struct JudgedContract {
    flex::Contract contract;  ///< with the lines that may be bought
    std::vector<flex::CommitRefusal> refused;
    std::optional<audit::Draft> entry;  ///< `order.judged`, replayable; nothing where no rule counts about it
};
/// `book` may be null: everything may be bought. Pure.
[[nodiscard]] JudgedContract judge_contract(flex::Contract contract, const std::string& feeder,
                                            const flex::RuleBook* book, const flex::RuleFacts& counted);

/// What the rules count of a contract while it is on its way to its provider and back.
[[nodiscard]] std::vector<PendingUse> pending_uses(const flex::Contract& contract);
/// The contract has been answered, or was not made.
void forget_pending(EventRecord& record, const std::string& transaction);

/// For purchases outside of events: judged and counted from one moment to the next, with nothing in between.
struct SpendGate {
    std::function<JudgedContract(flex::Contract)> begin;      ///< what passes counts from now on
    std::function<void(const flex::Contract& contract)> end;  ///< counts as it was answered
};

}  // namespace headroom::agents
