#include "unit/beckn/beckn_samples.hpp"

#include <gtest/gtest.h>

#include <random>

namespace headroom::beckn {
namespace {

using namespace test;

/// Any values that a message may hold, the same ones on every run.
class Arbitrary {
  public:
    explicit Arbitrary(std::uint64_t seed) : engine_(seed) {}

    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
    }
    bool flip() { return between(0, 1) == 1; }
    std::string id() { return "ID-" + std::to_string(between(0, 999'999)) + (flip() ? ".a_b" : ""); }
    /// Free text with what JSON, pointers and markup are made of.
    std::string text() {
        constexpr std::string_view parts[] = {"late", "\"quoted\"", "a\\b", "<b>", "£5", "~/", "\n", "{}"};
        std::string text = "t";
        for (std::int64_t i = between(0, 4); i > 0; --i) {
            text += parts[between(0, std::ssize(parts) - 1)];
        }
        return text;
    }
    UtcTime time() { return wall_noon + milliseconds{between(0, 1'000'000'000)}; }
    milliseconds duration() { return milliseconds{between(0, 100'000'000)}; }
    flex::IntervalGrid grid() {
        flex::IntervalGrid grid{
            .start = time(), .step = milliseconds{between(60'000, 86'400'000)}, .values = {}};
        for (std::int64_t i = between(1, 48); i > 0; --i) {
            grid.values.push_back(flip() ? 0 : between(0, flex::offer_power_max.value));
        }
        return grid;
    }
    flex::Offer offer(const std::string& id) {
        flex::Offer offer = battery_offer(id);
        offer.der = this->id();
        offer.der_class = static_cast<grid::DerClass>(between(0, 6));
        offer.phase = static_cast<grid::Phase>(flip() ? 4 : between(0, 2));
        offer.turn_up = flip();
        offer.power = Watts{between(1, flex::offer_power_max.value)};
        offer.energy = WattHours{between(0, 1'000'000'000)};
        offer.available_from = time();
        offer.available_until = offer.available_from + milliseconds{between(1, 900'000'000)};
        offer.notice = duration();
        offer.duration_min = duration();
        offer.duration_max = flip() ? milliseconds{0} : offer.duration_min + duration();
        offer.ramp_w_per_s = between(0, 1'000'000'000);
        offer.utilisation = MicroPoundsPerMwh{between(0, flex::price_max.value)};
        offer.availability_per_mw_h = MicroPounds{between(0, flex::price_max.value)};
        offer.reliability_ppm = between(0, 1'000'000);
        return offer;
    }
    Order order() {
        Order order;
        order.id = id();
        order.provider = id();
        order.status = static_cast<OrderStatus>(between(0, 3));
        order.fulfilment = static_cast<FulfilmentState>(between(0, 3));
        order.draft = flip();
        order.kind = static_cast<flex::ContractKind>(between(0, 2));
        const bool is_quoted = flip();
        Quote quote{.total = MicroPounds{between(0, 999'999'999'999'999)}, .breakup = {}, .ttl = {}};
        for (std::int64_t i = between(1, 5); i > 0; --i) {
            OrderLine line{.item = "L" + std::to_string(i), .feeder = flip() ? id() : "", .power_w = grid()};
            quote.breakup.push_back({line.item, MicroPounds{between(0, 999'999'999'999)}});
            order.lines.push_back(std::move(line));
        }
        if (flip()) {
            quote.ttl = duration();
        }
        if (is_quoted) {
            order.quote = std::move(quote);
        }
        if (flip()) {
            order.cancellation = text();
        }
        return order;
    }

  private:
    std::mt19937_64 engine_;
};

/// What 2.0 can say of a contract: DRAFT is a status among others, only a cancelled one has a reason, and two
/// callbacks say one thing.
void fit_to_lts(Order& order, Action action) {
    if (action == Action::on_confirm) {
        order.status = OrderStatus::active;
    } else if (action == Action::on_cancel) {
        order.status = OrderStatus::cancelled;
    }
    order.draft = order.draft && order.status == OrderStatus::none;
    if (order.status != OrderStatus::cancelled) {
        order.cancellation.clear();
    }
}

Envelope arbitrary(Arbitrary& any, WireVersion version) {
    const auto action = static_cast<Action>(any.between(0, static_cast<int>(Action::on_cancel)));
    Envelope envelope{.version = version, .context = context_of(action), .message = {}, .error = {}};
    envelope.context.timestamp = any.time();
    envelope.context.ttl = any.flip() ? std::optional(any.duration()) : std::nullopt;
    switch (action) {
        case Action::search: {
            SearchIntent intent = wanted_evening();
            intent.turn_up = any.flip();
            intent.need_w = any.grid();
            envelope.message = intent;
            break;
        }
        case Action::on_search: {
            Catalog catalog = offered_evening();
            catalog.offers = {any.offer("A"), any.offer("B"), any.offer("C")};
            for (flex::Offer& offer : catalog.offers) {
                offer.valid_until = *catalog.expires;
            }
            if (is_v2(version)) {
                catalog.id = any.id();
                catalog.bpp_id = any.id();
                catalog.bpp_uri = "https://a.example";
            }
            envelope.message = catalog;
            break;
        }
        case Action::status:
            envelope.message = StatusRequest{any.id()};
            break;
        case Action::cancel:
            envelope.message = CancelRequest{any.id(), any.flip() ? any.text() : ""};
            break;
        case Action::update:
            envelope.message = UpdateRequest{any.order()};
            break;
        default:
            envelope.message = any.order();
    }
    if (version == WireVersion::v2_lts) {
        if (auto* order = std::get_if<Order>(&envelope.message)) {
            fit_to_lts(*order, action);
        } else if (auto* update = std::get_if<UpdateRequest>(&envelope.message)) {
            fit_to_lts(update->order, action);
        }
    }
    return envelope;
}

class DialectProperty : public testing::TestWithParam<WireVersion> {};

TEST_P(DialectProperty, WhateverIsWrittenIsReadAsTheSame) {
    Arbitrary any(20'261'120);
    for (int i = 0; i < 1500; ++i) {
        const Envelope sent = arbitrary(any, GetParam());
        const Result<std::string> raw = encode(sent);
        ASSERT_TRUE(raw.has_value());
        const Decoded decoded = decode(*raw);
        ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults() << "\n" << *raw;
        ASSERT_EQ(*decoded.envelope, sent) << *raw;
        ASSERT_EQ(*encode(*decoded.envelope), *raw);
    }
}

INSTANTIATE_TEST_SUITE_P(All, DialectProperty, testing::ValuesIn(dialects),
                         [](const auto& info) { return "v" + std::to_string(static_cast<int>(info.param)); });

}  // namespace
}  // namespace headroom::beckn
