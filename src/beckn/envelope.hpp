#pragma once

#include "beckn/action.hpp"
#include "beckn/error_code.hpp"
#include "beckn/wire_version.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "flex/compute_window.hpp"
#include "flex/contract.hpp"
#include "flex/interval_grid.hpp"
#include "flex/need.hpp"
#include "flex/offer.hpp"
#include "flex/performance.hpp"
#include "grid/quantity.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace headroom::beckn {

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
    std::string network_id = {};  ///< 2.0: "namespace/registry"; the first, when several stand
    std::vector<std::string> schema_context = {};  ///< 2.0: where the attribute packs are described
    std::string key = {};                          ///< the sender's key for encrypted answers
    std::string request_digest = {};               ///< 2.0 callbacks: "BLAKE-512=…" of the request
    bool try_preview = false;                      ///< 2.0: say what would happen, change nothing
    json::Object extras = {};                      ///< what else stood there, to be echoed

    bool operator==(const Context&) const = default;
};

/// search: so much change of load is wanted on this feeder and phase, half-hour by half-hour.
struct SearchIntent {
    std::string feeder;
    grid::Phase phase = grid::Phase::sum;
    bool turn_up = false;
    flex::IntervalGrid need_w;  ///< ≥ 0; without slots when others search by words of their own
    std::string text = {};      ///< free text, as written; data, never a question to anything
    std::string filter = {};    ///< JSONPath, as written; see JsonFilter

    bool operator==(const SearchIntent&) const = default;
};

/// Which of our two sides somebody is on: apart from who is BAP and who is BPP.
enum class PartyRole : std::uint8_t { none, buyer, seller };
[[nodiscard]] std::string_view to_string(PartyRole role);  ///< "buyer"; "" for none
[[nodiscard]] std::optional<PartyRole> parse_party_role(std::string_view text);

struct Participant {
    PartyRole role = PartyRole::none;
    std::string id;  ///< empty while nobody is bound to the role
    std::string name = {};
    bool operator==(const Participant&) const = default;
};

/// By which published rule a contract is settled.
struct Policy {
    std::string url;  ///< never fetched
    std::string query_path;
    bool operator==(const Policy&) const = default;
};

/// One need with its buy offer and, once a seller is there, what he puts forward: in 2.0 a commitment of a
/// contract, or a pair of resource and offer in a catalog.
struct NeedLine {
    std::string id;             ///< the commitment's; empty in a catalog
    std::string resource;       ///< the need's
    std::string offer;          ///< the buy offer's
    std::string status = {};    ///< DRAFT, ACTIVE, CLOSED; empty in a catalog
    std::string currency = {};  ///< of every price of the line
    std::optional<flex::Need> need = {};
    std::optional<flex::Bid> bid = {};
    std::int64_t baseline_best_of = 0;                   ///< the baseline is the mean of so many days …
    std::int64_t baseline_out_of = 0;                    ///< … out of the last so many; 0 when not said
    std::string buyer = {};                              ///< participant's id
    std::string seller = {};                             ///< empty until he is bound
    std::vector<std::string> meters = {};                ///< the seller's
    std::optional<std::int64_t> shortfall_per_mwh = {};  ///< one penalty for all slots, ≥ 0
    json::Object buyer_extras = {};                      ///< other terms of the two, to be echoed
    json::Object seller_extras = {};
    json::Value location = {};                ///< of the need, as written
    std::optional<Policy> policy = {};        ///< in a catalog; a contract has its own
    std::optional<UtcTime> valid_from = {};   ///< wall time
    std::optional<UtcTime> valid_until = {};  ///< wall time

    bool operator==(const NeedLine&) const = default;
};

/// on_search: what one provider offers. Items that could not be read are missing here and stand among the
/// faults.
struct Catalog {
    std::string provider;  ///< the provider's own id; the first, when a platform lists several
    std::string provider_name;
    std::vector<flex::Offer> offers;  ///< `offer.provider` as read is the id of the provider that lists it
    std::optional<UtcTime> expires;   ///< wall time
    std::string id = {};              ///< 2.0: the catalog's
    std::string bpp_id = {};          ///< 2.0: whose it is, when a discovery service answers for many
    std::string bpp_uri = {};
    std::vector<NeedLine> needs = {};  ///< what a buyer publishes so that sellers come
    std::vector<flex::ComputeWindow> windows = {};

    bool operator==(const Catalog&) const = default;
};
/// on_search of 2.0 with none or several catalogs; with one it is a `Catalog`.
struct CatalogList {
    std::vector<Catalog> catalogs;
    bool operator==(const CatalogList&) const = default;
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

/// A payment that belongs to an order.
struct Settlement {
    std::string id;
    std::string status;  ///< DRAFT, COMMITTED, COMPLETE
    std::string consideration = {};
    bool operator==(const Settlement&) const = default;
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
    std::vector<Participant> participants = {};
    std::vector<NeedLine> needs = {};  ///< beside or instead of `lines`, when a buyer's need is answered
    std::vector<flex::Performance> performance = {};
    std::vector<Settlement> settlements = {};
    std::vector<flex::RevenueFlow> flows = {};  ///< who receives and pays what, net zero
    std::optional<Policy> policy = {};
    json::Object extras = {};  ///< what else the contract held, to be echoed

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
struct TrackRequest {
    std::string order_id;
    std::string callback_url = {};  ///< 1.x
    bool operator==(const TrackRequest&) const = default;
};
struct Tracking {
    std::string order_id;
    std::string url;
    bool is_active = false;
    bool operator==(const Tracking&) const = default;
};
struct SupportRequest {
    std::string ref_id;         ///< an order's, or of another thing
    std::string ref_type = {};  ///< rc1
    std::string phone = {};     ///< where the one who asks can be reached
    std::string email = {};
    bool operator==(const SupportRequest&) const = default;
};
struct Support {
    std::string ref_id;
    std::string phone = {};
    std::string email = {};
    std::string url = {};
    bool operator==(const Support&) const = default;
};
struct Rating {
    std::string id;                  ///< of what is rated
    std::string category;            ///< the dialect's word: "Order", "Provider" …
    std::int64_t value_milli = 0;    ///< thousandths of a point
    std::int64_t best_milli = 5000;  ///< the highest that can be given; 1.x does not say it
    bool operator==(const Rating&) const = default;
};
struct RatingRequest {
    std::vector<Rating> ratings;
    bool operator==(const RatingRequest&) const = default;
};
struct RatingAnswer {
    bool is_accepted = true;
    std::string feedback_form_url = {};  ///< 1.x, rc1
    std::vector<Rating> ratings = {};    ///< 2.0 says them back
    bool operator==(const RatingAnswer&) const = default;
};
struct PublishRequest {
    std::vector<Catalog> catalogs;
    bool operator==(const PublishRequest&) const = default;
};
enum class PublishStatus : std::uint8_t { accepted, rejected, partial };
struct PublishResult {
    std::string catalog_id;
    PublishStatus status = PublishStatus::accepted;
    std::int64_t item_count = 0;
    std::vector<MessageError> errors = {};
    bool operator==(const PublishResult&) const = default;
};
struct PublishAnswer {
    std::vector<PublishResult> results;
    bool operator==(const PublishAnswer&) const = default;
};
/// A callback that carries an error instead.
struct NoMessage {
    bool operator==(const NoMessage&) const = default;
};

using Body = std::variant<NoMessage, SearchIntent, Catalog, Order, StatusRequest, CancelRequest,
                          UpdateRequest, CatalogList, TrackRequest, Tracking, SupportRequest, Support,
                          RatingRequest, RatingAnswer, PublishRequest, PublishAnswer>;

/// Every catalog of a message: one, several, or none.
[[nodiscard]] std::span<const Catalog> catalogs_of(const Body& body);

/// One message, free of dialect.
struct Envelope {
    WireVersion version = WireVersion::v11;
    Context context;
    Body message;
    std::optional<MessageError> error;  ///< in callbacks

    bool operator==(const Envelope&) const = default;
};

}  // namespace headroom::beckn
