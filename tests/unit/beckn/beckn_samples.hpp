#pragma once

#include "unit/beckn/beckn_world.hpp"

#include <string>
#include <utility>
#include <vector>

namespace headroom::beckn::test {

/// A whole conversation in one dialect, requests and callbacks in turn, as two well-behaved participants
/// would have it: every action that the dialect has words for.
class Conversation {
  public:
    explicit Conversation(WireVersion version) : version_(version) {}

    /// A request and its callback, under one message id.
    void exchange(Action request, Body asked, Body answered) {
        ++count_;
        add(request, std::move(asked));
        add(callback_of(request), std::move(answered));
    }
    /// A callback that carries an error instead.
    void refuse(Action request, Body asked, MessageError error) {
        exchange(request, std::move(asked), NoMessage{});
        messages_.back().error = std::move(error);
    }
    [[nodiscard]] std::vector<Envelope> take() { return std::move(messages_); }

  private:
    void add(Action action, Body body) {
        Envelope envelope{
            .version = version_, .context = context_of(action), .message = std::move(body), .error = {}};
        Context& context = envelope.context;
        context.bap_uri = "https://headroom.example/beckn";
        context.bpp_uri = "https://tesla-vpp.example/beckn";
        const std::string number = std::to_string(1000 + count_);
        context.message_id = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd" + number;
        context.transaction_id = "8d4aa6d2-17d4-4b31-9a35-2f5cf2a2a001";
        context.timestamp = wall_noon + seconds{2 * count_ + (is_callback(action) ? 1 : 0)};
        if (request_of(action) == Action::search && is_v2(version_) && !is_callback(action)) {
            context.bpp_id.clear();
            context.bpp_uri.clear();
        }
        messages_.push_back(std::move(envelope));
    }

    WireVersion version_;
    int count_ = 0;
    std::vector<Envelope> messages_;
};

inline SearchIntent wanted_evening() {
    SearchIntent intent;
    intent.feeder = "LV-1";
    intent.phase = grid::Phase::l2;
    intent.need_w = {.start = evening, .step = period_length, .values = {6000, 3000}};
    return intent;
}

inline Catalog offered_evening() {
    Catalog catalog{.provider = "tesla-vpp",
                    .provider_name = "Tesla Virtual Power Plant",
                    .offers = {battery_offer("OFF-1"), battery_offer("OFF-2")},
                    .expires = wall_noon + hours{6}};
    for (flex::Offer& offer : catalog.offers) {
        offer.valid_until = *catalog.expires;
    }
    return catalog;
}

inline Order order_at(OrderStatus status, FulfilmentState state, bool draft = false) {
    Order order = order_with({6000, 3000}, 1'143'000);
    order.status = status;
    order.fulfilment = state;
    order.draft = draft;
    order.id = "6f5d1f0e-2c5b-4d8e-9a51-2f5cf2a20001";  // 2.0 wants a UUID
    return order;
}

/// 6 kW and 3 kW are wanted at 0.25 £/kWh, with 0.10 £/kWh to pay for what is promised and not given.
inline NeedLine published_need() {
    NeedLine line{.id = {}, .resource = "need-1", .offer = "buy-1"};
    line.currency = "GBP";
    const auto grid = [](std::vector<std::int64_t> values) {
        return flex::IntervalGrid{.start = evening, .step = period_length, .values = std::move(values)};
    };
    line.need = flex::Need{.requested_w = grid({6000, 3000}),
                           .price_per_mwh = grid({250'000'000, 250'000'000}),
                           .shortfall_per_mwh = grid({100'000'000, 100'000'000})};
    line.baseline_best_of = 5;
    line.baseline_out_of = 10;
    line.buyer = "utility";
    line.policy =
        Policy{.url = "https://headroom.example/fixed-price", .query_path = "data.deg.contracts.demand_flex"};
    line.valid_until = wall_noon + hours{6};
    return line;
}

inline std::vector<Envelope> full_conversation(WireVersion version) {
    Conversation talk(version);
    const Order draft = order_at(OrderStatus::none, FulfilmentState::none, true);
    const Order armed = order_at(OrderStatus::active, FulfilmentState::armed);
    const Order fired = order_at(OrderStatus::active, FulfilmentState::active);
    Order cancelled = order_at(OrderStatus::cancelled, FulfilmentState::none);
    cancelled.cancellation = "the fault is cleared";

    Catalog offered = offered_evening();
    SupportRequest question{.ref_id = armed.id};
    if (is_v2(version)) {
        offered.id = "catalog-1";
        offered.bpp_id = "tesla-vpp.example";
        offered.bpp_uri = "https://tesla-vpp.example/beckn";
        question.ref_type = "ORDER";
    }
    talk.exchange(Action::search, wanted_evening(), offered);
    // 2.0 LTS has no legal place for it: docs/formats/beckn-2.0.md.
    if (version != WireVersion::v2_lts) {
        talk.refuse(Action::select, draft,
                    make_error(ErrorCode::biz_quantity_unavailable, "OFF-1 has 5 kW left"));
    }
    talk.exchange(Action::select, draft, draft);
    talk.exchange(Action::init, draft, draft);
    talk.exchange(Action::confirm, order_at(OrderStatus::none, FulfilmentState::none), armed);
    talk.exchange(Action::update, UpdateRequest{fired}, fired);
    talk.exchange(Action::status, StatusRequest{armed.id},
                  order_at(OrderStatus::complete, FulfilmentState::completed));
    talk.exchange(
        Action::track, TrackRequest{.order_id = armed.id},
        Tracking{.order_id = armed.id, .url = "https://tesla-vpp.example/track/1", .is_active = true});
    talk.exchange(Action::support, question,
                  Support{.ref_id = "",
                          .phone = "+442071234567",
                          .email = "ops@tesla-vpp.example",
                          .url = "https://tesla-vpp.example/help"});
    talk.exchange(Action::rating, RatingRequest{{{.id = armed.id, .category = "Order", .value_milli = 4500}}},
                  RatingAnswer{});
    if (version == WireVersion::v2_lts) {
        Catalog needs{.provider = "utility", .provider_name = "Utility", .offers = {}, .expires = {}};
        needs.needs.push_back(published_need());
        talk.exchange(Action::catalog_publish, PublishRequest{.catalogs = {needs}},
                      PublishAnswer{.results = {{.catalog_id = "utility", .item_count = 1}}});
    }
    talk.exchange(Action::cancel, CancelRequest{armed.id, "the fault is cleared"}, cancelled);
    return talk.take();
}

/// The dialects that this room's tests go through.
inline constexpr WireVersion dialects[] = {WireVersion::v09, WireVersion::v11, WireVersion::v2_rc1,
                                           WireVersion::v2_lts};

}  // namespace headroom::beckn::test
