#include "core/ed25519_known.hpp"

#include "core/field25519.hpp"

#include <gtest/gtest.h>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace headroom {
namespace {

std::string bytes(const std::string& hex) {
    return from_hex(hex).value();
}

Ed25519PublicKey key_of(const std::string& raw) {
    Ed25519PublicKey key{};
    std::copy(raw.begin(), raw.end(), key.begin());
    return key;
}

std::string drawn_bytes(std::mt19937_64& draw, std::size_t length) {
    std::string text(length, '\0');
    for (char& c : text) {
        c = static_cast<char>(draw());
    }
    return text;
}

/// `s` of a signature, made larger by the group's order: the same number to whoever does not look.
std::string with_order_added(std::string signature) {
    const std::string order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        const unsigned sum =
            static_cast<unsigned char>(signature[32 + i]) + static_cast<unsigned char>(order[i]) + carry;
        signature[32 + i] = static_cast<char>(sum);
        carry = sum >> 8U;
    }
    return signature;
}

TEST(Field25519, KeepsTheRulesOfAField) {
    std::mt19937_64 draw(25519);
    for (int i = 0; i < 500; ++i) {
        const std::string raw = drawn_bytes(draw, 32) + drawn_bytes(draw, 32);
        Ed25519PublicKey first = key_of(raw.substr(0, 32));
        Ed25519PublicKey second = key_of(raw.substr(32));
        if (i == 0) {
            first.fill(0xFF);  // above p
        }
        const Field25519 a = field_from_bytes(first);
        const Field25519 b = field_from_bytes(second);
        EXPECT_TRUE(same(a * b, b * a));
        EXPECT_TRUE(same(square(a), a * a));
        EXPECT_TRUE(same((a - b) * (a + b), square(a) - square(b)));
        EXPECT_TRUE(same(a * invert(a), field_of(1)));
        EXPECT_EQ(field_to_bytes(field_from_bytes(field_to_bytes(a))), field_to_bytes(a));
    }
    // p itself is zero, p + 1 is one, p - 1 is minus one
    EXPECT_TRUE(same(
        field_from_bytes(key_of(bytes("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))),
        {}));
    EXPECT_TRUE(same(
        field_from_bytes(key_of(bytes("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))),
        field_of(1)));
    EXPECT_EQ(as_chars(field_to_bytes(Field25519{} - field_of(1))),
              bytes("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"));
}

TEST(Field25519, PowersAreWhatTheySay) {
    // a^((p-5)/8) eight times over is a^(p-5), and a^(p-1) is one.
    for (const std::uint64_t small : {2U, 3U, 121'665U}) {
        const Field25519 a = field_of(small);
        EXPECT_TRUE(same(square_times(power_p58(a), 3) * square(square(a)), field_of(1))) << small;
    }
}

TEST(Ed25519Multiples, TakesTheVectorsOfRfc8032) {
    struct Vector {
        const char* key;
        const char* message;
        const char* signature;
    };
    for (const Vector& vector :
         {Vector{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
                 "9b46b"
                 "d25bf5f0595bbe24655141438e7a100b"},
          Vector{"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
                 "11d8c"
                 "387b2eaeb4302aeeb00d291612bb0c00"},
          Vector{"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
                 "dc659"
                 "4a7c15e9716ed28dc027beceea1ec40a"}}) {
        const auto multiples = Ed25519Multiples::of(key_of(bytes(vector.key)));
        ASSERT_NE(multiples, nullptr);
        EXPECT_TRUE(multiples->verify(bytes(vector.message), bytes(vector.signature)));
        EXPECT_FALSE(multiples->verify(bytes(vector.message) + "x", bytes(vector.signature)));
        EXPECT_FALSE(multiples->verify(bytes(vector.message), bytes(vector.signature).substr(1)));
        EXPECT_FALSE(multiples->verify(bytes(vector.message), ""));
    }
}

TEST(Ed25519Multiples, AgreesWithLibsodium) {
    std::mt19937_64 draw(8032);
    for (int k = 0; k < 12; ++k) {
        const Ed25519KeyPair pair = Ed25519KeyPair::from_secret(drawn_bytes(draw, 32)).value();
        const auto multiples = Ed25519Multiples::of(pair.public_key());
        ASSERT_NE(multiples, nullptr);
        for (int i = 0; i < 60; ++i) {
            const std::string message = drawn_bytes(draw, draw() % 300);
            const std::string good(as_chars(pair.sign(message)));
            EXPECT_TRUE(multiples->verify(message, good));
            std::string bad = good;
            bad[draw() % bad.size()] ^= static_cast<char>(1U << draw() % 8);
            EXPECT_FALSE(multiples->verify(message, bad));
            EXPECT_FALSE(ed25519_verify(pair.public_key(), message, bad));
            EXPECT_FALSE(multiples->verify(message, with_order_added(good)));
            EXPECT_FALSE(ed25519_verify(pair.public_key(), message, with_order_added(good)));
        }
    }
}

TEST(Ed25519VerifyKnown, AgreesWithLibsodiumForAKeyThatWasExpected) {
    std::mt19937_64 draw(25519);
    ed25519_expect({});              // no point of the group: nothing comes of it
    for (int k = 0; k < 100; ++k) {  // more than there is room for
        const Ed25519KeyPair pair = Ed25519KeyPair::from_secret(drawn_bytes(draw, 32)).value();
        ed25519_expect(pair.public_key());
        ed25519_expect(pair.public_key());
        const std::string message = drawn_bytes(draw, 80);
        const std::string good(as_chars(pair.sign(message)));
        EXPECT_TRUE(ed25519_verify_known(pair.public_key(), message, good));
        EXPECT_FALSE(ed25519_verify_known(pair.public_key(), message + "x", good));
        EXPECT_FALSE(ed25519_verify_known(pair.public_key(), message, with_order_added(good)));
        EXPECT_FALSE(ed25519_verify_known({}, message, good));
    }
}

TEST(Ed25519Multiples, RefusesAnRThatIsNoneAsLibsodiumDoes) {
    // With R the neutral point, S = h a satisfies the equation without anything having been drawn for it.
    std::array<std::uint8_t, 32> seed{};
    seed.fill(7);
    const Ed25519KeyPair pair = Ed25519KeyPair::from_secret(as_chars(seed)).value();
    std::array<std::uint8_t, 64> expanded{};
    crypto_hash_sha512(expanded.data(), seed.data(), seed.size());
    expanded[0] &= 248U;
    expanded[31] = static_cast<std::uint8_t>((expanded[31] & 63U) | 64U);
    const std::string message = "turn down 250 kW";
    const std::string neutral = std::string("\x01", 1) + std::string(31, '\0');
    const std::string hashed = neutral + std::string(as_chars(pair.public_key())) + message;
    std::array<std::uint8_t, 64> hash{};
    crypto_hash_sha512(hash.data(), reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size());
    std::array<std::uint8_t, 32> h{};
    crypto_core_ed25519_scalar_reduce(h.data(), hash.data());
    std::array<std::uint8_t, 64> wide{};
    std::copy_n(expanded.begin(), 32, wide.begin());
    std::array<std::uint8_t, 32> a{};
    crypto_core_ed25519_scalar_reduce(a.data(), wide.data());
    std::array<std::uint8_t, 32> s{};
    crypto_core_ed25519_scalar_mul(s.data(), h.data(), a.data());
    const std::string forged = neutral + std::string(as_chars(s));
    EXPECT_FALSE(Ed25519Multiples::of(pair.public_key())->verify(message, forged));
    EXPECT_FALSE(ed25519_verify(pair.public_key(), message, forged));
}

TEST(Ed25519Multiples, AreNotMadeOfWhatIsNoKey) {
    for (const char* no_key : {"0100000000000000000000000000000000000000000000000000000000000000",
                               "0000000000000000000000000000000000000000000000000000000000000000",
                               "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                               "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                               "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                               "0200000000000000000000000000000000000000000000000000000000000000"}) {
        EXPECT_EQ(Ed25519Multiples::of(key_of(bytes(no_key))), nullptr) << no_key;
    }
}

TEST(Ed25519VerifyKnown, GivesTheSameVerdictHoweverOftenAKeyComes) {
    std::mt19937_64 draw(64);
    std::vector<Ed25519KeyPair> pairs;
    for (int k = 0; k < 70; ++k) {  // more than are kept
        pairs.push_back(Ed25519KeyPair::from_secret(drawn_bytes(draw, 32)).value());
    }
    for (int round = 0; round < 70; ++round) {
        for (std::size_t k = 0; k < pairs.size(); k += round % 7 == 0 ? 1 : 23) {
            const std::string message = drawn_bytes(draw, 40);
            std::string signature(as_chars(pairs[k].sign(message)));
            EXPECT_TRUE(ed25519_verify_known(pairs[k].public_key(), message, signature));
            EXPECT_FALSE(
                ed25519_verify_known(pairs[(k + 1) % pairs.size()].public_key(), message, signature));
            signature[5] ^= 1;
            EXPECT_FALSE(ed25519_verify_known(pairs[k].public_key(), message, signature));
        }
    }
}

}  // namespace
}  // namespace headroom
