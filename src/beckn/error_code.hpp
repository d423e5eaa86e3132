#pragma once

#include "beckn/wire_version.hpp"
#include "core/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// Beckn's list of 2026, complete and in its order. The prefix says which layer found the fault. Older
/// dialects know numbers only.
enum class ErrorCode : std::uint8_t {
    ctx_missing_field,
    ctx_invalid_field,
    ctx_action_mismatch,
    ctx_version_unsupported,
    ctx_ttl_expired,
    ctx_message_id_duplicate,
    ctx_transaction_id_unknown,
    ctx_callback_url_missing,
    ctx_invalid_bpp_uri,
    aut_signature_missing,
    aut_signature_invalid,
    aut_subscriber_not_found,
    aut_key_not_found,
    aut_key_expired_or_revoked,
    aut_unauthorized_action,
    aut_domain_not_allowed,
    aut_replay_detected,
    aut_rate_limited,
    sch_invalid_json,
    sch_schema_validation_failed,
    sch_required_field_missing,
    sch_field_not_allowed,
    sch_invalid_enum,
    sch_invalid_format,
    sch_invalid_jsonpath,
    sch_invalid_jsonld_context,
    sch_type_not_supported,
    sch_attribute_pack_invalid,
    sch_invalid_entity_type,
    sch_schema_adaptation_failed,
    net_timeout,
    net_downstream_unavailable,
    net_callback_failed,
    net_ack_timeout,
    net_overloaded,
    net_internal_error,
    net_not_implemented,
    net_catalog_source_unavailable,
    net_catalog_stale,
    biz_provider_not_found,
    biz_location_not_found,
    biz_category_not_found,
    biz_item_not_found,
    biz_offer_not_found,
    biz_addon_not_found,
    biz_order_not_found,
    biz_quantity_unavailable,
    biz_fulfillment_unavailable,
    biz_quote_expired_or_changed,
    biz_price_mismatch,
    biz_payment_not_supported,
    biz_payment_failed,
    biz_tracking_not_supported,
    biz_support_not_available,
    biz_no_results_found,
    biz_invalid_state_transition,
    biz_already_cancelled,
    biz_already_confirmed,
    biz_update_inconsistent,
    biz_invalid_update_target,
    biz_invalid_cancellation_reason,
    biz_rating_target_not_found,
    biz_invalid_rating_value,
    biz_generic_error,
    pol_cancellation_not_allowed,
    pol_update_not_allowed,
    pol_geo_restricted,
    pol_eligibility_not_met,
    pol_kyc_required,
    pol_consent_required,
    pol_sanctioned_party,
    pol_caller_trust_insufficient,
    pol_np_capacity_exceeded,
    pol_np_dormant,
    pol_engagement_refused,
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
    std::string code;           ///< as written by its sender: a number in 1.x
    std::string message;        ///< a sentence
    std::string paths;          ///< JSON Pointer, may be empty
    std::string expected = {};  ///< what should have stood there
    std::string got = {};       ///< what stood there
    std::string key_id = {};    ///< the key by which the sender was to be known

    /// Whether it says that the sender knows no such order.
    [[nodiscard]] bool is_order_not_found() const;
    bool operator==(const MessageError&) const = default;
};

/// Our own error for a 1.x peer; the name stands in front of the sentence, since the number says less.
[[nodiscard]] MessageError make_error(ErrorCode code, std::string_view sentence, std::string paths = {});
/// The same as the peer's dialect has it: 2.0 knows names, so that nothing stands twice.
[[nodiscard]] MessageError make_error(WireVersion version, ErrorCode code, std::string_view sentence,
                                      std::string paths = {});
/// An error as 2.0 writes it: the name of the list and the sentence apart.
struct NamedError {
    std::string name;
    std::string sentence;
};
/// Takes the name out of an error that was made for a 1.x peer; one of others keeps its own code.
[[nodiscard]] NamedError named_error(const MessageError& error);
/// {code, message, details{path, expected, got, keyId}}, as 2.0 has it.
[[nodiscard]] json::Value named_error_object(const MessageError& error);
/// An error object of any dialect, read as far as it can be and cut to what a record holds: code or
/// errorCode, number or text; path or paths, also below details.
[[nodiscard]] MessageError read_error(const json::Value& object);
/// "30010 no order ORD-1": for logs and reasons.
[[nodiscard]] std::string describe(const MessageError& error);

}  // namespace headroom::beckn
