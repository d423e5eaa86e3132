#include "beckn/codec_v11.hpp"
#include "beckn/v11_shapes.hpp"
#include "beckn/v11_words.hpp"

#include <utility>

namespace headroom::beckn::v11 {

namespace {

using json::Array;
using json::Object;
using json::Value;

std::string write_subscriber_id(const Dialect& dialect, const std::string& id) {
    return dialect.is_flat() ? std::string(id_scheme) + id : id;
}

void add_place(const Dialect& dialect, std::vector<Object::Member>& members, const Context& context) {
    if (dialect.is_flat()) {
        members.push_back({"country", context.country.empty() ? Value(anywhere) : Value(context.country)});
        members.push_back({"city", context.city.empty() ? Value(anywhere) : Value(context.city)});
        return;
    }
    std::vector<Object::Member> location;
    if (!context.country.empty()) {
        location.push_back({"country", descriptor(context.country)});
    }
    if (!context.city.empty()) {
        location.push_back({"city", descriptor(context.city)});
    }
    if (!location.empty()) {
        members.push_back({"location", object(std::move(location))});
    }
}

std::string_view version_word(const Dialect& dialect) {
    if (dialect.is_rc1()) {
        return rc1_version;
    }
    return dialect.is_flat() ? core_version : wire_version;
}

std::string_view action_word(const Dialect& dialect, Action action) {
    if (dialect.is_rc1() && request_of(action) == Action::catalog_publish) {
        return is_callback(action) ? "on_catalog_publish" : "catalog_publish";
    }
    return to_string(action, dialect.version);
}

void add_networks(std::vector<Object::Member>& members, const Context& context) {
    if (!context.network_id.empty()) {
        members.push_back({"network_id", Array{Value(context.network_id)}});
    }
    if (!context.schema_context.empty()) {
        members.push_back(
            {"schema_context", Array(context.schema_context.begin(), context.schema_context.end())});
    }
}

Value write_intent(const Dialect& dialect, const SearchIntent& intent) {
    if (intent.need_w.values.empty()) {
        return intent.text.empty() ? Value(Object{})
                                   : object({{"descriptor", object({{"name", Value(intent.text)}})}});
    }
    std::vector<Object::Member> fulfilment{{"type", Value("FLEX")}};
    add_stops(dialect, fulfilment, intent.need_w.start, intent.need_w.end());
    return object({{"fulfillment", object(std::move(fulfilment))},
                   {"tags", tags(dialect, flex_request, write_request(intent))}});
}

struct WriteBody {
    const Dialect& dialect;

    /// What these dialects have no words for; `encode` refuses it before.
    Value operator()(const auto&) const { return Value(); }
    Value operator()(const NoMessage&) const { return Value(); }
    Value operator()(const SearchIntent& intent) const {
        return object({{"intent", write_intent(dialect, intent)}});
    }
    Value operator()(const Catalog& catalog) const {
        return object({{"catalog", write_catalog(dialect, catalog)}});
    }
    Value operator()(const Order& order) const { return object({{"order", write_order(dialect, order)}}); }
    Value operator()(const StatusRequest& request) const { return object({{"order_id", request.order_id}}); }
    Value operator()(const CancelRequest& request) const {
        return object({{"order_id", request.order_id},
                       {"cancellation_reason_id", Value("1")},
                       {"descriptor", object({{"short_desc", request.reason}})}});
    }
    Value operator()(const UpdateRequest& request) const {
        return object({{"update_target", Value(dialect.is_flat() ? update_target_v09 : update_target)},
                       {"order", write_order(dialect, request.order)}});
    }
    Value operator()(const TrackRequest& request) const { return write_service(dialect, request); }
    Value operator()(const Tracking& tracking) const { return write_service(dialect, tracking); }
    Value operator()(const SupportRequest& request) const { return write_service(dialect, request); }
    Value operator()(const Support& support) const { return write_service(dialect, support); }
    Value operator()(const RatingRequest& request) const { return write_service(dialect, request); }
    Value operator()(const RatingAnswer& answer) const { return write_service(dialect, answer); }
};

/// The kind of an error, which 0.9 needs beside its number.
std::string_view type_of_error(std::string_view code) {
    if (code == number_of(ErrorCode::sch_schema_validation_failed)) {
        return "CORE-ERROR";
    }
    return code.starts_with("5") ? "POLICY-ERROR" : "DOMAIN-ERROR";
}

Value write_error(const Dialect& dialect, const MessageError& told) {
    std::vector<Object::Member> error;
    if (dialect.is_flat()) {
        error.push_back({"type", Value(type_of_error(told.code))});
    }
    error.push_back({"code", told.code});
    error.push_back({"message", told.message});
    if (!told.paths.empty()) {
        error.emplace_back(dialect.is_flat() ? "path" : "paths", told.paths);
    }
    return object(std::move(error));
}

}  // namespace

Value write_context(const Dialect& dialect, const Context& context) {
    std::vector<Object::Member> members;
    members.reserve(13);
    members.push_back({"domain", context.domain});
    add_place(dialect, members, context);
    members.push_back({"action", Value(action_word(dialect, context.action))});
    members.emplace_back(dialect.is_flat() ? "core_version" : "version", Value(version_word(dialect)));
    if (!context.bap_id.empty() || !dialect.is_rc1()) {
        members.push_back({"bap_id", write_subscriber_id(dialect, context.bap_id)});
        members.push_back({"bap_uri", context.bap_uri});
    }
    if (!context.bpp_id.empty()) {
        members.push_back({"bpp_id", write_subscriber_id(dialect, context.bpp_id)});
    }
    if (!context.bpp_uri.empty()) {
        members.push_back({"bpp_uri", context.bpp_uri});
    }
    members.push_back({"transaction_id", context.transaction_id});
    members.push_back({"message_id", context.message_id});
    members.push_back({"timestamp", format_utc(context.timestamp)});
    if (context.ttl) {
        members.push_back({"ttl", format_duration(*context.ttl)});
    }
    if (!context.key.empty()) {
        members.push_back({"key", context.key});
    }
    if (dialect.is_rc1()) {
        add_networks(members, context);
    }
    members.insert(members.end(), context.extras.members().begin(), context.extras.members().end());
    return object(std::move(members));
}

json::Value write(const Dialect& dialect, const Envelope& envelope) {
    std::vector<Object::Member> members;
    members.push_back({"context", write_context(dialect, envelope.context)});
    Value message = std::visit(WriteBody{dialect}, envelope.message);
    if (message.is_null() && envelope.context.action == Action::on_rating) {
        message = Object{};  // alone among the callbacks it must have one
    }
    if (!message.is_null()) {
        members.push_back({"message", std::move(message)});
    }
    if (envelope.error) {
        members.push_back({"error", write_error(dialect, *envelope.error)});
    }
    return object(std::move(members));
}

bool has_words_for(const Envelope& envelope) {
    const Body& body = envelope.message;
    return !std::holds_alternative<CatalogList>(body) && !std::holds_alternative<PublishRequest>(body) &&
           !std::holds_alternative<PublishAnswer>(body);
}

json::Value write(const Envelope& envelope) {
    return write(dialect_v11, envelope);
}

}  // namespace headroom::beckn::v11
