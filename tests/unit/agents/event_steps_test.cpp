#include "agents/event_steps.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using test::at;

/// 17:00–18:00 on L2: 10 kW, then 4 kW.
EventRecord event_on_l2() {
    EventRecord record;
    record.overload.event = EventId{"ev-20270114-TESTTEST"};
    record.overload.feeder = "F1";
    record.overload.limit = {
        .asset = "F1", .phase = grid::Phase::l2, .value = 60.0, .verified_by = "grid file"};
    record.overload.start = at("2027-01-14T17:00:00Z");
    record.overload.end = at("2027-01-14T18:00:00Z");
    record.overload.need = {record.overload.start, {10'000, 4'000}};
    return record;
}

flex::Contract contract_of(std::string der, grid::Phase phase, std::vector<std::int64_t> power_w) {
    flex::PlanLine line;
    line.offer.provider = "pool";
    line.offer.id = "offer-" + der;
    line.offer.der = std::move(der);
    line.offer.phase = phase;
    line.offer.power = Watts{12'000};
    line.power_w = {at("2027-01-14T17:00:00Z"), period_length, std::move(power_w)};
    line.cost = MicroPounds{500};
    flex::Contract contract;
    contract.transaction = TransactionId{"tx-" + line.offer.der};
    contract.provider = "pool";
    contract.state = flex::ContractState::active;
    contract.lines.push_back(std::move(line));
    return contract;
}

TEST(EventSteps, AWindowIsJudgedByItsMeterAlone) {
    const EventRecord record = event_on_l2();
    const auto judged = [&record](std::optional<double> first, std::optional<double> second) {
        return measured_window(record.overload, [&](const risk::Overload& overload, UtcTime period) {
            return period == overload.start ? first : second;
        });
    };
    EXPECT_EQ(judged(60.2, 55.0).excess.value, 0);  // within what a class 0.5 meter can tell
    EXPECT_EQ(judged(61.0, 63.5).excess.value, 3'500);
    EXPECT_EQ(judged(61.0, 63.5).half_hours, 2U);
    EXPECT_EQ(judged(61.0, 63.5).unknown, 0U);
    EXPECT_EQ(judged(std::nullopt, 55.0).unknown, 1U);
    EXPECT_EQ(judged(std::nullopt, 63.0).excess.value, 3'000);
}

TEST(EventSteps, ReliefCountsOnlyOnTheLimitsPhase) {
    EventRecord record = event_on_l2();
    assign(record, contract_of("D1", grid::Phase::l2, {6'000, 3'000}));
    assign(record, contract_of("D2", grid::Phase::l1, {5'000, 5'000}));
    assign(record, contract_of("D3", grid::Phase::sum, {3'000, 3'000}));
    const std::vector<std::int64_t> relief = committed_relief(record);
    ASSERT_EQ(relief.size(), 2U);
    EXPECT_NEAR(static_cast<double>(relief[0]), 7'000.0, 1.0);  // 6 kW, nothing, a third of 3 kW
    EXPECT_NEAR(static_cast<double>(relief[1]), 4'000.0, 1.0);
}

grid::Network branch_of_f1() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"P"}}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"HV"}, .parent = "P"}));
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S"}, .parent = "HV"}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"F1"}, .parent = "S"}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"F2"}, .parent = "S"}));
    for (const auto& [id, feeder, phase] : {std::tuple{"D1", "F1", grid::Phase::l2},
                                            {"D2", "F1", grid::Phase::l1},
                                            {"D3", "F2", grid::Phase::l2}}) {
        EXPECT_TRUE(network.add(grid::Der{.id = {id}, .feeder = {feeder}, .phase = phase}));
    }
    return network;
}

EventRecord event_on_hv() {
    EventRecord record = event_on_l2();
    record.overload.event = EventId{"ev-20270114-HVHVHVHV"};
    record.overload.feeder = "HV";
    record.overload.limit.asset = "HV";
    record.overload.limit.phase = grid::Phase::sum;
    record.overload.need.w = {100'000, 50'000};
    return record;
}

TEST(EventSteps, ReliefBelowAFeederCountsAboveItAndTheOtherWayRound) {
    const grid::Network network = branch_of_f1();
    EventRecord lv = event_on_l2();
    assign(lv, contract_of("D1", grid::Phase::l2, {6'000, 3'000}));
    EventRecord hv = event_on_hv();
    assign(hv, contract_of("D2", grid::Phase::l1, {5'000, 5'000}));
    assign(hv, contract_of("D3", grid::Phase::l2, {7'000, 7'000}));

    hv.relief_of_others_w = relief_of_others(hv, {&lv}, network);
    EXPECT_EQ(committed_relief(hv), (std::vector<std::int64_t>{18'000, 15'000}));
    EXPECT_EQ(assigned_relief(hv), (std::vector<std::int64_t>{12'000, 12'000}));
    EXPECT_EQ(uncovered(hv, hv.overload.start).value, 82'000);
    // D2 is on another phase than the limit below, D3 on another feeder.
    EXPECT_EQ(relief_of_others(lv, {&hv}, network).values, (std::vector<std::int64_t>{0, 0}));
    EXPECT_EQ(ders_of_others(lv, {&hv}, network), (std::set<std::string>{"D2", "D3"}));

    lv.state = EventState::completed;
    EXPECT_TRUE(relief_of_others(hv, {&lv}, network).values.empty());
    EXPECT_TRUE(ders_of_others(hv, {&lv}, network).empty());
}

TEST(EventSteps, EventsOnOtherBranchesAndLiveNeedsCountNothing) {
    const grid::Network network = branch_of_f1();
    EventRecord other = event_on_l2();
    other.overload.feeder = "F2";
    assign(other, contract_of("D3", grid::Phase::l2, {6'000, 3'000}));
    EXPECT_TRUE(relief_of_others(event_on_l2(), {&other}, network).values.empty());
    EXPECT_FALSE(is_same_branch(event_on_l2(), other, network));
    EventRecord live = event_on_hv();
    live.overload.cause = risk::Cause::live;  // its load was measured with the others' relief in it
    EXPECT_TRUE(relief_of_others(live, {&other}, network).values.empty());
}

TEST(EventSteps, TheGuardIsAskedAboutTheFeederOfTheDer) {
    const grid::Network network = branch_of_f1();
    EventRecord hv = event_on_hv();
    assign(hv, contract_of("D3", grid::Phase::l2, {7'000, 7'000}));
    const auto question =
        guard_question_for(hv, hv.assignments.front(), network, *network.der("D3"), false, {});
    EXPECT_EQ(question.feeder, "F2");
    EXPECT_EQ(question.substation, "HV");
}

TEST(EventSteps, ReliefOfOthersSurvivesTheRecord) {
    EventRecord record = event_on_hv();
    record.relief_of_others_w = {record.overload.start, period_length, {1'000, 2'000}};
    const Result<EventRecord> read = event_record_from_json(to_json(record));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->relief_of_others_w.values, record.relief_of_others_w.values);
}

TEST(EventSteps, AContractIsCountedOnce) {
    EventRecord record = event_on_l2();
    assign(record, contract_of("D1", grid::Phase::l2, {6'000, 3'000}));
    assign(record, contract_of("D1", grid::Phase::l2, {6'000, 3'000}));
    EXPECT_EQ(record.assignments.size(), 1U);
    EXPECT_EQ(record.cost.value, 500);
}

TEST(EventSteps, SilentDevicesLeaveTheNeedUncovered) {
    EventRecord record = event_on_l2();
    assign(record, contract_of("D1", grid::Phase::l2, {10'000, 4'000}));
    refresh_totals(record, record.overload.start);
    EXPECT_EQ(record.shortfall.value, 0);
    EXPECT_EQ(record.contracted.value, 10'000);
    record.assignments.front().state = "silent";
    refresh_totals(record, record.overload.start);
    EXPECT_EQ(record.shortfall.value, 10'000);
}

TEST(EventSteps, TheResidualBeginsAtTheHalfHourOfNow) {
    EventRecord record = event_on_l2();
    assign(record, contract_of("D1", grid::Phase::l2, {1'000, 1'000}));
    const risk::Overload left = residual(record, at("2027-01-14T17:31:00Z"));
    EXPECT_EQ(left.need.start, at("2027-01-14T17:30:00Z"));
    EXPECT_EQ(left.need.w, (std::vector<std::int64_t>{3'000}));
    EXPECT_EQ(uncovered(record, at("2027-01-14T17:00:00Z")).value, 9'000);
}

TEST(EventSteps, ChargersGetAnImportLimitAndBatteriesASetpoint) {
    EventRecord record = event_on_l2();
    assign(record, contract_of("D1", grid::Phase::l2, {5'000, 5'000}));
    Assignment& assignment = record.assignments.front();
    assignment.baseline = Watts{3'000};
    const UtcTime now = at("2027-01-14T17:10:00Z");
    grid::Der charger{.id = {"D1"}, .der_class = grid::DerClass::ev_charger, .feeder = {"F1"}};
    dispatch::Instruction told = instruction_for(record, assignment, charger, now, minutes{15});
    EXPECT_EQ(told.kind, dispatch::InstructionKind::limit_import);
    EXPECT_EQ(told.value.value, 0);  // a charger cannot feed in
    EXPECT_EQ(told.expires, now + minutes{15});
    grid::Der battery{.id = {"D1"}, .der_class = grid::DerClass::battery, .feeder = {"F1"}};
    told = instruction_for(record, assignment, battery, at("2027-01-14T17:55:00Z"), minutes{15});
    EXPECT_EQ(told.kind, dispatch::InstructionKind::setpoint);
    EXPECT_EQ(told.value.value, -2'000);
    EXPECT_EQ(told.expires, record.overload.end) << "never beyond the window";
}

TEST(EventSteps, ReservationsNameEveryHalfHourThatIsUsed) {
    const ReservationRequest request =
        reservations_for(contract_of("D1", grid::Phase::l2, {6'000, 0}), at("2027-01-14T19:00:00Z"));
    ASSERT_EQ(request.wanted.size(), 1U);
    EXPECT_EQ(request.wanted[0].power.value, 6'000);
    EXPECT_EQ(request.wanted[0].period, at("2027-01-14T17:00:00Z"));
    EXPECT_EQ(request.offered[0].value, 12'000);
}

TEST(EventRecordJson, ReadsBackWhatItWrote) {
    EventRecord record = event_on_l2();
    assign(record, contract_of("D1", grid::Phase::l2, {6'000, 3'000}));
    record.assignments.front().instructions = {"01JD3ZK6V3V9Q6T8W2M4N5P7R9"};
    record.stamp("detected", record.overload.start, 0);
    record.state = EventState::active;
    record.outcome = "relieved";
    const json::Value written = to_json(record);
    EXPECT_TRUE(json::write_canonical(written)) << json::write_canonical(written).error().message;
    const Result<EventRecord> read = event_record_from_json(written);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(json::write(to_json(*read)), json::write(written));
}

}  // namespace
}  // namespace headroom::agents
