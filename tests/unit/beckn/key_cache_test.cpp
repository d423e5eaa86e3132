#include "beckn/key_cache.hpp"

#include "beckn/key_hosts.hpp"
#include "beckn/registry_message.hpp"

#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using test::wall_noon;
using State = KeyCache::State;

Ed25519PublicKey public_key(char letter) {
    return Ed25519KeyPair::from_secret(std::string(32, letter)).value().public_key();
}

KeyId key_of_subscriber(std::string subscriber) {
    return {std::move(subscriber), "k1", "ed25519"};
}

PublishedKey key_of(const std::string& subscriber, char letter) {
    return {.subscriber = subscriber, .key = "k1", .signing = public_key(letter)};
}

TEST(KeyCache, AKeyIsFreshForAnHourAndThenAskedForAgain) {
    KeyCache cache;
    const KeyId id = key_of_subscriber("a.example");
    EXPECT_EQ(cache.state(id, wall_noon), State::absent);
    cache.put(id, key_of("a.example", 'a'), wall_noon);
    EXPECT_EQ(cache.state(id, wall_noon + minutes{59}), State::fresh);
    EXPECT_EQ(cache.state(id, wall_noon + minutes{60}), State::stale);
    EXPECT_NE(cache.find(id, wall_noon + minutes{60}).current, nullptr);
    EXPECT_EQ(cache.state({"a.example", "k2", "ed25519"}, wall_noon), State::absent);
}

TEST(KeyCache, AKeyThatIsOverIsAskedForAgainButNotAtEveryMessage) {
    KeyCache cache;
    const KeyId id = key_of_subscriber("a.example");
    PublishedKey key = key_of("a.example", 'a');
    key.valid_until = wall_noon + minutes{5};
    cache.put(id, key, wall_noon);
    EXPECT_EQ(cache.state(id, wall_noon + minutes{5}), State::fresh);
    EXPECT_EQ(cache.state(id, wall_noon + minutes{5} + milliseconds{1}), State::stale);
    cache.put(id, key, wall_noon + minutes{6});
    EXPECT_EQ(cache.state(id, wall_noon + minutes{6} + seconds{59}), State::fresh);
    EXPECT_EQ(cache.state(id, wall_noon + minutes{7}), State::stale);
}

TEST(KeyCache, WhatIsMissingStaysMissingForAMinute) {
    KeyCache cache;
    const KeyId id = key_of_subscriber("a.example");
    cache.put_missing(id, wall_noon);
    EXPECT_EQ(cache.state(id, wall_noon + seconds{59}), State::missing);
    EXPECT_EQ(cache.state(id, wall_noon + seconds{60}), State::absent);
    cache.put(id, key_of("a.example", 'a'), wall_noon);
    EXPECT_EQ(cache.state(id, wall_noon), State::fresh);
    cache.put_missing(id, wall_noon);  // withdrawn
    EXPECT_EQ(cache.find(id, wall_noon).current, nullptr);
}

TEST(KeyCache, AReplacedKeyCountsOnUntilItsMessagesHaveExpired) {
    KeyCache cache;
    const KeyId id = key_of_subscriber("a.example");
    cache.put(id, key_of("a.example", 'a'), wall_noon);
    cache.put(id, key_of("a.example", 'b'), wall_noon + minutes{1});
    const KeyCandidates found = cache.find(id, wall_noon + minutes{10});
    EXPECT_EQ(found.current->signing, public_key('b'));
    ASSERT_NE(found.former, nullptr);
    EXPECT_EQ(found.former->signing, public_key('a'));
    EXPECT_EQ(found.replaced_at, wall_noon + minutes{1});
    EXPECT_EQ(cache.find(id, wall_noon + minutes{11}).former, nullptr);
    // The same key fetched again is no change.
    cache.put(id, key_of("a.example", 'b'), wall_noon + minutes{20});
    EXPECT_EQ(cache.find(id, wall_noon + minutes{20}).former, nullptr);
}

TEST(KeyCache, AFailedSignatureAsksAgainAtMostEveryTenSeconds) {
    KeyCache cache;
    const KeyId id = key_of_subscriber("a.example");
    EXPECT_FALSE(cache.take_refetch(id, wall_noon));
    cache.put(id, key_of("a.example", 'a'), wall_noon);
    EXPECT_FALSE(cache.take_refetch(id, wall_noon + seconds{9}));
    EXPECT_TRUE(cache.take_refetch(id, wall_noon + seconds{10}));
    EXPECT_FALSE(cache.take_refetch(id, wall_noon + seconds{19}));
    EXPECT_TRUE(cache.take_refetch(id, wall_noon + seconds{20}));
}

TEST(KeyCache, KeepsToItsBounds) {
    KeyCache cache({.keys_max = 2, .missing_max = 2});
    for (int i = 0; i < 5; ++i) {
        const std::string name = "s" + std::to_string(i);
        cache.put(key_of_subscriber(name), key_of(name, 'a'), wall_noon);
        cache.put_missing(key_of_subscriber("m" + std::to_string(i)), wall_noon);
    }
    EXPECT_EQ(cache.size(), 2U);
    EXPECT_EQ(cache.missing(), 2U);
    EXPECT_EQ(cache.state(key_of_subscriber("s0"), wall_noon), State::absent);
    EXPECT_EQ(cache.state(key_of_subscriber("s4"), wall_noon), State::fresh);
    EXPECT_EQ(cache.state(key_of_subscriber("m4"), wall_noon), State::missing);
}

TEST(RegistryMessage, ASubscriptionIsReadBackAsItWasWritten) {
    PublishedKey key = key_of("a.example", 'a');
    key.url = "https://a.example/beckn";
    key.type = ParticipantType::bpp;
    key.domain = "deg:flexibility";
    key.encryption = X25519PublicKey{9};
    key.valid_from = wall_noon;
    key.valid_until = wall_noon + hours{24};
    key.status = SubscriptionStatus::under_subscription;
    key.networks = {"nfh.global/testnet-deg"};
    EXPECT_EQ(read_subscription(to_json(key)).value(), key);
}

TEST(RegistryMessage, FaultsNameTheirField) {
    const json::Object good = to_json(key_of("a.example", 'a'));
    for (const auto& [field, value] : {std::pair{"subscriber_id", ""},
                                       {"key_id", "a|b"},
                                       {"signing_public_key", "AAAA"},
                                       {"encr_public_key", "AAAA"},
                                       {"valid_until", "tomorrow"},
                                       {"status", "MAYBE"}}) {
        json::Object bad = good;
        bad.set(field, value);
        const Result<PublishedKey> read = read_subscription(bad);
        ASSERT_FALSE(read.has_value()) << field;
        EXPECT_EQ(read.error().pointer, "/" + std::string(field));
    }
}

TEST(RegistryMessage, OfSeveralSubscriptionsTheOneThatStandsIsTaken) {
    PublishedKey old = key_of("a.example", 'a');
    old.status = SubscriptionStatus::expired;
    const PublishedKey standing = key_of("a.example", 'b');
    const json::Array list{to_json(old), to_json(standing), json::Object{{"subscriber_id", "broken"}}};
    const std::vector<PublishedKey> found = read_subscriptions(json::write(list)).value();
    EXPECT_EQ(found.size(), 2U);
    EXPECT_EQ(pick_key(found, key_of_subscriber("a.example")).value(), standing);
    EXPECT_EQ(pick_key(found, key_of_subscriber("b.example")).error().code, Errc::not_found);
    EXPECT_FALSE(read_subscriptions("{}").has_value());
}

TEST(RegistryMessage, ADediRecordIsReadWithItsNetworks) {
    json::Object details = to_json(key_of("a.example", 'a'));
    details.erase("key_id");
    const json::Object record{
        {"data",
         json::Object{{"details", details},
                      {"network_memberships",
                       json::Array{"nfh.global/testnet-deg", json::Object{{"network_id", "other/net"}}}}}}};
    const KeyId id{"example.ns", "key-001", "ed25519", KeyIdForm::record, "flex.example"};
    const PublishedKey key = read_dedi_record(json::write(record), id).value();
    EXPECT_EQ(key.subscriber, "a.example");
    EXPECT_EQ(key.key, "key-001");
    EXPECT_TRUE(is_in_network(key, {"NFH.global/testnet-deg"}));
    EXPECT_TRUE(is_in_network(key, {"other/net"}));
    EXPECT_TRUE(is_in_network(key, {}));
    EXPECT_FALSE(is_in_network(key, {"nfh.global/prod"}));
    // A key id of parts names the subscriber itself.
    EXPECT_FALSE(read_dedi_record(json::write(record), key_of_subscriber("b.example")).has_value());
    EXPECT_EQ(dedi_path(id, "*"), "/lookup/example.ns/flex.example/key-001");
    EXPECT_EQ(dedi_path(key_of_subscriber("a/../b?x"), "*"), "/lookup/a%2F..%2Fb%3Fx/*/k1");
}

TEST(KeyHosts, OnlyRegisteredAndAllowedHostsMayBeCalled) {
    KeyHosts hosts;
    EXPECT_EQ(hosts.check("http://10.0.0.1/x").error().code, Errc::denied);
    ASSERT_TRUE(hosts.add_registered("https://bpp.example/beckn").has_value());
    EXPECT_TRUE(hosts.check("https://BPP.example/other").has_value());
    EXPECT_FALSE(hosts.check("https://bpp.example:8443/beckn").has_value());
    EXPECT_FALSE(hosts.check("https://evil.bpp.example/beckn").has_value());
    EXPECT_FALSE(hosts.check("https://bpp.example@evil.example/").has_value());
    hosts.allow("127.0.0.1:*");
    EXPECT_TRUE(hosts.check("http://127.0.0.1:9999/x").has_value());
    EXPECT_FALSE(hosts.check("http://127.0.0.2:9999/x").has_value());
    EXPECT_FALSE(hosts.check("file:///etc/passwd").has_value());
    EXPECT_FALSE(hosts.check("mqtt://bpp.example:443").has_value());
    EXPECT_FALSE(hosts.add_registered("nonsense").has_value());
}

}  // namespace
}  // namespace headroom::beckn
