#include "app/run_beckn_capture.hpp"

#include "agents/discovery_service.hpp"
#include "app/beckn_exchange.hpp"
#include "app/complaint.hpp"
#include "app/provider_house.hpp"
#include "app/run_folder.hpp"
#include "beckn/key_id.hpp"

#include <chrono>
#include <fstream>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

constexpr const char* capture_feeder_id = "F-0101";
constexpr const char* seller = "tesla-vpp";
constexpr const char* window_seller = "grid-windows";
// What the messages name; behind these addresses stand sockets of this machine.
constexpr const char* buyer_url = "https://bap.headroom.example/beckn";
constexpr const char* seller_url = "https://bpp.headroom.example/mock-bpp";
constexpr const char* service_url = "https://discovery.headroom.example";
constexpr const char* service_path = "/discovery";
constexpr milliseconds publishing_lasts = seconds{10};

/// Both sides of a conversation, and the clock of the window that is traded.
class Conversation {
  public:
    Conversation(asio::io_context& context, const BecknCaptureCommand& command,
                 const std::filesystem::path& folder)
        : context_(context),
          seed_(command.seed),
          wire_(beckn::parse_wire_version(command.dialect).value_or(beckn::WireVersion::v11)),
          folder_(folder),
          wall_(make_system_wall_clock()),
          clock_(wall_->now()),
          http_(context.get_executor(), {.allow_private = {"127.0.0.1:*"}}),
          server_(context) {}

    Result<void> open() {
        const Result<Ed25519KeyPair> key =
            Ed25519KeyPair::from_secret(as_chars(sha256("capture buyer\n" + std::to_string(seed_))));
        if (!key) {
            return key.error();
        }
        ExchangeOptions buyer{.key_id = beckn::key_name_of(key->public_key()),
                              .key = *key,
                              .wire = wire_,
                              .public_url = buyer_url};
        exchange_ = std::make_unique<BecknExchange>(context_, buyer);
        if (const Result<void> listening = exchange_->listen(); !listening) {
            return listening;
        }
        ProviderHouseOptions options;
        options.data_dir = folder_;
        options.seed = seed_;
        options.buyers = {{buyer.subscriber_id, buyer.key_id, key->public_key(), {}}};
        options.public_url = seller_url;
        options.reach = {{buyer_url, exchange_->address()}};
        options.clock = &clock_;
        Result<std::unique_ptr<ProviderHouse>> house = ProviderHouse::open(context_, std::move(options));
        if (!house) {
            return house.error();
        }
        house_ = std::move(*house);
        house_->mount(server_, "/mock-bpp");
        known_ = {{.subscriber = buyer.subscriber_id,
                   .key = buyer.key_id,
                   .signing = key->public_key(),
                   .url = buyer_url}};
        if (const Result<void> opened = open_discovery(); !opened) {
            return opened;
        }
        if (const Result<void> bound = server_.listen("127.0.0.1", 0); !bound) {
            return bound;
        }
        base_ = "http://127.0.0.1:" + std::to_string(server_.port());
        house_->providers().set_base_url(base_ + "/mock-bpp");
        start_ = std::chrono::floor<std::chrono::days>(clock_.now()) + hours{24 + 17};
        return {};
    }

    /// In 2.0 sellers publish their catalogues, and the buyer finds them all at one place.
    Result<void> meet() {
        for (const sim::ProviderAddress& address : house_->providers().addresses()) {
            known_.push_back({.subscriber = address.subscriber_id,
                              .key = address.key_id,
                              .signing = address.public_key,
                              .url = seller_url + ("/" + address.id)});
        }
        agents::CatalogService service{.subscriber_id = service_key_.subscriber,
                                       .url = base_ + service_path,
                                       .keys = {service_key_},
                                       .public_url = service_url};
        discovery_->set_reach({{buyer_url, exchange_->address()}, {seller_url, base_ + "/mock-bpp"}});
        house_->publish({service});
        const SteadyTime deadline = steady_now() + publishing_lasts;
        while (!house_->is_published() || discovery_->open() > 0) {
            if (steady_now() > deadline) {
                return Error{Errc::timeout, "the catalogues were not published"};
            }
            context_.run_one_for(std::chrono::milliseconds{50});
        }
        transaction_ = make_uuid("capture discover " + std::to_string(seed_) + format_utc(wall_->now()));
        beckn::SearchIntent intent;
        intent.text = "flexibility";
        Correspondent peer{service_key_.subscriber, service_key_.key, service_key_.signing, service.url,
                           service_url};
        const Result<beckn::Body> found = ask(std::move(peer), beckn::Action::search, intent);
        return found ? Result<void>{} : Result<void>(found.error());
    }

    /// One order as it goes well: found, quoted, confirmed; then what a buyer may still ask of it.
    Result<void> trade(const std::string& provider, bool is_full) {
        provider_ = provider;
        transaction_ = make_uuid("capture " + provider + std::to_string(seed_) + format_utc(wall_->now()));
        const bool is_window = provider == window_seller;
        beckn::SearchIntent intent;
        intent.feeder = capture_feeder_id;  // windows are told whatever the feeder
        intent.need_w = {.start = start_, .step = period_length, .values = {60'000, 40'000}};
        const Result<beckn::Body> found = ask(beckn::Action::search, intent);
        if (!found) {
            return found.error();
        }
        Result<beckn::Order> order = first_choice(*found, is_window);
        for (const beckn::Action step :
             {beckn::Action::select, beckn::Action::init, beckn::Action::confirm}) {
            if (order) {
                order->draft = step != beckn::Action::confirm;
                order = ask_order(step, *order);
            }
        }
        if (!order || !is_full) {
            return order ? Result<void>{} : Result<void>(order.error());
        }
        return follow(*order);
    }

    /// A second order, which is given back.
    Result<void> change_of_mind() {
        transaction_ = make_uuid("capture cancel " + std::to_string(seed_) + format_utc(wall_->now()));
        beckn::Order wanted;
        wanted.provider = provider_;
        wanted.lines = {
            {.item = "of-TVPP-1",
             .feeder = capture_feeder_id,
             .power_w = {.start = start_ + hours{24}, .step = period_length, .values = {50'000}}}};
        Result<beckn::Order> order = wanted;
        for (const beckn::Action step :
             {beckn::Action::select, beckn::Action::init, beckn::Action::confirm}) {
            if (order) {
                order->draft = step != beckn::Action::confirm;
                order = ask_order(step, *order);
            }
        }
        if (!order) {
            return order.error();
        }
        const Result<beckn::Body> cancelled =
            ask(beckn::Action::cancel, beckn::CancelRequest{order->id, "the overload has passed"});
        return cancelled ? Result<void>{} : Result<void>(cancelled.error());
    }

    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> all = published_;
        all.insert(all.end(), exchange_->lines().begin(), exchange_->lines().end());
        return all;
    }

  private:
    Result<void> open_discovery() {
        const Result<Ed25519KeyPair> key =
            Ed25519KeyPair::from_secret(as_chars(sha256("capture service\n" + std::to_string(seed_))));
        if (!key) {
            return key.error();
        }
        const beckn::Signer signer{"discovery.headroom.example", beckn::key_name_of(key->public_key()), *key};
        service_key_ = {.subscriber = signer.subscriber, .key = signer.key_id, .signing = key->public_key()};
        auto keys = [this](const beckn::KeyId& id) -> beckn::KeyCandidates {
            for (const beckn::PublishedKey& known : known_) {
                if (known.subscriber == id.subscriber && known.key == id.key) {
                    return {.current = &known};
                }
            }
            return {};
        };
        // What is discovered stands among the buyer's own messages.
        auto evidence = [this](const beckn::CapturedMessage& message) {
            if (message.action.starts_with("catalog/")) {
                published_.push_back(beckn::capture_line(message));
            }
        };
        discovery_ = std::make_unique<agents::DiscoveryService>(
            agents::DiscoveryService::Parts{.executor = context_.get_executor(),
                                            .wall = *wall_,
                                            .http = http_,
                                            .signer = signer,
                                            .keys = std::move(keys),
                                            .evidence = std::move(evidence)});
        discovery_->mount(server_, service_path);
        discovery_->set_url(service_url);
        return {};
    }

    Result<void> follow(beckn::Order order) {
        const std::string id = order.id;
        order.quote.reset();
        order.status = beckn::OrderStatus::active;
        order.fulfilment = beckn::FulfilmentState::active;
        std::vector<std::pair<beckn::Action, beckn::Body>> questions;
        questions.emplace_back(beckn::Action::status, beckn::StatusRequest{id});
        questions.emplace_back(beckn::Action::update, beckn::UpdateRequest{order});
        questions.emplace_back(beckn::Action::track, beckn::TrackRequest{.order_id = id});
        questions.emplace_back(
            beckn::Action::support,
            beckn::SupportRequest{.ref_id = id,
                                  .ref_type = wire_ == beckn::WireVersion::v2_rc1 ? "ORDER" : ""});
        for (auto& [action, body] : questions) {
            if (const Result<beckn::Body> told = ask(action, std::move(body)); !told) {
                return told.error();
            }
        }
        clock_.advance_to(start_ + hours{24});  // the window is over
        if (const Result<beckn::Body> told = ask(beckn::Action::status, beckn::StatusRequest{id}); !told) {
            return told.error();
        }
        const Result<beckn::Body> rated =
            ask(beckn::Action::rating,
                beckn::RatingRequest{{{.id = id, .category = "Order", .value_milli = 4'500}}});
        return rated ? Result<void>{} : Result<void>(rated.error());
    }

    Result<beckn::Order> first_choice(const beckn::Body& found, bool is_window) const {
        beckn::Order order;
        order.provider = provider_;
        for (const beckn::Catalog& catalog : beckn::catalogs_of(found)) {
            if (is_window && !catalog.windows.empty()) {
                const flex::ComputeWindow& window = catalog.windows.front();
                order.lines = {
                    {.item = window.id,
                     .feeder = window.grid_zone,
                     .power_w = {.start = window.start, .step = period_length, .values = {250'000}}}};
                return order;
            }
            if (!is_window && !catalog.offers.empty()) {
                order.lines = {
                    {.item = catalog.offers.front().id,
                     .feeder = capture_feeder_id,
                     .power_w = {.start = start_, .step = period_length, .values = {60'000, 40'000}}}};
                return order;
            }
        }
        return Error{Errc::not_found, "the catalogue of " + provider_ + " has nothing to order"};
    }

    Result<beckn::Order> ask_order(beckn::Action action, beckn::Order order) {
        Result<beckn::Body> told = ask(action, std::move(order));
        if (!told) {
            return told.error();
        }
        auto* answered = std::get_if<beckn::Order>(&*told);
        if (answered == nullptr) {
            return Error{Errc::corrupt, "the answer to " + std::string(to_string(action)) + " has no order"};
        }
        return std::move(*answered);
    }

    Result<beckn::Body> ask(beckn::Action action, beckn::Body body) {
        Correspondent peer;
        for (const sim::ProviderAddress& address : house_->providers().addresses()) {
            if (address.id == provider_) {
                peer = {address.subscriber_id, address.key_id, address.public_key, address.url,
                        seller_url + ("/" + provider_)};
            }
        }
        return ask(std::move(peer), action, std::move(body));
    }

    Result<beckn::Body> ask(Correspondent peer, beckn::Action action, beckn::Body body) {
        const std::string word(beckn::to_string(action));
        const std::string message_id =
            make_uuid(transaction_ + "/" + word + "/" + std::to_string(++messages_));
        Result<ExchangeResult> result = run_here(
            context_, exchange_->ask(std::move(peer), action, std::move(body), transaction_, message_id));
        if (!result) {
            return Error{result.error().code, word + ": " + result.error().message};
        }
        if (result->callbacks.empty()) {
            return Error{Errc::timeout, word + " has no answer: " + std::string(to_string(result->ack.kind)) +
                                            " " + beckn::describe(result->ack.error)};
        }
        const ReceivedCallback& last = result->callbacks.back();
        if (!last.trust_fault.empty() || last.envelope.error) {
            return Error{Errc::corrupt,
                         "on_" + word + ": " + last.trust_fault +
                             beckn::describe(last.envelope.error.value_or(beckn::MessageError{}))};
        }
        return last.envelope.message;
    }

    asio::io_context& context_;
    std::uint64_t seed_;
    beckn::WireVersion wire_;
    std::filesystem::path folder_;
    std::unique_ptr<WallClock> wall_;
    VirtualClock clock_;
    net::HttpClient http_;
    net::HttpServer server_;
    std::string base_;
    std::vector<beckn::PublishedKey> known_;  // to the discovery service
    beckn::PublishedKey service_key_{.subscriber = {}, .key = {}};
    std::unique_ptr<agents::DiscoveryService> discovery_;
    std::vector<std::string> published_;  // lines of what was published
    std::unique_ptr<BecknExchange> exchange_;
    std::unique_ptr<ProviderHouse> house_;
    UtcTime start_{};
    std::string provider_;
    std::string transaction_;
    int messages_ = 0;
};

Result<void> write_lines(const std::vector<std::string>& lines, const std::filesystem::path& out) {
    if (out.empty()) {
        for (const std::string& line : lines) {
            std::cout << line << "\n";
        }
        return {};
    }
    std::ofstream file(out, std::ios::binary | std::ios::trunc);
    for (const std::string& line : lines) {
        file << line << "\n";
    }
    file.flush();
    return file ? Result<void>{}
                : Result<void>(Error{Errc::unavailable, out.string() + " cannot be written"});
}

}  // namespace

int run_beckn_capture(const BecknCaptureCommand& command) {
    const RunFolder folder({});
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    auto& talk = *new Conversation(context, command, folder.path());
    Result<void> done = talk.open();
    const bool is_full = command.flow == "full";
    if (done && is_full && command.dialect == "2.0") {  // rc1's words for it and its paths differ: see docs
        done = talk.meet();
    }
    if (done) {
        done = talk.trade(seller, is_full);
    }
    if (done && is_full) {
        done = talk.change_of_mind();
    }
    const bool has_windows = command.dialect.starts_with("2.");
    if (done && is_full && has_windows) {
        done = talk.trade(window_seller, false);
    }
    if (done) {
        done = write_lines(talk.lines(), command.out);
    }
    if (!done) {
        return complain("beckn capture", done.error());
    }
    std::cerr << talk.lines().size() << " messages between a buyer and a SIMULATED provider\n";
    return 0;
}

}  // namespace headroom::app
