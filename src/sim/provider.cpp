#include "sim/provider.hpp"

#include "sim/provider_impl.hpp"

#include <utility>

namespace headroom::sim {

namespace {

Ed25519KeyPair key_from(const std::string& material) {
    const Sha256 seed = sha256(material);
    return Ed25519KeyPair::from_secret(as_chars(seed)).value();
}

}  // namespace

Ed25519KeyPair provider_key(std::uint64_t seed, const std::string& provider) {
    return key_from("headroom simulated provider\n" + std::to_string(seed) + "\n" + provider);
}

std::string provider_order_id(const std::string& provider, const std::string& transaction) {
    return "ORD-" + sha256_hex(provider + "\n" + transaction).substr(0, 8);
}

ProviderSim::ProviderSim(Parts parts, ProviderSimOptions options, std::vector<ProviderSpec> providers,
                         Catalogue catalogue)
    : impl_(std::make_shared<Impl>(std::move(parts), std::move(options), std::move(providers),
                                   std::move(catalogue))) {}

ProviderSim::~ProviderSim() = default;

Result<void> ProviderSim::recover() {
    return impl_->recover();
}

void ProviderSim::mount(net::HttpServer& server, const std::string& prefix) {
    const net::RouteOptions options{.role = "peer"};
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
    server.route("POST", prefix + "/{action}", std::move(shared), options);
    server.route("POST", prefix + "/{provider}/{action}", std::move(own), options);
}

void ProviderSim::set_base_url(std::string url) {
    impl_->set_base_url(std::move(url));
}

void ProviderSim::accept_buyer(KnownBuyer buyer) {
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

Result<void> ProviderSim::set_faults(const std::string& provider, const ProviderFaults& faults) {
    return impl_->set_faults(provider, faults);
}

std::vector<ProviderOrder> ProviderSim::orders() const {
    return impl_->orders();
}

bool ProviderSim::idle() const {
    return impl_->idle();
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
                       .public_key = counter->signer.key.public_key()});
    }
    return all;
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
    return all;
}

Result<void> ProviderSim::Impl::set_faults(const std::string& provider, const ProviderFaults& faults) {
    Counter* counter = find(provider);
    if (counter == nullptr) {
        return Error{Errc::not_found, "there is no provider " + provider, ""};
    }
    counter->desk.set_faults(faults);
    return {};
}

Result<void> ProviderSim::Impl::recover() {
    constexpr std::size_t page = 1000;
    std::string after;
    while (true) {
        const Result<std::vector<store::Record>> kept = parts_.orders.list(order_kind, after, page);
        if (!kept) {
            return kept.error();
        }
        for (const store::Record& record : *kept) {
            after = record.id;
            Counter* counter = find(record.state);
            const Result<json::Value> parsed = json::parse(record.json);
            Result<BookedOrder> booked =
                parsed ? booked_order_from_json(*parsed) : Result<BookedOrder>(parsed.error());
            if (!booked) {
                return Error{Errc::corrupt, "order " + record.id + ": " + booked.error().message, ""};
            }
            if (counter != nullptr) {
                counter->desk.restore(record.corr, std::move(*booked));
            }
        }
        if (kept->size() < page) {
            return {};
        }
    }
}

}  // namespace headroom::sim
