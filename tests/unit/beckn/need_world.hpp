#pragma once

#include "beckn/codec.hpp"
#include "beckn/need_board.hpp"
#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::beckn::need_test {

using test::evening;

inline const UtcTime morning = parse_utc("2027-01-14T08:00:00Z").value();

inline flex::IntervalGrid grid(std::vector<std::int64_t> values) {
    return {.start = evening, .step = period_length, .values = std::move(values)};
}

/// 60 kW and 40 kW on F-1 at 0.30 £/kWh, with 0.10 £/kWh for what is missing.
inline PublishedNeed fixed_need(std::string id = "need-1") {
    PublishedNeed need;
    need.id = std::move(id);
    need.feeder = "F-1";
    need.need = {.requested_w = grid({60'000, 40'000}),
                 .price_per_mwh = grid({300'000'000, 300'000'000}),
                 .shortfall_per_mwh = grid({100'000'000, 100'000'000})};
    need.baseline_method = "high5of10";
    need.baseline_best_of = 5;
    need.baseline_out_of = 10;
    need.opens = morning;
    need.gate = evening - hours{1};
    return need;
}

inline PublishedNeed auction(std::string id = "need-2") {
    PublishedNeed need = fixed_need(std::move(id));
    need.rule = SettlementRule::pay_as_clear;
    need.need = {.requested_w = grid({60'000, 40'000}), .price_per_mwh = {}, .shortfall_per_mwh = {}};
    need.ceiling_per_mwh = 400'000'000;
    need.shortfall_per_mwh = 50'000'000;
    return need;
}

/// A board and its clocks. What an aggregator says crosses the wire in both directions.
class NeedWorld {
  public:
    NeedWorld() {
        board.house = {
            .subscriber_id = "dso.example", .name = "DSO North", .url = "https://dso.example/beckn"};
    }

    NeedOutcome feed(const NeedEvent& event) {
        events.emplace_back(event, now);
        NeedOutcome outcome = step(board, event, {now, now});
        apply(board, outcome);
        for (const NeedOrder& order : outcome.orders) {  // what is kept is what was
            const Result<NeedOrder> read = need_order_from_json(to_json(order));
            EXPECT_TRUE(read.has_value()) << read.error().message << read.error().pointer;
            EXPECT_TRUE(read && *read == order);
        }
        for (const PublishedNeed& need : outcome.needs) {
            const Result<PublishedNeed> read = published_need_from_json(to_json(need));
            EXPECT_TRUE(read.has_value()) << read.error().message << read.error().pointer;
            EXPECT_TRUE(read && *read == need);
        }
        for (const NeedCallback& callback : outcome.callbacks) {
            Envelope envelope{.version = WireVersion::v2_lts,
                              .context = callback.request,
                              .message = callback.message,
                              .error = callback.error};
            envelope.context.action = callback_of(callback.request.action);
            envelope.context.bpp_id = board.house.subscriber_id;
            envelope.context.bpp_uri = board.house.url;
            envelope.context.message_id =
                callback.is_unasked ? make_uuid("own" + std::to_string(++own_)) : envelope.context.message_id;
            const Result<std::string> bytes = encode(envelope);
            EXPECT_TRUE(bytes.has_value()) << bytes.error().message;
            Decoded decoded = decode(bytes.value_or(""));
            EXPECT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
            EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults();
            sent.push_back(std::move(*decoded.envelope));
        }
        return outcome;
    }

    NeedOutcome say(const std::string& who, const std::string& transaction, Action action, Body body,
                    milliseconds ttl = seconds{30}, bool is_try = false) {
        Envelope envelope{
            .version = WireVersion::v2_lts, .context = {}, .message = std::move(body), .error = {}};
        Context& context = envelope.context;
        context.action = action;
        context.bap_id = who;
        context.bap_uri = "https://" + who + "/beckn";
        context.bpp_id = board.house.subscriber_id;
        context.bpp_uri = board.house.url;
        context.transaction_id = make_uuid(transaction);
        context.message_id = make_uuid("message" + std::to_string(++messages_));
        context.timestamp = now;
        context.ttl = ttl;
        context.try_preview = is_try;
        const Result<std::string> bytes = encode(envelope);
        EXPECT_TRUE(bytes.has_value()) << bytes.error().message;
        const Decoded decoded = decode(bytes.value_or(""));
        EXPECT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
        return feed(need_event::Received{*decoded.envelope});
    }

    static Order offer(const std::string& need, std::vector<std::vector<flex::BidStep>> curve,
                       std::vector<std::string> meters, bool is_priced = false) {
        Order order;
        order.draft = true;
        order.provider = "dso.example";
        NeedLine line{.id = "line-1", .resource = need, .offer = need + "-offer"};
        line.bid = flex::Bid{
            .start = evening, .step = period_length, .curve = std::move(curve), .is_priced = is_priced};
        line.meters = std::move(meters);
        line.seller = "seller";
        order.needs.push_back(std::move(line));
        return order;
    }
    static Order fixed_offer(const std::string& need, std::int64_t first_w, std::int64_t second_w,
                             const std::string& meter) {
        return offer(need, {{{first_w, 0}}, {{second_w, 0}}}, {meter});
    }
    /// select, init, confirm; the last outcome.
    NeedOutcome agree(const std::string& who, const std::string& transaction, const Order& order,
                      milliseconds ttl = seconds{30}) {
        for (const Action action : {Action::select, Action::init}) {
            const NeedOutcome outcome = say(who, transaction, action, order);
            EXPECT_FALSE(outcome.refuse) << outcome.refuse->message;
        }
        return say(who, transaction, Action::confirm, order, ttl);
    }
    [[nodiscard]] const NeedOrder& order(const std::string& transaction) const {
        return board.orders.at(make_uuid(transaction));
    }
    [[nodiscard]] const Order& last_order() const { return std::get<Order>(sent.back().message); }

    /// Readings of one meter that delivers so much against a baseline of 100 kW.
    static flex::Performance evidence(std::string id, const std::string& meter,
                                      std::vector<std::int64_t> delivered_w) {
        flex::Performance performance;
        performance.id = std::move(id);
        performance.state = "COMPLETED";
        performance.methodology = "5of10";
        performance.commitments = {"line-1"};
        flex::IntervalGrid usage = grid({});
        for (const std::int64_t watts : delivered_w) {
            usage.values.push_back(100'000 - watts);
        }
        performance.meters.push_back(
            {.meter = meter,
             .baseline_w = grid(std::vector<std::int64_t>(delivered_w.size(), 100'000)),
             .usage_w = std::move(usage)});
        return performance;
    }

    NeedBoard board;
    UtcTime now = morning;
    std::vector<Envelope> sent;
    std::vector<std::pair<NeedEvent, UtcTime>> events;

  private:
    int messages_ = 0;
    int own_ = 0;
};

}  // namespace headroom::beckn::need_test
