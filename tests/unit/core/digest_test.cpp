#include "core/digest.hpp"

#include <gtest/gtest.h>

#include <string>

namespace headroom {
namespace {

std::string bytes_of(std::string_view hex) {
    const Result<std::string> bytes = from_hex(hex);
    EXPECT_TRUE(bytes.has_value()) << hex;
    return bytes.value_or("");
}

// The audit specification's example key: seed bytes 00 to 1f.
const char* const seed_hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const char* const public_hex = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";

TEST(Sha256Test, KnowsPublishedValues) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256({"a", "", "bc"}), sha256("abc"));
}

TEST(Blake2bTest, KnowsTheRfc7693Value) {
    EXPECT_EQ(to_hex(blake2b512("abc")),
              "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
              "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST(Hex, ReadsBothCasesAndNothingElse) {
    EXPECT_EQ(bytes_of("00fFAb"), std::string("\0\xFF\xAB", 3));
    EXPECT_FALSE(from_hex("abc").has_value());
    EXPECT_EQ(from_hex("0g").error().message, "no hexadecimal digit at offset 1");
    EXPECT_FALSE(from_hex(" 00 ").has_value());
    EXPECT_EQ(bytes_of(""), "");
}

TEST(Base64, WritesThePublishedValues) {
    EXPECT_EQ(to_base64(std::string_view("")), "");
    EXPECT_EQ(to_base64(std::string_view("f")), "Zg==");
    EXPECT_EQ(to_base64(std::string_view("fo")), "Zm8=");
    EXPECT_EQ(to_base64(std::string_view("foo")), "Zm9v");
    EXPECT_EQ(to_base64(std::string_view("\xFB\xFF\xFE")), "+//+");
}

TEST(Base64, ReadsBackWhatItWrote) {
    std::string bytes;
    for (int length = 0; length < 70; ++length) {
        EXPECT_EQ(from_base64(to_base64(bytes)).value_or("?"), bytes);
        bytes += static_cast<char>(length * 37);
    }
}

TEST(Base64, RefusesEveryByteOutsideTheAlphabet) {
    for (int byte = 0x80; byte <= 0xff; ++byte) {
        const std::string text{'A', 'A', 'A', static_cast<char>(byte)};
        EXPECT_FALSE(from_base64(text)) << "byte " << byte;
    }
}

TEST(Base64, IsStrict) {
    for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", " Zm9v",
                             "-_8=", "Zm9v=", "=", "====", "Zg==Zg==", "Z", "Zm9vé"}) {
        EXPECT_FALSE(from_base64(text).has_value()) << text;
    }
    EXPECT_FALSE(from_base64(std::string_view("Zm9v\0", 5)).has_value());
}

TEST(Crc32c, KnowsTheCheckValue) {
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
    EXPECT_EQ(crc32c_portable("123456789"), 0xe3069283U);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);  // RFC 3720
    EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, IsTheSameWithAndWithoutTheInstruction) {
    std::string data;
    for (int length = 0; length < 300; ++length) {
        EXPECT_EQ(crc32c(data), crc32c_portable(data)) << length;
        data += static_cast<char>(length * 89 + 7);
    }
}

TEST(Crc32c, ContinuesAnEarlierSum) {
    EXPECT_EQ(crc32c("6789", crc32c("12345")), crc32c("123456789"));
    EXPECT_EQ(crc32c_portable("6789", crc32c("12345")), 0xe3069283U);
}

TEST(Ed25519, HasThePublicKeyOfItsSeed) {
    const Result<Ed25519KeyPair> pair = Ed25519KeyPair::from_secret(bytes_of(seed_hex));
    ASSERT_TRUE(pair.has_value());
    EXPECT_EQ(to_hex(pair->public_key()), public_hex);
    EXPECT_EQ(pair->seed(), bytes_of(seed_hex));
    EXPECT_TRUE(Ed25519KeyPair::from_secret(bytes_of(std::string(seed_hex) + public_hex)).has_value());
}

TEST(Ed25519, SignsTheAuditSpecificationsCheckpoint) {
    const Ed25519KeyPair pair = *Ed25519KeyPair::from_secret(bytes_of(seed_hex));
    const std::string note =
        "flex.example/control-room/audit-1\n3\nwIYaYfPNWbQNOGS4L7nRrrxtNRxgZynpT/h8cm17MQ0=\n";
    // The published line is key id (4 bytes) and signature in one base64 text.
    const std::string line = *from_base64(
        "nVNkM3OslrIbzqbbab5J7Sj6sXxECjbyKlleIiZlibHbIEVQLo2KGA1xGyUgqcRgCgtrqakaP5o8uc4fqim3KC7NWQM=");
    EXPECT_EQ(as_chars(pair.sign(note)), line.substr(4));
    EXPECT_TRUE(ed25519_verify(pair.public_key(), note, line.substr(4)));
}

TEST(Ed25519, RefusesAnythingChanged) {
    const Ed25519KeyPair pair = Ed25519KeyPair::generate();
    const Ed25519Signature signature = pair.sign("turn down 250 kW");
    const std::string good(as_chars(signature));
    EXPECT_TRUE(ed25519_verify(pair.public_key(), "turn down 250 kW", good));
    EXPECT_FALSE(ed25519_verify(pair.public_key(), "turn down 251 kW", good));
    EXPECT_FALSE(ed25519_verify(Ed25519KeyPair::generate().public_key(), "turn down 250 kW", good));
    EXPECT_FALSE(ed25519_verify(pair.public_key(), "turn down 250 kW", good.substr(1)));
    EXPECT_FALSE(ed25519_verify(pair.public_key(), "turn down 250 kW", ""));
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        EXPECT_FALSE(ed25519_verify(pair.public_key(), "turn down 250 kW", bad)) << i;
    }
}

TEST(Ed25519, RefusesSecretsThatDoNotFit) {
    EXPECT_FALSE(Ed25519KeyPair::from_secret("").has_value());
    EXPECT_FALSE(Ed25519KeyPair::from_secret(std::string(33, 'x')).has_value());
    EXPECT_FALSE(Ed25519KeyPair::from_secret(std::string(64, 'x')).has_value());
}

TEST(RandomBytes, DiffersFromCallToCall) {
    EXPECT_EQ(random_bytes(32).size(), 32U);
    EXPECT_NE(random_bytes(32), random_bytes(32));
    EXPECT_EQ(random_bytes(0), "");
}

}  // namespace
}  // namespace headroom
