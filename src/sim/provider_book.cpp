#include "core/units.hpp"
#include "sim/provider_desk.hpp"

#include "beckn/codec.hpp"
#include "beckn/pricing.hpp"
#include "core/json_object.hpp"
#include "core/object_reader.hpp"
#include "sim/provider.hpp"
#include "sim/provider_meters.hpp"

#include <algorithm>
#include <utility>

// The order book of a provider: what is promised, and what becomes of it.
namespace headroom::sim {

using beckn::Action;
using beckn::ErrorCode;
using beckn::FulfilmentState;
using beckn::OrderStatus;

namespace {

ProviderDesk::Reply no_order(std::string_view id) {
    return refused_reply(ErrorCode::biz_order_not_found, "there is no order " + std::string(id),
                         "/message/order_id");
}

UtcTime end_of(const beckn::Order& order) {
    UtcTime end = UtcTime::min();
    for (const beckn::OrderLine& line : order.lines) {
        end = std::max(end, line.power_w.end());
    }
    return end;
}

/// What is activated of what was committed: in each slot no more than was asked for. Lines that nobody names
/// stay whole.
void cut_to(beckn::Order& order, const beckn::Order& asked) {
    for (beckn::OrderLine& line : order.lines) {
        const auto named =
            std::find_if(asked.lines.begin(), asked.lines.end(),
                         [&line](const beckn::OrderLine& other) { return other.item == line.item; });
        const bool is_named = named != asked.lines.end() && !named->power_w.values.empty();
        for (std::size_t slot = 0; is_named && slot < line.power_w.values.size(); ++slot) {
            line.power_w.values[slot] =
                std::min(line.power_w.values[slot], named->power_w.at(line.power_w.time_of(slot)));
        }
    }
}

/// Cuts every slot down to its share; what is left of all of them.
std::int64_t scale(beckn::Order& order, std::int64_t share_ppm) {
    std::int64_t left_w = 0;
    for (beckn::OrderLine& line : order.lines) {
        for (std::int64_t& watts : line.power_w.values) {
            watts = watts * share_ppm / whole_ppm;
            left_w += watts;
        }
    }
    return left_w;
}

}  // namespace

json::Value to_json(const BookedOrder& booked) {
    beckn::Envelope envelope{
        .version = booked.version, .context = booked.context, .message = booked.order, .error = {}};
    if (beckn::is_v2(booked.version)) {
        envelope.context.action = Action::on_status;  // which may say every state, as on_confirm may not
    }
    return json::object({{"order", beckn::encode(envelope).value()},
                         {"confirm_message_id", booked.confirm_message_id},
                         {"confirm_answer", booked.confirm_answer},
                         {"ders", json::Array(booked.ders.begin(), booked.ders.end())}});
}

Result<BookedOrder> booked_order_from_json(const json::Value& value) {
    constexpr std::size_t bytes_max = 1UL << 20U;
    json::ObjectReader read(value);
    BookedOrder booked;
    const std::string order = read.text("order", bytes_max);
    booked.confirm_message_id = read.text("confirm_message_id", 128);
    booked.confirm_answer = read.text("confirm_answer", bytes_max);
    if (read.has("ders")) {  // books of older versions have none
        booked.ders = read.texts("ders", 10'000);
    }
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    const beckn::Decoded decoded = beckn::decode(order);
    if (!decoded.envelope || !std::holds_alternative<beckn::Order>(decoded.envelope->message)) {
        return Error{Errc::corrupt, "a kept order cannot be read: " + decoded.describe_faults(), "/order"};
    }
    booked.version = decoded.envelope->version;
    booked.context = decoded.envelope->context;
    booked.order = std::get<beckn::Order>(decoded.envelope->message);
    return booked;
}

BookedOrder* ProviderDesk::find(const std::string& transaction) {
    const auto found = book_.find(transaction);
    return found == book_.end() ? nullptr : &found->second;
}

BookedOrder* ProviderDesk::find(const std::string& transaction, const std::string& order_id) {
    BookedOrder* booked = find(transaction);
    // Before on_confirm a buyer knows no id of ours and asks by its transaction.
    const bool is_meant = booked != nullptr && (booked->order.id == order_id || order_id == transaction);
    return is_meant ? booked : nullptr;
}

void ProviderDesk::restore(const std::string& transaction, BookedOrder booked) {
    if (booked.order.status == OrderStatus::active) {
        hold(transaction, booked);
    }
    book_.insert_or_assign(transaction, std::move(booked));
}

/// An order holds its power until it is released, a draft until its quote expires.
void ProviderDesk::hold(const std::string& transaction, const BookedOrder& booked) {
    std::vector<std::pair<std::string, flex::IntervalGrid>> lines;
    for (std::size_t i = 0; i < booked.order.lines.size(); ++i) {
        const beckn::OrderLine& line = booked.order.lines[i];
        lines.emplace_back(i < booked.ders.size() ? booked.ders[i] : line.item, line.power_w);
    }
    std::optional<UtcTime> until;
    if (const auto quoted = quoted_.find(transaction); booked.order.draft && quoted != quoted_.end()) {
        until = quoted->second;
    }
    ledger_.hold(transaction, std::move(lines), until);
}

void ProviderDesk::forget() {
    std::unordered_map<std::string, BookedOrder> kept = std::move(book_);
    book_.clear();
    ledger_ = {};
    offered_.clear();
    quoted_.clear();
    withdrawn_.clear();
    for (auto& [transaction, booked] : kept) {
        restore(transaction, std::move(booked));
    }
}

std::optional<beckn::MessageError> ProviderDesk::expired_quote(const std::string& transaction,
                                                               UtcTime now) const {
    const auto quoted = quoted_.find(transaction);
    if (!rules_.holds_quotes || quoted == quoted_.end() || now < quoted->second) {
        return std::nullopt;
    }
    return beckn::make_error(ErrorCode::biz_quote_expired_or_changed,
                             "the quote expired at " + format_utc(quoted->second), "/message/order/quote");
}

ProviderDesk::Reply ProviderDesk::confirm(const beckn::Envelope& request, const beckn::Order& asked,
                                          const Catalogue& catalogue, UtcTime now, const DrawnFaults& drawn) {
    const std::string& transaction = request.context.transaction_id;
    if (BookedOrder* booked = find(transaction)) {
        return {booked->order, std::nullopt,
                false};  // one order per transaction, however often it is asked for
    }
    if (withdrawn_.contains(transaction)) {
        return refused_reply(ErrorCode::biz_already_cancelled,
                             "transaction " + transaction + " was cancelled");
    }
    if (const auto expired = expired_quote(transaction, now)) {
        return {beckn::NoMessage{}, expired, false};
    }
    BookedOrder booked{.order = asked,
                       .context = request.context,
                       .confirm_message_id = request.context.message_id,
                       .confirm_answer = {},
                       .version = request.version};
    beckn::Order& order = booked.order;
    order.id = provider_order_id(spec_.id, transaction, request.version);
    order.provider = spec_.id;
    order.draft = false;
    const FaultSizes& sizes = spec_.faults.sizes;
    const std::int64_t drawn_ppm =
        drawn.has(FaultKind::partial_commitment)
            ? drawn.between(FaultKind::partial_commitment, sizes.commit_ppm_min, sizes.commit_ppm_max)
            : whole_ppm;
    const std::int64_t committed_w = scale(order, std::min(spec_.faults.partial_commit_ppm, drawn_ppm));
    if (const auto wrong = price(order, booked.ders, transaction, catalogue)) {
        return {beckn::NoMessage{}, wrong, false};
    }
    if (committed_w == 0) {
        return refused_reply(ErrorCode::biz_quantity_unavailable, "nothing of this can be committed");
    }
    order.status = OrderStatus::active;
    order.fulfilment =
        order.kind == flex::ContractKind::spot ? FulfilmentState::active : FulfilmentState::armed;
    booked.context.action = Action::on_confirm;
    hold(transaction, booked);
    quoted_.erase(transaction);
    beckn::Order made = order;
    book_.insert_or_assign(transaction, std::move(booked));
    return {std::move(made), std::nullopt, true};
}

ProviderDesk::Reply ProviderDesk::status(const beckn::Envelope& request, const beckn::StatusRequest& asked,
                                         const Catalogue& catalogue, UtcTime now, const DrawnFaults& drawn) {
    BookedOrder* booked = find(request.context.transaction_id, asked.order_id);
    if (booked == nullptr) {
        return no_order(asked.order_id);
    }
    beckn::Order& order = booked->order;
    const bool is_finished = order.status == OrderStatus::active && now >= end_of(order);
    if (is_finished) {
        order.status = OrderStatus::complete;
        order.fulfilment = FulfilmentState::completed;
        ledger_.release(request.context.transaction_id);
    }
    Reply reply{order, std::nullopt, is_finished};
    if (beckn::is_v2(request.version) && order.status != OrderStatus::cancelled) {
        show_meters(*booked, catalogue, now, drawn, reply);
    }
    return reply;
}

/// Before the window the baselines; after it what was used, and what that comes to.
void ProviderDesk::show_meters(const BookedOrder& booked, const Catalogue& catalogue, UtcTime now,
                               const DrawnFaults& drawn, Reply& reply) {
    const std::int64_t share =
        drawn.has(FaultKind::under_delivery) ? spec_.faults.sizes.deliver_ppm : whole_ppm;
    const MeterShow shown = show_delivery(booked, share, now);
    beckn::Order order = booked.order;
    if (order.status == OrderStatus::complete) {
        MicroPounds earned{};
        for (std::size_t i = 0; i < order.lines.size(); ++i) {
            if (const std::optional<flex::Offer> offer = offer_for(order.lines[i], catalogue)) {
                earned += beckn::price_of(*offer, shown.delivered[i]);
            }
        }
        order.flows = {{"buyer", -earned.value, "GBP", ""}, {"seller", earned.value, "GBP", ""}};
    }
    const bool is_paged = drawn.has(FaultKind::paged_telemetry) && shown.performance.meters.size() > 1;
    std::vector<flex::Performance> pages =
        is_paged ? pages_of(shown.performance) : std::vector<flex::Performance>{shown.performance};
    for (std::size_t i = 0; i < pages.size(); ++i) {
        order.performance = {std::move(pages[i])};
        if (i == 0) {
            reply.message = order;
        } else {
            reply.more.emplace_back(order);
        }
    }
}

ProviderDesk::Reply ProviderDesk::track(const beckn::Envelope& request, const beckn::TrackRequest& asked) {
    const BookedOrder* booked = find(request.context.transaction_id, asked.order_id);
    if (booked == nullptr) {
        return no_order(asked.order_id);
    }
    return {beckn::Tracking{.order_id = booked->order.id,
                            .url = "orders/" + booked->order.id,
                            .is_active = booked->order.status == OrderStatus::active},
            std::nullopt, false};
}

ProviderDesk::Reply ProviderDesk::support(const beckn::SupportRequest& asked) {
    return {beckn::Support{.ref_id = asked.ref_id,
                           .phone = "+442079460000",  // of Ofcom's numbers for drama
                           .email = "support@" + spec_.subscriber_id,
                           .url = "https://" + spec_.subscriber_id + "/support"},
            std::nullopt, false};
}

ProviderDesk::Reply ProviderDesk::rate(const beckn::Envelope& request, const beckn::RatingRequest& asked) {
    const BookedOrder* booked = find(request.context.transaction_id);
    for (std::size_t i = 0; i < asked.ratings.size(); ++i) {
        const beckn::Rating& rating = asked.ratings[i];
        const std::string place = "/message/ratings/" + std::to_string(i);
        const bool is_known = rating.id == spec_.id || rating.id == spec_.subscriber_id ||
                              (booked != nullptr && rating.id == booked->order.id);
        if (!is_known) {
            return refused_reply(ErrorCode::biz_rating_target_not_found,
                                 "there is no " + rating.id + " to rate", place + "/id");
        }
        if (rating.value_milli < 0 || rating.value_milli > rating.best_milli) {
            return refused_reply(ErrorCode::biz_invalid_rating_value, "the value is out of its range",
                                 place + "/value");
        }
    }
    return {beckn::RatingAnswer{.is_accepted = true,
                                .feedback_form_url = "https://" + spec_.subscriber_id + "/feedback",
                                .ratings = asked.ratings},
            std::nullopt, false};
}

ProviderDesk::Reply ProviderDesk::update(const beckn::Envelope& request, const beckn::UpdateRequest& asked) {
    BookedOrder* booked = find(request.context.transaction_id, asked.order.id);
    if (booked == nullptr) {
        return no_order(asked.order.id);
    }
    if (booked->order.status != OrderStatus::active) {
        return refused_reply(ErrorCode::pol_update_not_allowed, "order " + asked.order.id + " is over");
    }
    booked->order.fulfilment = FulfilmentState::active;
    beckn::Order activated = booked->order;
    cut_to(activated, asked.order);
    return {std::move(activated), std::nullopt, true};
}

std::optional<beckn::Order> ProviderDesk::cancel(const std::string& transaction, const std::string& reason) {
    BookedOrder* booked = find(transaction);
    if (booked == nullptr || booked->order.status != OrderStatus::active) {
        return std::nullopt;
    }
    booked->order.status = OrderStatus::cancelled;
    booked->order.cancellation = reason;
    ledger_.release(transaction);
    return booked->order;
}

std::optional<beckn::Order> ProviderDesk::reduce(const std::string& transaction, std::int64_t share_ppm) {
    BookedOrder* booked = find(transaction);
    if (booked == nullptr || booked->order.status != OrderStatus::active) {
        return std::nullopt;
    }
    static_cast<void>(scale(booked->order, share_ppm));
    hold(transaction, *booked);
    return booked->order;
}

ProviderDesk::Reply ProviderDesk::cancel_for(const beckn::Envelope& request,
                                             const beckn::CancelRequest& asked) {
    const std::string& transaction = request.context.transaction_id;
    BookedOrder* booked = find(transaction, asked.order_id);
    if (booked == nullptr) {
        withdrawn_.insert(transaction);
        ledger_.release(transaction);
        quoted_.erase(transaction);
        return no_order(asked.order_id);
    }
    if (booked->order.status == OrderStatus::complete) {
        return refused_reply(ErrorCode::pol_cancellation_not_allowed,
                             "order " + asked.order_id + " is complete");
    }
    const bool is_news = booked->order.status == OrderStatus::active;
    if (is_news) {
        booked->order.status = OrderStatus::cancelled;
        booked->order.cancellation = asked.reason;
        ledger_.release(transaction);
    }
    return {booked->order, std::nullopt, is_news};
}

}  // namespace headroom::sim
