#include "app/bench_beckn_world.hpp"

#include "beckn/pricing.hpp"

#include <fmt/format.h>

#include <utility>

namespace headroom::app {
namespace {

constexpr const char* bench_feeder_id = "F-BENCH";

}  // namespace

std::string beckn_catalogue_text(int providers, int offers) {
    std::string text = "title = \"Bench\"\n";
    for (int p = 0; p < providers; ++p) {
        text += fmt::format(
            "\n[[provider]]\nid = \"p{0:03}\"\nname = \"Provider {0}\"\nsubscriber_id = "
            "\"p{0:03}.example\"\n",
            p);
        for (int i = 0; i < offers; ++i) {
            text += fmt::format(
                "\n[[provider.der]]\nid = \"P{0:03}-{1:02}\"\nname = \"Battery {1}\"\nkind = "
                "\"battery\"\nfeeder = "
                "\"{2}\"\ndirection = \"both\"\nlatitude = 51.5\nlongitude = -0.1\ncapacity_kw = "
                "50000\nresponse_s = 2\nprice_gbp_per_kwh = {3:.3f}\navailability_gbp_per_mw_h = "
                "6\nreliability = 0.98\nbaseline_method = \"bl01\"\n",
                p, i, bench_feeder_id, 0.18 + 0.001 * ((p * 7 + i * 13) % 100));
        }
    }
    return text;
}

risk::Overload beckn_overload(int number, UtcTime now) {
    risk::Overload overload;
    overload.start = floor_period(now) + hours{2};
    overload.end = overload.start + hours{1};
    overload.event = make_event_id("bench/" + std::to_string(number), overload.start);
    overload.feeder = bench_feeder_id;
    overload.limit.asset = bench_feeder_id;
    overload.limit.phase = grid::Phase::sum;
    overload.need = {overload.start, {5'000, 5'000}};
    return overload;
}

flex::Contract beckn_contract(const risk::Overload& overload, const flex::Offer& offer) {
    flex::Contract contract;
    contract.event = overload.event;
    contract.provider = offer.provider;
    contract.kind = flex::ContractKind::availability;
    contract.transaction = TransactionId{make_uuid(overload.event.value + "/" + offer.provider + "/1")};
    flex::PlanLine line;
    line.offer = offer;
    line.power_w = {.start = overload.start, .step = period_length, .values = {5'000, 5'000}};
    line.energy = beckn::energy_of_grid(line.power_w);
    line.cost = beckn::price_of(offer, line.power_w);
    line.relief_peak = Watts{5'000};
    contract.lines.push_back(std::move(line));
    return contract;
}

}  // namespace headroom::app
