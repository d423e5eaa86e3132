#include "app/run_beckn_ask.hpp"

#include "app/beckn_answer_text.hpp"
#include "app/beckn_exchange.hpp"
#include "app/beckn_order_state.hpp"
#include "app/commands.hpp"
#include "app/complaint.hpp"
#include "app/random_uuid.hpp"
#include "beckn/key_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

UtcTime next_half_hour() {
    const UtcTime now = make_system_wall_clock()->now();
    const UtcTime day = std::chrono::floor<std::chrono::days>(now);
    return day + ((now - day) / period_length + 1) * period_length;
}

/// One call: what is asked, of whom, and what is remembered of the calls before.
class Asking {
  public:
    Asking(asio::io_context& context, const BecknAskCommand& command)
        : context_(context), command_(command), action_(*beckn::parse_action(command.verb)) {}

    Result<void> prepare() {
        for (Result<void> (Asking::*step)() : {&Asking::recall, &Asking::take_amounts, &Asking::open_exchange,
                                               &Asking::find_provider, &Asking::make_body}) {
            if (const Result<void> done = (this->*step)(); !done) {
                return done;
            }
        }
        return {};
    }

    Result<ExchangeResult> ask() {
        const Result<Ed25519PublicKey> key = beckn::parse_ed25519_key(state_.public_key);
        if (!key) {
            return Error{Errc::invalid, "the provider's key: " + key.error().message};
        }
        Correspondent peer{state_.subscriber_id, state_.key_id, *key, state_.provider_url, {}};
        state_.messages += 1;
        const std::string message_id =
            make_uuid(state_.transaction + "/" + command_.verb + "/" + std::to_string(state_.messages));
        return run_here(context_, exchange_->ask(std::move(peer), action_, std::move(body_),
                                                 state_.transaction, message_id));
    }

    Result<void> remember(const ExchangeResult& result) {
        if (!result.callbacks.empty()) {
            const ReceivedCallback& last = result.callbacks.back();
            if (action_ == beckn::Action::search) {
                state_.on_search = last.raw;
                state_.on_order.clear();
            } else if (!last.envelope.error && std::holds_alternative<beckn::Order>(last.envelope.message)) {
                state_.on_order = last.raw;
            }
        }
        return write_order_state(command_.state_file, state_);
    }

    [[nodiscard]] const BecknOrderState& state() const { return state_; }
    /// What a provider has to be told before it takes our messages.
    [[nodiscard]] const std::string& introduction() const { return introduction_; }

  private:
    Result<void> recall() {
        Result<BecknOrderState> kept = read_order_state(command_.state_file);
        if (kept) {
            state_ = std::move(*kept);
        } else if (kept.error().code != Errc::not_found) {
            return kept.error();
        }
        const bool begins = action_ == beckn::Action::search || state_.transaction.empty();
        if (begins) {
            state_.transaction = random_uuid("shell");
            state_.messages = 0;
            state_.on_order.clear();
        }
        if (!command_.provider_url.empty() && command_.provider_url != state_.provider_url) {
            state_.provider_url = command_.provider_url;
            state_.public_key.clear();
        }
        while (state_.provider_url.ends_with('/')) {
            state_.provider_url.pop_back();
        }
        if (state_.provider_url.empty()) {
            return Error{Errc::invalid,
                         "--provider URL is needed: " + command_.state_file.string() + " knows of none"};
        }
        if (begins || state_.dialect.empty()) {
            state_.dialect = command_.dialect;
        }
        const std::optional<beckn::WireVersion> wire = beckn::parse_wire_version(state_.dialect);
        if (!wire) {
            return Error{Errc::invalid, "dialect '" + state_.dialect + "' is not known"};
        }
        wire_ = *wire;
        return {};
    }

    Result<void> take_amounts() {
        if (!command_.kw.empty()) {
            state_.watts.clear();
            for (const double kw : command_.kw) {
                state_.watts.push_back(std::llround(kw * 1000.0));
            }
        } else if (state_.watts.empty()) {
            state_.watts = {10'000};
        }
        if (!command_.from.empty()) {
            const Result<UtcTime> from = parse_utc(command_.from);
            if (!from) {
                return Error{Errc::invalid, "--from: " + from.error().message};
            }
            state_.start = format_utc(*from);
        } else if (state_.start.empty() || action_ == beckn::Action::search) {
            state_.start = format_utc(next_half_hour());
        }
        return {};
    }

    Result<void> open_exchange() {
        Result<ExchangeOptions> options = exchange_options(command_, wire_);
        if (!options) {
            return options.error();
        }
        introduction_ =
            options->subscriber_id + "|" + options->key_id + "|" + to_base64(options->key.public_key());
        // It lives as long as the process: connections may still be open when this call ends.
        exchange_ = new BecknExchange(context_, std::move(*options));
        return exchange_->listen();
    }

    /// A simulator says who its providers are; anybody else has to be named.
    Result<void> find_provider() {
        if (!command_.provider_key.empty()) {
            state_.subscriber_id = command_.provider_subscriber;
            state_.public_key = command_.provider_key;
            state_.key_id.clear();
        }
        if (!state_.public_key.empty()) {
            return {};
        }
        const std::string base = state_.provider_url.substr(0, state_.provider_url.rfind('/'));
        auto& client =
            *new net::HttpClient(context_.get_executor(), {.allow_private = command_.allow_private});
        net::ClientRequest request;
        request.url = base + "/providers";
        const Result<net::ClientResponse> response = run_here(context_, client.send(std::move(request)));
        if (!response) {
            return Error{response.error().code, base + "/providers: " + response.error().message};
        }
        const Result<json::Value> list = json::parse(response->body);
        const json::Value* providers = list ? list->get("providers") : nullptr;
        for (const json::Value& entry : providers != nullptr && providers->as_array() != nullptr
                                            ? *providers->as_array()
                                            : json::Array{}) {
            if (entry.text("/url") == state_.provider_url) {
                state_.subscriber_id = entry.text("/subscriber_id");
                state_.key_id = entry.text("/key_id");
                state_.public_key = entry.text("/public_key");
                return {};
            }
        }
        return Error{Errc::invalid, "nobody at " + base +
                                        "/providers is reached at this address; name the provider with "
                                        "--provider-id and --provider-key"};
    }

    Result<void> make_body() {
        if (action_ == beckn::Action::search) {
            beckn::SearchIntent intent;
            intent.feeder = command_.feeder;
            intent.phase = command_.phase == "L1"   ? grid::Phase::l1
                           : command_.phase == "L2" ? grid::Phase::l2
                           : command_.phase == "L3" ? grid::Phase::l3
                                                    : grid::Phase::sum;
            intent.turn_up = command_.turn_up;
            intent.need_w = asked_grid();
            body_ = intent;
            return {};
        }
        if (action_ == beckn::Action::select) {
            return make_selection();
        }
        std::optional<beckn::Order> order = state_.order();
        if (!order) {
            return Error{Errc::invalid,
                         command_.state_file.string() +
                             " holds no order yet; begin with headroom beckn discover and select"};
        }
        const std::string id = order->id.empty() ? state_.transaction : order->id;
        switch (action_) {
            case beckn::Action::status:
                body_ = beckn::StatusRequest{id};
                break;
            case beckn::Action::cancel:
                body_ = beckn::CancelRequest{id, command_.reason};
                break;
            case beckn::Action::track:
                body_ = beckn::TrackRequest{.order_id = id};
                break;
            case beckn::Action::support:
                body_ = beckn::SupportRequest{.ref_id = id,
                                              .ref_type = wire_ == beckn::WireVersion::v2_rc1 ? "ORDER" : "",
                                              .phone = command_.phone,
                                              .email = command_.email};
                break;
            case beckn::Action::rating:
                body_ = beckn::RatingRequest{
                    {{.id = id, .category = "Order", .value_milli = std::llround(command_.rating * 1000.0)}}};
                break;
            case beckn::Action::update:
                order->status = beckn::OrderStatus::active;
                order->fulfilment = beckn::FulfilmentState::active;
                order->quote.reset();
                for (beckn::OrderLine& line : order->lines) {
                    if (!command_.kw.empty()) {
                        line.power_w = asked_grid();
                    }
                }
                body_ = beckn::UpdateRequest{std::move(*order)};
                break;
            default:
                order->draft = action_ == beckn::Action::init;
                order->status = beckn::OrderStatus::none;
                body_ = std::move(*order);
        }
        return {};
    }

    /// The items that were named, or the first that the catalogue offers.
    Result<void> make_selection() {
        beckn::Order order;
        order.draft = true;
        const std::vector<beckn::Catalog> catalogs = state_.catalogs();
        for (const beckn::Catalog& catalog : catalogs) {
            order.provider = catalog.provider;
            for (const flex::Offer& offer : catalog.offers) {
                if (is_wanted(offer.id, order)) {
                    order.lines.push_back({offer.id, offer.feeder, asked_grid()});
                }
            }
            for (const flex::ComputeWindow& window : catalog.windows) {
                if (is_wanted(window.id, order)) {
                    flex::IntervalGrid grid = asked_grid();
                    grid.start = command_.from.empty() ? window.start : grid.start;
                    order.lines.push_back({window.id, window.grid_zone, std::move(grid)});
                }
            }
        }
        const std::size_t wanted = command_.items.empty() ? 1 : command_.items.size();
        if (order.lines.size() != wanted) {
            return Error{Errc::invalid, catalogs.empty()
                                            ? "there is no catalogue yet; begin with headroom beckn discover"
                                            : "not every item that was named is in the catalogue"};
        }
        state_.on_order.clear();
        body_ = std::move(order);
        return {};
    }
    [[nodiscard]] bool is_wanted(const std::string& id, const beckn::Order& order) const {
        return command_.items.empty()
                   ? order.lines.empty()
                   : std::find(command_.items.begin(), command_.items.end(), id) != command_.items.end();
    }
    [[nodiscard]] flex::IntervalGrid asked_grid() const {
        return {.start = parse_utc(state_.start).value_or(UtcTime{}),
                .step = period_length,
                .values = state_.watts};
    }

    asio::io_context& context_;
    const BecknAskCommand& command_;
    beckn::Action action_;
    beckn::WireVersion wire_ = beckn::WireVersion::v11;
    BecknOrderState state_;
    BecknExchange* exchange_ = nullptr;
    std::string introduction_;
    beckn::Body body_;
};

}  // namespace

int run_beckn_ask(const BecknAskCommand& command) {
    const auto complain = [&command](const Error& error) {
        std::cerr << "headroom beckn " << command.verb << ": " << error.message << "\n";
        return exit_code_of(error);
    };
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    auto& asking = *new Asking(context, command);
    if (const Result<void> prepared = asking.prepare(); !prepared) {
        return complain(prepared.error());
    }
    const Result<ExchangeResult> result = asking.ask();
    if (!result) {
        return complain(result.error());
    }
    if (const Result<void> kept = asking.remember(*result); !kept) {
        return complain(kept.error());
    }
    std::cout << answer_text(*result, asking.state(), command.is_json);
    if (result->ack.kind == beckn::AckKind::refused || result->ack.kind == beckn::AckKind::failed) {
        std::cerr << "not taken: " << to_string(result->ack.kind) << " " << beckn::describe(result->ack.error)
                  << "\n";
        if (result->ack.error.code.find("AUT") != std::string::npos ||
            result->ack.error.message.find("signature") != std::string::npos) {
            std::cerr << "the provider has to know us; a simulator: --buyer '" << asking.introduction()
                      << "'\n";
        }
        return exit_refused;
    }
    if (result->callbacks.empty()) {
        std::cerr << "taken (" << to_string(result->ack.kind) << "), but no answer came within "
                  << command.wait_s << " s\n";
        return exit_no_answer;
    }
    const ReceivedCallback& last = result->callbacks.back();
    if (!last.trust_fault.empty()) {
        std::cerr << "the answer's signature is not believed: " << last.trust_fault << "\n";
        return exit_refused;
    }
    return last.envelope.error ? exit_refused : 0;
}

}  // namespace headroom::app
