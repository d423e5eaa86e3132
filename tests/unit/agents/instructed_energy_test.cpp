#include "agents/audit_settlement.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using test::at;

dispatch::Instruction told(std::string_view start, std::string_view expires, std::int64_t change_w) {
    dispatch::Instruction instruction;
    instruction.start = at(start);
    instruction.expires = at(expires);
    instruction.change = Watts{change_w};
    return instruction;
}

TEST(InstructedEnergy, RenewalsDoNotCountTwice) {
    const std::vector<std::int64_t> wh = instructed_energy_wh(
        {told("2027-01-14T17:00:00Z", "2027-01-14T17:15:00Z", 6'000),
         told("2027-01-14T17:10:00Z", "2027-01-14T17:25:00Z", 6'000),
         told("2027-01-14T17:20:00Z", "2027-01-14T17:35:00Z", 6'000)},
        at("2027-01-14T17:00:00Z"), at("2027-01-14T18:00:00Z"), at("2027-01-14T18:00:00Z"));
    EXPECT_EQ(wh, (std::vector<std::int64_t>{3'000, 500}));  // 30 min and 5 min of 6 kW
}

TEST(InstructedEnergy, AReleaseEndsIt) {
    dispatch::Instruction release = told("2027-01-14T17:06:00Z", "2027-01-14T17:20:00Z", 0);
    release.kind = dispatch::InstructionKind::release;
    const std::vector<std::int64_t> wh = instructed_energy_wh(
        {told("2027-01-14T17:00:00Z", "2027-01-14T17:15:00Z", 10'000), release}, at("2027-01-14T17:00:00Z"),
        at("2027-01-14T17:30:00Z"), at("2027-01-14T17:30:00Z"));
    EXPECT_EQ(wh, (std::vector<std::int64_t>{1'000}));  // 6 min of 10 kW
}

TEST(InstructedEnergy, NothingCountsBeyondTheEvent) {
    const std::vector<std::int64_t> wh = instructed_energy_wh(
        {told("2027-01-14T17:20:00Z", "2027-01-14T17:35:00Z", 12'000)}, at("2027-01-14T17:00:00Z"),
        at("2027-01-14T18:00:00Z"), at("2027-01-14T17:30:00Z"));
    EXPECT_EQ(wh, (std::vector<std::int64_t>{2'000, 0}));
}

}  // namespace
}  // namespace headroom::agents
