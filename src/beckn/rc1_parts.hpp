#pragma once

#include "beckn/codec.hpp"
#include "beckn/rc1_node.hpp"
#include "beckn/v11_parts.hpp"
#include "beckn/v11_shapes.hpp"

#include <optional>
#include <utility>
#include <vector>

// Inside of the codec for 2.0.0-rc1: what its files share.
namespace headroom::beckn::rc1 {

using Members = std::vector<json::Object::Member>;
using v11::NamedValues;

inline constexpr std::size_t id_max = 128;
inline constexpr std::int64_t money_max = 1'000'000'000'000'000;  // a thousand million pounds in µ£

[[nodiscard]] std::optional<Catalog> read_catalog(const Node& node, const Context& context,
                                                  const CodecLimits& limits);
[[nodiscard]] json::Value write_catalog(const Catalog& catalog, const Context& context);

/// An item of the compute-energy pack, with the offers of its catalog.
[[nodiscard]] bool is_compute_window(const Node& attributes);
/// One window for each offer that names `item`; one by the item's own price when none does.
[[nodiscard]] std::vector<flex::ComputeWindow> read_windows(const Node& item,
                                                            const std::vector<Node>& offers);
[[nodiscard]] json::Value write_window_item(const flex::ComputeWindow& window);
[[nodiscard]] json::Value write_window_offer(const flex::ComputeWindow& window);

[[nodiscard]] std::optional<Order> read_order(const Node& node, const Context& context,
                                              const CodecLimits& limits);
[[nodiscard]] json::Value write_order(const Order& order, const Context& context);
/// The order of a callback that only says that there is none, which has to be one all the same.
[[nodiscard]] json::Value write_bare_order(std::string_view id, std::string_view status,
                                           const Context& context, Members more);
/// What one line is asked or committed to; the whole order is of no use when it cannot be told.
[[nodiscard]] std::optional<OrderLine> read_line(const Node& item, const Node& delivery, bool is_alone);
[[nodiscard]] json::Value write_line(const OrderLine& line, std::size_t number, const Order& order,
                                     bool is_callback);

/// Meter readings of the lines, as far as they stand on an even grid.
[[nodiscard]] std::vector<flex::Performance> read_performance(const Node& order, const CodecLimits& limits);
[[nodiscard]] json::Value write_performance(const std::vector<flex::Performance>& performance);
/// Who receives what: our own list, or the amount of a settlement.
[[nodiscard]] std::vector<flex::RevenueFlow> read_flows(const Node& order);
/// `beckn:payment` of an order with flows.
[[nodiscard]] json::Value write_payment(const Order& order);

[[nodiscard]] std::optional<Body> read_service(Action action, const Node& message);
[[nodiscard]] json::Value write_service(const TrackRequest& request, const Context& context);
[[nodiscard]] json::Value write_service(const Tracking& tracking, const Context& context);
[[nodiscard]] json::Value write_service(const SupportRequest& request, const Context& context);
[[nodiscard]] json::Value write_service(const Support& support, const Context& context);
[[nodiscard]] json::Value write_service(const RatingRequest& request, const Context& context);
[[nodiscard]] json::Value write_service(const RatingAnswer& answer, const Context& context);

/// `units` of 10^-decimals as a JSON number; exact up to 15 digits.
[[nodiscard]] json::Value number(std::int64_t units, int decimals);
/// {"@context":…,"@type":"beckn:NAME", members…}
[[nodiscard]] json::Value typed(std::string_view context, std::string_view type, Members members);
[[nodiscard]] json::Value described(std::string_view name);
/// A period with an end, and a start when there is one.
[[nodiscard]] json::Value period(std::optional<UtcTime> start, UtcTime end);
[[nodiscard]] json::Value values(NamedValues list);
void add_text(Members& members, std::string_view key, const std::string& text);

}  // namespace headroom::beckn::rc1
