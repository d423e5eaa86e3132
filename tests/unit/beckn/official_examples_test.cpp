#include "beckn/ack.hpp"
#include "beckn/codec.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace headroom::beckn {
namespace {

struct Example {
    std::string name;
    std::string text;
};

/// The examples of the official files, which tests/e2e/test_beckn_conformance.py takes out of them; they are
/// not part of this repository.
std::vector<Example> official_examples() {
    std::vector<Example> examples;
    const char* folder = std::getenv("HEADROOM_BECKN_EXAMPLES");
    if (folder == nullptr) {
        return examples;
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        examples.push_back({entry.path().filename().string(), std::move(text).str()});
    }
    return examples;
}

bool is_ack(const json::Value& message) {
    return message.get("context") == nullptr;
}

/// The fault stands in the message itself: its pointer leads there, or to where something is missing.
bool leads_into(const json::Value& message, const std::string& pointer) {
    if (!pointer.starts_with("/context") && !pointer.starts_with("/message")) {
        return false;
    }
    const std::string parent = pointer.substr(0, pointer.rfind('/'));
    return message.at(pointer) != nullptr || message.at(parent) != nullptr ||
           message.at(parent.substr(0, parent.rfind('/'))) != nullptr;
}

class OfficialExamples : public testing::Test {
  protected:
    void SetUp() override {
        examples_ = official_examples();
        if (examples_.empty()) {
            GTEST_SKIP() << "HEADROOM_BECKN_EXAMPLES names no folder with examples (set by "
                            "tests/e2e/test_beckn_conformance.py when ../shared is there)";
        }
    }
    std::vector<Example> examples_;
};

TEST_F(OfficialExamples, AreReadOrRefusedByThePointerOfTheirFault) {
    for (const Example& example : examples_) {
        const Result<json::Value> message = json::parse(example.text);
        ASSERT_TRUE(message.has_value()) << example.name;
        if (is_ack(*message)) {
            continue;
        }
        const Decoded decoded = decode(example.text);
        if (decoded.envelope) {
            const Result<std::string> written = encode(*decoded.envelope);
            ASSERT_TRUE(written.has_value()) << example.name << ": " << written.error().message;
            EXPECT_TRUE(decode(*written).envelope.has_value())
                << example.name << ": " << decode(*written).describe_faults();
        } else {
            EXPECT_FALSE(decoded.faults.empty()) << example.name;
        }
        for (const Fault& fault : decoded.faults) {
            EXPECT_TRUE(leads_into(*message, fault.pointer))
                << example.name << ": " << fault.pointer << ": " << fault.detail;
        }
        RecordProperty(example.name, decoded.envelope ? "read" : decoded.describe_faults());
        std::cout << example.name << ": " << (decoded.envelope ? "read" : "refused") << " "
                  << decoded.describe_faults() << "\n";
    }
}

TEST_F(OfficialExamples, AnswersAreUnderstood) {
    for (const Example& example : examples_) {
        const Result<json::Value> message = json::parse(example.text);
        ASSERT_TRUE(message.has_value()) << example.name;
        if (!is_ack(*message)) {
            continue;
        }
        const bool is_refusal = example.text.find("\"NACK\"") != std::string::npos;
        EXPECT_EQ(read_ack(200, example.text).kind, is_refusal ? AckKind::refused : AckKind::accepted)
            << example.name;
    }
}

}  // namespace
}  // namespace headroom::beckn
