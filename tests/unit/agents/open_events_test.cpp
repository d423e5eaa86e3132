#include "agents/open_events.hpp"

#include "agents/event_steps.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace headroom::agents {
namespace {

/// P - HV - S1 - {F1, F2}, HV - S2 - F3; P2 - F4
grid::Network two_primaries() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"P"}}));
    EXPECT_TRUE(network.add(grid::Substation{.id = {"P2"}}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"HV"}, .parent = "P"}));
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S1"}, .parent = "HV"}));
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S2"}, .parent = "HV"}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"F1"}, .parent = "S1"}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"F2"}, .parent = "S1"}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"F3"}, .parent = "S2"}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"F4"}, .parent = "P2"}));
    return network;
}

EventRecord event_on(const std::string& feeder, const std::string& id) {
    EventRecord record;
    record.overload.event = EventId{id};
    record.overload.feeder = feeder;
    return record;
}

std::vector<std::string> ids_of(const std::vector<const EventRecord*>& records) {
    std::vector<std::string> ids;
    for (const EventRecord* record : records) {
        ids.push_back(record->id().value);
    }
    return ids;
}

class OpenEventsTest : public testing::Test {
  protected:
    EventRecord& open(const std::string& feeder, const std::string& id) {
        EventRecord& record = records_.emplace_back(event_on(feeder, id));
        open_.add(record, network_);
        return record;
    }
    std::vector<std::string> beside(const EventRecord& record) {
        return ids_of(open_.same_branch(record, network_));
    }

    const grid::Network network_ = two_primaries();
    std::deque<EventRecord> records_;
    OpenEvents open_;
};

TEST_F(OpenEventsTest, FindsWhatIsAboveAndBelowAndNothingElse) {
    const EventRecord& lv = open("F1", "ev-2");
    const EventRecord& hv = open("HV", "ev-1");
    open("F1", "ev-3");
    const EventRecord& beside_it = open("F2", "ev-4");
    open("F4", "ev-5");
    const EventRecord& station = open("P", "ev-6");
    EXPECT_EQ(beside(lv), (std::vector<std::string>{"ev-1", "ev-6"}));
    EXPECT_EQ(beside(hv), (std::vector<std::string>{"ev-2", "ev-3", "ev-4", "ev-6"}));
    EXPECT_EQ(beside(beside_it), (std::vector<std::string>{"ev-1", "ev-6"}));
    EXPECT_EQ(beside(station), (std::vector<std::string>{"ev-1", "ev-2", "ev-3", "ev-4"}));
    EXPECT_EQ(beside(event_on("F3", "ev-7")), (std::vector<std::string>{"ev-1", "ev-6"}));
}

TEST_F(OpenEventsTest, IsWhatIsSameBranchSaysOfEveryPair) {
    int number = 0;
    for (const char* feeder : {"P", "HV", "S1", "F1", "F2", "F3", "P2", "F4", "none"}) {
        open(feeder, "ev-a" + std::to_string(number));
        open(feeder, "ev-b" + std::to_string(number++));
    }
    for (const EventRecord& record : records_) {
        std::vector<std::string> wanted;
        for (const EventRecord& other : records_) {
            if (&other != &record && is_same_branch(record, other, network_)) {
                wanted.push_back(other.id().value);
            }
        }
        std::sort(wanted.begin(), wanted.end());
        EXPECT_EQ(beside(record), wanted) << record.overload.feeder;
    }
}

TEST_F(OpenEventsTest, ForgetsWhatIsOverOrRemoved) {
    EventRecord& lv = open("F1", "ev-1");
    EventRecord& other = open("F2", "ev-2");
    const EventRecord& hv = open("HV", "ev-3");
    lv.state = EventState::completed;
    EXPECT_EQ(beside(hv), (std::vector<std::string>{"ev-2"}));
    open_.remove(other, network_);
    EXPECT_TRUE(beside(hv).empty());
    EXPECT_EQ(beside(lv), (std::vector<std::string>{"ev-3"}));
}

}  // namespace
}  // namespace headroom::agents
