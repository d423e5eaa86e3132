#include "beckn/ack.hpp"
#include "beckn/codec.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace headroom::beckn {
namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return std::move(text).str();
}

/// What the fuzz targets demand, for every seed and every finding that is kept as one.
TEST(Corpus, WhatIsReadOfEverySeedIsWrittenAndReadAgain) {
    std::size_t read = 0;
    for (const std::string_view name : {"v09", "v11", "rc1", "lts"}) {
        const std::filesystem::path folder = std::filesystem::path(HEADROOM_SOURCE_DIR) / "fuzz/corpus" /
                                             ("beckn_" + std::string(name) + "_fuzz");
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            const Decoded decoded = decode(content_of(entry.path()));
            if (!decoded.envelope) {
                EXPECT_FALSE(decoded.faults.empty()) << entry.path();
                continue;
            }
            ++read;
            const Result<std::string> written = encode(*decoded.envelope);
            ASSERT_TRUE(written.has_value()) << entry.path();
            const Decoded again = decode(*written);
            ASSERT_TRUE(again.envelope.has_value()) << entry.path() << "\n" << again.describe_faults();
            EXPECT_EQ(*encode(*again.envelope), *written) << entry.path();
        }
    }
    EXPECT_GT(read, 80U);
}

TEST(Corpus, EveryAnswerIsOneOfFourThings) {
    const std::filesystem::path folder =
        std::filesystem::path(HEADROOM_SOURCE_DIR) / "fuzz/corpus/beckn_ack_fuzz";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string text = content_of(entry.path());
        const bool is_refusal = text.find("NACK") != std::string::npos;
        EXPECT_EQ(read_ack(200, text).kind, is_refusal ? AckKind::refused : AckKind::accepted)
            << entry.path();
        EXPECT_EQ(read_ack(503, text).kind, AckKind::failed) << entry.path();
    }
}

}  // namespace
}  // namespace headroom::beckn
