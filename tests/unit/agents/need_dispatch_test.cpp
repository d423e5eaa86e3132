#include "agents/need_dispatch.hpp"

#include "dispatch_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using dispatch::Instruction;
using dispatch::InstructionKind;
using test::DispatchWorld;
using test::evening;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* peer = "pool.example";
constexpr const char* transaction = "11111111-1111-4111-8111-111111111111";

grid::Network feeders_with_batteries() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"LV-1"}, .parent = "S-1"}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"LV-2"}, .parent = "S-1"}));
    for (const auto& [id, feeder, kw] :
         {std::tuple{"B-1", "LV-1", 6}, {"B-2", "LV-1", 3}, {"B-9", "LV-2", 6}}) {
        EXPECT_TRUE(network.add(grid::Der{.id = {id},
                                          .der_class = grid::DerClass::battery,
                                          .feeder = {feeder},
                                          .turn_down_max = Watts{kw * 1000}}));
    }
    return network;
}

/// Half an hour of 6 kW, one of nothing, one of 9 kW, from 17:30.
beckn::NeedBoard board_with(std::vector<std::string> meters) {
    beckn::NeedBoard board;
    beckn::PublishedNeed need;
    need.id = "ev-20270114-abcdefgh";
    need.feeder = "LV-1";
    board.needs[need.id] = need;
    beckn::NeedOrder order;
    order.step = beckn::NeedStep::contracted;
    order.need = need.id;
    order.peer = peer;
    order.context.transaction_id = transaction;
    order.awarded_w = flex::IntervalGrid{
        .start = evening + minutes{30}, .step = period_length, .values = {6'000, 0, 9'000}};
    order.order.needs.push_back({.id = "c-1", .resource = need.id, .offer = need.id});
    order.order.needs.front().meters = std::move(meters);
    board.orders[transaction] = std::move(order);
    return board;
}

MayUse everything() {
    return [](const std::string&, const std::string&, UtcTime) { return std::optional(Watts{1'000'000}); };
}

std::vector<std::int64_t> powers(const EventRecord& record, std::size_t place) {
    return record.assignments.at(place).power_w.values;
}

EventRecord devices(std::vector<std::string> meters, const MayUse& may_use = everything()) {
    const beckn::NeedBoard board = board_with(std::move(meters));
    return devices_of(board.needs.begin()->second, board.orders.begin()->second, feeders_with_batteries(),
                      may_use);
}

TEST(NeedDevices, OursShareTheAwardByThePowerTheyHave) {
    const EventRecord record = devices({"B-1", "B-2"});
    ASSERT_THAT(record.assignments, SizeIs(2));
    EXPECT_THAT(powers(record, 0), ElementsAre(4'000, 0, 6'000));
    EXPECT_THAT(powers(record, 1), ElementsAre(2'000, 0, 3'000));
}

TEST(NeedDevices, MetersThatAreNotOursCarryTheirPart) {
    const EventRecord record = devices({"meter-7", "B-1"});
    ASSERT_THAT(record.assignments, SizeIs(1));
    EXPECT_THAT(powers(record, 0), ElementsAre(3'000, 0, 4'500));
}

TEST(NeedDevices, NoneIsAskedForMoreThanItHasOrThanIsEnrolled) {
    EXPECT_THAT(powers(devices({"B-2"}), 0), ElementsAre(3'000, 0, 3'000));
    const MayUse little = [](const std::string&, const std::string&, UtcTime) {
        return std::optional(Watts{1'000});
    };
    EXPECT_THAT(powers(devices({"B-2"}, little), 0), ElementsAre(1'000, 0, 1'000));
}

TEST(NeedDevices, OtherFeedersDevicesAndOthersDevicesAreLeftAlone) {
    EXPECT_THAT(devices({"B-9"}).assignments, IsEmpty());
    const MayUse nobody = [](const std::string&, const std::string&, UtcTime) {
        return std::optional<Watts>();
    };
    EXPECT_THAT(devices({"B-1"}, nobody).assignments, IsEmpty());
}

TEST(NeedDevices, ConsentIsNeededAndGoesToOneProvider) {
    flex::ProgrammeBook book;
    flex::Programme programme;
    programme.id = "WINTER-26";
    programme.from = evening - hours{24};
    programme.until = evening + hours{24};
    book.programmes.push_back(programme);
    flex::Enrolment enrolment;
    enrolment.programme = programme.id;
    enrolment.der = "B-1";
    enrolment.provider = "pool";
    enrolment.power = Watts{5'000};
    enrolment.consent_by = "the owner";
    enrolment.consent_from = evening - hours{24};
    enrolment.consent_until = evening + hours{2};
    book.enrolments.push_back(enrolment);
    const MayUse may_use = may_use_by([&book]() -> const flex::ProgrammeBook& { return book; },
                                      [](const std::string& provider) { return provider + ".example"; });
    EXPECT_EQ(may_use("B-1", "pool.example", evening), Watts{5'000});
    EXPECT_EQ(may_use("B-1", "pool", evening), Watts{5'000});
    EXPECT_EQ(may_use("B-1", "thief.example", evening), std::nullopt);
    EXPECT_EQ(may_use("B-2", "pool.example", evening), std::nullopt);
    EXPECT_EQ(may_use("B-1", "pool.example", evening + hours{3}), std::nullopt);
}

class NeedDispatchTest : public testing::Test {
  protected:
    NeedDispatchTest()
        : world_(folder_),
          agent_({.executor = world_.context.get_executor(),
                  .clock = world_.clock,
                  .dispatch = *world_.agent,
                  .board = [this] { return &board_; },
                  .network = [this]() -> const grid::Network& { return network_; },
                  .state = [this](const std::string&) { return state_; },
                  .der_load_kw = [](const std::string&) { return std::optional(1.0); },
                  .may_use = everything()}) {}

    void look() {
        agent_.look();
        world_.settle();
    }
    /// "B-1 setpoint -3000" for each instruction that left since the last call.
    std::vector<std::string> sent() {
        std::vector<std::string> all;
        for (; seen_ < world_.channel.sent.size(); ++seen_) {
            const Instruction& one = world_.channel.sent[seen_];
            all.push_back(
                one.der + " " + std::string(to_string(one.kind)) +
                (one.kind == InstructionKind::release ? "" : " " + std::to_string(one.value.value)));
        }
        return all;
    }

    test::Folder folder_;
    DispatchWorld world_;
    grid::Network network_ = feeders_with_batteries();
    grid::StateEntry state_;
    beckn::NeedBoard board_;
    std::size_t seen_ = 0;
    NeedDispatch agent_;
};

TEST_F(NeedDispatchTest, SlotsAreToldRenewedAndReleased) {
    board_ = board_with({"B-1"});
    look();
    EXPECT_THAT(sent(), IsEmpty());  // the first slot is ahead
    world_.advance(minutes{30});
    EXPECT_THAT(sent(), ElementsAre("B-1 setpoint -5000"));  // 1 kW of load less 6 kW
    EXPECT_EQ(world_.channel.sent.back().expires, evening + minutes{40});
    EXPECT_EQ(world_.channel.sent.back().transaction, transaction);
    world_.advance(minutes{12});
    EXPECT_THAT(sent(), ElementsAre("B-1 setpoint -5000", "B-1 setpoint -5000"));
    world_.advance(minutes{18});
    EXPECT_THAT(sent(), testing::Contains("B-1 release"));
    world_.advance(minutes{30});
    EXPECT_THAT(sent(), ElementsAre("B-1 setpoint -5000"));  // of 9 kW it has 6
    world_.advance(minutes{35});
    const std::vector<std::string> rest = sent();
    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(rest.back(), "B-1 release");
    world_.advance(hours{2});
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(NeedDispatchTest, AContractThatEndsBeforeReleasesAtOnce) {
    board_ = board_with({"B-1", "B-2"});
    look();
    world_.advance(minutes{31});
    EXPECT_THAT(sent(), ElementsAre("B-1 setpoint -3000", "B-2 setpoint -1000"));
    board_.orders.begin()->second.step = beckn::NeedStep::cancelled;
    look();
    EXPECT_THAT(sent(), ElementsAre("B-1 release", "B-2 release"));
    world_.advance(hours{2});
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(NeedDispatchTest, AnOrderThatDoesNotBindTellsNobody) {
    board_ = board_with({"B-1"});
    board_.orders.begin()->second.step = beckn::NeedStep::bidding;
    look();
    world_.advance(hours{3});
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(NeedDispatchTest, ASilentDeviceIsToldAgainWithTheNextRenewal) {
    world_.channel.on_order = test::FakeChannel::silence;
    board_ = board_with({"B-1"});
    look();
    world_.advance(minutes{30});
    world_.advance(seconds{20});
    const std::size_t first = sent().size();  // once, and once more half-way to its deadline
    EXPECT_GE(first, 1U);
    world_.advance(minutes{6});
    EXPECT_GE(sent().size(), 1U);
}

TEST_F(NeedDispatchTest, AFeederThatAnEngineerHoldsIsSentNothing) {
    state_.held_by_engineer = true;
    board_ = board_with({"B-1"});
    look();
    world_.advance(minutes{31});
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(NeedDispatchTest, ARestartTellsWhatShouldRun) {
    board_ = board_with({"B-1"});
    world_.advance(minutes{40});  // nobody looked: the process was down
    look();
    EXPECT_THAT(sent(), ElementsAre("B-1 setpoint -5000"));
}

}  // namespace
}  // namespace headroom::agents
