#pragma once

#include "beckn/codec.hpp"
#include "beckn/pricing.hpp"
#include "beckn/saga.hpp"

#include <string>
#include <vector>

namespace headroom::beckn::test {

inline const UtcTime evening{std::chrono::sys_days{std::chrono::year{2027} / 1 / 14} + hours{17}};
inline const UtcTime wall_noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + hours{12}};

/// 6 kW of a battery on L2 of LV-1 at 0.25 £/kWh and 4 £ per MW and hour of being armed.
inline flex::Offer battery_offer(const std::string& id = "OFF-1") {
    flex::Offer offer;
    offer.provider = "tesla-vpp";
    offer.id = id;
    offer.der = "BAT-1";
    offer.der_class = grid::DerClass::battery;
    offer.feeder = "LV-1";
    offer.phase = grid::Phase::l2;
    offer.power = Watts{6000};
    offer.energy = WattHours{9000};
    offer.available_from = evening;
    offer.available_until = evening + hours{3};
    offer.notice = minutes{2};
    offer.duration_max = minutes{90};
    offer.ramp_w_per_s = 500;
    offer.utilisation = MicroPoundsPerMwh{250'000'000};
    offer.availability_per_mw_h = MicroPounds{4'000'000};
    offer.baseline_method = "bl01";
    offer.reliability_ppm = 970'000;
    return offer;
}

inline flex::PlanLine line_of(flex::Offer offer, std::vector<std::int64_t> watts) {
    flex::PlanLine line;
    line.power_w = {.start = evening, .step = period_length, .values = std::move(watts)};
    line.energy = energy_of_grid(line.power_w);
    line.cost = price_of(offer, line.power_w);
    line.relief_peak = Watts{6000};
    line.offer = std::move(offer);
    return line;
}

/// 6 kW for a half-hour and 3 kW for the next: 4.5 kWh, £1.125 of energy and £0.018 of being armed.
inline flex::Contract wanted_contract() {
    flex::Contract contract;
    contract.transaction = TransactionId{"8d4aa6d2-17d4-8b31-9a35-2f5cf2a2a001"};
    contract.event = EventId{"ev-20270114-abcdefgh"};
    contract.provider = "tesla-vpp";
    contract.kind = flex::ContractKind::availability;
    contract.lines.push_back(line_of(battery_offer(), {6000, 3000}));
    return contract;
}

inline Context context_of(Action action) {
    Context context;
    context.action = action;
    context.domain = "deg:flexibility";
    context.country = "GBR";
    context.city = "std:020";
    context.bap_id = "headroom.example";
    context.bap_uri = "http://127.0.0.1:8000/beckn";
    context.bpp_id = "tesla-vpp.example";
    context.bpp_uri = "http://127.0.0.1:8000/mock-bpp/tesla-vpp";
    context.transaction_id = "8d4aa6d2-17d4-8b31-9a35-2f5cf2a2a001";
    context.message_id = "1b9d6bcd-bbfd-8b2d-9b5d-ab8dfbbd4bed";
    context.timestamp = wall_noon;
    context.ttl = seconds{30};
    return context;
}

inline Order order_with(std::vector<std::int64_t> watts, std::int64_t total) {
    Order order;
    order.id = "ORD-0a1b2c3d";
    order.provider = "tesla-vpp";
    order.kind = flex::ContractKind::availability;
    order.lines.push_back({.item = "OFF-1",
                           .feeder = "LV-1",
                           .power_w = {.start = evening, .step = period_length, .values = std::move(watts)}});
    order.quote = Quote{.total = MicroPounds{total},
                        .breakup = {{.item = "OFF-1", .price = MicroPounds{total}}},
                        .ttl = minutes{5}};
    return order;
}

}  // namespace headroom::beckn::test
