#include "beckn/error_code.hpp"

#include "beckn/text.hpp"

#include <array>
#include <cstddef>

namespace headroom::beckn {

namespace {

struct Row {
    std::string_view name;
    std::string_view number;
};

// In the order of the enum. Numbers by BECKN-005; what it has no number for gets that of its layer.
constexpr std::array<Row, 76> rows{{
    {"CTX_MISSING_FIELD", "30000"},
    {"CTX_INVALID_FIELD", "30000"},
    {"CTX_ACTION_MISMATCH", "30000"},
    {"CTX_VERSION_UNSUPPORTED", "30000"},
    {"CTX_TTL_EXPIRED", "30000"},
    {"CTX_MESSAGE_ID_DUPLICATE", "30000"},
    {"CTX_TRANSACTION_ID_UNKNOWN", "30000"},
    {"CTX_CALLBACK_URL_MISSING", "30000"},
    {"CTX_INVALID_BPP_URI", "30000"},
    {"AUT_SIGNATURE_MISSING", "30000"},
    {"AUT_SIGNATURE_INVALID", "30000"},
    {"AUT_SUBSCRIBER_NOT_FOUND", "30000"},
    {"AUT_KEY_NOT_FOUND", "30000"},
    {"AUT_KEY_EXPIRED_OR_REVOKED", "30000"},
    {"AUT_UNAUTHORIZED_ACTION", "30000"},
    {"AUT_DOMAIN_NOT_ALLOWED", "30000"},
    {"AUT_REPLAY_DETECTED", "30000"},
    {"AUT_RATE_LIMITED", "30000"},
    {"SCH_INVALID_JSON", "30000"},
    {"SCH_SCHEMA_VALIDATION_FAILED", "30000"},
    {"SCH_REQUIRED_FIELD_MISSING", "30000"},
    {"SCH_FIELD_NOT_ALLOWED", "30000"},
    {"SCH_INVALID_ENUM", "30000"},
    {"SCH_INVALID_FORMAT", "30000"},
    {"SCH_INVALID_JSONPATH", "30000"},
    {"SCH_INVALID_JSONLD_CONTEXT", "30000"},
    {"SCH_TYPE_NOT_SUPPORTED", "30000"},
    {"SCH_ATTRIBUTE_PACK_INVALID", "30000"},
    {"SCH_INVALID_ENTITY_TYPE", "30000"},
    {"SCH_SCHEMA_ADAPTATION_FAILED", "30000"},
    {"NET_TIMEOUT", "40000"},
    {"NET_DOWNSTREAM_UNAVAILABLE", "40000"},
    {"NET_CALLBACK_FAILED", "40000"},
    {"NET_ACK_TIMEOUT", "40000"},
    {"NET_OVERLOADED", "40000"},
    {"NET_INTERNAL_ERROR", "40000"},
    {"NET_NOT_IMPLEMENTED", "40000"},
    {"NET_CATALOG_SOURCE_UNAVAILABLE", "40000"},
    {"NET_CATALOG_STALE", "40000"},
    {"BIZ_PROVIDER_NOT_FOUND", "30001"},
    {"BIZ_LOCATION_NOT_FOUND", "30002"},
    {"BIZ_CATEGORY_NOT_FOUND", "30005"},
    {"BIZ_ITEM_NOT_FOUND", "30004"},
    {"BIZ_OFFER_NOT_FOUND", "30006"},
    {"BIZ_ADDON_NOT_FOUND", "30007"},
    {"BIZ_ORDER_NOT_FOUND", "30010"},
    {"BIZ_QUANTITY_UNAVAILABLE", "40002"},
    {"BIZ_FULFILLMENT_UNAVAILABLE", "30008"},
    {"BIZ_QUOTE_EXPIRED_OR_CHANGED", "40003"},
    {"BIZ_PRICE_MISMATCH", "40003"},
    {"BIZ_PAYMENT_NOT_SUPPORTED", "40004"},
    {"BIZ_PAYMENT_FAILED", "40004"},
    {"BIZ_TRACKING_NOT_SUPPORTED", "40005"},
    {"BIZ_SUPPORT_NOT_AVAILABLE", "50004"},
    {"BIZ_NO_RESULTS_FOUND", "40000"},
    {"BIZ_INVALID_STATE_TRANSITION", "40001"},
    {"BIZ_ALREADY_CANCELLED", "40001"},
    {"BIZ_ALREADY_CONFIRMED", "40001"},
    {"BIZ_UPDATE_INCONSISTENT", "30013"},
    {"BIZ_INVALID_UPDATE_TARGET", "30012"},
    {"BIZ_INVALID_CANCELLATION_REASON", "30011"},
    {"BIZ_RATING_TARGET_NOT_FOUND", "30014"},
    {"BIZ_INVALID_RATING_VALUE", "30015"},
    {"BIZ_GENERIC_ERROR", "40000"},
    {"POL_CANCELLATION_NOT_ALLOWED", "50001"},
    {"POL_UPDATE_NOT_ALLOWED", "50002"},
    {"POL_GEO_RESTRICTED", "50000"},
    {"POL_ELIGIBILITY_NOT_MET", "50000"},
    {"POL_KYC_REQUIRED", "50000"},
    {"POL_CONSENT_REQUIRED", "50000"},
    {"POL_SANCTIONED_PARTY", "50000"},
    {"POL_CALLER_TRUST_INSUFFICIENT", "50000"},
    {"POL_NP_CAPACITY_EXCEEDED", "50000"},
    {"POL_NP_DORMANT", "50000"},
    {"POL_ENGAGEMENT_REFUSED", "50000"},
    {"POL_GENERIC_ERROR", "50000"},
}};
static_assert(static_cast<std::size_t>(ErrorCode::pol_generic_error) + 1 == rows.size());

}  // namespace

std::string_view to_string(ErrorCode code) {
    return rows[static_cast<std::size_t>(code)].name;
}

std::string_view number_of(ErrorCode code) {
    return rows[static_cast<std::size_t>(code)].number;
}

std::optional<ErrorCode> parse_error_code(std::string_view text) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].name == text) {
            return static_cast<ErrorCode>(i);
        }
    }
    // Several names share a number: the general one stands for it.
    if (text == "30000") {
        return ErrorCode::sch_schema_validation_failed;
    }
    if (text == "40000") {
        return ErrorCode::biz_generic_error;
    }
    if (text == "50000") {
        return ErrorCode::pol_generic_error;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].number == text) {
            return static_cast<ErrorCode>(i);
        }
    }
    return std::nullopt;
}

bool MessageError::is_order_not_found() const {
    return parse_error_code(code) == ErrorCode::biz_order_not_found;
}

MessageError make_error(ErrorCode code, std::string_view sentence, std::string paths) {
    std::string message(to_string(code));
    message += ": ";
    message += sentence;
    return MessageError{std::string(number_of(code)), std::move(message), std::move(paths)};
}

MessageError make_error(WireVersion version, ErrorCode code, std::string_view sentence, std::string paths) {
    if (!is_v2(version)) {
        return make_error(code, sentence, std::move(paths));
    }
    return MessageError{std::string(to_string(code)), std::string(sentence), std::move(paths)};
}

NamedError named_error(const MessageError& error) {
    const std::size_t colon = error.message.find(": ");
    const std::string front = error.message.substr(0, colon);
    const bool is_named = error.code.find('_') != std::string::npos && parse_error_code(error.code);
    const std::optional<ErrorCode> told =
        is_named || colon == std::string::npos ? std::nullopt : parse_error_code(front);
    if (told && to_string(*told) == front) {
        return {front, error.message.substr(colon + 2)};
    }
    const std::optional<ErrorCode> known = parse_error_code(error.code);
    return {known ? std::string(to_string(*known)) : error.code, error.message};
}

json::Value named_error_object(const MessageError& error) {
    const NamedError named = named_error(error);
    json::Object details;
    const auto add = [&details](const char* key, const std::string& text) {
        if (!text.empty()) {
            details.set(key, text);
        }
    };
    add("path", error.paths);
    add("expected", error.expected);
    add("got", error.got);
    add("keyId", error.key_id);
    json::Object written{{"code", named.name}, {"message", named.sentence}};
    if (!details.empty()) {
        written.set("details", std::move(details));
    }
    return written;
}

MessageError read_error(const json::Value& object) {
    constexpr std::size_t code_max = 64;
    constexpr std::size_t text_max = 512;
    MessageError error;
    for (const char* key : {"code", "errorCode"}) {
        const json::Value* code = object.get(key);
        if (code != nullptr && error.code.empty()) {
            error.code =
                code->is_int() ? std::to_string(*code->as_int()) : object.text("/" + std::string(key));
        }
    }
    const auto first_of = [&object](std::initializer_list<std::string_view> places) {
        std::string found;
        for (const std::string_view place : places) {
            found = found.empty() ? object.text(place) : found;
        }
        return cut_text(found, text_max);
    };
    error.code = cut_text(error.code, code_max);
    error.message = first_of({"/message", "/errorMessage", "/details/cause"});
    error.paths = first_of({"/paths", "/path", "/details/path", "/details/paths"});
    error.expected = first_of({"/details/expected"});
    error.got = first_of({"/details/got"});
    error.key_id = first_of({"/details/keyId"});
    return error;
}

std::string describe(const MessageError& error) {
    std::string text = error.code;
    if (!error.message.empty()) {
        text += text.empty() ? "" : " ";
        text += error.message;
    }
    if (!error.paths.empty()) {
        text += " (" + error.paths + ")";
    }
    if (!error.expected.empty()) {
        text += ", expected " + error.expected;
    }
    if (!error.got.empty()) {
        text += ", got " + error.got;
    }
    if (!error.key_id.empty()) {
        text += ", key " + error.key_id;
    }
    return text;
}

}  // namespace headroom::beckn
