#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace headroom::desk::identity {

/// What a person or an API key may do. `device` is for keys of gateways only.
enum class Role { viewer, operator_, approver, engineer, auditor, admin, device };
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

/// The roles a person may have, least first; keys may besides be of role "device".
inline constexpr std::array person_roles{Role::viewer,   Role::operator_, Role::approver,
                                         Role::engineer, Role::auditor,   Role::admin};

/// Whether a caller of role `have` may use what needs role `need`. Pure; unknown words are refused.
///
/// - viewer < operator < approver < engineer < admin: each may do what those before it may.
/// - auditor may do what viewer may, and besides read the audit log; of the others only admin may do that.
/// - "none" asks for no role, so it is open to everybody.
/// - "device" is for the keys of gateways and for nothing else. "peer" is for market peers, who prove
///   themselves by signature: no person and no key has it.
/// Source: docs/adr/0008-identity.md
[[nodiscard]] bool role_allows(std::string_view have, std::string_view need);

/// Whether a route may name `need` as its role.
[[nodiscard]] bool is_known_need(std::string_view need);

}  // namespace headroom::desk::identity
