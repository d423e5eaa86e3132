#include "beckn/saga.hpp"

namespace headroom::beckn {

namespace {

Order order_of(const Saga& saga) {
    Order order;
    order.provider = saga.provider_ref;
    order.kind = saga.contract.kind;
    order.lines.reserve(saga.contract.lines.size());
    for (const flex::PlanLine& line : saga.contract.lines) {
        order.lines.push_back({.item = line.offer.id, .feeder = line.offer.feeder, .power_w = line.power_w});
    }
    return order;
}

}  // namespace

std::string order_reference(const Saga& saga) {
    if (!saga.contract.order_id.empty()) {
        return saga.contract.order_id;
    }
    return saga.order_ref.empty() ? saga.contract.transaction.value : saga.order_ref;
}

Body body_of(const Saga& saga, Action request) {
    switch (request) {
        case Action::select:
            return order_of(saga);
        case Action::init:
        case Action::confirm: {
            Order order = order_of(saga);
            order.id = saga.order_ref;
            order.quote = Quote{.total = saga.quoted, .breakup = {}, .ttl = std::nullopt};
            return order;
        }
        case Action::update: {
            Order order = order_of(saga);
            order.id = order_reference(saga);
            order.status = OrderStatus::active;
            order.fulfilment = FulfilmentState::active;
            return UpdateRequest{std::move(order)};
        }
        case Action::status:
            return StatusRequest{order_reference(saga)};
        case Action::cancel:
            return CancelRequest{order_reference(saga), saga.contract.failure};
        default:
            break;
    }
    HEADROOM_ASSERT(false);
    return NoMessage{};
}

}  // namespace headroom::beckn
