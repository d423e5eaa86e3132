#include "beckn/signature.hpp"

#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using test::wall_noon;

// The published vector of BECKN-006.
constexpr std::string_view vector_body =
    R"({"context":{"domain":"nic2004:60212","country":"IND","city":"Kochi","action":"search","core_version":"0.9.1","bap_id":"bap.stayhalo.in","bap_uri":"https://8f9f-49-207-209-131.ngrok.io/protocol/","transaction_id":"e6d9f908-1d26-4ff3-a6d1-3af3d3721054","message_id":"a2fe6d52-9fe4-4d1a-9d0b-dccb8b48522d","timestamp":"2022-01-04T09:17:55.971Z","ttl":"P1M"},"message":{"intent":{"fulfillment":{"start":{"location":{"gps":"10.108768, 76.347517"}},"end":{"location":{"gps":"10.102997, 76.353480"}}}}}})";
constexpr std::string_view vector_header =
    R"(Signature keyId="example-bap.com|ae3ea24b-cfec-495e-81f8-044aaef164ac|ed25519",algorithm="ed25519",created="1641287875",expires="1641291475",headers="(created) (expires) digest",signature="cjbhP0PFyrlSCNszJM1F/YmHDVAWsZqJUPzojnE/7TJU3fJ/rmIlgaUHEr5E0/2PIyf0tpSnWtT6cyNNlpmoAQ==")";
constexpr std::string_view vector_key = "awGPjRK6i/Vg/lWr+0xObclVxlwZXvTjWYtlu6NeOHk=";
const UtcTime vector_time{seconds{1641287875}};

Ed25519PublicKey vector_public_key() {
    const std::string bytes = from_base64(vector_key).value();
    Ed25519PublicKey key{};
    std::copy(bytes.begin(), bytes.end(), key.begin());
    return key;
}

KeyLookup only(std::string subscriber, Ed25519PublicKey key) {
    return [subscriber = std::move(subscriber), key](std::string_view who,
                                                     std::string_view) -> std::optional<Ed25519PublicKey> {
        return who == subscriber ? std::optional(key) : std::nullopt;
    };
}

Result<VerifiedSender> verify_vector(std::string_view header, std::string_view body, UtcTime now) {
    const KeyLookup lookup = only("example-bap.com", vector_public_key());
    return verify_authorization(header, body, lookup, now, seconds{5});
}

Signer test_signer() {
    return Signer{"headroom.example", "k1", Ed25519KeyPair::from_secret(std::string(32, 's')).value()};
}

TEST(Signature, ThePublishedVectorVerifies) {
    const Result<VerifiedSender> sender = verify_vector(vector_header, vector_body, vector_time);
    ASSERT_TRUE(sender.has_value()) << sender.error().message;
    EXPECT_EQ(sender->subscriber, "example-bap.com");
    EXPECT_EQ(sender->key, "ae3ea24b-cfec-495e-81f8-044aaef164ac");
}

TEST(Signature, OneChangedByteDoesNotVerify) {
    std::string body(vector_body);
    body.back() = ' ';
    EXPECT_FALSE(verify_vector(vector_header, body, vector_time).has_value());
}

TEST(Signature, TheSigningStringHasNoFinalNewline) {
    const std::string text = signing_string(1, 2, "{}");
    EXPECT_TRUE(text.starts_with("(created): 1\n(expires): 2\ndigest: BLAKE-512="));
    EXPECT_EQ(text.back(), '=');
}

TEST(Signature, HoldsFromSkewBeforeItsCreationToItsExpiry) {
    EXPECT_TRUE(verify_vector(vector_header, vector_body, vector_time - seconds{5}).has_value());
    EXPECT_FALSE(verify_vector(vector_header, vector_body, vector_time - seconds{6}).has_value());
    EXPECT_TRUE(verify_vector(vector_header, vector_body, vector_time + seconds{3600}).has_value());
    EXPECT_FALSE(verify_vector(vector_header, vector_body, vector_time + seconds{3601}).has_value());
}

TEST(Signature, OurOwnHeaderVerifiesAndNoOtherKeysDoes) {
    const Signer signer = test_signer();
    const std::string header = make_authorization(signer, wall_noon, seconds{30}, "{\"a\":1}");
    const Result<VerifiedSender> good = verify_authorization(
        header, "{\"a\":1}", only("headroom.example", signer.key.public_key()), wall_noon, seconds{5});
    ASSERT_TRUE(good.has_value()) << good.error().message;
    EXPECT_EQ(good->expires, wall_noon + seconds{30});
    const Ed25519KeyPair other = Ed25519KeyPair::from_secret(std::string(32, 'o')).value();
    EXPECT_FALSE(verify_authorization(header, "{\"a\":1}", only("headroom.example", other.public_key()),
                                      wall_noon, seconds{5})
                     .has_value());
    EXPECT_FALSE(verify_authorization(header, "{\"a\":1}", only("somebody.else", signer.key.public_key()),
                                      wall_noon, seconds{5})
                     .has_value());
}

TEST(Signature, HeaderIsReadWithCommasInsideQuotesAndPartsInAnyOrder) {
    const Result<SignatureHeader> header = parse_authorization(
        R"(Signature  signature="c2ln", headers="(created) (expires) digest", created=5 , expires="9",algorithm="ed25519",keyId="a,b|k|ed25519")");
    ASSERT_TRUE(header.has_value()) << header.error().message;
    EXPECT_EQ(header->key_id, "a,b|k|ed25519");
    EXPECT_EQ(header->created, 5);
    EXPECT_EQ(header->expires, 9);
}

TEST(Signature, MalformedHeadersAreRefused) {
    const std::string good(vector_header);
    for (const std::string& text :
         {std::string(), std::string("Signature"), std::string("Signature "), std::string("Basic abc"),
          good + ",", good + ",created=\"1\"", good.substr(0, good.size() - 1), good.substr(0, 60),
          std::string("Signature keyId"), std::string("Signature keyId=\"a"), std::string(5000, 'x')}) {
        EXPECT_FALSE(parse_authorization(text).has_value()) << text;
    }
    EXPECT_FALSE(parse_key_id("a|b").has_value());
    EXPECT_FALSE(parse_key_id("a|b|c|d").has_value());
    EXPECT_FALSE(parse_key_id("|b|ed25519").has_value());
    EXPECT_EQ(parse_key_id("a|b|ed25519").value(), (KeyId{"a", "b", "ed25519"}));
}

TEST(Signature, ChallengeNamesTheRealm) {
    EXPECT_EQ(challenge("headroom.example"),
              R"(Signature realm="headroom.example",headers="(created) (expires) digest")");
}

}  // namespace
}  // namespace headroom::beckn
