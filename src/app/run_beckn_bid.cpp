#include "app/run_beckn_bid.hpp"

#include "app/beckn_exchange.hpp"
#include "app/beckn_order_state.hpp"
#include "app/commands.hpp"
#include "app/complaint.hpp"
#include "app/random_uuid.hpp"
#include "beckn/decimal.hpp"
#include "beckn/key_id.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

/// "20@0.25": 20 kW at 0.25 £/kWh.
Result<flex::BidStep> parse_step(const std::string& text) {
    const std::size_t at = text.find('@');
    const Result<std::int64_t> power = beckn::parse_decimal(text.substr(0, at), beckn::kw_decimals);
    const Result<std::int64_t> price =
        at == std::string::npos ? Result<std::int64_t>(Error{Errc::invalid, "no price"})
                                : beckn::parse_decimal(text.substr(at + 1), beckn::gbp_per_kwh_decimals);
    if (!power || !price || *power < 0 || *price < 0) {
        return Error{Errc::invalid, "--step '" + text + "' is not KW@PRICE, such as 20@0.25"};
    }
    return flex::BidStep{*power, *price};
}

/// One conversation, from discover to confirm.
class Bidding {
  public:
    Bidding(asio::io_context& context, const BecknBidCommand& command)
        : context_(context), command_(command) {}

    Result<void> open() {
        const Result<Ed25519PublicKey> buyer = beckn::parse_ed25519_key(command_.buyer_key);
        if (!buyer) {
            return Error{Errc::invalid, "--buyer-key: " + buyer.error().message};
        }
        Result<ExchangeOptions> options = exchange_options(command_, beckn::WireVersion::v2_lts);
        if (!options) {
            return options.error();
        }
        peer_ = {command_.buyer_subscriber, {}, *buyer, command_.buyer_url, {}};
        while (peer_.url.ends_with('/')) {
            peer_.url.pop_back();
        }
        // It lives as long as the process: connections may still be open when this call ends.
        exchange_ = new BecknExchange(context_, std::move(*options));
        state_ = {.provider_url = peer_.url,
                  .subscriber_id = command_.buyer_subscriber,
                  .public_key = command_.buyer_key,
                  .dialect = "2.0",
                  .transaction = random_uuid("bid")};
        return exchange_->listen();
    }

    /// The exit code of the step; 0: go on.
    Result<int> ask(beckn::Action action, beckn::Body body) {
        state_.messages += 1;
        const std::string word(beckn::to_string(action, beckn::WireVersion::v2_lts));
        const std::string message_id =
            make_uuid(state_.transaction + "/" + word + "/" + std::to_string(state_.messages));
        Result<ExchangeResult> result = run_here(
            context_, exchange_->ask(peer_, action, std::move(body), state_.transaction, message_id));
        if (!result) {
            return result.error();
        }
        if (result->ack.kind == beckn::AckKind::refused || result->ack.kind == beckn::AckKind::failed) {
            std::cerr << word << " not taken: " << beckn::describe(result->ack.error);
            if (!result->ack.error.paths.empty()) {
                std::cerr << " at " << result->ack.error.paths;
            }
            std::cerr << "\n";
            return exit_refused;
        }
        if (result->callbacks.empty()) {
            std::cerr << word << " was taken, but no answer came within " << command_.wait_s << " s\n";
            return exit_no_answer;
        }
        last_ = std::move(result->callbacks.back());
        if (!last_.trust_fault.empty()) {
            std::cerr << "the answer to " << word << " is not believed: " << last_.trust_fault << "\n";
            return exit_refused;
        }
        if (last_.envelope.error) {
            std::cerr << word << ": " << beckn::describe(*last_.envelope.error) << "\n";
            return exit_refused;
        }
        (action == beckn::Action::search ? state_.on_search : state_.on_order) = last_.raw;
        if (!command_.is_json) {
            std::cout << word << " → "
                      << beckn::to_string(last_.envelope.context.action, beckn::WireVersion::v2_lts) << "\n";
        }
        return 0;
    }

    /// The need to bid for, with our part of the contract.
    Result<beckn::Order> offer() const {
        for (const beckn::Catalog& catalog : beckn::catalogs_of(last_.envelope.message)) {
            for (const beckn::NeedLine& need : catalog.needs) {
                if (need.need && (command_.need.empty() || need.resource == command_.need)) {
                    beckn::Order order;
                    order.provider = catalog.provider;
                    Result<beckn::NeedLine> line = line_for(need);
                    if (!line) {
                        return line.error();
                    }
                    order.needs.push_back(std::move(*line));
                    return order;
                }
            }
        }
        return Error{Errc::not_found, command_.need.empty() ? "nothing is needed there now"
                                                            : "no need " + command_.need + " is open there"};
    }

    [[nodiscard]] const ReceivedCallback& last() const { return last_; }
    [[nodiscard]] const BecknOrderState& state() const { return state_; }

  private:
    Result<beckn::NeedLine> line_for(const beckn::NeedLine& need) const {
        const flex::IntervalGrid& wanted = need.need->requested_w;
        beckn::NeedLine line{.id = "line-1", .resource = need.resource, .offer = need.offer};
        line.currency = need.currency;
        line.seller = command_.seller.empty() ? command_.subscriber : command_.seller;
        line.meters = command_.meters;
        flex::Bid bid{
            .start = wanted.start, .step = wanted.step, .curve = {}, .is_priced = !command_.steps.empty()};
        std::vector<flex::BidStep> steps;
        for (const std::string& text : command_.steps) {
            Result<flex::BidStep> step = parse_step(text);
            if (!step) {
                return step.error();
            }
            steps.push_back(*step);
        }
        const std::size_t slots = wanted.values.size();
        if (steps.empty() && command_.kw.size() != 1 && command_.kw.size() != slots) {
            return Error{Errc::invalid,
                         fmt::format("--kw needs one power for each of {} slots, or one for all", slots)};
        }
        for (std::size_t slot = 0; slot < slots; ++slot) {
            const double kw = command_.kw.empty() ? 0.0 : command_.kw[command_.kw.size() == 1 ? 0 : slot];
            bid.curve.push_back(steps.empty() ? std::vector<flex::BidStep>{{std::llround(kw * 1000.0), 0}}
                                              : steps);
        }
        line.bid = std::move(bid);
        return line;
    }

    asio::io_context& context_;
    const BecknBidCommand& command_;
    Correspondent peer_;
    BecknExchange* exchange_ = nullptr;
    BecknOrderState state_;
    ReceivedCallback last_;
};

void tell_bidding(const BecknBidCommand& command, const Bidding& bidding) {
    const auto* order = std::get_if<beckn::Order>(&bidding.last().envelope.message);
    if (command.is_json) {
        json::Object told{{"transaction_id", bidding.state().transaction}};
        told.set("answer", json::parse(bidding.last().raw).value_or(json::Value()));
        std::cout << json::write(told) << "\n";
        return;
    }
    if (order == nullptr || order->needs.empty()) {
        for (const beckn::Catalog& catalog : beckn::catalogs_of(bidding.last().envelope.message)) {
            for (const beckn::NeedLine& need : catalog.needs) {
                std::cout << fmt::format("{}  {} slots from {}\n", need.resource,
                                         need.need ? need.need->requested_w.values.size() : 0,
                                         need.need ? format_utc(need.need->requested_w.start) : "");
            }
        }
        return;
    }
    const beckn::NeedLine& line = order->needs.front();
    std::cout << fmt::format("contract {} for {}: {}{}\n", order->id, line.resource,
                             order->status == beckn::OrderStatus::active ? "active" : "draft",
                             line.status == "DRAFT" && order->status == beckn::OrderStatus::active
                                 ? ", waiting for the clearing"
                                 : "");
}

}  // namespace

int run_beckn_bid(const BecknBidCommand& command) {
    const auto complain = [](const Error& error) {
        std::cerr << "headroom beckn bid: " << error.message << "\n";
        return exit_code_of(error);
    };
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    auto& bidding = *new Bidding(context, command);
    if (const Result<void> opened = bidding.open(); !opened) {
        return complain(opened.error());
    }
    Result<int> code = bidding.ask(beckn::Action::search, beckn::SearchIntent{});
    if (code && *code == 0 && command.until != "discover") {
        Result<beckn::Order> order = bidding.offer();
        if (!order) {
            return complain(order.error());
        }
        for (const auto& [action, word] :
             {std::pair{beckn::Action::select, "select"}, std::pair{beckn::Action::init, "init"},
              std::pair{beckn::Action::confirm, "confirm"}}) {
            order->draft = action != beckn::Action::confirm;
            code = bidding.ask(action, *order);
            if (!code || *code != 0 || command.until == word) {
                break;
            }
        }
    }
    if (const Result<void> kept = write_order_state(command.state_file, bidding.state()); !kept) {
        return complain(kept.error());
    }
    if (!code) {
        return complain(code.error());
    }
    if (*code == 0) {
        tell_bidding(command, bidding);
    }
    return *code;
}

}  // namespace headroom::app
