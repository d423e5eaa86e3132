#include "app/bench_beckn.hpp"
#include "app/bench_beckn_world.hpp"
#include "app/bench_usage.hpp"
#include "beckn/codec.hpp"
#include "beckn/signature_identity.hpp"
#include "beckn/signature_profile.hpp"
#include "beckn/signature_verify.hpp"
#include "core/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <variant>

namespace headroom::app {
namespace {

constexpr int discover_rounds = 9;

/// One provider's answer as it came.
struct Received {
    std::string body;
    std::string authorization;
};

flex::Offer offer_of(int provider, int number, UtcTime from) {
    flex::Offer offer;
    offer.provider = fmt::format("p{:03}", provider);
    offer.id = fmt::format("P{:03}-{:02}", provider, number);
    offer.der = offer.id;
    offer.der_class = grid::DerClass::battery;
    offer.feeder = "F-BENCH";
    offer.phase = grid::Phase::sum;
    offer.power = Watts{50'000};
    offer.energy = WattHours{100'000};
    offer.available_from = from;
    offer.available_until = from + hours{4};
    offer.notice = minutes{2};
    offer.duration_max = minutes{120};
    offer.ramp_w_per_s = 500;
    offer.utilisation = MicroPoundsPerMwh{180'000'000 + 1'000'000 * ((provider * 7 + number * 13) % 100)};
    offer.availability_per_mw_h = MicroPounds{6'000'000};
    offer.baseline_method = "bl01";
    offer.reliability_ppm = 980'000;
    return offer;
}

Received answer_of(int provider, const beckn::Signer& signer, UtcTime now) {
    beckn::Envelope envelope;
    beckn::Context& context = envelope.context;
    context.action = beckn::Action::on_search;
    context.domain = "deg:flexibility";
    context.country = "GBR";
    context.city = "std:020";
    context.bap_id = "bench.example";
    context.bap_uri = "http://127.0.0.1:8000/beckn";
    context.bpp_id = signer.subscriber;
    context.bpp_uri = "http://127.0.0.1:9000/" + signer.subscriber;
    context.transaction_id = make_uuid("bench discovery");
    context.message_id = make_uuid(signer.subscriber);
    context.timestamp = now;
    context.ttl = seconds{30};
    beckn::Catalog catalog;
    catalog.provider = fmt::format("p{:03}", provider);
    catalog.provider_name = fmt::format("Provider {}", provider);
    for (int i = 0; i < offers_each; ++i) {
        catalog.offers.push_back(offer_of(provider, i, floor_period(now) + hours{1}));
    }
    envelope.message = std::move(catalog);
    Received received{.body = beckn::encode(envelope).value(), .authorization = {}};
    received.authorization = beckn::sign(beckn::rules_of(beckn::SignatureProfile::beckn006), signer, now,
                                         minutes{30}, received.body);
    return received;
}

class Discovery {
  public:
    Discovery() : wall_(make_system_wall_clock()) {
        for (int i = 0; i < providers_many; ++i) {
            const std::string subscriber = fmt::format("p{:03}.example", i);
            const beckn::Signer signer{subscriber, "k1", Ed25519KeyPair::generate()};
            answers_.push_back(answer_of(i, signer, wall_->now()));
            keys_.emplace(subscriber,
                          beckn::PublishedKey{
                              .subscriber = subscriber, .key = "k1", .signing = signer.key.public_key()});
        }
    }

    /// Everything from bytes to a ranked list; answers how many offers there are.
    Result<std::size_t> run() const {
        const beckn::KeyFinder keys = [this](const beckn::KeyId& id) -> beckn::KeyCandidates {
            const auto found = keys_.find(id.subscriber);
            return {.current = found == keys_.end() ? nullptr : &found->second};
        };
        std::vector<flex::Offer> offers;
        for (const Received& received : answers_) {
            const beckn::SignatureVerdict verdict = beckn::verify(
                rules_, {.authorization = received.authorization, .body = received.body}, keys, wall_->now());
            beckn::Decoded decoded = verdict.is_good() ? beckn::decode(received.body) : beckn::Decoded{};
            if (!decoded.envelope || !decoded.faults.empty() ||
                beckn::check_identity(decoded.envelope->context, verdict.sender.subscriber)) {
                return Error{Errc::invalid, "an answer of the benchmark was refused: " + verdict.why, ""};
            }
            auto* catalog = std::get_if<beckn::Catalog>(&decoded.envelope->message);
            if (catalog != nullptr) {
                std::move(catalog->offers.begin(), catalog->offers.end(), std::back_inserter(offers));
            }
        }
        rank_offers(offers);
        return offers.size();
    }

    [[nodiscard]] std::size_t bytes() const {
        std::size_t sum = 0;
        for (const Received& received : answers_) {
            sum += received.body.size();
        }
        return sum;
    }

  private:
    std::unique_ptr<WallClock> wall_;
    beckn::SignatureRules rules_ = beckn::rules_of(beckn::SignatureProfile::beckn006);
    std::vector<Received> answers_;
    std::map<std::string, beckn::PublishedKey> keys_;
};

}  // namespace

Result<json::Array> bench_beckn_discover() {
    const Discovery discovery;
    std::vector<double> took;
    std::vector<double> cpu;
    for (int i = 0; i < discover_rounds + 1; ++i) {
        const double cpu_before = usage_now().thread_us;
        const SteadyTime begun = steady_now();
        const Result<std::size_t> found = discovery.run();
        const double ms = milliseconds_between(begun, steady_now());
        if (!found) {
            return found.error();
        }
        if (*found != static_cast<std::size_t>(providers_many) * offers_each) {
            return Error{Errc::invalid, fmt::format("{} offers were found", *found), ""};
        }
        if (i > 0) {
            took.push_back(ms);
            cpu.push_back((usage_now().thread_us - cpu_before) / 1000.0);
        }
    }
    std::sort(took.begin(), took.end());
    std::sort(cpu.begin(), cpu.end());
    const auto mib = static_cast<double>(discovery.bytes()) / 1048576.0;
    return json::Array{beckn_figure("beckn.discover_200x50_ms", beckn_rank(took, 0.5), "ms", took),
                       beckn_figure("beckn.discover_200x50_cpu_ms", beckn_rank(cpu, 0.5), "ms", cpu),
                       beckn_figure("beckn.discover_200x50_mib", mib, "MiB", {mib})};
}

}  // namespace headroom::app
