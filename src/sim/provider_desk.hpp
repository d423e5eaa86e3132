#pragma once

#include "beckn/envelope.hpp"
#include "sim/catalogue.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

// Inside of ProviderSim: what one provider answers, without sockets and threads.
namespace headroom::sim {

/// An order in a provider's book.
struct BookedOrder {
    beckn::Order order;
    beckn::Context context;  ///< of the confirm that made it
    std::string confirm_message_id;
    std::string confirm_answer;  ///< the bytes of on_confirm, so that a repeat gets the same
};

[[nodiscard]] json::Value to_json(const BookedOrder& booked);
[[nodiscard]] Result<BookedOrder> booked_order_from_json(const json::Value& value);

/// One provider's counter: offers, quotes and its order book.
class ProviderDesk {
  public:
    ProviderDesk(ProviderSpec spec, milliseconds quote_ttl) : spec_(std::move(spec)), quote_ttl_(quote_ttl) {}

    /// What the callback to `request` says, and whether the order book changed under its transaction.
    struct Reply {
        beckn::Body message;
        std::optional<beckn::MessageError> error;
        bool booked = false;
    };
    [[nodiscard]] Reply reply_to(const beckn::Envelope& request, const Catalogue& catalogue, UtcTime now);

    /// The provider cancels by itself. Nothing when it holds no live order of that transaction.
    [[nodiscard]] std::optional<beckn::Order> cancel(const std::string& transaction,
                                                     const std::string& reason);

    [[nodiscard]] BookedOrder* find(const std::string& transaction);
    void restore(const std::string& transaction, BookedOrder booked);
    [[nodiscard]] const std::map<std::string, BookedOrder>& book() const { return book_; }
    [[nodiscard]] const ProviderSpec& spec() const { return spec_; }
    void set_faults(const ProviderFaults& faults) { spec_.faults = faults; }

  private:
    Reply search(const beckn::SearchIntent& intent, const Catalogue& catalogue);
    Reply quote(const beckn::Envelope& request, const beckn::Order& asked, const Catalogue& catalogue);
    Reply confirm(const beckn::Envelope& request, const beckn::Order& asked, const Catalogue& catalogue);
    Reply status(const beckn::Envelope& request, const beckn::StatusRequest& asked, UtcTime now);
    Reply update(const beckn::Envelope& request, const beckn::UpdateRequest& asked);
    Reply cancel_for(const beckn::Envelope& request, const beckn::CancelRequest& asked);
    [[nodiscard]] std::optional<beckn::MessageError> price(beckn::Order& order, const Catalogue& catalogue);
    [[nodiscard]] std::optional<flex::Offer> offer_for(const beckn::OrderLine& line,
                                                       const Catalogue& catalogue);
    [[nodiscard]] BookedOrder* find(const std::string& transaction, const std::string& order_id);

    ProviderSpec spec_;
    milliseconds quote_ttl_;
    std::map<std::string, flex::Offer> offered_;  // newest by item id
    std::map<std::string, BookedOrder> book_;     // by transaction
    std::set<std::string> withdrawn_;             // transactions cancelled before they were confirmed
};

}  // namespace headroom::sim
