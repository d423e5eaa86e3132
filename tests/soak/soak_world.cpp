#include "beckn/pricing.hpp"
#include "core/random.hpp"
#include "soak/soak.hpp"

#include <fstream>
#include <iterator>

namespace headroom::soak {

namespace {

constexpr std::uint64_t afterwards_stream = 1;
constexpr std::int64_t feeders = 16;

std::string feeder_of(std::int64_t order) {
    return "LV-" + std::to_string(order % feeders);
}

}  // namespace

std::string provider_name(std::int64_t number) {
    return "seller-" + std::to_string(number);
}

std::vector<sim::ProviderSpec> provider_specs(const Plan& plan) {
    std::vector<sim::ProviderSpec> specs;
    for (std::int64_t i = 0; i < providers; ++i) {
        sim::ProviderSpec spec;
        spec.id = provider_name(i);
        spec.name = "Seller " + std::to_string(i);
        spec.subscriber_id = spec.id + ".example";
        spec.faults = faults_of(plan);
        specs.push_back(std::move(spec));
    }
    return specs;
}

/// Each order has an item of its own, so that a committed kW is one order's only.
std::vector<flex::Offer> offers_of(const std::string& provider, const std::string& feeder, UtcTime from,
                                   UtcTime to) {
    std::vector<flex::Offer> offers;
    constexpr std::int64_t shown = 4;
    for (std::int64_t i = 0; i < shown; ++i) {
        offers.push_back(item_of(provider, feeder, "shown-" + std::to_string(i), from, to));
    }
    return offers;
}

flex::Offer item_of(const std::string& provider, const std::string& feeder, const std::string& name,
                    UtcTime from, UtcTime to) {
    flex::Offer offer;
    offer.provider = provider;
    offer.id = provider + "-" + name;
    offer.der = "DER-" + offer.id;
    offer.der_class = grid::DerClass::battery;
    offer.feeder = feeder;
    offer.phase = grid::Phase::sum;
    offer.power = Watts{6'000'000};
    offer.available_from = from;
    offer.available_until = to;
    offer.utilisation = MicroPoundsPerMwh{250'000'000};
    offer.baseline_method = "bl01";
    return offer;
}

sim::ProviderFaults faults_of(const Plan& plan) {
    using beckn::Action;
    sim::ProviderFaults faults;
    faults.sizes.hang = milliseconds{500};
    faults.sizes.huge_items = 3000;
    if (plan.is_settling) {
        return faults;
    }
    for (const Action action : {Action::search, Action::select, Action::init, Action::confirm, Action::status,
                                Action::update, Action::cancel}) {
        std::vector<sim::FaultKind> kinds;
        for (std::size_t i = 0; i < sim::fault_kinds; ++i) {
            if (sim::concerns(static_cast<sim::FaultKind>(i), action)) {
                kinds.push_back(static_cast<sim::FaultKind>(i));
            }
        }
        const std::int64_t shared = plan.is_each ? 1 : static_cast<std::int64_t>(kinds.size());
        for (const sim::FaultKind kind : kinds) {
            faults.rules.push_back({.kind = kind, .chance_ppm = plan.fault_ppm / shared, .action = action});
        }
    }
    return faults;
}

Ed25519KeyPair buyer_key() {
    return Ed25519KeyPair::from_secret(std::string(32, 's')).value();
}

UtcTime window_start(const Plan& plan) {
    // Kept in a file, so that a process that is started after midnight speaks of the same window.
    std::ifstream stream(plan.dir / "window");
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    const Result<UtcTime> start = parse_utc(text);
    HEADROOM_ASSERT(start.has_value());
    return *start;
}

flex::Contract wanted(const Plan& plan, std::int64_t order) {
    const UtcTime start = window_start(plan);
    flex::Contract contract;
    contract.provider = provider_name(order % providers);
    contract.event = EventId{"ev-soak-" + std::to_string(order)};
    contract.kind = flex::ContractKind::availability;
    contract.transaction =
        TransactionId{make_uuid("soak/" + std::to_string(plan.seed) + "/" + std::to_string(order))};
    flex::PlanLine line;
    line.offer = item_of(contract.provider, feeder_of(order), "shown-" + std::to_string(order % 4), start,
                         start + hours{1});
    line.power_w = {.start = start, .step = period_length, .values = {100 + order % 7, 50 + order % 5}};
    line.energy = beckn::energy_of_grid(line.power_w);
    line.cost = beckn::price_of(line.offer, line.power_w);
    line.relief_peak = Watts{line.power_w.values.front()};
    contract.lines.push_back(std::move(line));
    return contract;
}

Afterwards afterwards(const Plan& plan, std::int64_t order) {
    return static_cast<Afterwards>(
        Random(plan.seed).below(4, static_cast<std::uint64_t>(order), 0, afterwards_stream));
}

}  // namespace headroom::soak
