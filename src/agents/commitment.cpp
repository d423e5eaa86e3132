#include "agents/commitment.hpp"

#include "agents/journal.hpp"
#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "core/reflect_json.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {
namespace {

/// So many are told one by one; the input has all of them.
constexpr std::size_t refused_most = 30;

audit::Draft entry_for(const flex::Contract& contract, const flex::CommitInput& input,
                       const flex::CommitAnswer& answer) {
    const std::string said = json::write(headroom::to_json(answer));
    json::Array refused;
    for (const flex::CommitRefusal& each : answer.refused) {
        if (refused.size() == refused_most) {
            break;
        }
        refused.emplace_back(json::object(
            {{"offer", each.offer}, {"der", each.der_id}, {"rule", each.rule}, {"detail", each.detail}}));
    }
    return {.type = "order.judged",
            .actor = system_actor(),
            .body = json::object({{"transaction", contract.transaction.value},
                                  {"provider", contract.provider},
                                  {"rule_set", input.rule_set},
                                  {"decision", "rules.commit"},
                                  {"decision_sha256", to_hex(sha256({said}))},
                                  {"input", json::write(headroom::to_json(input))},
                                  {"bought", static_cast<std::int64_t>(answer.bought.size())},
                                  {"refused_lines", static_cast<std::int64_t>(answer.refused.size())},
                                  {"refused", std::move(refused)}}),
            .corr = contract.event.value,
            .caus = {},
            .outcome = answer.refused.empty() ? "ok" : "denied"};
}

}  // namespace

JudgedContract judge_contract(flex::Contract contract, const std::string& feeder, const flex::RuleBook* book,
                              const flex::RuleFacts& counted) {
    JudgedContract out{.contract = std::move(contract), .refused = {}, .entry = {}};
    const std::optional<flex::CommitInput> input =
        book == nullptr ? std::nullopt : flex::commitment_of(*book, out.contract, feeder, counted);
    if (!input) {
        return out;
    }
    flex::CommitAnswer answer = flex::judge_commitment(*input);
    out.entry = entry_for(out.contract, *input, answer);
    std::erase_if(out.contract.lines, [&answer](const flex::PlanLine& line) {
        return std::find(answer.bought.begin(), answer.bought.end(), line.offer.id) == answer.bought.end();
    });
    out.refused = std::move(answer.refused);
    return out;
}

std::vector<PendingUse> pending_uses(const flex::Contract& contract) {
    std::vector<PendingUse> out;
    for (const flex::PlanLine& line : contract.lines) {
        out.push_back({.transaction = contract.transaction.value,
                       .provider = contract.provider,
                       .der = line.offer.der,
                       .kind = std::string(grid::to_string(line.offer.der_class)),
                       .cost = line.cost});
    }
    return out;
}

void forget_pending(EventRecord& record, const std::string& transaction) {
    std::erase_if(record.pending,
                  [&transaction](const PendingUse& each) { return each.transaction == transaction; });
}

}  // namespace headroom::agents
