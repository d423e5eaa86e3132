#include "beckn/key_exchange.hpp"

#include "beckn/key_id.hpp"
#include "core/digest.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

X25519KeyPair pair_of(std::string_view hex) {
    return X25519KeyPair::from_secret(from_hex(hex).value()).value();
}

// The two parties of RFC 7748 §6.1.
X25519KeyPair alice() {
    return pair_of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
}
X25519KeyPair bob() {
    return pair_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
}

TEST(KeyExchange, PublicKeysAreThoseOfTheStandard) {
    EXPECT_EQ(to_hex(alice().public_key()),
              "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    EXPECT_EQ(to_hex(bob().public_key()), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

TEST(KeyExchange, EncryptsAsOthersDo) {
    // openssl enc -aes-256-ecb -K with the shared secret of the standard,
    // 4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742
    const Result<std::string> sealed = alice().encrypt("headroom-challenge-0001", bob().public_key());
    ASSERT_TRUE(sealed.has_value()) << sealed.error().message;
    EXPECT_EQ(*sealed, "1PXL74jamQQD0SotM0B7bUn+krzpjH0x2M9svhZXSh8=");
    EXPECT_EQ(bob().decrypt(*sealed, alice().public_key()).value(), "headroom-challenge-0001");
}

TEST(KeyExchange, OtherKeysAndChangedTextAreRefused) {
    const std::string sealed = alice().encrypt("challenge", bob().public_key()).value();
    EXPECT_FALSE(bob().decrypt(sealed, bob().public_key()).has_value());
    EXPECT_FALSE(bob().decrypt("!!", alice().public_key()).has_value());
    EXPECT_FALSE(bob().decrypt("AAAA", alice().public_key()).has_value());
    EXPECT_FALSE(bob().decrypt("", alice().public_key()).has_value());
    EXPECT_FALSE(alice().encrypt("challenge", X25519PublicKey{}).has_value());  // of low order
    EXPECT_FALSE(X25519KeyPair::from_secret("short").has_value());
}

TEST(KeyExchange, PublishedKeysAreReadInBothForms) {
    const X25519PublicKey key = bob().public_key();
    EXPECT_EQ(parse_x25519_key(to_base64(key)).value(), key);
    const std::string spki = from_hex("302a300506032b656e032100").value() + std::string(as_chars(key));
    EXPECT_EQ(parse_x25519_key(to_base64(std::string_view(spki))).value(), key);
    EXPECT_FALSE(parse_x25519_key("AAAA").has_value());
    // The other algorithm's prefix is no encryption key.
    const std::string signing = from_hex("302a300506032b6570032100").value() + std::string(as_chars(key));
    EXPECT_FALSE(parse_x25519_key(to_base64(std::string_view(signing))).has_value());
    EXPECT_TRUE(parse_ed25519_key(to_base64(std::string_view(signing))).has_value());
}

TEST(KeyId, IsReadInAllThreeForms) {
    EXPECT_EQ(parse_key_id("bap.example|k1|ed25519").value(),
              (KeyId{"bap.example", "k1", "ed25519", KeyIdForm::parts, ""}));
    EXPECT_EQ(parse_key_id("example.ns/registry.example/key-001|ed25519").value(),
              (KeyId{"example.ns", "key-001", "ed25519", KeyIdForm::record, "registry.example"}));
    EXPECT_EQ(
        parse_key_id("https://dedi.example/dedi/lookup/example.ns/registry.example/key-001|ed25519").value(),
        (KeyId{"example.ns", "key-001", "ed25519", KeyIdForm::url, "registry.example"}));
}

TEST(KeyId, OtherTextsAreRefused) {
    for (const std::string& text :
         {std::string(), std::string("a|b"), std::string("a|b|c|d"), std::string("|b|ed25519"),
          std::string("a||ed25519"), std::string("a|b|"), std::string("a/b|ed25519"),
          std::string("a/b/c/d|ed25519"), std::string("a//c|ed25519"), std::string("a b|c|ed25519"),
          std::string("..|k1|ed25519"), std::string("a|..|ed25519"), std::string("a/../k1|ed25519"),
          std::string("a\n|c|ed25519"), std::string("https://x.example/a/b/c|ed25519"),
          std::string(600, 'a') + "|b|ed25519"}) {
        EXPECT_FALSE(parse_key_id(text).has_value()) << text;
    }
}

TEST(KeyId, SecretsOfSeedAloneAndOfSeedAndPublicKeyAreOneKey) {
    const std::string seed(32, 's');
    const Ed25519KeyPair pair = Ed25519KeyPair::from_secret(seed).value();
    const std::string both = seed + std::string(as_chars(pair.public_key()));
    EXPECT_EQ(parse_ed25519_secret(to_base64(std::string_view(seed))).value().public_key(),
              pair.public_key());
    EXPECT_EQ(parse_ed25519_secret(to_base64(std::string_view(both))).value().public_key(),
              pair.public_key());
    EXPECT_FALSE(parse_ed25519_secret(to_base64(std::string_view(seed + std::string(32, 'x')))).has_value());
    EXPECT_FALSE(parse_ed25519_secret("AAAA").has_value());
}

TEST(KeyId, NamesMadeFromAKeyMayNameIt) {
    const std::string name =
        key_name_of(Ed25519KeyPair::from_secret(std::string(32, 's')).value().public_key());
    EXPECT_EQ(name.size(), 18U);
    EXPECT_TRUE(check_key_name(name).has_value());
    for (const char* wrong : {"", "a|b", "a b", "a/b", "a,b", "a\"b"}) {
        EXPECT_FALSE(check_key_name(wrong).has_value()) << wrong;
    }
}

}  // namespace
}  // namespace headroom::beckn
