#include "sim/provider_faults.hpp"
#include "sim/provider_fault_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::sim {
namespace {

using beckn::Action;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string transaction_of(int number) {
    return "transaction-" + std::to_string(number);
}

TEST(ProviderFaults, AreTheSameForTheSameMessageAndDifferForOthers) {
    const std::vector<FaultRule> rules = parse_fault_rule("all=0.2").value();
    ASSERT_THAT(rules, SizeIs(fault_kinds));
    int drops = 0;
    int differing = 0;
    constexpr int count = 2000;
    for (int i = 0; i < count; ++i) {
        const DrawnFaults once = draw_faults(rules, 7, "tesla", transaction_of(i), Action::select);
        const DrawnFaults again = draw_faults(rules, 7, "tesla", transaction_of(i), Action::select);
        const DrawnFaults other = draw_faults(rules, 8, "tesla", transaction_of(i), Action::select);
        EXPECT_EQ(once.has(FaultKind::drop), again.has(FaultKind::drop));
        EXPECT_EQ(once.between(FaultKind::delay, 1, 900), again.between(FaultKind::delay, 1, 900));
        drops += once.has(FaultKind::drop) ? 1 : 0;
        differing += once.has(FaultKind::drop) != other.has(FaultKind::drop) ? 1 : 0;
        EXPECT_FALSE(once.has(FaultKind::crash)) << "a crash concerns a confirm";
    }
    EXPECT_NEAR(drops, count / 5, 80);
    EXPECT_GT(differing, count / 5);
}

TEST(ProviderFaults, ARuleMayConcernOneActionAndIsCertainWithoutAChance) {
    const std::vector<FaultRule> rules = parse_fault_rule("init:drop").value();
    EXPECT_TRUE(draw_faults(rules, 1, "p", "t", Action::init).has(FaultKind::drop));
    EXPECT_FALSE(draw_faults(rules, 1, "p", "t", Action::select).any());
    EXPECT_FALSE(draw_faults(parse_fault_rule("drop=0").value(), 1, "p", "t", Action::init).any());
}

TEST(ProviderFaults, SayWhatTheyDoNotKnow) {
    EXPECT_THAT(parse_fault_rule("dorp=0.1").error().message, HasSubstr("unsolicited_cancel"));
    EXPECT_FALSE(parse_fault_rule("drop=1.5").has_value());
    EXPECT_FALSE(parse_fault_rule("drop=x").has_value());
    EXPECT_FALSE(parse_fault_rule("on_confirm:drop").has_value());
}

TEST(FaultFile, IsReadWithItsSizesAndGivenToTheProviders) {
    const Result<FaultFile> file = read_fault_file(R"(
seed = 11
[sizes]
delay_max_ms = 40
deliver_share = 0.5
[[fault]]
kind = "all"
chance = 0.2
[[fault]]
kind = "crash"
action = "confirm"
provider = "tesla"
)",
                                                   "faults.toml");
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(file->seed, 11U);
    EXPECT_EQ(file->sizes.delay_max, milliseconds{40});
    EXPECT_EQ(file->sizes.deliver_ppm, 500'000);
    std::vector<ProviderSpec> specs(2);
    specs[0].id = "tesla";
    specs[1].id = "honeywell";
    ASSERT_TRUE(apply_faults(*file, specs).has_value());
    EXPECT_THAT(specs[0].faults.rules, SizeIs(fault_kinds + 1));
    EXPECT_THAT(specs[1].faults.rules, SizeIs(fault_kinds));
    EXPECT_EQ(specs[1].faults.rules.front().chance_ppm, 200'000);
    specs[0].id = "nobody";
    EXPECT_FALSE(apply_faults(*file, specs).has_value());
}

TEST(FaultFile, FaultsOfTheTextNameLineAndKey) {
    const Result<FaultFile> kind = read_fault_file("[[fault]]\nkind = \"dorp\"\n", "f.toml");
    ASSERT_FALSE(kind.has_value());
    EXPECT_THAT(kind.error().message, HasSubstr("f.toml:2"));
    const Result<FaultFile> chance = read_fault_file("[[fault]]\nkind = \"drop\"\nchance = 2.0\n", "f.toml");
    ASSERT_FALSE(chance.has_value());
    EXPECT_THAT(chance.error().message, HasSubstr("f.toml:3"));
    EXPECT_FALSE(read_fault_file("[[fault]\n", "f.toml").has_value());
    EXPECT_FALSE(read_fault_file("fall = 3\n", "f.toml").has_value());
}

}  // namespace
}  // namespace headroom::sim
