#include "core/env_file.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace headroom {
namespace {

/// The only value of a text of one good line.
std::string value_of(std::string_view text) {
    const EnvFile file = read_env_text(text);
    EXPECT_TRUE(file.faults.empty()) << text << ": " << (file.faults.empty() ? "" : file.faults[0].message);
    EXPECT_EQ(file.lines.size(), 1U) << text;
    return file.lines.size() == 1 ? file.lines[0].value : "";
}

/// The only fault of a text.
EnvFault fault_of(std::string_view text) {
    const EnvFile file = read_env_text(text);
    EXPECT_TRUE(file.lines.empty()) << text;
    EXPECT_EQ(file.faults.size(), 1U) << text;
    return file.faults.size() == 1 ? file.faults[0] : EnvFault{};
}

TEST(EnvFileTest, ReadsNamesAndValuesWithTheirLines) {
    const EnvFile file = read_env_text("# keys\n\nA=1\r\n  export B = two words  # why\n\tC=");
    EXPECT_TRUE(file.faults.empty());
    EXPECT_EQ(file.lines, (std::vector<EnvLine>{{"A", "1", 3}, {"B", "two words", 4}, {"C", "", 5}}));
}

TEST(EnvFileTest, TakesValuesAsTheyStand) {
    EXPECT_EQ(value_of("A=a#b"), "a#b");
    EXPECT_EQ(value_of("A=#all comment"), "");
    EXPECT_EQ(value_of("A=$HOME/x"), "$HOME/x");
    EXPECT_EQ(value_of("A=b\\n"), "b\\n");
    EXPECT_EQ(value_of("A=it's"), "it's");
    EXPECT_EQ(value_of("A=postgresql://u:p@h/db?x=1"), "postgresql://u:p@h/db?x=1");
    EXPECT_EQ(value_of("\xEF\xBB\xBF"
                       "A=é"),
              "é");
    EXPECT_EQ(value_of("export=1"), "1");
}

TEST(EnvFileTest, ReadsQuotes) {
    EXPECT_EQ(value_of("A='  #$\\n\" '  # comment"), "  #$\\n\" ");
    EXPECT_EQ(value_of(R"(A="a\n\r\t\\\"\$ #b")"), "a\n\r\t\\\"$ #b");
    EXPECT_EQ(value_of("A=\"\""), "");
}

TEST(EnvFileTest, NamesLineAndColumnOfAFault) {
    EXPECT_EQ(fault_of("\n=1"),
              (EnvFault{2, 1, "must begin with a name of letters, digits and _, as in NAME=VALUE"}));
    EXPECT_EQ(fault_of("1A=1").column, 1U);
    EXPECT_EQ(fault_of("A-B=1"), (EnvFault{1, 2, "has no = behind the name"}));
    EXPECT_EQ(fault_of("A"), (EnvFault{1, 2, "has no = behind the name"}));
    EXPECT_EQ(fault_of("A=\"x"), (EnvFault{1, 5, "has no closing \"; a value ends on its line"}));
    EXPECT_EQ(fault_of("A='x'y"),
              (EnvFault{1, 6, "goes on behind the closing quote; a comment needs a blank before #"}));
    EXPECT_EQ(fault_of("A='x'#y").column, 6U);
    EXPECT_EQ(fault_of("A=\"\\x\"").column, 5U);
    EXPECT_EQ(fault_of("A=\"\\").column, 5U);
    EXPECT_EQ(fault_of(std::string_view("A=\0", 3)), (EnvFault{1, 3, "holds a control character"}));
    EXPECT_EQ(fault_of("A=b\xFF"), (EnvFault{1, 4, "is not UTF-8"}));
}

TEST(EnvFileTest, RefusesANameThatStandsTwice) {
    const EnvFile file = read_env_text("A=1\nB=2\nA=3\n");
    EXPECT_EQ(file.lines.size(), 2U);
    EXPECT_EQ(file.faults, (std::vector<EnvFault>{{3, 1, "A stands twice, first in line 1"}}));
}

TEST(EnvFileTest, HasBounds) {
    EXPECT_EQ(fault_of(std::string(env_file_bytes_max + 1, '#')).line, 1U);
    EXPECT_EQ(fault_of(std::string(env_name_bytes_max + 1, 'A') + "=1").message,
              "has a name longer than 128 bytes");
    EXPECT_EQ(fault_of("A=" + std::string(env_value_bytes_max + 1, 'x')).message,
              "has a value longer than 8192 bytes");
    std::string many;
    for (int i = 0; i < 100; ++i) {
        many += "=\n";
    }
    EXPECT_EQ(read_env_text(many).faults.size(), env_faults_max);
}

TEST(EnvFileTest, NeverRepeatsAValue) {
    for (const char* text : {"A=\"hunter2", "A='hunter2'x", "A=\"\\hunter2\"", "A=hunter2\x01"}) {
        EXPECT_EQ(fault_of(text).message.find("hunter2"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace headroom
