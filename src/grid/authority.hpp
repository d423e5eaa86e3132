#pragma once

#include "core/time.hpp"
#include "core/units.hpp"
#include "grid/network.hpp"
#include "grid/operational_state.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::grid {

/// shadow: decides, logs, sends nothing. propose: a person approves. act: acts by itself inside its
/// envelopes.
enum class AuthorityLevel { shadow, propose, act };
[[nodiscard]] std::string_view to_string(AuthorityLevel level);
[[nodiscard]] std::optional<AuthorityLevel> parse_authority_level(std::string_view text);

/// What somebody has allowed Headroom to do by itself. Empty selectors mean "any".
struct AuthorityEnvelope {
    std::string id;
    std::string asset;  ///< feeder or substation (covers the feeders below it); empty = every feeder
    std::optional<LimitKind> limit_kind;
    std::string product;  ///< "armed", "spot"; empty = both; "week_ahead": only where it is named
    std::optional<DerClass> der_class;
    Watts power_max{};       ///< per event
    MicroPounds cost_max{};  ///< per event
    UtcTime from{};
    UtcTime until{};
    std::string granted_by;
    bool revoked = false;
};

/// What the question is about, all from the event and its plan.
struct AuthorityQuestion {
    std::string feeder;
    LimitKind limit_kind = LimitKind::continuous;
    bool limit_verified = false;
    std::string product;  ///< "armed", "spot" or "week_ahead"
    std::vector<DerClass> der_classes;
    Watts power{};
    MicroPounds cost{};
    UtcTime at{};
    StateEntry state;         ///< the feeder's operational state
    bool data_fresh = true;   ///< readings measured, recent and covered; false demotes act to propose
    std::string data_detail;  ///< why not fresh
};

struct AuthorityAnswer {
    AuthorityLevel level = AuthorityLevel::shadow;
    std::string envelope_id;  ///< of the envelope that allowed acting
    std::string reason;       ///< a sentence, always
};

/// The level at which this may be done: never above `configured`, demoted by an unverified limit, a feeder
/// that is not normal, stale or estimated data, or no envelope that covers it. Pure.
[[nodiscard]] AuthorityAnswer authorise(AuthorityLevel configured,
                                        const std::vector<AuthorityEnvelope>& envelopes,
                                        const Network& network, const AuthorityQuestion& question);

}  // namespace headroom::grid
