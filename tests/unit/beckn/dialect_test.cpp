#include "unit/beckn/beckn_samples.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace headroom::beckn {
namespace {

using namespace test;

class Dialect : public testing::TestWithParam<WireVersion> {};

std::string version_name(const testing::TestParamInfo<WireVersion>& info) {
    std::string name(to_string(info.param));
    for (char& c : name) {
        c = c == '.' || c == '-' ? '_' : c;
    }
    return name;
}

TEST_P(Dialect, CarriesAWholeConversationBothWays) {
    for (const Envelope& sent : full_conversation(GetParam())) {
        const Result<std::string> raw = encode(sent);
        ASSERT_TRUE(raw.has_value()) << raw.error().message;
        const Decoded decoded = decode(*raw);
        EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults() << "\n" << *raw;
        ASSERT_TRUE(decoded.envelope.has_value()) << *raw;
        EXPECT_EQ(*decoded.envelope, sent) << to_string(sent.context.action) << "\n" << *raw;
        EXPECT_EQ(*encode(*decoded.envelope), *raw);
    }
}

TEST_P(Dialect, EchoesWhatItDoesNotKnowOfTheContext) {
    Envelope sent = full_conversation(GetParam()).front();
    sent.context.extras.set("max_callbacks", json::Value(3));
    sent.context.key = "MCowBQYDK2VuAyEA";
    const Decoded decoded = decode(*encode(sent));
    ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    EXPECT_EQ(decoded.envelope->context, sent.context);
}

TEST_P(Dialect, ASearchMayAskInWordsAlone) {
    Envelope sent = full_conversation(GetParam()).front();
    SearchIntent intent;
    intent.text = "programmes for flexible demand";
    sent.message = intent;
    const Decoded decoded = decode(*encode(sent));
    ASSERT_TRUE(decoded.envelope.has_value()) << decoded.describe_faults();
    EXPECT_EQ(*decoded.envelope, sent) << *encode(sent);
}

TEST_P(Dialect, RefusesAMessageThatIsCutAnywhere) {
    const std::string raw = *encode(full_conversation(GetParam()).at(1));
    for (std::size_t size = 0; size < raw.size(); size += 97) {
        const Decoded decoded = decode(std::string_view(raw).substr(0, size));
        EXPECT_FALSE(decoded.envelope.has_value()) << size;
        EXPECT_FALSE(decoded.faults.empty()) << size;
    }
}

/// Whatever one member of a message is replaced by, its reader says where the fault is or what it read
/// instead can be written and read again.
TEST_P(Dialect, WhatIsReadOfASpoiltMessageCanBeWritten) {
    for (const Envelope& sent : full_conversation(GetParam())) {
        const std::string raw = *encode(sent);
        for (const std::string_view spoilt : {"null", "7", "\"\"", "\"x\"", "[]", "{}", "true", "-0.5"}) {
            for (std::size_t colon = raw.find("\":\""); colon != std::string::npos;
                 colon = raw.find("\":\"", colon + 1)) {
                const std::size_t end = raw.find('"', colon + 3);
                std::string changed = raw;
                changed.replace(colon + 2, end + 1 - (colon + 2), spoilt);
                const Decoded decoded = decode(changed);
                if (!decoded.envelope) {
                    EXPECT_FALSE(decoded.faults.empty()) << changed;
                    continue;
                }
                const Result<std::string> written = encode(*decoded.envelope);
                ASSERT_TRUE(written.has_value()) << changed;
                const Decoded again = decode(*written);
                ASSERT_TRUE(again.envelope.has_value()) << again.describe_faults() << "\n"
                                                        << changed << "\n"
                                                        << *written;
                EXPECT_EQ(*encode(*again.envelope), *written);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, Dialect, testing::ValuesIn(dialects), version_name);

/// Writes the conversations where the conformance test asks for them: one line a message, as the checker
/// reads it.
TEST(DialectSamples, AreWrittenForTheChecker) {
    const char* folder = std::getenv("HEADROOM_BECKN_SAMPLES");
    if (folder == nullptr) {
        GTEST_SKIP()
            << "HEADROOM_BECKN_SAMPLES names no folder (tests/e2e/test_beckn_conformance.py sets it)";
    }
    for (const WireVersion version : dialects) {
        std::ofstream out(std::filesystem::path(folder) / (std::string(to_string(version)) + ".jsonl"));
        for (const Envelope& envelope : full_conversation(version)) {
            out << R"({"action":")" << to_string(envelope.context.action, version) << R"(","body":)"
                << *encode(envelope) << "}\n";
        }
        ASSERT_TRUE(out.good()) << folder;
    }
}

}  // namespace
}  // namespace headroom::beckn
