#pragma once

#include "beckn/key_exchange.hpp"
#include "beckn/key_id.hpp"
#include "core/digest.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::beckn {

/// What a participant is to its network.
enum class ParticipantType : std::uint8_t { unknown, bap, bpp, gateway };
[[nodiscard]] std::string_view to_string(ParticipantType type);  ///< "BAP", "BPP", "BG", ""
[[nodiscard]] ParticipantType parse_participant_type(std::string_view text);

/// Where a subscription stands.
enum class SubscriptionStatus : std::uint8_t {
    initiated,
    under_subscription,
    subscribed,
    expired,
    unsubscribed,
    invalid_ssl,
};
[[nodiscard]] std::string_view to_string(SubscriptionStatus status);  ///< "UNDER_SUBSCRIPTION"
[[nodiscard]] std::optional<SubscriptionStatus> parse_subscription_status(std::string_view text);

/// A participant's key as a registry publishes it.
struct PublishedKey {
    std::string subscriber;
    std::string key;
    Ed25519PublicKey signing{};
    std::optional<X25519PublicKey> encryption = {};
    std::string url = {};
    ParticipantType type = ParticipantType::unknown;
    std::string domain = {};
    std::optional<UtcTime> valid_from = {};
    std::optional<UtcTime> valid_until = {};
    SubscriptionStatus status = SubscriptionStatus::subscribed;
    std::vector<std::string> networks = {};  ///< memberships, as "namespace/registry"

    bool operator==(const PublishedKey&) const = default;
};

/// The keys that a key id may stand for. Of a key that was replaced under its id the former goes on counting
/// for what was signed before the change, until such messages have expired.
struct KeyCandidates {
    const PublishedKey* current = nullptr;
    const PublishedKey* former = nullptr;
    UtcTime replaced_at{};  ///< signatures made later than this need `current`
};
/// Finds keys that are at hand; never waits. What it points to lives until its owner is next changed.
using KeyFinder = std::function<KeyCandidates(const KeyId&)>;

}  // namespace headroom::beckn
