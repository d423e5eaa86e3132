#pragma once

#include <string_view>

// The words of the 1.1 tag groups: docs/formats/beckn-flex-resource.md.
namespace headroom::beckn::v11 {

inline constexpr std::string_view wire_version = "1.1.0";
inline constexpr std::string_view core_version = "0.9.3";
inline constexpr std::string_view rc1_version = "2.0.0";
/// What 0.9 needs where 1.1 may be silent.
inline constexpr std::string_view anywhere = "*";
inline constexpr std::string_view id_scheme = "https://";

inline constexpr std::string_view flex_request = "FLEX_REQUEST";
inline constexpr std::string_view flex_resource = "FLEX_RESOURCE";
inline constexpr std::string_view flex_grid = "FLEX_GRID";
inline constexpr std::string_view flex_contract = "FLEX_CONTRACT";

inline constexpr std::string_view turn_up = "turn_up";
inline constexpr std::string_view turn_down = "turn_down";

/// What an activation changes, as JSON paths.
inline constexpr std::string_view update_target = "order.fulfillments[0].state,order.items";
inline constexpr std::string_view update_target_v09 = "fulfillment,items";
inline constexpr std::string_view fulfilment_id = "F1";

}  // namespace headroom::beckn::v11
