#include "flex/programme.hpp"
#include "plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::flex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

UtcTime at(const char* text) {
    return parse_utc(text).value();
}

Programme winter() {
    return {.id = "WINTER-26",
            .name = "Winter evenings",
            .terms = "terms-2026-10.pdf",
            .products = {ContractKind::availability, ContractKind::spot},
            .classes = {},
            .from = at("2026-11-01T00:00:00Z"),
            .until = at("2027-03-01T00:00:00Z"),
            .day_from_min = 16 * 60,
            .day_until_min = 20 * 60};
}

Enrolment enrolment(std::string der, std::int64_t power_w = 10'000) {
    Enrolment made;
    made.programme = "WINTER-26";
    made.der = std::move(der);
    made.provider = "p1";
    made.power = Watts{power_w};
    made.consent_by = "A. Site";
    made.consent_from = at("2026-11-01T00:00:00Z");
    made.consent_until = at("2027-11-01T00:00:00Z");
    return made;
}

ProgrammeFit fit(const ProgrammeBook& book, ContractKind kind = ContractKind::spot, std::size_t slots = 2) {
    return fit_of(book, offer("a"), kind, evening, slots);
}

TEST(Programme, AnEnrolledDerMayBeUsedInTheHalfHoursThatAreOpen) {
    const ProgrammeBook book{{winter()}, {enrolment("der-a", 4'000)}};
    const ProgrammeFit found = fit_of(book, offer("a"), ContractKind::spot, at("2027-01-14T19:00:00Z"), 4);
    EXPECT_EQ(found.programme, "WINTER-26");
    EXPECT_THAT(found.open_slots, ElementsAre(true, true, false, false));
    EXPECT_EQ(found.power, Watts{4'000});
    EXPECT_THAT(found.reason, IsEmpty());
}

TEST(Programme, WhatBarsADerIsSaidInWords) {
    const auto reason_with = [](auto change, ContractKind kind = ContractKind::spot) {
        ProgrammeBook book{{winter()}, {enrolment("der-a")}};
        change(book.programmes[0], book.enrolments[0]);
        const ProgrammeFit found = fit(book, kind);
        EXPECT_THAT(found.programme, IsEmpty());
        return found.reason;
    };
    EXPECT_THAT(reason_with([](Programme&, Enrolment& e) { e.der = "der-b"; }),
                HasSubstr("der-a is enrolled in no programme"));
    EXPECT_THAT(reason_with([](Programme&, Enrolment& e) { e.provider = "p2"; }),
                HasSubstr("through p2, not p1"));
    EXPECT_THAT(reason_with([](Programme& p, Enrolment&) { p.products = {ContractKind::spot}; },
                            ContractKind::availability),
                HasSubstr("has no product availability"));
    EXPECT_THAT(reason_with([](Programme& p, Enrolment&) { p.classes = {grid::DerClass::battery}; }),
                HasSubstr("is not for other"));
    EXPECT_THAT(reason_with([](Programme&, Enrolment& e) { e.consent_until = at("2027-01-14T00:00:00Z"); }),
                HasSubstr("ended on 2027-01-14T00:00Z"));
    EXPECT_THAT(reason_with([](Programme&, Enrolment& e) {
                    e.suspension = Suspension{at("2027-01-01T00:00:00Z"), std::nullopt, "new meter"};
                }),
                HasSubstr("is suspended from WINTER-26: new meter"));
    EXPECT_THAT(reason_with([](Programme&, Enrolment& e) { e.withdrawn = at("2027-01-02T00:00:00Z"); }),
                HasSubstr("has left WINTER-26"));
    EXPECT_THAT(reason_with([](Programme& p, Enrolment&) { p.qualify_ppm = 900'000; }),
                HasSubstr("is not tested"));
    EXPECT_THAT(
        reason_with([](Programme& p, Enrolment& e) {
            p.qualify_ppm = 900'000;
            e.test = QualificationTest{at("2026-12-01T17:00:00Z"), Watts{10'000}, Watts{8'999}, "visit"};
        }),
        HasSubstr("has not passed the test of WINTER-26: 8999 W of 10000 W"));
    EXPECT_THAT(reason_with([](Programme& p, Enrolment&) { p.day_from_min = 18 * 60; }),
                HasSubstr("is not open in the window"));
    EXPECT_THAT(reason_with([](Programme& p, Enrolment&) { p.until = at("2027-01-14T17:00:00Z"); }),
                HasSubstr("is not open in the window"));
}

TEST(Programme, APassedTestCountsForAsLongAsTheTermsSay) {
    Programme terms = winter();
    terms.qualify_ppm = 900'000;
    terms.qualified_for = hours{24 * 30};
    Enrolment joined = enrolment("der-a");
    joined.test = QualificationTest{at("2026-12-01T17:00:00Z"), Watts{10'000}, Watts{9'000}, "visit"};
    EXPECT_EQ(qualified_until(terms, joined), at("2026-12-31T17:00:00Z"));
    EXPECT_EQ(standing_at(terms, joined, at("2026-12-31T16:59:59Z")), Standing::eligible);
    EXPECT_EQ(standing_at(terms, joined, at("2026-12-31T17:00:00Z")), Standing::not_qualified);
}

TEST(Programme, ASuspensionEndsByItself) {
    Enrolment joined = enrolment("der-a");
    joined.suspension = Suspension{at("2027-01-01T00:00:00Z"), at("2027-01-14T17:30:00Z"), "new meter"};
    const ProgrammeFit found = fit({{winter()}, {joined}});
    EXPECT_THAT(found.open_slots, ElementsAre(false, true));
}

TEST(Programme, TheDailyWindowFollowsTheLondonClock) {
    Programme terms = winter();
    terms.until = at("2027-12-01T00:00:00Z");
    EXPECT_TRUE(is_open(terms, at("2027-01-14T16:00:00Z")));
    EXPECT_TRUE(is_open(terms, at("2027-07-14T15:00:00Z"))) << "summer time: 16:00 in London";
    EXPECT_FALSE(is_open(terms, at("2027-07-14T19:00:00Z")));
    terms.working_days_only = true;
    EXPECT_TRUE(is_open(terms, at("2027-01-15T17:00:00Z"))) << "a Friday";
    EXPECT_FALSE(is_open(terms, at("2027-01-16T17:00:00Z"))) << "a Saturday";
}

TEST(Programme, AWindowPastMidnightBelongsToTheDayOnWhichItBegins) {
    Programme terms = winter();
    terms.day_from_min = 22 * 60;
    terms.day_until_min = 4 * 60;
    terms.working_days_only = true;
    EXPECT_TRUE(is_open(terms, at("2027-01-15T23:00:00Z"))) << "Friday evening";
    EXPECT_TRUE(is_open(terms, at("2027-01-16T03:30:00Z"))) << "its night, on Saturday";
    EXPECT_FALSE(is_open(terms, at("2027-01-16T04:00:00Z")));
    EXPECT_FALSE(is_open(terms, at("2027-01-18T03:00:00Z"))) << "Monday morning: the night of Sunday";
}

TEST(Programme, TermsThatContradictThemselvesAreRefusedByMember) {
    const auto pointer_with = [](auto change) {
        Programme terms = winter();
        change(terms);
        const Result<void> checked = check(terms);
        return checked ? std::string("fits") : checked.error().pointer;
    };
    EXPECT_EQ(pointer_with([](Programme&) {}), "fits");
    EXPECT_EQ(pointer_with([](Programme& p) { p.id = "two words"; }), "/id");
    EXPECT_EQ(pointer_with([](Programme& p) { p.products.clear(); }), "/products");
    EXPECT_EQ(pointer_with([](Programme& p) { p.until = p.from; }), "/until");
    EXPECT_EQ(pointer_with([](Programme& p) { p.day_until_min = p.day_from_min; }), "/day_until_min");
    EXPECT_EQ(pointer_with([](Programme& p) { p.qualify_ppm = 1'000'001; }), "/qualify_ppm");
}

TEST(Programme, ComesBackBitForBit) {
    Enrolment joined = enrolment("der-a");
    joined.test = QualificationTest{at("2026-12-01T17:00:00Z"), Watts{10'000}, Watts{-1}, "visit"};
    joined.suspension = Suspension{at("2027-01-01T00:00:00Z"), at("2027-01-14T17:30:00Z"), "new meter"};
    joined.withdrawn = at("2027-02-01T00:00:00Z");
    const ProgrammeBook book{{winter()}, {joined, enrolment("der-b")}};
    const Result<json::Value> parsed = json::parse(json::write(to_json(book)));
    EXPECT_EQ(programme_book_from_json(*parsed).value(), book);
}

TEST(Programme, APlanUsesOnlyWhomItMayAndSaysWhomItLeftOut) {
    PlanInput input = input_for({12'000, 12'000});
    input.offers = {offer("a"), offer("b"), offer("c")};
    input.product = ContractKind::availability;
    const FlexPlan free = make_plan(input).value();
    EXPECT_THAT(free.left_out, IsEmpty());
    EXPECT_EQ(free.shortfall_peak.value, 0);

    input.programmes = ProgrammeBook{{winter()}, {enrolment("der-a", 6'000), enrolment("der-b")}};
    const FlexPlan plan = make_plan(input).value();
    ASSERT_EQ(plan.lines.size(), 2U);
    EXPECT_EQ(plan.lines[0].programme, "WINTER-26");
    EXPECT_LE(*std::max_element(plan.lines[0].power_w.values.begin(), plan.lines[0].power_w.values.end()),
              6'000);
    EXPECT_THAT(plan.left_out, ElementsAre("c: der-c is enrolled in no programme"));

    const PlanInput again = plan_input_from_json(json::parse(json::write(to_json(input))).value()).value();
    EXPECT_EQ(plan_sha256(make_plan(again).value()), plan_sha256(plan));
}

}  // namespace
}  // namespace headroom::flex::test
