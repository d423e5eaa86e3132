#include "flex/rules_use.hpp"
#include "plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

std::string with(std::string_view rules) {
    return "id = \"t\"\nversion = 3\nprotected_ders = [\"HOSPITAL\"]\n" + std::string(rules);
}
std::string fault_of(std::string_view rules) {
    const Result<RuleBook> book = read_rules(with(rules), "rules.toml");
    return book ? "" : book.error().message;
}

PlanRequest request_of_evs(const std::vector<std::string>& ids) {
    PlanRequest request;
    request.now = *parse_utc("2026-11-20T12:00:00Z");
    request.need.feeder_id = "F-1";
    request.need.start = *parse_utc("2026-11-20T16:00:00Z");
    request.need.required_kw = {5.0, 5.0, 5.0};
    request.shortfall_gbp_per_kwh = 6;
    for (const std::string& id : ids) {
        PlanDer der;
        der.der_id = id;
        der.kind = "ev";
        der.max_kw = 5;
        der.price_gbp_per_kwh = 0.3;
        request.ders.push_back(der);
    }
    return request;
}

TEST(Rules, TheExampleIsSound) {
    std::ifstream file(HEADROOM_SOURCE_DIR "/data/rules/example.toml");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const Result<RuleBook> book = read_rules(text, "example.toml");
    ASSERT_TRUE(book.has_value()) << book.error().message;
    EXPECT_EQ(book->rules.size(), 7U);
    EXPECT_EQ(book->probability, 0.9);
    EXPECT_EQ(book->ladder.size(), 7U);
    EXPECT_EQ(book->rebound.size(), 1U);
}

TEST(Rules, ContradictionsNameBothRules) {
    const std::string ban = rule("R1", "action = \"never_ask\"\nders = [\"A\", \"B\"]");
    const std::string allow = rule("R2", "action = \"always_allow\"\nders = [\"B\"]");
    EXPECT_THAT(fault_of(ban + allow), HasSubstr("rules R1 and R2 contradict"));
    const std::string low = rule("C1", "action = \"price_ceiling\"\nkinds = [\"ev\"]\ngbp_per_kwh = 0.2");
    const std::string high = rule("C2", "action = \"price_ceiling\"\nkinds = [\"ev\"]\ngbp_per_kwh = 0.4");
    EXPECT_THAT(fault_of(low + high), HasSubstr("rules C1 and C2 contradict"));
    const std::string day = rule("H1", "action = \"only_between\"\nfrom = \"08:00\"\nuntil = \"12:00\"");
    const std::string night = rule("H2", "action = \"only_between\"\nfrom = \"22:00\"\nuntil = \"06:00\"");
    EXPECT_THAT(fault_of(day + night), HasSubstr("rules H1 and H2 contradict"));
    EXPECT_THAT(fault_of(low + low), HasSubstr("same id"));
    EXPECT_THAT(fault_of(rule("A", "action = \"always_allow\"\nders = [\"HOSPITAL\"]")),
                HasSubstr("protected"));
    EXPECT_EQ(fault_of(ban + low + day), "");
}

TEST(Rules, ReboundIsAboutAKindOrSomeOfIt) {
    const std::string pumps =
        "[[rebound]]\nkind = \"heat_pump\"\nshare = 0.5\nminutes = 60\nreason = \"x\"\n";
    const std::string one =
        "[[rebound]]\nkind = \"heat_pump\"\nders = [\"HP-1\"]\nshare = 0.2\nminutes = 30\nreason = \"x\"\n";
    EXPECT_EQ(fault_of(pumps + one), "");
    EXPECT_THAT(fault_of(pumps + pumps), HasSubstr("rebound 1 and 2 contradict"));
    EXPECT_THAT(fault_of(one + one), HasSubstr("rebound 1 and 2 contradict"));
    const Result<RuleBook> book = read_rules("id = \"t\"\nversion = 1\n" + pumps + one, "rules.toml");
    ASSERT_TRUE(book.has_value()) << book.error().message;
    EXPECT_EQ(rebound_rule(*book, "HP-2", "heat_pump")->share, 0.5);
    EXPECT_EQ(rebound_rule(*book, "HP-1", "heat_pump")->share, 0.2) << "the one that names it";
    EXPECT_EQ(rebound_rule(*book, "HP-1", "battery"), nullptr);
    EXPECT_THAT(fault_of(rule("R", "action = \"rotate\"\ngbp_per_kwh = 0.1\nper = \"plan\"")),
                HasSubstr("rotate counts a day"));
}

TEST(Rules, RefusesWhatARuleLacks) {
    EXPECT_THAT(fault_of(rule("R1", "action = \"sometimes\"")), HasSubstr("R1"));
    EXPECT_THAT(fault_of(rule("R1", "action = \"price_ceiling\"")), HasSubstr("gbp_per_kwh"));
    EXPECT_THAT(fault_of(rule("R1", "action = \"only_between\"\nfrom = \"8\"\nuntil = \"9\"")),
                HasSubstr("16:30"));
    EXPECT_THAT(fault_of("surprise = 1"), HasSubstr("surprise"));
    EXPECT_THAT(
        fault_of("[[ladder]]\nrung = 7\nname = \"off\"\nlegal_basis = \"x\"\nminutes = 1\nis_sent = true"),
        HasSubstr("never sent"));
}

TEST(Rules, TheProbabilityIsTheMostThatAnyRuleAboutTheNeedAsksFor) {
    PlanNeed need;
    need.feeder_id = "F-1";
    const RuleFacts facts{.zones = {"F-1", "SS-1"}};
    const auto wanted = [&](const std::string& rules) {
        const Result<RuleBook> book = read_rules("id = \"t\"\nversion = 3\n" + rules, "rules.toml");
        EXPECT_TRUE(book.has_value()) << (book ? "" : book.error().message);
        return book ? probability_wanted(*book, need, facts) : std::nullopt;
    };
    EXPECT_EQ(wanted("")->share, probability_usual);
    EXPECT_FALSE(wanted("")->is_said);
    EXPECT_EQ(wanted("probability = 0.8\n")->share, 0.8);
    EXPECT_EQ(wanted("probability = 0.8\n")->rule, "probability");
    EXPECT_FALSE(wanted("probability = 0.0\n").has_value());
    const std::string zone = rule("Z", "action = \"certainty\"\nprobability = 0.95\nzones = [\"SS-1\"]");
    const std::string feeder = rule("F", "action = \"certainty\"\nprobability = 0.7\nfeeders = [\"F-1\"]");
    const std::string other = rule("O", "action = \"certainty\"\nprobability = 0.99\nzones = [\"SS-2\"]");
    EXPECT_EQ(wanted("probability = 0.8\n" + zone + feeder + other)->rule, "Z");
    EXPECT_EQ(wanted("probability = 0.8\n" + feeder + other)->share, 0.7) << "a rule goes before the book";
}

TEST(Rules, ProbabilitiesThatMeanNothingAreRefused) {
    EXPECT_THAT(fault_of(rule("P", "action = \"certainty\"")),
                HasSubstr("rule P: certainty needs a probability"));
    EXPECT_THAT(fault_of(rule("P", "action = \"certainty\"\nprobability = 0.3")), HasSubstr("rule P"));
    EXPECT_THAT(fault_of(rule("P", "action = \"certainty\"\nprobability = 0.9\nkinds = [\"ev\"]")),
                HasSubstr("about whole plans"));
    EXPECT_THAT(fault_of(rule("P", "action = \"certainty\"\nprobability = 0.9") +
                         rule("Q", "action = \"certainty\"\nprobability = 0.8")),
                HasSubstr("rules P and Q contradict"));
    const Result<RuleBook> book = read_rules("id = \"t\"\nversion = 1\nprobability = 0.4\n", "rules.toml");
    ASSERT_FALSE(book.has_value());
    EXPECT_THAT(book.error().message, HasSubstr("probability"));
    EXPECT_FALSE(read_rules("id = \"t\"\nversion = 1\nprobability = 1.0\n", "rules.toml").has_value());
}

TEST(Rules, TakeOutAndNarrowWhomTheyAreAbout) {
    const Result<RuleBook> book = read_rules(
        with(rule("R1", "action = \"never_ask\"\nders = [\"B\"]") +
             rule("R2", "action = \"price_ceiling\"\ngbp_per_kwh = 0.5") +
             rule("R3", "action = \"only_between\"\nkinds = [\"ev\"]\nfrom = \"16:30\"\nuntil = \"17:00\"") +
             rule("R4", "action = \"starts_at_most\"\nstarts = 1")),
        "rules.toml");
    ASSERT_TRUE(book.has_value()) << book.error().message;
    PlanRequest request = request_of_evs({"A", "B", "HOSPITAL", "D"});
    request.ders[3].price_gbp_per_kwh = 0.9;
    const std::vector<RuleUse> uses = apply_rules(*book, request);
    ASSERT_EQ(request.ders.size(), 1U);
    EXPECT_EQ(request.ders[0].der_id, "A");
    EXPECT_EQ(request.ders[0].max_activations, 1);
    ASSERT_EQ(request.ders[0].available->size(), 1U);
    EXPECT_EQ(request.ders[0].available->front().from, *parse_utc("2026-11-20T16:30:00Z"));
    const auto refused_by = [&uses](std::string_view der) {
        for (const RuleUse& use : uses) {
            if (use.der_id == der && use.is_refused) {
                return use.rule;
            }
        }
        return std::string();
    };
    EXPECT_EQ(refused_by("B"), "R1");
    EXPECT_EQ(refused_by("HOSPITAL"), "protected_ders");
    EXPECT_EQ(refused_by("D"), "R2");
    EXPECT_EQ(refused_by("A"), "");
}

TEST(Rules, CeilingsAndBansHoldInTheirZone) {
    const Result<RuleBook> book = read_rules(
        with(rule("Z", "action = \"price_ceiling\"\nzones = [\"SS-9\"]\ngbp_per_kwh = 0.2")), "rules.toml");
    ASSERT_TRUE(book.has_value()) << book.error().message;
    PlanRequest inside = request_of_evs({"A"});
    EXPECT_EQ(apply_rules(*book, inside, {.zones = {"F-1", "SS-9"}}).size(), 1U);
    EXPECT_TRUE(inside.ders.empty());
    PlanRequest outside = request_of_evs({"A"});
    EXPECT_TRUE(apply_rules(*book, outside, {.zones = {"F-1", "SS-8"}}).empty());
    EXPECT_EQ(outside.ders.size(), 1U);
}

TEST(Rules, StartsAndMoneyAreCountedInTheirSpan) {
    const Result<RuleBook> book =
        read_rules(with(rule("S", "action = \"starts_at_most\"\nstarts = 2\nper = \"week\"") +
                        rule("Y", "action = \"budget\"\ngbp = 100.0\nper = \"year\"\nfeeders = [\"F-1\"]")),
                   "rules.toml");
    ASSERT_TRUE(book.has_value()) << book.error().message;
    RuleTally tally(*book, *parse_utc("2026-11-20T12:00:00Z"));  // a Friday
    const auto use = [&tally](std::string_view at, const std::string& feeder) {
        tally.add({"A", "p", "ev", feeder, {feeder}, *parse_utc(at), 30'000'000});
    };
    use("2026-11-16T17:00:00Z", "F-1");  // Monday
    use("2026-11-19T17:00:00Z", "F-1");
    use("2026-11-15T17:00:00Z", "F-1");  // Sunday before
    use("2025-12-31T17:00:00Z", "F-1");
    use("2026-11-19T17:00:00Z", "F-2");
    const RuleFacts facts = tally.facts({"F-1"});
    ASSERT_EQ(facts.spent.size(), 1U);
    EXPECT_EQ(facts.spent[0].micro_gbp, 90'000'000);

    PlanRequest request = request_of_evs({"A", "B"});
    const std::vector<RuleUse> uses = apply_rules(*book, request, facts);
    ASSERT_EQ(request.ders.size(), 1U);  // A was asked three times this week
    EXPECT_EQ(request.ders[0].der_id, "B");
    EXPECT_EQ(request.ders[0].max_activations, 2);
    EXPECT_TRUE(uses[0].is_refused);
    const std::optional<BudgetLeft> left = budget_left(*book, request.need, facts);
    ASSERT_TRUE(left.has_value());
    EXPECT_EQ(left->rule, "Y");
    EXPECT_EQ(left->micro_gbp, 10'000'000);
}

TEST(Rules, ABudgetForAKindKeepsTheCheapestThatCannotExceedIt) {
    const Result<RuleBook> book =
        read_rules(with(rule("E", "action = \"budget\"\ngbp = 5.0\nkinds = [\"ev\"]")), "rules.toml");
    ASSERT_TRUE(book.has_value()) << book.error().message;
    PlanRequest request = request_of_evs({"A", "B", "C"});  // each at most 5 kW for 1.5 h at 0.30: 2.25 GBP
    const std::vector<RuleUse> uses = apply_rules(*book, request);
    EXPECT_EQ(request.ders.size(), 2U);
    ASSERT_EQ(uses.size(), 1U);
    EXPECT_EQ(uses[0].der_id, "C");
}

TEST(Rules, PrimacyThatContradictsItselfIsRefused) {
    const std::string one = "[[primacy]]\nservice = \"DFS\"\nwins = \"theirs\"\nreason = \"x\"\n";
    const std::string two = "[[primacy]]\nservice = \"DFS\"\nwins = \"ours\"\nreason = \"x\"\n";
    EXPECT_EQ(fault_of(one), "");
    EXPECT_THAT(fault_of(one + two), HasSubstr("both are about DFS"));
    EXPECT_THAT(fault_of("[[primacy]]\nservice = \"DFS\"\nwins = \"nobody\"\nreason = \"x\""),
                HasSubstr("neither theirs nor ours"));
}

}  // namespace
}  // namespace headroom::flex::test
