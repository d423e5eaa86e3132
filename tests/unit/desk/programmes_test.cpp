#include "desk/programmes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

using ::testing::HasSubstr;

agents::EventRecord event_with(std::vector<std::int64_t> power_w) {
    agents::EventRecord event;
    event.overload.event = EventId{"ev-20270114-abcdefgh"};
    event.overload.start = parse_utc("2027-01-14T17:00:00Z").value();
    agents::Assignment assignment;
    assignment.der = "BAT-1";
    assignment.power_w = {event.overload.start, period_length, std::move(power_w)};
    event.assignments.push_back(std::move(assignment));
    return event;
}

settlement::Statement statement_with(std::int64_t instructed_wh, std::int64_t delivered_wh,
                                     std::string state = "VERIFIED") {
    settlement::Statement statement;
    settlement::StatementLine line;
    line.der = "BAT-1";
    line.instructed = WattHours{instructed_wh};
    line.delivered = WattHours{delivered_wh};
    line.state = std::move(state);
    statement.lines.push_back(std::move(line));
    return statement;
}

TEST(Programmes, AnEventIsATestOfWhatItAskedFor) {
    const auto test = test_of_event(event_with({6'000, 4'000}), statement_with(5'000, 4'500), "BAT-1");
    ASSERT_TRUE(test.has_value());
    EXPECT_EQ(test->asked, Watts{6'000});
    EXPECT_EQ(test->delivered, Watts{5'400});
    EXPECT_EQ(test->evidence, "ev-20270114-abcdefgh");
}

TEST(Programmes, AnEventThatProvesNothingIsNoTest) {
    const auto why = [](const agents::EventRecord& event, const settlement::Statement& statement,
                        const std::string& der) {
        const auto test = test_of_event(event, statement, der);
        return test ? std::string("a test") : test.error().message;
    };
    EXPECT_THAT(why(event_with({6'000}), statement_with(3'000, 3'000), "BAT-2"),
                HasSubstr("did not use BAT-2"));
    EXPECT_THAT(why(event_with({6'000}), statement_with(3'000, 0, "PENDING_DATA"), "BAT-1"),
                HasSubstr("is PENDING_DATA, not VERIFIED"));
    EXPECT_THAT(why(event_with({6'000}), statement_with(0, 0), "BAT-1"), HasSubstr("was not told anything"));
}

TEST(Programmes, TermsAsPeopleWriteThem) {
    ProgrammeTerms terms{.id = "WINTER-26",
                         .name = "Winter",
                         .products = {"spot"},
                         .der_classes = {"battery"},
                         .from = parse_utc("2026-11-01T00:00:00Z").value(),
                         .until = parse_utc("2027-03-01T00:00:00Z").value(),
                         .day_from = "22:30",
                         .day_until = "04:00",
                         .test_share = 0.85,
                         .test_valid_days = 30};
    const Result<flex::Programme> made = programme_of(terms);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->day_from_min, 22 * 60 + 30);
    EXPECT_EQ(made->qualify_ppm, 850'000);
    EXPECT_EQ(made->qualified_for, hours{24 * 30});
    const ProgrammeAnswer answer =
        programme_answer({{*made}, {}}, *made, parse_utc("2026-12-01T23:10:00Z").value());
    EXPECT_EQ(answer.day_from, "22:30");
    EXPECT_EQ(answer.day_until, "04:00");
    EXPECT_TRUE(answer.open_now);

    for (const char* wrong : {"4:00", "24:01", "16.30", "16:60", "-1:00", ""}) {
        terms.day_from = wrong;
        EXPECT_EQ(programme_of(terms).error().pointer, "/day_from") << wrong;
    }
}

}  // namespace
}  // namespace headroom::desk
