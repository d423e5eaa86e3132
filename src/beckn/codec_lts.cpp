#include "beckn/codec_lts.hpp"

#include "beckn/lts_parts.hpp"
#include "beckn/lts_words.hpp"
#include "beckn/text.hpp"
#include "core/json_object.hpp"

#include <algorithm>

namespace headroom::beckn::lts {

namespace {

bool is_contract(Action action) {
    return action >= Action::select && action <= Action::on_cancel;
}

/// From on_confirm on a contract has its id, and some callbacks say one thing only: they are neither written
/// nor believed otherwise.
Result<void> check_contract(const Order& order, const Context& context) {
    const Action action = context.action;
    const bool is_late = action >= Action::on_confirm && action <= Action::on_cancel;
    if (is_late && order.id.empty()) {
        return Error{Errc::invalid, std::string(to_string(action)) + " needs the contract's id",
                     "/message/contract/id"};
    }
    if (action == Action::on_confirm && order.status != OrderStatus::active) {
        return Error{Errc::invalid, "a contract is active in on_confirm", "/message/contract/status/code"};
    }
    if (action == Action::on_cancel && !context.try_preview && order.status != OrderStatus::cancelled) {
        return Error{Errc::invalid, "a contract is cancelled in on_cancel", "/message/contract/status/code"};
    }
    return {};
}

/// A callback with an error still has a message; it says no more than it must.
json::Value write_empty(const Context& context) {
    switch (request_of(context.action)) {
        case Action::search:
            return json::object({{"catalogs", json::Array{}}});
        case Action::track:
            return json::object(
                {{"tracking", json::object({{"url", context.bpp_uri}, {"status", "INACTIVE"}})}});
        case Action::support:
            return json::object({{"support", json::Object{}}});
        case Action::rating:
            return json::object({{"ratings", json::Array{}}});
        case Action::catalog_publish:
            return json::object({{"results", json::Array{}}});
        default:
            return json::object({{"contract", write_contract_reference(context.transaction_id, {})}});
    }
}

Result<json::Value> write_body(const Envelope& envelope) {
    const Context& context = envelope.context;
    const auto wrap = [&](const Order& order) -> Result<json::Value> {
        if (const Result<void> checked = check_contract(order, context); !checked && !envelope.error) {
            return checked.error();
        }
        Result<json::Value> contract = write_contract(order, context.action);
        if (!contract) {
            return contract.error();
        }
        return json::Value(json::object({{"contract", std::move(*contract)}}));
    };
    if (const auto* order = std::get_if<Order>(&envelope.message)) {
        return wrap(*order);
    }
    if (const auto* update = std::get_if<UpdateRequest>(&envelope.message)) {
        return wrap(update->order);
    }
    if (const auto* status = std::get_if<StatusRequest>(&envelope.message)) {
        return json::Value(json::object({{"contract", write_contract_reference(status->order_id, {})}}));
    }
    if (const auto* cancel = std::get_if<CancelRequest>(&envelope.message)) {
        json::Object wanted{{"code", "CANCELLED"}};
        if (!cancel->reason.empty()) {
            wanted.set("shortDesc", cancel->reason);
        }
        return json::Value(
            json::object({{"contract", write_contract_reference(cancel->order_id, std::move(wanted))}}));
    }
    if (const auto* intent = std::get_if<SearchIntent>(&envelope.message)) {
        return json::Value(json::object({{"intent", write_intent(*intent)}}));
    }
    if (context.action == Action::on_search && !std::holds_alternative<NoMessage>(envelope.message)) {
        return json::Value(json::object({{"catalogs", write_catalogs(catalogs_of(envelope.message))}}));
    }
    if (std::holds_alternative<NoMessage>(envelope.message)) {
        return write_empty(context);
    }
    return write_other_body(envelope);
}

std::optional<MessageError> error_in(const json::Value& message) {
    for (const std::string_view place : {"/error", "/message/error"}) {
        const json::Value* error = message.at(place);
        if (error != nullptr && error->is_object()) {
            return read_error(*error);
        }
    }
    return std::nullopt;
}

std::optional<Body> read_body(const Context& context, const Node& message, const CodecLimits& limits) {
    const Action action = context.action;
    if (action == Action::search) {
        std::optional<SearchIntent> intent = read_intent(message);
        return intent ? std::optional<Body>(std::move(*intent)) : std::nullopt;
    }
    if (action == Action::on_search) {
        const Node list = message.member("catalogs");
        if (!list.is_there()) {
            list.refuse("is missing");
            return std::nullopt;
        }
        std::vector<Catalog> catalogs = read_catalogs(list, limits);
        return catalogs.size() == 1 ? Body(std::move(catalogs.front()))
                                    : Body(CatalogList{.catalogs = std::move(catalogs)});
    }
    if (!is_contract(action)) {
        return read_other_body(action, message, context, limits);
    }
    const Node contract = message.member("contract");
    if (action == Action::status || action == Action::cancel) {
        std::optional<std::string> id = contract.member("id").foreign_id();
        if (!id) {
            return std::nullopt;
        }
        return action == Action::status
                   ? Body(StatusRequest{std::move(*id)})
                   : Body(CancelRequest{std::move(*id),
                                        text_at(contract.member("status").member("shortDesc"))});
    }
    std::optional<Order> order = read_contract(contract, limits);
    if (!order) {
        return std::nullopt;
    }
    if (const Result<void> checked = check_contract(*order, context); !checked) {
        contract.faults().add(checked.error().pointer, checked.error().message);
        return std::nullopt;
    }
    return action == Action::update ? Body(UpdateRequest{std::move(*order)}) : Body(std::move(*order));
}

}  // namespace

Result<json::Value> write(const Envelope& envelope) {
    Result<json::Value> body = write_body(envelope);
    if (!body) {
        return body.error();
    }
    if (body->is_null()) {
        return Error{Errc::unsupported,
                     std::string(to_string(envelope.context.action)) + " of 2.0 has no such message",
                     "/message"};
    }
    std::vector<json::Object::Member> members;
    members.push_back({"context", write_context(envelope.context)});
    members.push_back({"message", std::move(*body)});
    if (envelope.error) {
        members.push_back({"error", named_error_object(*envelope.error)});
    }
    return json::Value(json::Object::from_distinct(std::move(members)));
}

std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                             std::vector<Fault>& faults) {
    FaultList list(faults, limits.faults);
    const Node root(&message, "", list);
    std::optional<Context> context = read_context(root.member("context"));
    if (!context) {
        return std::nullopt;
    }
    Envelope envelope{
        .version = WireVersion::v2_lts, .context = std::move(*context), .message = NoMessage{}, .error = {}};
    if (is_callback(envelope.context.action)) {
        envelope.error = error_in(message);
        if (envelope.error) {
            return envelope;
        }
    }
    const Node body = root.member("message");
    if (body.value() == nullptr || !body.value()->is_object()) {
        body.refuse("must be an object");
        return std::nullopt;
    }
    std::optional<Body> read = read_body(envelope.context, body, limits);
    if (!read) {
        return std::nullopt;
    }
    envelope.message = std::move(*read);
    return envelope;
}

}  // namespace headroom::beckn::lts
