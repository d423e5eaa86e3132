#include "agents/key_resolver.hpp"
#include "app/bench_beckn.hpp"
#include "app/bench_usage.hpp"
#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "beckn/signature_identity.hpp"
#include "beckn/signature_profile.hpp"
#include "beckn/signature_verify.hpp"
#include "core/clock.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::size_t message_runs = 5;
constexpr std::size_t message_batch = 200;
constexpr milliseconds ttl = seconds{30};

beckn::Signer bench_signer(char letter, std::string subscriber) {
    return {std::move(subscriber), "k1", Ed25519KeyPair::from_secret(std::string(32, letter)).value()};
}

/// What one kind of work took, over and over on one thread.
struct PieceTimes {
    std::vector<double> per_s;      ///< by run, wall
    std::vector<double> cpu_us;     ///< by run, of each piece
    std::vector<double> latencies;  ///< of each piece, microseconds, wall
};

/// `work` answers false when it went wrong.
Result<PieceTimes> measure_pieces(double total_seconds, const std::function<bool()>& work) {
    PieceTimes series;
    for (std::size_t i = 0; i < message_batch; ++i) {
        if (!work()) {
            return Error{Errc::invalid, "a message of the benchmark was refused", ""};
        }
    }
    for (std::size_t run = 0; run < message_runs; ++run) {
        const double cpu_before = usage_now().thread_us;
        const SteadyTime begun = steady_now();
        std::size_t count = 0;
        double took = 0.0;
        while (took < total_seconds / static_cast<double>(message_runs)) {
            for (std::size_t i = 0; i < message_batch; ++i) {
                const SteadyTime before = steady_now();
                if (!work()) {
                    return Error{Errc::invalid, "a message of the benchmark was refused", ""};
                }
                series.latencies.push_back(milliseconds_between(before, steady_now()) * 1000.0);
            }
            count += message_batch;
            took = milliseconds_between(begun, steady_now()) / 1000.0;
        }
        series.per_s.push_back(static_cast<double>(count) / took);
        series.cpu_us.push_back((usage_now().thread_us - cpu_before) / static_cast<double>(count));
    }
    std::sort(series.per_s.begin(), series.per_s.end());
    std::sort(series.cpu_us.begin(), series.cpu_us.end());
    std::sort(series.latencies.begin(), series.latencies.end());
    return series;
}

struct Names {
    std::string rate;
    std::string latency;
};

Result<void> add_series(json::Array& results, const Names& names, double total_seconds,
                        const std::function<bool()>& work) {
    const Result<PieceTimes> series = measure_pieces(total_seconds, work);
    if (!series) {
        return series.error();
    }
    results.emplace_back(
        beckn_figure(names.rate + "_per_s", beckn_rank(series->per_s, 0.5), "1/s", series->per_s));
    for (const auto& [suffix, share] : {std::pair{"_p50", 0.50}, {"_p99", 0.99}}) {
        results.emplace_back(beckn_figure(names.latency + suffix, beckn_rank(series->latencies, share), "us",
                                          series->latencies));
    }
    results.emplace_back(
        beckn_figure(names.rate + "_cpu_us", beckn_rank(series->cpu_us, 0.5), "us", series->cpu_us));
    return {};
}

/// A buyer and a provider that know each other, and one request between them.
class Pair {
  public:
    Pair()
        : wall_(make_system_wall_clock()),
          bap_(bench_signer('b', "bap.example")),
          bpp_(bench_signer('p', "bpp.example")) {
        std::vector<std::unique_ptr<agents::KeySource>> sources;
        keys_ = {key_of(bap_, "http://127.0.0.1:8000/beckn"), key_of(bpp_, "http://127.0.0.1:9000/bpp")};
        sources.push_back(agents::make_fixed_keys(keys_));
        resolver_ = std::make_unique<agents::KeyResolver>(*wall_, std::move(sources));
        for (const beckn::PublishedKey& key : keys_) {
            routes_.emplace(key.subscriber, key.url);
        }
        asio::io_context context;
        for (const beckn::Signer* signer : {&bap_, &bpp_}) {
            beckn::KeyId id{signer->subscriber, signer->key_id, "ed25519"};
            spawn(context.get_executor(), warm(*resolver_, std::move(id)));
        }
        context.run();
        body_ = request_body();
    }

    [[nodiscard]] std::size_t body_bytes() const { return body_.size(); }

    /// Signed, verified, acknowledged and the answer read: 1.x, whose answers are not signed.
    bool exchange() {
        const std::string header = beckn::sign(classic_, bap_, wall_->now(), ttl, body_);
        const auto verdict = resolver_->verify_now(classic_, {.authorization = header, .body = body_});
        return verdict && verdict->is_good() &&
               beckn::read_ack(200, beckn::write_ack()).kind == beckn::AckKind::accepted;
    }

    /// The same in 2.0: the answer is signed over the request's signature and verified too.
    bool exchange_signed_ack() {
        const std::string header = beckn::sign(modern_, bap_, wall_->now(), ttl, body_);
        const auto verdict = resolver_->verify_now(modern_, {.authorization = header, .body = body_});
        if (!verdict || !verdict->is_good()) {
            return false;
        }
        const std::string answer = beckn::write_ack();
        const std::string signature = beckn::sign_ack(modern_, bpp_, wall_->now(), answer, header);
        const beckn::SignatureVerdict ack =
            beckn::verify_ack(modern_, signature, answer, header, resolver_->finder(), wall_->now());
        return ack.is_good() && beckn::read_ack(200, answer).kind == beckn::AckKind::accepted;
    }

    /// What an adapter does with a message on its way out, and with the sender's own signature checked first:
    /// verify, decode and validate, hold the key against the context, find the route, sign.
    bool pass_on(bool is_verifying) {
        if (is_verifying) {
            const auto verdict = resolver_->verify_now(classic_, {.authorization = incoming_, .body = body_});
            if (!verdict || !verdict->is_good()) {
                return false;
            }
            sender_ = verdict->sender.subscriber;
        }
        const beckn::Decoded decoded = beckn::decode(body_);
        if (!decoded.envelope || !decoded.faults.empty()) {
            return false;
        }
        const beckn::Context& context = decoded.envelope->context;
        const auto route = routes_.find(context.bpp_id);
        if (route == routes_.end() || beckn::check_identity(context, sender_)) {
            return false;
        }
        url_.assign(route->second)
            .append("/")
            .append(beckn::to_string(context.action, decoded.envelope->version));
        outgoing_ = beckn::sign(classic_, own_, wall_->now(), ttl, body_);
        return !outgoing_.empty();
    }

    /// The signature that `pass_on` checks is made anew, before it expires.
    void sign_incoming() { incoming_ = beckn::sign(classic_, bap_, wall_->now(), minutes{30}, body_); }

    /// Nothing but the two operations on the curve.
    bool bare_crypto() {
        const Ed25519Signature signature = bap_.key.sign(incoming_);
        return ed25519_verify(bap_.key.public_key(), incoming_, as_chars(signature));
    }

  private:
    static Awaitable<void> warm(agents::KeyResolver& resolver, beckn::KeyId id) {
        const Result<beckn::PublishedKey> found = co_await resolver.find(std::move(id));
        HEADROOM_ASSERT(found.has_value());
    }
    static beckn::PublishedKey key_of(const beckn::Signer& signer, std::string url) {
        return {.subscriber = signer.subscriber,
                .key = signer.key_id,
                .signing = signer.key.public_key(),
                .url = std::move(url)};
    }

    [[nodiscard]] std::string request_body() const {
        beckn::Envelope envelope;
        beckn::Context& context = envelope.context;
        context.action = beckn::Action::search;
        context.domain = "deg:flexibility";
        context.country = "GBR";
        context.city = "std:020";
        context.bap_id = bap_.subscriber;
        context.bap_uri = keys_[0].url;
        context.bpp_id = bpp_.subscriber;
        context.bpp_uri = keys_[1].url;
        context.transaction_id = make_uuid("bench transaction");
        context.message_id = make_uuid("bench message");
        context.timestamp = wall_->now();
        context.ttl = ttl;
        envelope.message = beckn::SearchIntent{.feeder = "LV-1",
                                               .need_w = {.start = floor_period(wall_->now()) + hours{2},
                                                          .step = period_length,
                                                          .values = {12'000, 15'000, 9'000, 4'000}}};
        return beckn::encode(envelope).value();
    }

    std::unique_ptr<WallClock> wall_;
    beckn::Signer bap_;
    beckn::Signer bpp_;
    beckn::Signer own_ = bench_signer('o', "headroom.example");
    beckn::SignatureRules classic_ = beckn::rules_of(beckn::SignatureProfile::beckn006);
    beckn::SignatureRules modern_ = beckn::rules_of(beckn::SignatureProfile::nfh004);
    std::vector<beckn::PublishedKey> keys_;
    std::unique_ptr<agents::KeyResolver> resolver_;
    std::map<std::string, std::string, std::less<>> routes_;
    std::string body_;
    std::string incoming_;
    std::string sender_ = "bap.example";
    std::string url_;
    std::string outgoing_;
};

}  // namespace

Result<json::Array> bench_beckn_messages(double total_seconds) {
    json::Array results;
    Pair pair;
    pair.sign_incoming();
    for (const auto& [names, work] :
         {std::pair<Names, std::function<bool()>>{{"beckn.signed_verified_pairs", "beckn.pair_us"},
                                                  [&pair] { return pair.exchange(); }},
          {{"beckn.signed_ack_pairs", "beckn.signed_ack_pair_us"},
           [&pair] { return pair.exchange_signed_ack(); }},
          {{"beckn.route_sign_validate", "beckn.route_sign_validate_us"},
           [&pair] { return pair.pass_on(true); }},
          {{"beckn.route_sign_validate_unverified", "beckn.route_sign_validate_unverified_us"},
           [&pair] { return pair.pass_on(false); }},
          {{"beckn.bare_sign_verify", "beckn.bare_sign_verify_us"},
           [&pair] { return pair.bare_crypto(); }}}) {
        if (const Result<void> added = add_series(results, names, total_seconds, work); !added) {
            return added.error();
        }
    }
    return results;
}

}  // namespace headroom::app
