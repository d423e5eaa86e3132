#include "core/hash_stream.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <string>

namespace headroom {
namespace {

std::string text_of(std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) {
        text += static_cast<char>(i * 31 + length);
    }
    return text;
}

Sha256 hash_of(std::string_view bytes) {
    HashStream hash;
    hash.update(bytes);
    return hash.digest();
}

TEST(HashStream, GivesThePublishedHashes) {
    EXPECT_EQ(to_hex(hash_of("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(hash_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(HashStream, AgreesWithLibsodiumAtEveryLength) {
    for (std::size_t length = 0; length < 400; ++length) {
        const std::string text = text_of(length);
        Sha256 theirs{};
        crypto_hash_sha256(theirs.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
        EXPECT_EQ(hash_of(text), theirs) << length;
        EXPECT_EQ(sha256(text), theirs) << length;
    }
}

TEST(HashStream, DoesNotCareHowItsInputIsCut) {
    const std::string text = text_of(1000);
    for (std::size_t piece = 1; piece < 200; ++piece) {
        HashStream hash;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            hash.update(std::string_view(text).substr(at, piece));
            if (at == 2 * piece) {
                EXPECT_EQ(hash.digest(), sha256(text.substr(0, at + piece)));  // and goes on
            }
        }
        EXPECT_EQ(hash.digest(), sha256(text)) << piece;
    }
}

TEST(HashStream, OfACopyGoesOnByItself) {
    HashStream one;
    one.update("ab");
    HashStream other = one;
    one.update("c");
    other.update("d");
    EXPECT_EQ(one.digest(), sha256("abc"));
    EXPECT_EQ(other.digest(), sha256("abd"));
}

TEST(HashStream, PlainCompressionIsTheSame) {
    // The padded block of "abc", which is one block of SHA-256 as FIPS 180-4 pads it.
    std::array<std::uint8_t, 64> block{'a', 'b', 'c', 0x80};
    block[63] = 24;
    std::array<std::uint32_t, 8> state{0x6A09E667U, 0xBB67AE85U, 0x3C6EF372U, 0xA54FF53AU,
                                       0x510E527FU, 0x9B05688CU, 0x1F83D9ABU, 0x5BE0CD19U};
    compress_portable(state, block.data(), 1);
    EXPECT_EQ(state, (std::array<std::uint32_t, 8>{0xBA7816BFU, 0x8F01CFEAU, 0x414140DEU, 0x5DAE2223U,
                                                   0xB00361A3U, 0x96177A9CU, 0xB410FF61U, 0xF20015ADU}));
}

}  // namespace
}  // namespace headroom
