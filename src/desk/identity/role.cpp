#include "desk/identity/role.hpp"

#include <algorithm>

namespace headroom::desk::identity {
namespace {

constexpr std::array all_roles{Role::viewer,  Role::operator_, Role::approver, Role::engineer,
                               Role::auditor, Role::admin,     Role::device};

/// The place of a role on the ladder; nothing for those that stand beside it.
std::optional<int> rung(Role role) {
    switch (role) {
        case Role::viewer:
            return 0;
        case Role::operator_:
            return 1;
        case Role::approver:
            return 2;
        case Role::engineer:
            return 3;
        case Role::admin:
            return 4;
        case Role::auditor:
        case Role::device:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Role role) {
    switch (role) {
        case Role::viewer:
            return "viewer";
        case Role::operator_:
            return "operator";
        case Role::approver:
            return "approver";
        case Role::engineer:
            return "engineer";
        case Role::auditor:
            return "auditor";
        case Role::admin:
            return "admin";
        case Role::device:
            return "device";
    }
    return "";
}

std::optional<Role> parse_role(std::string_view text) {
    const auto found =
        std::find_if(all_roles.begin(), all_roles.end(), [&](Role role) { return to_string(role) == text; });
    return found == all_roles.end() ? std::nullopt : std::optional(*found);
}

bool role_allows(std::string_view have, std::string_view need) {
    if (need == "none") {
        return true;
    }
    const std::optional<Role> mine = parse_role(have);
    const std::optional<Role> needed = parse_role(need);
    if (!mine || !needed) {
        return false;
    }
    if (*needed == Role::device || *mine == Role::device) {
        return mine == needed;
    }
    if (*needed == Role::auditor) {
        return *mine == Role::auditor || *mine == Role::admin;
    }
    const int from = *mine == Role::auditor ? *rung(Role::viewer) : *rung(*mine);
    return from >= *rung(*needed);
}

bool is_known_need(std::string_view need) {
    return need == "none" || need == "peer" || parse_role(need).has_value();
}

}  // namespace headroom::desk::identity
