#pragma once

#include "beckn/codec_lts.hpp"
#include "beckn/pack.hpp"

#include <span>
#include <string>
#include <vector>

// The parts of the 2.0 codec that its files share.
namespace headroom::beckn::lts {

/// Everything below /message/contract; nothing when it could not be read without fault.
[[nodiscard]] std::optional<Order> read_contract(const Node& contract, const CodecLimits& limits);
[[nodiscard]] std::vector<Catalog> read_catalogs(const Node& list, const CodecLimits& limits);
[[nodiscard]] std::optional<SearchIntent> read_intent(const Node& message);
[[nodiscard]] std::optional<Context> read_context(const Node& node);
/// track, support, rating, publish and their answers.
[[nodiscard]] std::optional<Body> read_other_body(Action action, const Node& message, const Context& context,
                                                  const CodecLimits& limits);

/// Errors: as `write`.
[[nodiscard]] Result<json::Value> write_contract(const Order& order, Action action);
/// DRAFT, ACTIVE or CLOSED: a commitment of a contract in that state.
[[nodiscard]] std::string_view commitment_status(OrderStatus status);
/// A contract of which only the id is told.
[[nodiscard]] json::Value write_contract_reference(const std::string& order_id, json::Object status);
[[nodiscard]] json::Array write_catalogs(std::span<const Catalog> catalogs);
[[nodiscard]] json::Value write_intent(const SearchIntent& intent);
[[nodiscard]] json::Value write_context(const Context& context);
/// track, support, rating, publish and their answers.
[[nodiscard]] json::Value write_other_body(const Envelope& envelope);

[[nodiscard]] inline json::Value descriptor(std::string_view key, std::string_view value) {
    json::Object object;
    object.set(std::string(key), json::Value(value));
    return object;
}

}  // namespace headroom::beckn::lts
