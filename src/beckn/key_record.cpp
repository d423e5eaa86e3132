#include "beckn/key_record.hpp"

#include <array>
#include <utility>

namespace headroom::beckn {
namespace {

constexpr std::array<std::pair<ParticipantType, std::string_view>, 3> type_words{
    {{ParticipantType::bap, "BAP"}, {ParticipantType::bpp, "BPP"}, {ParticipantType::gateway, "BG"}}};

constexpr std::array<std::pair<SubscriptionStatus, std::string_view>, 6> status_words{
    {{SubscriptionStatus::initiated, "INITIATED"},
     {SubscriptionStatus::under_subscription, "UNDER_SUBSCRIPTION"},
     {SubscriptionStatus::subscribed, "SUBSCRIBED"},
     {SubscriptionStatus::expired, "EXPIRED"},
     {SubscriptionStatus::unsubscribed, "UNSUBSCRIBED"},
     {SubscriptionStatus::invalid_ssl, "INVALID_SSL"}}};

}  // namespace

std::string_view to_string(ParticipantType type) {
    for (const auto& [value, word] : type_words) {
        if (value == type) {
            return word;
        }
    }
    return "";
}

ParticipantType parse_participant_type(std::string_view text) {
    for (const auto& [value, word] : type_words) {
        if (word == text) {
            return value;
        }
    }
    return ParticipantType::unknown;
}

std::string_view to_string(SubscriptionStatus status) {
    for (const auto& [value, word] : status_words) {
        if (value == status) {
            return word;
        }
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::optional<SubscriptionStatus> parse_subscription_status(std::string_view text) {
    for (const auto& [value, word] : status_words) {
        if (word == text) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace headroom::beckn
