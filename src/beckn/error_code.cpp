#include "beckn/error_code.hpp"

#include <array>
#include <cstddef>

namespace headroom::beckn {

namespace {

struct Row {
    std::string_view name;
    std::string_view number;
};

// In the order of the enum. Numbers by BECKN-005.
constexpr std::array<Row, 28> rows{{
    {"CTX_MISSING_FIELD", "30000"},
    {"CTX_INVALID_FIELD", "30000"},
    {"CTX_ACTION_MISMATCH", "30000"},
    {"CTX_VERSION_UNSUPPORTED", "30000"},
    {"CTX_TTL_EXPIRED", "30000"},
    {"CTX_MESSAGE_ID_DUPLICATE", "30000"},
    {"CTX_TRANSACTION_ID_UNKNOWN", "30000"},
    {"AUT_SIGNATURE_MISSING", "30000"},
    {"AUT_SIGNATURE_INVALID", "30000"},
    {"AUT_SUBSCRIBER_NOT_FOUND", "30000"},
    {"AUT_UNAUTHORIZED_ACTION", "30000"},
    {"SCH_INVALID_JSON", "30000"},
    {"SCH_SCHEMA_VALIDATION_FAILED", "30000"},
    {"NET_OVERLOADED", "40000"},
    {"NET_INTERNAL_ERROR", "40000"},
    {"BIZ_PROVIDER_NOT_FOUND", "30001"},
    {"BIZ_ITEM_NOT_FOUND", "30004"},
    {"BIZ_OFFER_NOT_FOUND", "30006"},
    {"BIZ_ORDER_NOT_FOUND", "30010"},
    {"BIZ_QUANTITY_UNAVAILABLE", "40002"},
    {"BIZ_FULFILLMENT_UNAVAILABLE", "30008"},
    {"BIZ_QUOTE_EXPIRED_OR_CHANGED", "40003"},
    {"BIZ_INVALID_STATE_TRANSITION", "40001"},
    {"BIZ_ALREADY_CANCELLED", "40001"},
    {"BIZ_GENERIC_ERROR", "40000"},
    {"POL_CANCELLATION_NOT_ALLOWED", "50001"},
    {"POL_UPDATE_NOT_ALLOWED", "50002"},
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

std::string describe(const MessageError& error) {
    std::string text = error.code;
    if (!error.message.empty()) {
        text += text.empty() ? "" : " ";
        text += error.message;
    }
    if (!error.paths.empty()) {
        text += " (" + error.paths + ")";
    }
    return text;
}

}  // namespace headroom::beckn
