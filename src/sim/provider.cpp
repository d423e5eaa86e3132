#include "sim/provider.hpp"

#include "core/ed25519_known.hpp"
#include "sim/provider_impl.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace headroom::sim {

namespace {

constexpr std::size_t answers_at_start = 4096;  // growing sorts everything anew, in the middle of an answer

Ed25519KeyPair key_from(const std::string& material) {
    const Sha256 seed = sha256(material);
    return Ed25519KeyPair::from_secret(as_chars(seed)).value();
}

json::Object answer_schema(const char* what) {
    const json::Object schema{{"type", "object"}};
    return json::Object{{"description", what},
                        {"content", json::Object{{"application/json", json::Object{{"schema", schema}}}}}};
}

/// `what` is said of the answer 200; a message that is not taken is answered as its dialect has it.
net::RouteOptions provider_route(std::string summary, const char* what, bool is_message) {
    net::RouteOptions options;
    options.role = "peer";
    options.summary = std::move(summary);
    options.operation.set("tags", json::Array{"beckn"});
    json::Object responses{{"200", answer_schema(what)}};
    if (is_message) {
        responses.set("400", answer_schema("NACK of 2.0: what is wrong, with its JSON Pointer."));
        responses.set("401", answer_schema("NACK: the signature was refused, or the signer is not bap_id."));
    }
    responses.set("404", json::Object{{"description", "There is no such provider, action or order."}});
    options.operation.set("responses", std::move(responses));
    return options;
}

}  // namespace

Ed25519KeyPair provider_key(std::uint64_t seed, const std::string& provider) {
    return key_from("headroom simulated provider\n" + std::to_string(seed) + "\n" + provider);
}

std::string provider_order_id(const std::string& provider, const std::string& transaction,
                              beckn::WireVersion version) {
    const std::string material = provider + "\n" + transaction;
    return version == beckn::WireVersion::v2_lts ? make_uuid(material)
                                                 : "ORD-" + sha256_hex(material).substr(0, 8);
}

ProviderSim::ProviderSim(Parts parts, ProviderSimOptions options, std::vector<ProviderSpec> providers,
                         Catalogue catalogue)
    : impl_(std::make_shared<Impl>(std::move(parts), std::move(options), std::move(providers),
                                   std::move(catalogue))) {}

/// What waits for the order book is written now: it may be closed next, while coroutines still hold the rest.
ProviderSim::~ProviderSim() {
    impl_->finish_writing();
}

Result<void> ProviderSim::recover() {
    return impl_->recover();
}

void ProviderSim::mount(net::HttpServer& server, const std::string& prefix) {
    const auto impl = impl_;
    auto shared = [impl](net::Request request) -> Awaitable<net::Response> {
        std::string action = request.path_parameter("action");
        return impl->handle("", std::move(action), std::move(request));
    };
    auto own = [impl](net::Request request) -> Awaitable<net::Response> {
        std::string provider = request.path_parameter("provider");
        std::string action = request.path_parameter("action");
        return impl->handle(std::move(provider), std::move(action), std::move(request));
    };
    auto shared_discover = [impl](net::Request request) -> Awaitable<net::Response> {
        return impl->handle("", "discover", std::move(request));
    };
    auto own_discover = [impl](net::Request request) -> Awaitable<net::Response> {
        std::string provider = request.path_parameter("provider");
        return impl->handle(std::move(provider), "discover", std::move(request));
    };
    auto list = [impl](net::Request) -> Awaitable<net::Response> { co_return impl->list_providers(); };
    auto order = [impl](net::Request request) -> Awaitable<net::Response> {
        co_return impl->show_order(request.path_parameter("provider"), request.path_parameter("order"));
    };
    server.route("POST", prefix + "/{action}", std::move(shared),
                 provider_route("A signed Beckn request to the simulated providers; the callback follows",
                                "ACK or NACK in the dialect of the request.", true));
    server.route("POST", prefix + "/{provider}/{action}", std::move(own),
                 provider_route("A signed Beckn request to one simulated provider; the callback follows",
                                "ACK or NACK in the dialect of the request.", true));
    // 2.0.0-rc1 discovers by GET with a body. A path of its own hides the one above, so it takes both.
    for (const char* method : {"POST", "GET"}) {
        server.route(method, prefix + "/discover", shared_discover,
                     provider_route("discover, also by GET with a body as 2.0.0-rc1 has it",
                                    "ACK or NACK in the dialect of the request.", true));
        server.route(method, prefix + "/{provider}/discover", own_discover,
                     provider_route("discover to one simulated provider, also by GET with a body",
                                    "ACK or NACK in the dialect of the request.", true));
    }
    server.route("GET", prefix + "/providers", std::move(list),
                 provider_route("The simulated providers with their keys and addresses",
                                "Id, name, subscriber, key and url of each.", false));
    server.route("GET", prefix + "/{provider}/orders/{order}", std::move(order),
                 provider_route("Where an order stands, as on_track points to it",
                                "Status and fulfilment of the order.", false));
}

void ProviderSim::set_base_url(std::string url) {
    impl_->set_base_url(std::move(url));
}

void ProviderSim::accept_buyer(KnownBuyer buyer) {
    ed25519_expect(buyer.public_key);
    impl_->accept_buyer(std::move(buyer));
}

std::vector<ProviderAddress> ProviderSim::addresses() const {
    return impl_->addresses();
}

Awaitable<net::Response> ProviderSim::handle(std::string provider, std::string action, net::Request request) {
    return impl_->handle(std::move(provider), std::move(action), std::move(request));
}

Awaitable<Result<void>> ProviderSim::cancel_on_its_own(std::string provider, std::string transaction,
                                                       std::string reason) {
    return impl_->cancel_on_its_own(std::move(provider), std::move(transaction), std::move(reason));
}

Awaitable<Result<void>> ProviderSim::reduce_on_its_own(std::string provider, std::string transaction,
                                                       std::int64_t share_ppm) {
    return impl_->reduce_on_its_own(std::move(provider), std::move(transaction), share_ppm);
}

Result<void> ProviderSim::set_faults(const std::string& provider, const ProviderFaults& faults) {
    return impl_->set_faults(provider, faults);
}

Result<beckn::Catalog> ProviderSim::catalog_of(const std::string& provider) {
    return impl_->catalog_of(provider);
}

void ProviderSim::on_change(std::function<void(const std::string&)> handler) {
    impl_->on_change(std::move(handler));
}

std::vector<ProviderOrder> ProviderSim::orders() const {
    return impl_->orders();
}

bool ProviderSim::idle() const {
    return impl_->idle();
}

ProviderSim::Impl::Impl(Parts parts, ProviderSimOptions options, std::vector<ProviderSpec> providers,
                        Catalogue catalogue)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      catalogue_(std::move(catalogue)),
      orders_(parts_.orders, parts_.ahead) {
    for (ProviderSpec& spec : providers) {
        const std::string id = spec.id;
        const std::string subscriber = spec.subscriber_id;
        counters_.push_back(std::make_unique<Counter>(
            Counter{ProviderDesk(std::move(spec), options_.quote_ttl, options_.rules),
                    {subscriber, provider_key_name, provider_key(options_.seed, id)},
                    {subscriber, provider_key_name, provider_key(options_.seed, id + "/unregistered")},
                    {},
                    {}}));
        counters_.back()->desk.set_windows(options_.windows);
        counters_.back()->answers.reserve(answers_at_start);
    }
}

ProviderSim::Impl::Counter* ProviderSim::Impl::find(std::string_view id) {
    for (const std::unique_ptr<Counter>& counter : counters_) {
        if (counter->desk.spec().id == id) {
            return counter.get();
        }
    }
    return nullptr;
}

ProviderSim::Impl::Counter* ProviderSim::Impl::find_subscriber(std::string_view subscriber) {
    for (const std::unique_ptr<Counter>& counter : counters_) {
        if (counter->desk.spec().subscriber_id == subscriber) {
            return counter.get();
        }
    }
    return nullptr;
}

std::vector<ProviderAddress> ProviderSim::Impl::addresses() const {
    std::vector<ProviderAddress> all;
    for (const std::unique_ptr<Counter>& counter : counters_) {
        const ProviderSpec& spec = counter->desk.spec();
        all.push_back({.id = spec.id,
                       .url = options_.base_url + "/" + spec.id,
                       .subscriber_id = spec.subscriber_id,
                       .key_id = provider_key_name,
                       .public_key = counter->signer.key.public_key(),
                       .name = spec.name});
    }
    return all;
}

net::Response ProviderSim::Impl::list_providers() const {
    json::Array list;
    for (const ProviderAddress& address : addresses()) {
        list.push_back(json::Object{{"id", address.id},
                                    {"name", address.name},
                                    {"subscriber_id", address.subscriber_id},
                                    {"key_id", address.key_id},
                                    {"public_key", to_base64(address.public_key)},
                                    {"url", address.url}});
    }
    return net::json_response(200, json::Object{{"simulated", true}, {"providers", std::move(list)}});
}

net::Response ProviderSim::Impl::show_order(const std::string& provider, const std::string& order) const {
    for (const ProviderOrder& held : orders()) {
        if (held.provider == provider && held.order_id == order) {
            return net::json_response(200, json::Object{{"simulated", true},
                                                        {"provider", held.provider},
                                                        {"order_id", held.order_id},
                                                        {"status", held.status},
                                                        {"fulfilment", held.fulfilment}});
        }
    }
    return net::problem(404, "Not Found", "provider " + provider + " holds no order " + order);
}

std::vector<ProviderOrder> ProviderSim::Impl::orders() const {
    std::vector<ProviderOrder> all;
    for (const std::unique_ptr<Counter>& counter : counters_) {
        for (const auto& [transaction, booked] : counter->desk.book()) {
            all.push_back({.provider = counter->desk.spec().id,
                           .transaction = transaction,
                           .order_id = booked.order.id,
                           .status = std::string(beckn::to_string(booked.order.status)),
                           .fulfilment = std::string(beckn::to_string(booked.order.fulfilment))});
        }
    }
    std::sort(all.begin(), all.end(), [](const ProviderOrder& a, const ProviderOrder& b) {
        return std::tie(a.provider, a.transaction) < std::tie(b.provider, b.transaction);
    });
    return all;
}

/// From the half-hour that has begun, so that it is the same until something changes.
Result<beckn::Catalog> ProviderSim::Impl::catalog_of(const std::string& provider) {
    Counter* counter = find(provider);
    if (counter == nullptr) {
        return Error{Errc::not_found, "there is no provider " + provider, ""};
    }
    const UtcTime now = parts_.clock.now();
    const UtcTime day = std::chrono::floor<std::chrono::days>(now);
    beckn::Catalog catalog =
        counter->desk.everything(catalogue_, day + (now - day) / period_length * period_length);
    name_catalog(counter->desk.spec(), catalog);
    return catalog;
}

void ProviderSim::Impl::name_catalog(const ProviderSpec& spec, beckn::Catalog& catalog) const {
    catalog.id = spec.id + "-catalog";
    catalog.bpp_id = spec.subscriber_id;
    catalog.bpp_uri = own_url(spec);
}

Result<void> ProviderSim::Impl::set_faults(const std::string& provider, const ProviderFaults& faults) {
    Counter* counter = find(provider);
    if (counter == nullptr) {
        return Error{Errc::not_found, "there is no provider " + provider, ""};
    }
    counter->desk.set_faults(faults);
    return {};
}

}  // namespace headroom::sim
