#pragma once

#include "agents/key_resolver.hpp"
#include "beckn/correlator.hpp"
#include "core/json.hpp"
#include "unit/agents/market_world.hpp"

#include <string>
#include <utility>
#include <vector>

// What the tests of the market share besides its world.
namespace headroom::agents::market_test {

inline constexpr MicroPounds agreed_price{1'125'000};  // 4.5 kWh at £0.25

inline net::Response status_only(int status) {
    return net::Response{.status = status, .content_type = "text/plain", .body = "no", .headers = {}};
}

inline net::Response ack(int status = 200) {
    return net::Response{.status = status,
                         .content_type = "application/json",
                         .body = R"({"message":{"ack":{"status":"ACK"}}})",
                         .headers = {}};
}

/// The providers acknowledge this action and answer nothing; the test answers in their place.
inline void take_over(MarketWorld& world, std::string action) {
    world.intercept = [action](const std::string&, const std::string& asked) -> std::optional<net::Response> {
        return asked == action ? std::optional(ack()) : std::nullopt;
    };
}

/// Nothing more will come of the request that a provider took last: the clock may go on.
inline void nothing_will_follow(MarketWorld& world) {
    const auto& [who, asked, body] = world.received.back();
    world.in_flight.end(beckn::flight_token(json::parse(body).value().text("/context/message_id"),
                                            beckn::parse_action(asked).value()));
}

inline beckn::Order quoted(const flex::Contract& contract) {
    beckn::Order order = MarketWorld::committed(contract);
    order.status = beckn::OrderStatus::none;
    order.fulfilment = beckn::FulfilmentState::none;
    order.draft = true;
    beckn::Quote quote;
    quote.ttl = minutes{5};
    for (const flex::PlanLine& line : contract.lines) {
        const MicroPounds price = beckn::price_of(line.offer, line.power_w);
        quote.breakup.push_back({line.offer.id, price});
        quote.total += price;
    }
    order.quote = std::move(quote);
    return order;
}

inline std::string message_id_of(const std::string& body) {
    return json::parse(body).value().text("/context/message_id");
}

inline json::Value peer_health(MarketWorld& world, const std::string& id) {
    const json::Value health = json::parse(world.market->health().body).value();
    for (const json::Value& peer : *health.at("/providers")->as_array()) {
        if (peer.text("/id") == id) {
            return peer;
        }
    }
    ADD_FAILURE() << "no provider " << id;
    return {};
}

inline std::vector<std::string> alarms(const MarketWorld& world) {
    std::vector<std::string> kinds;
    for (std::uint64_t seq = 0; seq < world.log->durable_size(); ++seq) {
        const audit::Entry entry = world.log->read(seq).value();
        if (entry.type == "alarm.raised") {
            kinds.push_back(json::Value(entry.body).text("/kind"));
        }
    }
    return kinds;
}

/// What `provider` offers, as an answer to the search of which `search` is the body.
inline std::string catalog_for(const MarketWorld& world, const std::string& provider,
                               const std::string& search, const std::string& message_id) {
    const risk::Overload overload = overload_on_lv1();
    flex::Contract contract;
    contract.provider = provider;
    contract.transaction = TransactionId{json::parse(search).value().text("/context/transaction_id")};
    beckn::Catalog catalog;
    catalog.provider = provider;
    catalog.provider_name = provider;
    catalog.offers = offers_of(provider, "LV-1", overload.start, overload.end);
    return world.message(beckn::Action::on_search, contract, message_id, std::move(catalog));
}

inline std::string body_of(const MarketWorld& world, const std::string& action) {
    for (const auto& [who, asked, body] : world.received) {
        if (asked == action) {
            return body;
        }
    }
    ADD_FAILURE() << "nobody was asked to " << action;
    return {};
}

/// A registry whose entries may be changed, and that counts what it is asked.
class Registry final : public KeySource {
  public:
    Registry(std::vector<beckn::PublishedKey>& keys, int& asked) : keys_(keys), asked_(asked) {}
    Awaitable<Result<beckn::PublishedKey>> fetch(beckn::KeyId id) override {
        asked_ += 1;
        for (const beckn::PublishedKey& key : keys_) {
            if (key.subscriber == id.subscriber && key.key == id.key) {
                co_return key;
            }
        }
        co_return Error{Errc::not_found, "nobody is called " + id.subscriber};
    }

  private:
    std::vector<beckn::PublishedKey>& keys_;
    int& asked_;
};

}  // namespace headroom::agents::market_test
