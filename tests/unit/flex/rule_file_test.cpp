// Authority that stands in the operator's rules file.
#include "flex/rule_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

std::string envelope(const std::string& id, const std::string& more = "") {
    return "[[envelopes]]\nid = \"" + id +
           "\"\npower_max_kw = 12.5\ncost_max_gbp = 40.5\nfrom = \"2027-01-01T00:00:00Z\"\nuntil = "
           "\"2027-04-01T00:00:00Z\"\nreason = \"agreed\"\n" +
           more;
}
Result<RuleFile> read(const std::string& text) {
    return read_rule_file("id = \"t\"\nversion = 2\n" + text, "rules.toml");
}
std::string rule_file_fault(const std::string& text) {
    const Result<RuleFile> file = read(text);
    return file ? "" : file.error().message;
}

TEST(RuleFile, HasTheAuthorityThatGoesWithTheRules) {
    const Result<RuleFile> file = read(envelope("winter",
                                                "asset = \"S-1\"\nproduct = \"armed\"\nder_class = "
                                                "\"battery\"\nlimit_kind = \"cyclic\"\n") +
                                       envelope("any"));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->name(), "t@2");
    const std::vector<grid::AuthorityEnvelope> all = envelopes_of(*file);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].id, "winter");
    EXPECT_EQ(all[0].asset, "S-1");
    EXPECT_EQ(all[0].product, "armed");
    EXPECT_EQ(all[0].limit_kind, grid::LimitKind::cyclic);
    EXPECT_EQ(all[0].der_class, grid::DerClass::battery);
    EXPECT_EQ(all[0].power_max.value, 12'500);
    EXPECT_EQ(all[0].cost_max.value, 40'500'000);
    EXPECT_EQ(all[0].until, *parse_utc("2027-04-01T00:00:00Z"));
    EXPECT_FALSE(all[1].limit_kind.has_value());
    EXPECT_FALSE(all[1].der_class.has_value());
}

TEST(RuleFile, TheWeekAheadIsLookedAtWhereTheFileSaysSo) {
    EXPECT_FALSE(read("")->week_ahead.is_on);
    const Result<RuleFile> file =
        read("[arming]\nis_on = true\n[week_ahead]\nis_on = true\ndays = 8\nreview_minutes = 720\n" +
             envelope("ahead", "product = \"week_ahead\"\n"));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->week_ahead.is_on);
    EXPECT_EQ(file->week_ahead.days, 8);
    EXPECT_DOUBLE_EQ(file->week_ahead.review_minutes, 720.0);
    EXPECT_EQ(envelopes_of(*file).front().product, "week_ahead");
    EXPECT_EQ(to_json(*file).integer("/week_ahead/days"), 8);
    EXPECT_THAT(rule_file_fault("[week_ahead]\nis_on = true\n"), HasSubstr("contradict each other"));
    EXPECT_THAT(rule_file_fault("[week_ahead]\ndays = 9\n"), HasSubstr("week_ahead.days"));
    EXPECT_THAT(rule_file_fault("[week_ahead]\nday = 7\n"), HasSubstr("week_ahead.day"));
}

TEST(RuleFile, EnvelopesThatCannotBeAreNamed) {
    EXPECT_THAT(rule_file_fault(envelope("e", "product = \"both\"\n")),
                HasSubstr("envelope e: 'both' is neither"));
    EXPECT_THAT(rule_file_fault(envelope("e", "limit_kind = \"soft\"\n")),
                HasSubstr("envelope e: 'soft' is no kind"));
    EXPECT_THAT(rule_file_fault(envelope("e", "der_class = \"ship\"\n")),
                HasSubstr("envelope e: der_class must be"));
    EXPECT_THAT(rule_file_fault(envelope("no spaces")), HasSubstr("envelope no spaces: an id has"));
    EXPECT_THAT(rule_file_fault(envelope("e") + envelope("f") + envelope("e")),
                HasSubstr("envelopes 1 and 3 contradict each other: both are e"));
    EXPECT_THAT(rule_file_fault("[[envelopes]]\nid = \"e\"\nreason = \"x\"\n"), HasSubstr("power_max_kw"));
    std::string late = envelope("e");
    late.replace(late.find("2027-04"), 7, "2026-04");
    EXPECT_THAT(rule_file_fault(late), HasSubstr("envelope e: until must be later than from"));
}

TEST(RuleFile, TheBookAloneIsReadFromItAsWell) {
    const Result<RuleBook> book = read_rules("id = \"t\"\nversion = 2\n" + envelope("e"), "rules.toml");
    ASSERT_TRUE(book) << book.error().message;
    EXPECT_EQ(book->name(), "t@2");
}

}  // namespace
}  // namespace headroom::flex::test
