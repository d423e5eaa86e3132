#pragma once

#include "beckn/decimal.hpp"
#include "beckn/v11_parts.hpp"
#include "beckn/v11_terms.hpp"
#include "core/json_object.hpp"

#include <string_view>
#include <utility>
#include <vector>

// Inside of the writer: the small objects that recur in a message.
namespace headroom::beckn::v11 {

[[nodiscard]] inline json::Value object(std::initializer_list<json::MemberInit> members) {
    return json::object(members);
}
[[nodiscard]] inline json::Value object(std::vector<json::Object::Member> members) {
    return json::Object::from_distinct(std::move(members));
}
[[nodiscard]] inline json::Value descriptor(std::string_view code) {
    return object({{"code", json::Value(code)}});
}
[[nodiscard]] inline json::Value gbp(MicroPounds amount) {
    return object({{"currency", json::Value("GBP")},
                   {"value", json::Value(format_decimal(amount.value, gbp_decimals))}});
}

/// Power as a measure in kW: a text in 1.1, a number in 0.9. Nobody here reads it back; the tags count.
[[nodiscard]] json::Value measure_kw(const Dialect& dialect, std::int64_t watts);
/// `values` as the tags of one group.
[[nodiscard]] json::Value tags(const Dialect& dialect, std::string_view group, NamedValues values);
/// Where a delivery begins and ends, as members of a fulfilment.
void add_stops(const Dialect& dialect, std::vector<json::Object::Member>& members, UtcTime start,
               UtcTime end);

}  // namespace headroom::beckn::v11
