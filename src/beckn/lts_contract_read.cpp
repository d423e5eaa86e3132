#include "beckn/lts_parts.hpp"
#include "beckn/lts_words.hpp"

#include <algorithm>
#include <array>

namespace headroom::beckn::lts {

namespace {

constexpr std::size_t resources_max = 16;
constexpr std::size_t parties_max = 64;
constexpr std::size_t evidence_max = 256;
constexpr std::size_t payments_max = 64;
constexpr std::array<FulfilmentState, 3> told_states{FulfilmentState::armed, FulfilmentState::active,
                                                     FulfilmentState::completed};

void read_status(const Node& status, Order& order) {
    if (!status.is_there()) {
        return;
    }
    const Node code = status.member("code");
    const std::string text = text_at(code);
    if (text == "DRAFT") {
        order.draft = true;
        return;
    }
    for (const OrderStatus known : {OrderStatus::active, OrderStatus::complete, OrderStatus::cancelled}) {
        if (text == to_string(known)) {
            order.status = known;
        }
    }
    if (order.status == OrderStatus::none) {
        code.refuse("must be DRAFT, ACTIVE, CANCELLED or COMPLETE");
    }
    if (order.status == OrderStatus::cancelled) {
        order.cancellation = text_at(status.member("shortDesc"));
    }
}

void keep_line(Entry& entry, const Node& offer, Order& order) {
    entry.line.item = offer.member("id").own_id().value_or("");
    order.lines.push_back(std::move(entry.line));
}

void keep_need(Entry& entry, const Node& node, const Node& resource, const Node& offer, Order& order) {
    NeedLine& line = entry.need;
    line.id = text_at(node.member("id"));
    line.status = text_at(node.member("status").member("descriptor").member("code"));
    line.resource = resource.member("id").foreign_id().value_or("");
    line.offer = offer.member("id").foreign_id().value_or("");
    line.id = line.id.empty() ? line.resource : line.id;
    if (line.status != "DRAFT" && line.status != "ACTIVE" && line.status != "CLOSED") {
        line.status = commitment_status(order.status);
    }
    const Node validity = offer.member("validity");
    if (validity.member("startDate").is_there()) {
        line.valid_from = validity.member("startDate").time();
    }
    if (validity.member("endDate").is_there()) {
        line.valid_until = validity.member("endDate").time();
    }
    order.needs.push_back(std::move(line));
}

void read_commitment(const Node& node, const CodecLimits& limits, Order& order) {
    const Node offer = node.member("offer");
    const Node provider = offer.member("provider").member("id");
    if (order.provider.empty() && provider.is_there()) {
        order.provider = provider.foreign_id().value_or("");
    }
    const std::vector<Node> resources = node.member("resources").items(resources_max);
    if (resources.empty()) {
        return;  // only says whose contract it is
    }
    Entry entry;
    PackTarget target{.entry = &entry, .performance = nullptr, .order = nullptr, .limits = &limits};
    read_pack(resources.front().member("resourceAttributes"), Part::resource, target);
    read_pack(offer.member("offerAttributes"), Part::offer, target);
    const Node attributes = node.member("commitmentAttributes");
    const bool has_series = read_pack(attributes, Part::commitment, target);
    if (entry.kind == EntryKind::line) {
        if (!has_series) {
            attributes.refuse("must be a TimeSeries: nobody guesses what was promised");
        }
        keep_line(entry, offer, order);
        return;
    }
    keep_need(entry, node, resources.front(), offer, order);
}

void read_participants(const Node& list, Order& order) {
    for (const Node& node : list.items(parties_max)) {
        Participant party{.role = PartyRole::none, .id = node.member("id").foreign_id().value_or("")};
        party.name = text_at(node.member("descriptor").member("name"));
        const Node attributes = node.member("participantAttributes");
        if (type_of(attributes) == flex_party) {
            party.role = word(attributes.member("role"), parse_party_role).value_or(PartyRole::none);
        }
        order.participants.push_back(std::move(party));
    }
}

/// Published messages leave out the status that the schema wants.
json::Value with_status(json::Value consideration) {
    if (consideration.get("status") == nullptr) {
        consideration.as_object()->set("status", descriptor("code", "PENDING"));
    }
    return consideration;
}

/// What is no price of ours is kept to be echoed.
void read_considerations(const Node& list, const CodecLimits& limits, Order& order) {
    json::Array others;
    for (const Node& node : list.items(payments_max)) {
        PackTarget target{.entry = nullptr, .performance = nullptr, .order = &order, .limits = &limits};
        const bool is_ours = read_pack(node.member("considerationAttributes"), Part::consideration, target);
        if (!is_ours && node.is_there() && node.value()->is_object()) {
            others.push_back(with_status(*node.value()));
        }
    }
    if (!others.empty()) {
        order.extras.set("consideration", std::move(others));
    }
}

void read_evidence(const Node& list, const CodecLimits& limits, Order& order) {
    for (const Node& node : list.items(evidence_max)) {
        const std::string state = text_at(node.member("status").member("code"));
        flex::Performance performance;
        performance.id = text_at(node.member("id"));
        performance.state = state;
        for (const Node& id : node.member("commitmentIds").items(limits.order_lines)) {
            performance.commitments.push_back(id.text(name_max).value_or(""));
        }
        PackTarget target{.entry = nullptr, .performance = &performance, .order = &order, .limits = &limits};
        if (!read_pack(node.member("performanceAttributes"), Part::performance, target)) {
            for (const FulfilmentState known : told_states) {
                order.fulfilment = state == to_string(known) ? known : order.fulfilment;
            }
            if (performance.id == fulfilment_id) {
                continue;
            }
        }
        order.performance.push_back(std::move(performance));
    }
}

void read_settlements(const Node& list, Order& order) {
    for (const Node& node : list.items(payments_max)) {
        Settlement settlement{.id = text_at(node.member("id")), .status = text_at(node.member("status"))};
        if (settlement.status != "DRAFT" && settlement.status != "COMMITTED" &&
            settlement.status != "COMPLETE") {
            settlement.status.clear();
        }
        settlement.consideration = text_at(node.member("considerationId"));
        if (settlement.id != settlement_id) {
            order.settlements.push_back(std::move(settlement));
        }
    }
}

}  // namespace

std::optional<Order> read_contract(const Node& contract, const CodecLimits& limits) {
    if (contract.value() == nullptr || !contract.value()->is_object()) {
        contract.refuse("must be an object");
        return std::nullopt;
    }
    const std::size_t before = contract.faults().count();
    Order order;
    if (contract.member("id").is_there()) {
        order.id = contract.member("id").foreign_id().value_or("");
    }
    const Node descriptor = contract.member("descriptor");
    if (const auto kind = flex::parse_contract_kind(text_at(descriptor.member("name")))) {
        order.kind = *kind;
    } else if (descriptor.is_there() && descriptor.value()->is_object()) {
        order.extras.set("descriptor", *descriptor.value());
    }
    read_status(contract.member("status"), order);
    const Node commitments = contract.member("commitments");
    if (!commitments.is_there()) {
        commitments.refuse("is missing");
    }
    for (const Node& commitment : commitments.items(limits.order_lines)) {
        read_commitment(commitment, limits, order);
    }
    read_participants(contract.member("participants"), order);
    PackTarget target{.entry = nullptr, .performance = nullptr, .order = &order, .limits = &limits};
    read_pack(contract.member("contractAttributes"), Part::contract, target);
    read_considerations(contract.member("consideration"), limits, order);
    read_evidence(contract.member("performance"), limits, order);
    read_settlements(contract.member("settlements"), order);
    return contract.faults().count() == before ? std::optional(std::move(order)) : std::nullopt;
}

}  // namespace headroom::beckn::lts
