#include "telemetry/gunzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace headroom::telemetry {
namespace {

std::string packed(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// What comes out of `bytes` in pieces of `piece`.
Result<std::string> unpacked(const std::string& bytes, std::size_t piece, GunzipLimits limits = {}) {
    Gunzip gunzip(limits);
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        gunzip.put(std::string_view(bytes).substr(at, piece));
        for (;;) {
            const Result<std::string_view> block = gunzip.next();
            if (!block) {
                return block.error();
            }
            if (block->empty()) {
                break;
            }
            out.append(*block);
        }
    }
    const Result<void> finished = gunzip.finish();
    return finished ? Result<std::string>(out) : finished.error();
}

std::string some_text() {
    std::string text;
    for (int i = 0; i < 30'000; ++i) {
        text +=
            "{\"feeder\":\"F-" + std::to_string(i * 7919 % 1000) + "\",\"kw\":" + std::to_string(i) + "}\n";
    }
    return text;
}

TEST(Gunzip, PiecesOfAnySizeGiveTheText) {
    const std::string text = some_text();
    const std::string bytes = packed(text);
    for (const std::size_t piece : {1UL, 100UL, 65'536UL, bytes.size()}) {
        EXPECT_EQ(unpacked(bytes, piece).value(), text) << piece;
    }
    EXPECT_EQ(unpacked(packed(""), 5).value(), "");
}

TEST(Gunzip, MembersFollowOneAnother) {
    EXPECT_EQ(unpacked(packed("one ") + packed("two"), 3).value(), "one two");
}

TEST(Gunzip, WhatIsCutOffOrDamagedIsAFault) {
    const std::string bytes = packed(some_text());
    for (const std::size_t size : {1UL, 9UL, bytes.size() / 2, bytes.size() - 1}) {
        EXPECT_EQ(unpacked(bytes.substr(0, size), 1000).error().code, Errc::invalid) << size;
    }
    std::string damaged = bytes;
    damaged[damaged.size() / 2] = static_cast<char>(~damaged[damaged.size() / 2]);
    EXPECT_FALSE(unpacked(damaged, 1000).has_value());
    EXPECT_FALSE(unpacked("plain text", 4).has_value());
    EXPECT_FALSE(unpacked(bytes + "and more", 1000).has_value());
    EXPECT_FALSE(unpacked("", 1).has_value());
}

TEST(Gunzip, ABombIsStoppedEarly) {
    const std::string bomb = packed(std::string(64UL * 1024 * 1024, ' '));
    const Result<std::string> whole = unpacked(bomb, 65'536);
    ASSERT_FALSE(whole.has_value());
    EXPECT_NE(whole.error().message.find("unpacks to more than is taken"), std::string::npos);
    EXPECT_FALSE(unpacked(packed(std::string(5000, ' ')), 10, {.bytes_max = 4000}).has_value());
}

}  // namespace
}  // namespace headroom::telemetry
