#pragma once

#include "beckn/action.hpp"
#include "beckn/error_code.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "flex/contract.hpp"
#include "flex/interval_grid.hpp"
#include "flex/offer.hpp"
#include "grid/quantity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace headroom::beckn {

/// The dialects that exist. Spoken here: v11.
enum class WireVersion : std::uint8_t { v09, v11, v2_rc1, v2_lts };
[[nodiscard]] std::string_view to_string(WireVersion version);

/// Who speaks to whom about what, the same for every dialect.
struct Context {
    Action action = Action::search;
    std::string domain;
    std::string country;  ///< ISO 3166 alpha-3, may be empty
    std::string city;     ///< "std:020", may be empty
    std::string bap_id;
    std::string bap_uri;
    std::string bpp_id;  ///< empty in a search that is for everybody
    std::string bpp_uri;
    std::string transaction_id;  ///< UUID
    std::string message_id;      ///< UUID; a callback carries that of its request
    UtcTime timestamp{};         ///< wall time
    std::optional<milliseconds> ttl;

    bool operator==(const Context&) const = default;
};

/// search: so much change of load is wanted on this feeder and phase, half-hour by half-hour.
struct SearchIntent {
    std::string feeder;
    grid::Phase phase = grid::Phase::sum;
    bool turn_up = false;
    flex::IntervalGrid need_w;  ///< ≥ 0

    bool operator==(const SearchIntent&) const = default;
};

/// on_search: what one provider offers. Items that could not be read are missing here and stand among the
/// faults.
struct Catalog {
    std::string provider;  ///< the provider's own id; the first, when a platform lists several
    std::string provider_name;
    std::vector<flex::Offer> offers;  ///< `offer.provider` as read is the id of the provider that lists it
    std::optional<UtcTime> expires;   ///< wall time

    bool operator==(const Catalog&) const = default;
};

enum class OrderStatus : std::uint8_t { none, active, complete, cancelled };
/// Where the delivery stands: armed = confirmed and waiting for its activation.
enum class FulfilmentState : std::uint8_t { none, armed, active, completed };
[[nodiscard]] std::string_view to_string(OrderStatus status);
[[nodiscard]] std::string_view to_string(FulfilmentState state);

struct OrderLine {
    std::string item;  ///< the offer's id
    std::string feeder;
    flex::IntervalGrid power_w;  ///< asked, quoted or committed, ≥ 0

    bool operator==(const OrderLine&) const = default;
};

struct QuoteLine {
    std::string item;
    MicroPounds price{};
    bool operator==(const QuoteLine&) const = default;
};

struct Quote {
    MicroPounds total{};
    std::vector<QuoteLine> breakup;
    std::optional<milliseconds> ttl;
    bool operator==(const Quote&) const = default;
};

/// select, init, confirm, update and every on_ but on_search.
struct Order {
    std::string id;  ///< the provider's; empty before it gives one
    OrderStatus status = OrderStatus::none;
    bool draft = false;
    std::string provider;  ///< the provider's own id
    flex::ContractKind kind = flex::ContractKind::spot;
    std::vector<OrderLine> lines;
    std::optional<Quote> quote;
    FulfilmentState fulfilment = FulfilmentState::none;
    std::string cancellation;  ///< the reason, in on_cancel

    bool operator==(const Order&) const = default;
};

struct StatusRequest {
    std::string order_id;
    bool operator==(const StatusRequest&) const = default;
};
struct CancelRequest {
    std::string order_id;
    std::string reason;
    bool operator==(const CancelRequest&) const = default;
};
/// The activation: the order with the power that is wanted in each half-hour.
struct UpdateRequest {
    Order order;
    bool operator==(const UpdateRequest&) const = default;
};
/// A callback that carries an error instead.
struct NoMessage {
    bool operator==(const NoMessage&) const = default;
};

using Body =
    std::variant<NoMessage, SearchIntent, Catalog, Order, StatusRequest, CancelRequest, UpdateRequest>;

/// One message, free of dialect.
struct Envelope {
    WireVersion version = WireVersion::v11;
    Context context;
    Body message;
    std::optional<MessageError> error;  ///< in callbacks

    bool operator==(const Envelope&) const = default;
};

}  // namespace headroom::beckn
