#pragma once

#include <string_view>

// The words of 2.0.0-rc1: docs/formats/beckn-rc1.md.
namespace headroom::beckn::rc1 {

inline constexpr std::string_view core_context =
    "https://raw.githubusercontent.com/beckn/protocol-specifications-v2/refs/tags/core-2.0.0-rc-eos-release/"
    "schema/core/v2/context.jsonld";
inline constexpr std::string_view flexibility_context =
    "https://raw.githubusercontent.com/beckn/protocol-specifications-new/refs/heads/draft/schema/"
    "DemandFlexibility/v1/context.jsonld";
inline constexpr std::string_view compute_context =
    "https://raw.githubusercontent.com/beckn/protocol-specifications-new/refs/heads/draft/schema/"
    "ComputeEnergy/v1/"
    "context.jsonld";

// What the packs have no field for.
inline constexpr std::string_view own_request = "headroom:request";
inline constexpr std::string_view own_resource = "headroom:resource";
inline constexpr std::string_view own_grid = "headroom:grid";
inline constexpr std::string_view own_contract = "headroom:contract";
inline constexpr std::string_view own_error = "headroom:error";
inline constexpr std::string_view own_performance = "headroom:performance";
inline constexpr std::string_view own_flows = "headroom:flows";
inline constexpr std::string_view own_ttl = "headroom:ttl";
inline constexpr std::string_view own_reason = "headroom:reason";

}  // namespace headroom::beckn::rc1
