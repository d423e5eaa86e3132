#pragma once

#include "beckn/envelope.hpp"
#include "sim/catalogue.hpp"
#include "sim/power_ledger.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

// Inside of ProviderSim: what one provider answers, without sockets and threads.
namespace headroom::sim {

/// An order in a provider's book.
struct BookedOrder {
    beckn::Order order;
    beckn::Context context;  ///< of the confirm that made it
    std::string confirm_message_id;
    std::string confirm_answer;  ///< the bytes of on_confirm, so that a repeat gets the same
    beckn::WireVersion version = beckn::WireVersion::v11;
    std::vector<std::string> ders{};  ///< of the order's lines, in their order
};

[[nodiscard]] json::Value to_json(const BookedOrder& booked);
[[nodiscard]] Result<BookedOrder> booked_order_from_json(const json::Value& value);

/// One provider's counter: offers, quotes and its order book. No watt of a DER is committed twice over all
/// open orders, whatever the rules.
class ProviderDesk {
  public:
    ProviderDesk(ProviderSpec spec, milliseconds quote_ttl, DeskRules rules = {})
        : spec_(std::move(spec)), quote_ttl_(quote_ttl), rules_(rules) {}

    /// What the callback to `request` says, and whether the order book changed under its transaction.
    struct Reply {
        beckn::Body message;
        std::optional<beckn::MessageError> error;
        bool booked = false;
        std::vector<beckn::Body> more{};  ///< further callbacks to the same request
    };
    /// `now` is domain time; `drawn` are the faults that this message meets.
    [[nodiscard]] Reply reply_to(const beckn::Envelope& request, const Catalogue& catalogue, UtcTime now,
                                 const DrawnFaults& drawn = {});

    /// Everything that can be had within a day from `now` on, in both directions, on every feeder: what a
    /// provider publishes.
    [[nodiscard]] beckn::Catalog everything(const Catalogue& catalogue, UtcTime now);

    /// The provider cancels by itself. Nothing when it holds no live order of that transaction.
    [[nodiscard]] std::optional<beckn::Order> cancel(const std::string& transaction,
                                                     const std::string& reason);
    /// The provider takes power back from an order by itself, down to a share of it. Nothing as above.
    [[nodiscard]] std::optional<beckn::Order> reduce(const std::string& transaction, std::int64_t share_ppm);

    [[nodiscard]] BookedOrder* find(const std::string& transaction);
    void restore(const std::string& transaction, BookedOrder booked);
    [[nodiscard]] const std::unordered_map<std::string, BookedOrder>& book() const { return book_; }
    [[nodiscard]] const PowerLedger& ledger() const { return ledger_; }
    [[nodiscard]] const ProviderSpec& spec() const { return spec_; }
    void set_faults(const ProviderFaults& faults) { spec_.faults = faults; }
    void set_windows(WindowCatalogue windows) { windows_ = std::move(windows); }
    /// What a process forgets when it dies: everything but the order book.
    void forget();

  private:
    Reply search(const beckn::SearchIntent& intent, const Catalogue& catalogue, UtcTime now,
                 const DrawnFaults& drawn);
    Reply quote(const beckn::Envelope& request, const beckn::Order& asked, const Catalogue& catalogue,
                UtcTime now, const DrawnFaults& drawn);
    Reply confirm(const beckn::Envelope& request, const beckn::Order& asked, const Catalogue& catalogue,
                  UtcTime now, const DrawnFaults& drawn);
    Reply status(const beckn::Envelope& request, const beckn::StatusRequest& asked,
                 const Catalogue& catalogue, UtcTime now, const DrawnFaults& drawn);
    void show_meters(const BookedOrder& booked, const Catalogue& catalogue, UtcTime now,
                     const DrawnFaults& drawn, Reply& reply);
    Reply track(const beckn::Envelope& request, const beckn::TrackRequest& asked);
    Reply support(const beckn::SupportRequest& asked);
    Reply rate(const beckn::Envelope& request, const beckn::RatingRequest& asked);
    Reply update(const beckn::Envelope& request, const beckn::UpdateRequest& asked);
    Reply cancel_for(const beckn::Envelope& request, const beckn::CancelRequest& asked);
    /// Fills in the quote and finds the DER of each line.
    [[nodiscard]] std::optional<beckn::MessageError> price(beckn::Order& order,
                                                           std::vector<std::string>& ders,
                                                           const std::string& transaction,
                                                           const Catalogue& catalogue);
    [[nodiscard]] std::optional<flex::Offer> offer_for(const beckn::OrderLine& line,
                                                       const Catalogue& catalogue);
    [[nodiscard]] std::optional<beckn::MessageError> expired_quote(const std::string& transaction,
                                                                   UtcTime now) const;
    void hold(const std::string& transaction, const BookedOrder& booked);
    [[nodiscard]] BookedOrder* find(const std::string& transaction, const std::string& order_id);

    ProviderSpec spec_;
    milliseconds quote_ttl_;
    DeskRules rules_;
    PowerLedger ledger_;
    std::map<std::string, flex::Offer> offered_;         // newest by item id
    std::unordered_map<std::string, BookedOrder> book_;  // by transaction
    std::unordered_map<std::string, UtcTime> quoted_;    // by transaction: when its newest quote expires
    std::unordered_set<std::string> withdrawn_;          // transactions cancelled before they were confirmed
    WindowCatalogue windows_;
};

/// A reply that only says what is wrong; `paths` names the place in the request.
[[nodiscard]] ProviderDesk::Reply refused_reply(beckn::ErrorCode code, std::string_view sentence,
                                                std::string paths = {});

}  // namespace headroom::sim
