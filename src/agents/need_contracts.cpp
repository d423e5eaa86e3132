// Orders of published needs as the operator's rules count them.
#include "agents/need_market_impl.hpp"

#include <set>
#include <string_view>
#include <utility>

namespace headroom::agents {
namespace {

/// A line without power or money: it names a meter that the contract's other lines are about.
flex::PlanLine line_of_meter(const std::string& meter, const flex::Contract& contract) {
    flex::PlanLine out;
    out.offer.der = meter;
    out.offer.provider = contract.provider;
    if (!contract.lines.empty()) {
        const flex::PlanLine& first = contract.lines.front();
        out.offer.feeder = first.offer.feeder;
        out.power_w = {first.power_w.start, first.power_w.step, {}};
    }
    return out;
}

}  // namespace

std::vector<flex::Contract> NeedMarket::contracts() const {
    std::vector<flex::Contract> out;
    std::set<std::string_view> on_their_way;
    const auto add = [&](const beckn::NeedOrder& order) {
        const beckn::PublishedNeed* need = order.binds() ? impl_->board.need(order.need) : nullptr;
        if (need == nullptr || !order.awarded_w) {
            return;
        }
        flex::Contract contract = beckn::contract_of(*need, order);
        for (const flex::RevenueFlow& flow : order.order.flows) {
            if (flow.role == "buyer" && !contract.lines.empty()) {
                // What is settled counts, not what was agreed: the first line carries the difference.
                contract.lines.front().cost += MicroPounds{-flow.value_micro} - contract.quoted;
            }
        }
        for (const std::string& meter : order.line().meters) {
            contract.lines.push_back(line_of_meter(meter, contract));
        }
        out.push_back(std::move(contract));
    };
    if (impl_->settling) {
        for (const beckn::NeedOrder& order : impl_->settling->orders) {
            on_their_way.insert(order.context.transaction_id);
            add(order);
        }
    }
    for (const auto& [transaction, order] : impl_->board.orders) {
        if (!on_their_way.contains(transaction)) {
            add(order);
        }
    }
    return out;
}

}  // namespace headroom::agents
