#include "desk/identity/principals.hpp"

#include "desk/identity/password.hpp"
#include "desk/identity/secret.hpp"
#include "unit/desk/identity/support.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace headroom::desk::identity {
namespace {

using test::noon;

User user(std::string name, Role role, std::string password = decoy_hash()) {
    return {.name = std::move(name),
            .role = role,
            .password = std::move(password),
            .created_at = noon,
            .password_at = noon};
}

ApiKey key(std::string name, Role role, std::string key_id = "0123456789ab") {
    return {.name = std::move(name),
            .role = role,
            .key_id = std::move(key_id),
            .secret = sha256("a secret"),
            .created_at = noon};
}

Principals some() {
    Principals all = *with_user({}, user("op-17", Role::operator_));
    all = *with_user(std::move(all), user("appr-2", Role::approver));
    return *with_key(std::move(all), key("meters-1", Role::operator_));
}

TEST(PrincipalsText, ReadsWhatItWrites) {
    const Principals all = some();
    EXPECT_EQ(all.users.front().name, "appr-2") << "by name";
    const Result<Principals> read = parse_principals(write_principals(all));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, all);
    EXPECT_TRUE(parse_principals(write_principals({}))->empty());
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

TEST(PrincipalsText, ANewerFormatIsToldFromADamagedFile) {
    const std::string text = write_principals(some());
    const Result<Principals> newer = parse_principals(replaced(text, "\"format\": 1", "\"format\": 2"));
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, Errc::unsupported);
    EXPECT_NE(newer.error().message.find("newer Headroom"), std::string::npos);
    for (std::size_t length = 0; length + 1 < text.size(); ++length) {
        const Result<Principals> cut = parse_principals(std::string_view(text).substr(0, length));
        ASSERT_FALSE(cut) << length;
        ASSERT_EQ(cut.error().code, Errc::corrupt) << length;
    }
}

TEST(PrincipalsText, RefusesWhatIsNotAsWritten) {
    const std::string text = write_principals(some());
    const std::vector<std::pair<std::string, std::string>> changes{
        {"\"op-17\"", "\"appr-2\""},
        {"\"op-17\"", "\"aaaa\""},  // out of order
        {"\"op-17\"", "\"meters-1\""},
        {"\"op-17\"", "\"op 17\""},
        {"\"approver\"", "\"emperor\""},
        {"\"approver\"", "\"device\""},
        {"$argon2id", "$argon2xx"},
        {"\"0123456789ab\"", "\"0123456789AB\""},
        {"\"sha256\": \"", "\"sha256\": \"zz"},
        {"\"keys\"", "\"kees\""},
        {"\"role\"", "\"roles\""},
        {"2026-11-28", "2026-13-28"},
    };
    for (const auto& [what, with] : changes) {
        const Result<Principals> read = parse_principals(replaced(text, what, with));
        ASSERT_FALSE(read) << what << " → " << with;
        EXPECT_EQ(read.error().code, Errc::corrupt);
        EXPECT_EQ(read.error().message.find("$v=19$"), std::string::npos) << "no hash in a message";
    }
}

TEST(Principals, NamesAreIdsAndStandOnce) {
    const Principals all = some();
    EXPECT_EQ(with_user(all, user("meters-1", Role::viewer)).error().code, Errc::conflict);
    EXPECT_EQ(with_key(all, key("op-17", Role::viewer, "ba9876543210")).error().code, Errc::conflict);
    EXPECT_EQ(with_key(all, key("other", Role::viewer)).error().code, Errc::conflict) << "the key id";
    EXPECT_EQ(with_user(all, user("a.person@example.com", Role::viewer)).error().code, Errc::invalid);
    EXPECT_EQ(with_user(all, user("gw", Role::device)).error().code, Errc::invalid);
    EXPECT_EQ(with_role(all, "nobody", Role::admin).error().code, Errc::not_found);
    EXPECT_EQ(with_role(all, "meters-1", Role::admin).error().code, Errc::not_found) << "a key";
    EXPECT_EQ(without_user(all, "meters-1").error().code, Errc::not_found);
    EXPECT_EQ(without_key(all, "op-17").error().code, Errc::not_found);
}

TEST(Differences, NameEachChangeOnceAndHoldNoSecret) {
    const Principals before = some();
    Principals after = *without_key(before, "meters-1");
    after = *with_role(std::move(after), "op-17", Role::engineer);
    after = *with_password(std::move(after), "appr-2", decoy_hash(), noon);
    after = *with_user(std::move(after), user("view-3", Role::viewer));
    const std::vector<RoleChange> changes = differences(standings_of(before), standings_of(after));
    ASSERT_EQ(changes.size(), 4U);
    EXPECT_EQ(changes[0].change + " " + changes[0].now.name, "removed meters-1");
    EXPECT_EQ(changes[1].change + " " + changes[1].now.name, "credential appr-2");
    EXPECT_EQ(changes[2].change + " " + changes[2].now.name, "role op-17");
    EXPECT_EQ(changes[2].was, Role::operator_);
    EXPECT_EQ(changes[3].change + " " + changes[3].now.name, "added view-3");
    EXPECT_EQ(changes[3].now.credential.size(), 16U);
    EXPECT_TRUE(differences(standings_of(after), standings_of(after)).empty());
}

TEST(InForce, NobodyGainsWhatIsNotWrittenDownAndLossesCountAtOnce) {
    const Principals before = some();
    const Standings audited = standings_of(before);
    Principals after = *with_user(before, user("view-3", Role::viewer));
    EXPECT_EQ(in_force(after, audited).user("view-3"), nullptr) << "not yet";
    after = *with_role(before, "op-17", Role::admin);
    EXPECT_EQ(in_force(after, audited).user("op-17")->role, Role::operator_) << "not yet";
    after = *with_role(before, "op-17", Role::viewer);
    EXPECT_EQ(in_force(after, audited).user("op-17")->role, Role::viewer) << "at once";
    after = *with_role(before, "op-17", Role::auditor);
    EXPECT_EQ(in_force(after, audited).user("op-17")->role, Role::viewer) << "neither is more than the other";
    after = *with_password(before, "op-17", decoy_hash(), noon);
    EXPECT_EQ(in_force(after, audited).user("op-17"), nullptr)
        << "the old password is gone, the new not known";
    after = *without_key(before, "meters-1");
    EXPECT_EQ(in_force(after, audited).key_by_id("0123456789ab"), nullptr);
    EXPECT_EQ(in_force(before, audited), before);
}

TEST(BearerKey, IsReadBackAndNothingElseIsRead) {
    const BearerKey made = new_bearer_key();
    const std::optional<BearerKey> read = parse_bearer_key(made.text());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->id, made.id);
    EXPECT_EQ(read->secret, made.secret);
    EXPECT_NE(new_bearer_key().text(), made.text());
    for (const std::string& bad :
         {std::string(), made.text() + "A", made.text().substr(1), "hr-" + made.text().substr(3),
          "hr_" + std::string(12, 'G') + "_" + made.secret, "hr_" + made.id + "_" + std::string(43, '/')}) {
        EXPECT_FALSE(parse_bearer_key(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace headroom::desk::identity
