#pragma once

#include "beckn/envelope.hpp"
#include "core/time.hpp"
#include "flex/offer.hpp"
#include "sim/provider_faults.hpp"

#include <functional>
#include <string>
#include <vector>

namespace headroom::sim {

/// What a simulated provider can offer from its DERs on `feeder` during [from, to). Offers are deterministic
/// in the world's seed.
using Catalogue = std::function<std::vector<flex::Offer>(
    const std::string& provider, const std::string& feeder, UtcTime from, UtcTime to)>;

/// The compute-energy windows of a provider, the next of each from `from` on.
using WindowCatalogue =
    std::function<std::vector<flex::ComputeWindow>(const std::string& provider, UtcTime from)>;

/// Faults of a simulated provider, all off by default: switches that hold for every message, and rules with
/// chances, drawn by (seed, provider, transaction, action).
struct ProviderFaults {
    bool never_answers = false;  ///< ACKs, no callback
    bool garbage = false;        ///< answers bytes that are no JSON
    bool answers_twice = false;  ///< each callback is delivered two times
    bool wrong_key = false;      ///< signs with a key that the registry does not know
    bool nack = false;
    int http_status = 0;                          ///< answers this status when > 0
    std::int64_t partial_commit_ppm = 1'000'000;  ///< share of the asked power that on_confirm commits
    bool quote_rises_at_init = false;
    /// Domain time between a request and its callback; 0 = at once. The flight token is given back at once,
    /// so that virtual time runs on while everybody waits.
    milliseconds answer_delay{0};
    std::vector<FaultRule> rules;
    FaultSizes sizes;
};

/// How strictly a provider keeps what it has said.
struct DeskRules {
    /// Offers only what no open order holds. Off for a world whose devices know by themselves what is left.
    bool shows_what_is_left = true;
    /// A quote from init on holds its power until it expires, and cannot be confirmed after that.
    bool holds_quotes = true;
};

/// One simulated provider of the demo market.
struct ProviderSpec {
    std::string id;             ///< short id in our records: "tesla-vpp"
    std::string name;           ///< "Tesla Virtual Power Plant" …
    std::string subscriber_id;  ///< Beckn bpp_id
    ProviderFaults faults;
    /// The dialect of what it says unasked, before anybody has spoken to it. An answer is in the request's.
    beckn::WireVersion wire = beckn::WireVersion::v11;
};

}  // namespace headroom::sim
