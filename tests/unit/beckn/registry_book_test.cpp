#include "beckn/registry_book.hpp"

#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using test::wall_noon;

SubscribeRequest subscribe_request(const std::string& key, char letter, std::string nonce) {
    PublishedKey published{.subscriber = "a.example", .key = key};
    published.signing = Ed25519KeyPair::from_secret(std::string(32, letter)).value().public_key();
    published.encryption = X25519PublicKey{9};
    published.url = "http://127.0.0.1:1/beckn";
    published.type = ParticipantType::bap;
    published.domain = "deg:flexibility";
    return {std::move(published), std::move(nonce)};
}

void subscribe(RegistryBook& book, const SubscribeRequest& request, UtcTime now) {
    ASSERT_TRUE(book.begin(request, "secret", now).has_value());
    ASSERT_TRUE(book.confirm("a.example", request.key.key, "secret", now).has_value());
}

json::Value filter(const std::string& member, const std::string& value) {
    return json::Object{{member, value}};
}

TEST(RegistryBook, ARequestIsReadBackAsItWasWritten) {
    const SubscribeRequest request = subscribe_request("k1", 'a', "nonce-1");
    const SubscribeRequest read = read_subscribe_request(write_subscribe_request(request)).value();
    EXPECT_EQ(read.key, request.key);
    EXPECT_EQ(read.nonce, "nonce-1");
    SubscribeRequest bad = request;
    bad.nonce.clear();
    EXPECT_EQ(read_subscribe_request(write_subscribe_request(bad)).error().pointer, "/nonce");
    bad = request;
    bad.key.encryption.reset();
    EXPECT_EQ(read_subscribe_request(write_subscribe_request(bad)).error().pointer, "/encr_public_key");
    bad = request;
    bad.key.url.clear();
    EXPECT_EQ(read_subscribe_request(write_subscribe_request(bad)).error().pointer, "/url");
}

TEST(RegistryBook, AKeyIsListedOnceItsChallengeIsAnswered) {
    RegistryBook book;
    const SubscribeRequest request = subscribe_request("k1", 'a', "n1");
    ASSERT_TRUE(book.begin(request, "secret", wall_noon).has_value());
    EXPECT_TRUE(book.lookup(filter("subscriber_id", "a.example"), wall_noon).empty());
    EXPECT_TRUE(book.confirm("a.example", "k1", "secret", wall_noon).has_value());
    const auto found = book.lookup(filter("subscriber_id", "a.example"), wall_noon);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].status, SubscriptionStatus::subscribed);
    EXPECT_EQ(book.lookup(filter("type", "BPP"), wall_noon).size(), 0U);
    EXPECT_EQ(book.lookup(filter("domain", "deg:flexibility"), wall_noon).size(), 1U);
    EXPECT_EQ(book.confirm("a.example", "k1", "secret", wall_noon).error().code, Errc::not_found);
}

TEST(RegistryBook, AWrongOrLateAnswerEndsTheRequest) {
    RegistryBook book;
    ASSERT_TRUE(book.begin(subscribe_request("k1", 'a', "n1"), "secret", wall_noon).has_value());
    EXPECT_EQ(book.confirm("a.example", "k1", "secreT", wall_noon).error().code, Errc::denied);
    EXPECT_FALSE(book.is_pending("a.example", "k1"));
    ASSERT_TRUE(book.begin(subscribe_request("k1", 'a', "n2"), "secret", wall_noon).has_value());
    EXPECT_EQ(book.confirm("a.example", "k1", "secret", wall_noon + seconds{61}).error().code,
              Errc::not_found);
    EXPECT_TRUE(book.all().empty());
}

TEST(RegistryBook, ANonceIsUsedOnce) {
    RegistryBook book;
    const SubscribeRequest request = subscribe_request("k1", 'a', "n1");
    ASSERT_TRUE(book.begin(request, "secret", wall_noon).has_value());
    EXPECT_EQ(book.begin(request, "secret", wall_noon + minutes{59}).error().pointer, "/nonce");
}

TEST(RegistryBook, TheFirstKeySignsForItselfAndLaterOnesNeedAKeyThatStands) {
    RegistryBook book;
    const SubscribeRequest first = subscribe_request("k1", 'a', "n1");
    EXPECT_EQ(book.keys_for(first, wall_noon)({"a.example", "k1", "ed25519"}).current, &first.key);
    EXPECT_EQ(book.keys_for(first, wall_noon)({"b.example", "k1", "ed25519"}).current, nullptr);
    EXPECT_EQ(book.keys_for(first, wall_noon)({"a.example", "k2", "ed25519"}).current, nullptr);
    subscribe(book, first, wall_noon);
    // Somebody else's new key must not speak for the subscriber any more.
    const SubscribeRequest second = subscribe_request("k2", 'b', "n2");
    EXPECT_EQ(book.keys_for(second, wall_noon)({"a.example", "k2", "ed25519"}).current, nullptr);
    const KeyCandidates listed = book.keys_for(second, wall_noon)({"a.example", "k1", "ed25519"});
    ASSERT_NE(listed.current, nullptr);
    EXPECT_EQ(listed.current->signing, first.key.signing);
}

TEST(RegistryBook, AnOlderKeyGoesOnForTheOverlap) {
    RegistryBook book;
    subscribe(book, subscribe_request("k1", 'a', "n1"), wall_noon);
    subscribe(book, subscribe_request("k2", 'b', "n2"), wall_noon + hours{1});
    const auto old = book.lookup(filter("key_id", "k1"), wall_noon + hours{1});
    ASSERT_EQ(old.size(), 1U);
    EXPECT_EQ(old[0].valid_until, wall_noon + hours{1} + minutes{10});
    EXPECT_EQ(old[0].status, SubscriptionStatus::subscribed);
    EXPECT_EQ(book.lookup(filter("key_id", "k1"), wall_noon + hours{2})[0].status,
              SubscriptionStatus::expired);
    EXPECT_EQ(book.lookup(filter("key_id", "k2"), wall_noon + hours{2})[0].status,
              SubscriptionStatus::subscribed);
    EXPECT_EQ(RegistryBook(book.all()).all(), book.all());
}

TEST(RegistryBook, KeepsToItsBounds) {
    RegistryBook book({}, {.pending_max = 1, .answers_max = 1});
    ASSERT_TRUE(book.begin(subscribe_request("k1", 'a', "n1"), "secret", wall_noon).has_value());
    EXPECT_EQ(book.begin(subscribe_request("k2", 'a', "n2"), "secret", wall_noon).error().code,
              Errc::unavailable);
    ASSERT_TRUE(book.confirm("a.example", "k1", "secret", wall_noon).has_value());
    subscribe(book, subscribe_request("k2", 'a', "n3"), wall_noon);
    EXPECT_EQ(book.lookup(json::Object{}, wall_noon).size(), 1U);
}

}  // namespace
}  // namespace headroom::beckn
