#include "desk/identity/password.hpp"

#include "unit/desk/identity/support.hpp"

#include <gtest/gtest.h>

namespace headroom::desk::identity {
namespace {

using test::cheap;

TEST(Password, IsVerifiedAgainstItsOwnHashOnly) {
    const Result<std::string> hash = hash_password("correct horse battery", cheap);
    ASSERT_TRUE(hash);
    EXPECT_TRUE(verify_password(*hash, "correct horse battery"));
    EXPECT_FALSE(verify_password(*hash, "correct horse batterz"));
    EXPECT_FALSE(verify_password(*hash, ""));
    EXPECT_NE(*hash, *hash_password("correct horse battery", cheap)) << "salted";
}

TEST(Password, TheUsualCostIsStatedInTheHash) {
    const Result<std::string> hash = hash_password("correct horse battery");
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << *hash;
    EXPECT_TRUE(is_password_hash(*hash));
}

TEST(Password, ADecoyIsAHashOfTheSameCostThatNothingOpens) {
    const std::string decoy = decoy_hash(cheap);
    const Result<std::string> hash = hash_password("correct horse battery", cheap);
    ASSERT_TRUE(hash);
    EXPECT_TRUE(is_password_hash(decoy));
    EXPECT_EQ(decoy.size(), hash->size());
    EXPECT_EQ(decoy.substr(0, decoy.find(",p=1$")), hash->substr(0, hash->find(",p=1$")));
    EXPECT_FALSE(verify_password(decoy, "correct horse battery"));
}

TEST(Password, WhatIsNoHashOfOursIsNeverReckoned) {
    const std::string good = *hash_password("correct horse battery", cheap);
    ASSERT_TRUE(is_password_hash(good));
    for (const std::string& bad : {std::string(), std::string("plain"), good.substr(0, good.size() - 1),
                                   good + "A", "$argon2i" + good.substr(9), std::string(200, '$')}) {
        EXPECT_FALSE(is_password_hash(bad)) << bad;
        EXPECT_FALSE(verify_password(bad, "correct horse battery")) << bad;
    }
    const std::string tail = good.substr(good.find(",p=1$"));
    EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=4194304,t=1" + tail)) << "4 GiB";
    EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=8,t=17" + tail)) << "too many passes";
    EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=8,t=0" + tail));
    EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=8,t=-1" + tail));
    EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=99999999999999999999,t=1" + tail));
}

TEST(Password, MustHaveTwelveCharactersAndBeOneLine) {
    EXPECT_TRUE(check_password("twelve chars"));
    EXPECT_FALSE(check_password("eleven char"));
    EXPECT_TRUE(check_password("äöüäöüäöüäöü")) << "characters count, not bytes";
    EXPECT_FALSE(check_password("äöüäöü")) << "12 bytes, 6 characters";
    EXPECT_TRUE(check_password(std::string(1024, 'x')));
    EXPECT_FALSE(check_password(std::string(1025, 'x')));
    EXPECT_FALSE(check_password("two lines of\ntext"));
    EXPECT_FALSE(check_password("no utf-8 \xff\xff\xff\xff"));
    EXPECT_EQ(check_password("short").error().message.find("short "), std::string::npos)
        << "never the password";
}

}  // namespace
}  // namespace headroom::desk::identity
