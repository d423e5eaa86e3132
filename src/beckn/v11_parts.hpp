#pragma once

#include "beckn/envelope.hpp"
#include "beckn/v11_node.hpp"

#include <optional>
#include <string_view>

// Inside of the codec for Beckn before 2.0: what its files share.
namespace headroom::beckn::v11 {

/// How 0.9 and 1.1 write the same things. 0.9 ("flat") has country and city in the context, catalogue keys
/// that begin with "bpp/", one fulfilment, tags as a map of texts, and ids that must be URIs.
struct Dialect {
    WireVersion version = WireVersion::v11;
    [[nodiscard]] bool is_flat() const { return version == WireVersion::v09; }
    [[nodiscard]] bool is_rc1() const { return version == WireVersion::v2_rc1; }
};

inline constexpr Dialect dialect_v11{WireVersion::v11};
inline constexpr Dialect dialect_v09{WireVersion::v09};
inline constexpr Dialect dialect_rc1{WireVersion::v2_rc1};  ///< the context only

inline constexpr std::size_t uri_max = 512;
inline constexpr std::size_t name_max = 256;
inline constexpr std::size_t sentence_max = 1024;

/// Nothing when who speaks to whom about what cannot be told.
[[nodiscard]] std::optional<Context> read_context(const Dialect& dialect, const Node& node);
[[nodiscard]] json::Value write_context(const Dialect& dialect, const Context& context);
/// As far as it can be read: a NACK without a code is still a NACK.
[[nodiscard]] std::optional<MessageError> read_error(const json::Value* error);

[[nodiscard]] std::optional<Catalog> read_catalog(const Dialect& dialect, const Node& node,
                                                  const CodecLimits& limits);
[[nodiscard]] std::optional<Order> read_order(const Dialect& dialect, const Node& node,
                                              const CodecLimits& limits);
/// Where of two times both are known, the earlier.
[[nodiscard]] std::optional<UtcTime> earlier(std::optional<UtcTime> a, std::optional<UtcTime> b);
/// Keeps the first of items that have one provider and id; an order could not tell them apart. Whether any
/// went.
bool drop_repeated(std::vector<flex::Offer>& offers);
/// {"currency":"GBP","value":…}: only pounds are settled here. The money is ≥ 0.
[[nodiscard]] std::optional<MicroPounds> read_price(const Node& node);

/// Track, support, rating and their answers.
[[nodiscard]] std::optional<Body> read_service(const Dialect& dialect, Action action, const Node& message);
[[nodiscard]] json::Value write_service(const Dialect& dialect, const TrackRequest& request);
[[nodiscard]] json::Value write_service(const Dialect& dialect, const Tracking& tracking);
[[nodiscard]] json::Value write_service(const Dialect& dialect, const SupportRequest& request);
[[nodiscard]] json::Value write_service(const Dialect& dialect, const Support& support);
[[nodiscard]] json::Value write_service(const Dialect& dialect, const RatingRequest& request);
[[nodiscard]] json::Value write_service(const Dialect& dialect, const RatingAnswer& answer);
/// "Order" for "ORDER" and "order": the words of 1.1; others as they stand.
[[nodiscard]] std::string rating_word(std::string_view category);

[[nodiscard]] json::Value write_catalog(const Dialect& dialect, const Catalog& catalog);
[[nodiscard]] json::Value write_order(const Dialect& dialect, const Order& order);

/// A whole message in one of the two dialects.
[[nodiscard]] json::Value write(const Dialect& dialect, const Envelope& envelope);
[[nodiscard]] std::optional<Envelope> read(const Dialect& dialect, const json::Value& message,
                                           const CodecLimits& limits, std::vector<Fault>& faults);

}  // namespace headroom::beckn::v11
