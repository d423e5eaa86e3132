#include "desk/identity/role.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

namespace headroom::desk::identity {
namespace {

TEST(RoleAllows, IsThisTable) {
    // Rows: what a caller has. Columns: what is needed.
    const std::array<std::string, 9> needs{"none",    "viewer", "operator", "approver", "engineer",
                                           "auditor", "admin",  "device",   "peer"};
    const std::map<std::string, std::string> table{
        {"viewer", "yy-------"},   {"operator", "yyy------"}, {"approver", "yyyy-----"},
        {"engineer", "yyyyy----"}, {"auditor", "yy---y---"},  {"admin", "yyyyyyy--"},
        {"device", "y------y-"},   {"", "y--------"},         {"peer", "y--------"},
        {"Admin", "y--------"},    {"root", "y--------"},
    };
    for (const auto& [have, row] : table) {
        for (std::size_t i = 0; i < needs.size(); ++i) {
            EXPECT_EQ(role_allows(have, needs[i]), row[i] == 'y') << "'" << have << "' for " << needs[i];
        }
        EXPECT_FALSE(role_allows(have, "")) << have;
        EXPECT_FALSE(role_allows(have, "superuser")) << have;
    }
}

TEST(RoleAllows, KnowsEveryRoleARouteMayName) {
    for (const char* need :
         {"none", "peer", "device", "viewer", "operator", "approver", "engineer", "auditor", "admin"}) {
        EXPECT_TRUE(is_known_need(need)) << need;
    }
    EXPECT_FALSE(is_known_need(""));
    EXPECT_FALSE(is_known_need("user"));
}

TEST(ParseRole, ReadsWhatToStringWrites) {
    for (const Role role : person_roles) {
        EXPECT_EQ(parse_role(to_string(role)), role);
    }
    EXPECT_EQ(parse_role("device"), Role::device);
    EXPECT_EQ(parse_role("none"), std::nullopt);
}

}  // namespace
}  // namespace headroom::desk::identity
