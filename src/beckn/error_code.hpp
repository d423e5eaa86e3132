#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// The faults that our side tells or understands, by the names of Beckn's list of 2026. Older dialects know
/// numbers only.
enum class ErrorCode : std::uint8_t {
    ctx_missing_field,
    ctx_invalid_field,
    ctx_action_mismatch,
    ctx_version_unsupported,
    ctx_ttl_expired,
    ctx_message_id_duplicate,
    ctx_transaction_id_unknown,
    aut_signature_missing,
    aut_signature_invalid,
    aut_subscriber_not_found,
    aut_unauthorized_action,
    sch_invalid_json,
    sch_schema_validation_failed,
    net_overloaded,
    net_internal_error,
    biz_provider_not_found,
    biz_item_not_found,
    biz_offer_not_found,
    biz_order_not_found,
    biz_quantity_unavailable,
    biz_fulfillment_unavailable,
    biz_quote_expired_or_changed,
    biz_invalid_state_transition,
    biz_already_cancelled,
    biz_generic_error,
    pol_cancellation_not_allowed,
    pol_update_not_allowed,
    pol_generic_error,
};

/// "BIZ_ORDER_NOT_FOUND"
[[nodiscard]] std::string_view to_string(ErrorCode code);
/// "30010": the code of 0.9 and 1.x.
[[nodiscard]] std::string_view number_of(ErrorCode code);
/// By name or number; the number's first meaning. Nothing for codes of others.
[[nodiscard]] std::optional<ErrorCode> parse_error_code(std::string_view text);

/// An error as it stands in a message or NACK.
struct MessageError {
    std::string code;     ///< as written by its sender: a number in 1.x
    std::string message;  ///< a sentence
    std::string paths;    ///< JSON Pointer, may be empty

    /// Whether it says that the sender knows no such order.
    [[nodiscard]] bool is_order_not_found() const;
    bool operator==(const MessageError&) const = default;
};

/// Our own error for a 1.x peer; the name stands in front of the sentence, since the number says less.
[[nodiscard]] MessageError make_error(ErrorCode code, std::string_view sentence, std::string paths = {});
/// "30010 no order ORD-1": for logs and reasons.
[[nodiscard]] std::string describe(const MessageError& error);

}  // namespace headroom::beckn
