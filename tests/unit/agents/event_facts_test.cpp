// What a live event's plan is judged by: the past that rules count, other ratings, ties, learnt latencies.
#include "agents/event_facts.hpp"
#include "agents/flex_event_arming.hpp"
#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using test::at;

grid::Network two_limited_feeders() {
    grid::Network out;
    EXPECT_TRUE(out.add(grid::Substation{.id = grid::SubstationId{"SS1"}, .rating = Kilowatts{500.0}}));
    for (const char* id : {"F1", "F2"}) {
        EXPECT_TRUE(out.add(grid::Feeder{.id = grid::FeederId{id}, .parent = "SS1"}));
        EXPECT_TRUE(out.add(grid::Limit{.asset = id, .value = 100.0, .verified_by = "grid file"}));
    }
    EXPECT_TRUE(out.add(grid::Der{.id = grid::DerId{"D1"},
                                  .der_class = grid::DerClass::battery,
                                  .feeder = grid::FeederId{"F1"},
                                  .turn_down_max = Watts{10'000}}));
    return out;
}

EventRecord event_with_power(const std::string& feeder, std::string_view start,
                             std::vector<std::int64_t> power_w, std::int64_t micro_gbp) {
    EventRecord record;
    record.overload.event = EventId{"ev-20270114-" + feeder};
    record.overload.feeder = feeder;
    record.overload.limit = {.asset = feeder, .value = 100.0, .verified_by = "grid file"};
    record.overload.start = at(start);
    record.overload.end = at(start) + hours{1};
    record.overload.need = {at(start), {20'000, 5'000}};
    record.cost = MicroPounds{micro_gbp};
    for (const std::int64_t w : power_w) {
        Assignment assignment;
        assignment.der = "D" + std::to_string(record.assignments.size() + 1);
        assignment.provider = "pool";
        assignment.power_w = {at(start), period_length, {w}};
        record.assignments.push_back(assignment);
    }
    return record;
}

flex::RuleBook book_of(const std::string& rules) {
    Result<flex::RuleBook> book = flex::read_rules("id = \"t\"\nversion = 1\n" + rules, "rules.toml");
    EXPECT_TRUE(book.has_value()) << (book ? "" : book.error().message);
    return book.value_or(flex::RuleBook{});
}

const auto no_load = [](const risk::Overload&) { return std::optional<double>(); };

TEST(EventFacts, CountsSettledMoneyAndContractedMoneyBefore) {
    const flex::RuleBook book = book_of(
        "[[rules]]\nid = \"ALL\"\naction = \"budget\"\ngbp = 9.0\nper = \"year\"\nzones = [\"SS1\"]\nreason "
        "= \"x\"\n"
        "[[rules]]\nid = \"BAT\"\naction = \"budget\"\ngbp = 9.0\nper = \"year\"\nkinds = "
        "[\"battery\"]\nreason = \"x\"\n"
        "[[rules]]\nid = \"ONCE\"\naction = \"starts_at_most\"\nstarts = 1\nper = \"day\"\nreason = \"x\"\n");
    EventRecord settled = event_with_power("F1", "2027-01-12T17:00:00Z", {6'000, 2'000}, 900);
    settled.statement = "ST-1";
    settled.statement_total = MicroPounds{800};
    const EventRecord running = event_with_power("F2", "2027-01-14T16:00:00Z", {6'000}, 100);
    const EventRecord now = event_with_power("F1", "2027-01-14T18:00:00Z", {}, 0);
    const grid::Network grid = two_limited_feeders();
    const flex::EventFacts facts =
        facts_for(now.overload, {.events = {&settled, &running, &now}, .purchases = {}, .plans = {}}, grid,
                  &book, at("2027-01-14T17:00:00Z"), no_load);
    EXPECT_EQ(facts.rules.zones, (std::vector<std::string>{"F1", "SS1"}));
    ASSERT_EQ(facts.rules.spent.size(), 2U);
    EXPECT_EQ(facts.rules.spent[0].rule, "ALL");
    EXPECT_EQ(facts.rules.spent[0].micro_gbp, 900);
    EXPECT_EQ(facts.rules.spent[1].micro_gbp, 700);  // D1 alone is a battery: 600 of 800, and 100
    ASSERT_EQ(facts.rules.starts.size(), 1U);        // of today: D1 in the running event
    EXPECT_EQ(facts.rules.starts[0].der_id, "D1");
    EXPECT_FALSE(facts.limit.has_value());
}

TEST(EventFacts, NamesTheOtherRatingsOfTheAsset) {
    grid::Network grid = two_limited_feeders();
    ASSERT_TRUE(grid.add(
        grid::Limit{.asset = "F1", .kind = grid::LimitKind::cyclic, .value = 115.0, .verified_by = "x"}));
    ASSERT_TRUE(grid.add(grid::Limit{.asset = "F1",
                                     .kind = grid::LimitKind::emergency,
                                     .emergency_minutes = 60,
                                     .value = 125.0,
                                     .verified_by = ""}));
    const EventRecord record = event_with_power("F1", "2027-01-14T18:00:00Z", {}, 0);
    const flex::EventFacts facts =
        facts_for(record.overload, {}, grid, nullptr, at("2027-01-14T17:00:00Z"), no_load);
    ASSERT_TRUE(facts.limit.has_value());
    EXPECT_EQ(facts.limit->cyclic_kw, 115.0);
    EXPECT_FALSE(facts.limit->emergency_kw.has_value());  // nobody verified it
    EXPECT_EQ(facts.limit->load_kw, (std::vector<double>{120.0, 105.0}));
}

TEST(EventFacts, ATieMovesWhatTheOtherSideHasLeft) {
    grid::Network grid = two_limited_feeders();
    ASSERT_TRUE(grid.add(grid::Tie{
        .id = grid::TieId{"T1"}, .ends = {"F1", "F2"}, .rating = Kilowatts{60.0}, .switching = minutes{5}}));
    const EventRecord record = event_with_power("F1", "2027-01-14T18:00:00Z", {}, 0);
    const auto load = [](const risk::Overload& overload) {
        return std::optional(overload.feeder == "F2" ? 70.0 : 120.0);
    };
    const flex::EventFacts facts =
        facts_for(record.overload, {}, grid, nullptr, at("2027-01-14T17:00:00Z"), load);
    ASSERT_EQ(facts.switching.size(), 1U);
    EXPECT_EQ(facts.switching[0].id, "T1");
    EXPECT_DOUBLE_EQ(facts.switching[0].relief_kw, 30.0);
    EXPECT_DOUBLE_EQ(facts.switching[0].minutes, 5.0);
    EXPECT_EQ(facts.switching[0].refused, "");
    const flex::EventFacts blind =
        facts_for(record.overload, {}, grid, nullptr, at("2027-01-14T17:00:00Z"), no_load);
    EXPECT_NE(blind.switching.at(0).refused, "");
}

TEST(EventFacts, TheGridsCarbonIsThatOfTheEventsHoursWithItsSource) {
    risk::Overload overload = event_with_power("F1", "2027-01-14T18:00:00Z", {}, 0).overload;
    overload.end = at("2027-01-14T19:00:00Z");
    EXPECT_FALSE(carbon_for(overload, nullptr).has_value());
    FeedBoard board;
    EXPECT_FALSE(carbon_for(overload, &board).has_value()) << "no feed tells";
    FeedSeries carbon{.name = std::string(carbon_series), .values = {}, .origin = {}, .stale_because = {}};
    carbon.origin.source = "carbon_intensity";
    carbon.origin.licence = "CC BY 4.0";
    carbon.origin.fetched = at("2027-01-14T16:30:00Z");
    const std::int64_t first = overload.start.time_since_epoch() / period_length;
    carbon.values = {{first - 1, 900.0}, {first, 200.0}, {first + 1, 240.0}, {first + 2, 900.0}};
    board.put(std::make_shared<const FeedTable>(
        std::map<std::string, FeedSeries, std::less<>>{{carbon.name, carbon}}));
    const std::optional<flex::GridCarbon> found = carbon_for(overload, &board);
    ASSERT_TRUE(found.has_value());
    EXPECT_DOUBLE_EQ(found->g_per_kwh, 220.0);
    EXPECT_NE(found->source.find("carbon_intensity, fetched 2027-01-14T16:30:00"), std::string::npos)
        << found->source;
}

TEST(EventFacts, RotationCountsTheMonthUnlessItSaysOtherwise) {
    const flex::RuleBook book = book_of(
        "[[rules]]\nid = \"TURN\"\naction = \"rotate\"\ngbp_per_kwh = 0.1\nreason = \"x\"\n"
        "[[rules]]\nid = \"DAY\"\naction = \"rotate\"\ngbp_per_kwh = 0.1\nper = \"day\"\nreason = \"x\"\n");
    const EventRecord older = event_with_power("F1", "2027-01-03T17:00:00Z", {6'000, 2'000}, 900);
    const EventRecord today = event_with_power("F1", "2027-01-14T16:00:00Z", {6'000}, 100);
    const EventRecord last_year = event_with_power("F1", "2026-12-30T16:00:00Z", {6'000}, 100);
    const flex::RuleFacts facts = rule_facts_for("F1", {.events = {&older, &today, &last_year}},
                                                 two_limited_feeders(), &book, at("2027-01-14T17:00:00Z"));
    const auto starts = [&](const std::string& rule, const std::string& der) {
        for (const flex::RuleStarts& each : facts.starts) {
            if (each.rule == rule && each.der_id == der) {
                return each.starts;
            }
        }
        return std::int64_t{0};
    };
    EXPECT_EQ(starts("TURN", "D1"), 2);
    EXPECT_EQ(starts("TURN", "D2"), 1);
    EXPECT_EQ(starts("DAY", "D1"), 1);
    EXPECT_EQ(starts("DAY", "D2"), 0);
}

TEST(EventFacts, ReboundHasTheRoomThatTheLimitAndThoseAboveItLeave) {
    const flex::RuleBook book =
        book_of("[[rebound]]\nkind = \"heat_pump\"\nshare = 0.5\nminutes = 90\nreason = \"x\"\n");
    grid::Network grid = two_limited_feeders();
    ASSERT_TRUE(grid.add(grid::Limit{.asset = "SS1", .value = 400.0, .verified_by = "plate"}));
    const risk::Overload overload = event_with_power("F1", "2027-01-14T18:00:00Z", {}, 0).overload;
    const auto forecast = [](const risk::Overload& there) {
        LimitForecast out;
        const std::int64_t slot = (there.need.start - at("2027-01-14T18:00:00Z")) / period_length;
        if (slot > 0) {  // of the half-hour that runs it says nothing
            out.upper_w.push_back(there.feeder == "F1" ? 120'000 - 10'000 * slot : 385'000);
        }
        return out;
    };
    const std::optional<flex::ReboundRoom> room = room_for(overload, grid, &book, forecast);
    ASSERT_TRUE(room.has_value());
    EXPECT_EQ(room->headroom_w, (std::vector<std::int64_t>{0, 0, 0, 10'000, 15'000}))
        << "two half-hours of need and three in which it comes back; the last is bound by the transformer";
    EXPECT_NE(room->source.find("F1 and SS1"), std::string::npos) << room->source;

    EXPECT_FALSE(room_for(overload, grid, nullptr, forecast).has_value()) << "nothing is known to come back";
    EXPECT_FALSE(
        room_for(overload, grid, &book, [](const risk::Overload&) { return LimitForecast{}; }).has_value())
        << "no forecast";
}

TEST(EventFacts, OrdersOfPublishedNeedsAreCounted) {
    const flex::RuleBook book =
        book_of("[[rules]]\nid = \"ALL\"\naction = \"budget\"\ngbp = 9.0\nper = \"year\"\nreason = \"x\"\n");
    flex::PlanLine line;
    line.offer.der = "3 meters of seller";
    line.offer.feeder = "F1";
    line.power_w = {at("2027-01-14T18:00:00Z"), period_length, {5'000}};
    line.cost = MicroPounds{4'000'000};
    flex::Contract order{.provider = "agg.example", .state = flex::ContractState::active};
    order.lines = {line};
    PastUses past;
    past.of_needs = {order};
    const flex::RuleFacts facts =
        rule_facts_for("F1", past, two_limited_feeders(), &book, at("2027-01-14T17:00:00Z"));
    ASSERT_EQ(facts.spent.size(), 1U);
    EXPECT_EQ(facts.spent[0].micro_gbp, 4'000'000);
}

flex::PlanLine line_of_der(const std::string& der, std::int64_t micro_gbp, const std::string& feeder) {
    flex::PlanLine line;
    line.offer.der = der;
    line.offer.der_class = grid::DerClass::battery;
    line.offer.feeder = feeder;
    line.power_w = {at("2027-01-14T18:00:00Z"), period_length, {5'000}};
    line.cost = MicroPounds{micro_gbp};
    return line;
}

TEST(EventFacts, CountsPurchasesOutsideOfEventsAndPlansThatAreAboutToBeUsed) {
    const flex::RuleBook book = book_of(
        "[[rules]]\nid = \"ALL\"\naction = \"budget\"\ngbp = 9.0\nper = \"year\"\nreason = \"x\"\n"
        "[[rules]]\nid = \"POOL\"\naction = \"budget\"\ngbp = 9.0\nper = \"year\"\nproviders = "
        "[\"pool\"]\nreason = \"x\"\n"
        "[[rules]]\nid = \"ONCE\"\naction = \"starts_at_most\"\nstarts = 1\nper = \"day\"\nreason = \"x\"\n");
    flex::Contract bought{.provider = "pool", .state = flex::ContractState::active};
    bought.lines = {line_of_der("D1", 300, "P-LODGE"), line_of_der("D2", 50, "P-LODGE")};
    flex::Contract failed = bought;
    failed.state = flex::ContractState::failed;
    flex::Contract window = bought;
    window.lines = {line_of_der("W1", 9'000, "ZONE-1")};
    window.lines[0].offer.der_class = grid::DerClass::compute;
    flex::FlexPlan plan;
    plan.feeder = "F1";
    plan.lines = {line_of_der("D3", 7, "F1")};
    const grid::Network grid = two_limited_feeders();
    const flex::RuleFacts facts =
        rule_facts_for("F1", {.events = {}, .purchases = {&bought, &failed, &window}, .plans = {&plan}}, grid,
                       &book, at("2027-01-14T17:00:00Z"));
    EXPECT_EQ(facts.zones, (std::vector<std::string>{"F1", "SS1"}));
    ASSERT_EQ(facts.spent.size(), 2U);
    EXPECT_EQ(facts.spent[0].micro_gbp, 357);
    EXPECT_EQ(facts.spent[1].micro_gbp, 350);
    ASSERT_EQ(facts.starts.size(), 3U);
    EXPECT_EQ(facts.starts[0].der_id, "D1");
    EXPECT_EQ(facts.starts[0].starts, 1);
}

TEST(LearntResponses, AreWhatMetersShowedBesideTheProvidersWord) {
    std::vector<EventRecord> events;
    for (int i = 0; i < 30; ++i) {
        events.push_back(event_with_power("F1", "2027-01-12T17:00:00Z", {6'000, 6'000, 6'000}, 900));
        events.back().statement = "ST-1";
        events.back().assignments[0].delivered_ppm = i % 2 == 0 ? 1'000'000 : 0;
        events.back().assignments[1].delivered_ppm = -1;  // no meter told
    }
    events.push_back(event_with_power("F1", "2027-01-14T17:00:00Z", {6'000}, 900));
    events.back().assignments[0].delivered_ppm = 0;  // not settled yet
    std::vector<const EventRecord*> all;
    for (const EventRecord& event : events) {
        all.push_back(&event);
    }
    std::vector<flex::Offer> offers(3);
    for (std::size_t i = 0; i < offers.size(); ++i) {
        offers[i].der = "D" + std::to_string(3 - i);
        offers[i].reliability_ppm = 900'000;
    }
    const std::vector<flex::LearntResponse> learnt = responses_of(all, offers);
    ASSERT_EQ(learnt.size(), 1U);
    EXPECT_EQ(learnt[0].der_id, "D1");
    EXPECT_EQ(learnt[0].deliveries, 30);
    EXPECT_EQ(learnt[0].claimed_ppm, 900'000);
    EXPECT_EQ(learnt[0].reliability_ppm, 600'000);  // (10 x 0.9 + 15) of 40
}

TEST(LearntLatencies, FollowFromWhatEventsKeepOfThem) {
    EventRecord late = event_with_power("F1", "2027-01-14T17:00:00Z", {}, 0);
    late.confirmations = {{"pool", at("2027-01-14T17:00:00Z"), minutes{1}}};
    EventRecord early = event_with_power("F1", "2027-01-12T17:00:00Z", {}, 0);
    early.confirmations = {{"pool", at("2027-01-12T17:00:00Z"), minutes{9}},
                           {"other", at("2027-01-12T17:00:00Z"), minutes{2}}};
    LearntLatencies as_they_came;
    as_they_came.add("other", minutes{2});
    as_they_came.add("pool", minutes{9});
    as_they_came.add("pool", minutes{1});
    const std::vector<flex::ProviderLatency> wanted = as_they_came.all();
    const std::vector<flex::ProviderLatency> found = latencies_of({&late, &early}).all();
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].provider, wanted[i].provider);
        EXPECT_DOUBLE_EQ(found[i].minutes, wanted[i].minutes);
    }
}

TEST(EventRecord, KeepsWhatWasLearntAndPutOffThroughARestart) {
    EventRecord record = event_with_power("F1", "2027-01-14T17:00:00Z", {6'000}, 900);
    record.confirmations = {{"pool", at("2027-01-14T16:00:00Z"), milliseconds{1'234}}};
    record.assignments[0].delivered_ppm = 912'345;
    record.reviews = 2;
    record.review_at = at("2027-01-14T16:30:00Z");
    const Result<EventRecord> again = event_record_from_json(to_json(record));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(to_json(*again), to_json(record));
    EXPECT_EQ(again->review_at, record.review_at);
    EXPECT_EQ(again->confirmations.at(0).took, milliseconds{1'234});
    EXPECT_EQ(again->assignments.at(0).delivered_ppm, 912'345);
}

TEST(LearntLatencies, AreMeanAndFourDeviations) {
    LearntLatencies learnt;
    for (int i = 0; i < 200; ++i) {
        learnt.add("steady", minutes{2});
        learnt.add("jumpy", minutes{i % 2 == 0 ? 1 : 3});
    }
    const std::vector<flex::ProviderLatency> all = learnt.all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].provider, "jumpy");
    EXPECT_GT(all[0].minutes, 4.0);
    EXPECT_NEAR(all[1].minutes, 2.0, 0.01);
}

TEST(ArmingInput, TakesTheNewestForecastAndTheRulesWhereThereIsNone) {
    const EventRecord record = event_with_power("F1", "2027-01-14T17:00:00Z", {}, 0);
    flex::FlexPlan plan;
    flex::PlanLine line;
    line.offer.provider = "pool";
    line.offer.notice = minutes{20};
    line.offer.utilisation = MicroPoundsPerMwh{300'000'000};
    line.offer.availability_per_mw_h = MicroPounds{20'000'000};
    line.energy = WattHours{10'000};
    plan.lines.push_back(line);
    const UtcTime now = at("2027-01-14T07:00:00Z");
    const flex::ArmingRules rules{.is_on = true, .review_minutes = 120.0, .spread_share_per_hour = 0.05};
    const flex::ArmingInput seen =
        arming_input(plan, record.overload, {{112'000, 101'000}, {118'000, 104'000}}, {{"pool", 3.0}}, rules,
                     MicroPoundsPerMwh{6'000'000'000}, now);
    EXPECT_DOUBLE_EQ(seen.need_kw, 12.0);
    EXPECT_NEAR(seen.spread_now_kw, 6.0 / 1.28155, 1e-4);
    EXPECT_NEAR(seen.spread_later_kw, 0.8 * seen.spread_now_kw, 1e-9);  // two of ten hours nearer
    EXPECT_DOUBLE_EQ(seen.armed_gbp_per_kwh, 0.02);
    EXPECT_DOUBLE_EQ(seen.spot_gbp_per_kwh, 0.45);
    EXPECT_DOUBLE_EQ(seen.notice_minutes, 20.0);
    EXPECT_DOUBLE_EQ(seen.spot_latency_minutes, 3.0);
    EXPECT_DOUBLE_EQ(seen.shortfall_gbp_per_kwh, 6.0);
    const flex::ArmingInput unseen =
        arming_input(plan, record.overload, {}, {}, rules, MicroPoundsPerMwh{6'000'000'000}, now);
    EXPECT_DOUBLE_EQ(unseen.need_kw, 20.0);
    EXPECT_DOUBLE_EQ(unseen.spread_now_kw, 10.0);  // 5 % an hour, ten hours ahead
}

TEST(ArmingInput, TakesTheSpreadOfALaterLookFromTheOutlooksOwnErrors) {
    flex::FlexPlan plan;
    plan.lines.resize(1);
    plan.lines[0].energy = WattHours{10'000};
    EventRecord record = event_with_power("F1", "2027-01-20T17:00:00Z", {20'000}, 0);
    record.overload.need = {record.overload.start, {20'000}};
    LimitForecast outlook{{112'000}, {124'000}};
    outlook.is_outlook = true;
    outlook.upper_by_lead_kw = {{1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0}};
    flex::ArmingRules rules{.is_on = true, .review_minutes = 1440.0};
    const UtcTime now = at("2027-01-14T16:00:00Z");  // six days and an hour before
    const flex::ArmingInput daily =
        arming_input(plan, record.overload, outlook, {}, rules, MicroPoundsPerMwh{6'000'000'000}, now);
    EXPECT_NEAR(daily.spread_now_kw, 12.0 / 1.28155, 1e-4);
    EXPECT_NEAR(daily.spread_later_kw, 10.0 / 1.28155, 1e-4);  // as five days before
    rules.review_minutes = 4.0 * 1440.0;
    const flex::ArmingInput late =
        arming_input(plan, record.overload, outlook, {}, rules, MicroPoundsPerMwh{6'000'000'000}, now);
    EXPECT_NEAR(late.spread_later_kw, 4.0 / 1.28155, 1e-4);  // as two days before
    outlook.upper_by_lead_kw = {{9.0, 9.0, 9.0, 9.0, 9.0, 30.0, 12.0}};
    const flex::ArmingInput never_worse =
        arming_input(plan, record.overload, outlook, {}, {.is_on = true, .review_minutes = 1440.0},
                     MicroPoundsPerMwh{6'000'000'000}, now);
    EXPECT_DOUBLE_EQ(never_worse.spread_later_kw, never_worse.spread_now_kw);
}

}  // namespace
}  // namespace headroom::agents
