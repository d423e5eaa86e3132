#include "net/iec104_link.hpp"
#include "net/iec104_asdu.hpp"
#include "unit/net/iec104_samples.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace headroom::net::iec104 {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

std::string frames(std::initializer_list<Frame> list) {
    std::string out;
    for (const Frame& frame : list) {
        std::visit([&](const auto& one) { append_frame(out, one); }, frame);
    }
    return out;
}

/// An answer to an interrogation: its type 100 with this cause.
std::string interrogation_answer(Cause cause, bool is_negative = false) {
    std::string asdu = station_interrogation(1, 0, cause);
    asdu[2] = static_cast<char>(asdu[2] | (is_negative ? 0x40 : 0));
    return asdu;
}

const std::string initialised = "\x46\x01\x04\x00\x01\x00\x00\x00\x00\x00"s;

/// A link and its clock.
struct World {
    LinkRules rules{.common_addresses = {1}};
    Link link;
    SteadyTime now{1h};
    std::uint16_t station_send = 0;

    LinkEffects feed(const LinkEvent& event) {
        auto [next, effects] = step(std::move(link), event, now, rules);
        link = std::move(next);
        return effects;
    }
    LinkEffects arrive(const Frame& frame) { return feed(link_event::Arrived{frame}); }
    /// The station's next I frame, which acknowledges everything of ours.
    LinkEffects information(const std::string& asdu = measured) {
        return arrive(IFrame{station_send++, link.next_send, asdu});
    }
    LinkEffects wait(milliseconds time) {
        now += time;
        return feed(link_event::TimePassed{});
    }
    void run() {
        feed(link_event::Connected{});
        arrive(UFrame{Control::startdt_con});
    }
    /// Running, with its interrogation answered.
    void settle() {
        run();
        information(interrogation_answer(Cause::activation_con));
        information(interrogation_answer(Cause::activation_end));
        feed(link_event::TimePassed{});
    }
};

TEST(Iec104Link, StartsAndInterrogates) {
    World world;
    EXPECT_EQ(world.feed(link_event::Connected{}).send, frames({UFrame{Control::startdt_act}}));
    const LinkEffects effects = world.arrive(UFrame{Control::startdt_con});
    EXPECT_TRUE(effects.started);
    EXPECT_EQ(effects.send, frames({IFrame{0, 0, station_interrogation(1, 0)}}));
    EXPECT_EQ(world.link.phase, Link::Phase::running);
}

TEST(Iec104Link, EndsWhenStartIsNotConfirmedWithinT1) {
    World world;
    world.feed(link_event::Connected{});
    EXPECT_EQ(next_due(world.link, world.rules), world.now + 15s);
    EXPECT_FALSE(world.wait(14'999ms).close.has_value());
    EXPECT_EQ(world.wait(1ms).close, "STARTDT act was not confirmed within t1 = 15 s");
    EXPECT_EQ(next_due(world.link, world.rules), SteadyTime::max());
}

TEST(Iec104Link, AcknowledgesAfterWFrames) {
    World world;
    world.settle();
    world.wait(10s);  // what the interrogation left to acknowledge
    for (int i = 0; i < 7; ++i) {
        const LinkEffects effects = world.information();
        EXPECT_TRUE(effects.deliver);
        EXPECT_EQ(effects.send, "");
    }
    EXPECT_EQ(world.information().send, frames({SFrame{10}}));  // 2 of the interrogation and 8
}

TEST(Iec104Link, AcknowledgesWithinT2) {
    World world;
    world.settle();
    world.wait(10s);
    world.information();
    world.now += 5s;
    world.information();
    EXPECT_EQ(world.wait(4'999ms).send, "");
    EXPECT_EQ(next_due(world.link, world.rules), world.now + 1ms);  // counted from the older one
    EXPECT_EQ(world.wait(1ms).send, frames({SFrame{4}}));
}

TEST(Iec104Link, TestsTheLinkAfterT3AndEndsItAfterT1) {
    World world;
    world.settle();
    world.wait(10s);
    EXPECT_EQ(world.wait(10s).send, frames({UFrame{Control::testfr_act}}));
    EXPECT_EQ(world.wait(14s).send, "");
    EXPECT_EQ(world.wait(1s).close, "TESTFR act was not confirmed within t1 = 15 s");
}

TEST(Iec104Link, ATestThatIsConfirmedKeepsTheLink) {
    World world;
    world.settle();
    world.wait(20s);
    world.arrive(UFrame{Control::testfr_con});
    EXPECT_FALSE(world.wait(19'999ms).close.has_value());
    EXPECT_EQ(world.wait(1ms).send, frames({UFrame{Control::testfr_act}}));
}

TEST(Iec104Link, ConfirmsTheStationsTests) {
    World world;
    world.settle();
    EXPECT_EQ(world.arrive(UFrame{Control::testfr_act}).send, frames({UFrame{Control::testfr_con}}));
}

TEST(Iec104Link, AWrongSendNumberEndsIt) {
    World world;
    world.settle();
    const LinkEffects effects = world.arrive(IFrame{7, 1, measured});
    EXPECT_FALSE(effects.deliver);
    EXPECT_EQ(effects.close, "sequence: the station sent 7 where 2 was due");
}

TEST(Iec104Link, ARepeatedFrameIsAWrongNumberToo) {
    World world;
    world.settle();
    EXPECT_TRUE(world.arrive(IFrame{1, 1, measured}).close.has_value());
}

TEST(Iec104Link, AnAcknowledgementOfWhatWasNotSentEndsIt) {
    World world;
    world.settle();
    EXPECT_EQ(world.arrive(SFrame{2}).close, "sequence: the station acknowledged 2, and we sent up to 1");
    World other;
    other.settle();
    EXPECT_TRUE(other.arrive(SFrame{0}).close.has_value());  // backwards
}

TEST(Iec104Link, NumbersGoRound) {
    World world;
    world.settle();
    world.link.next_receive = world.station_send = sequence_modulus - 1;
    EXPECT_TRUE(world.information().deliver);
    world.station_send = 0;
    EXPECT_EQ(world.link.next_receive, 0);
    EXPECT_TRUE(world.information().deliver);

    world.link.next_send = world.link.acknowledged = sequence_modulus - 1;
    world.link.interrogations[0].stage = Interrogation::Stage::due;
    world.feed(link_event::TimePassed{});
    EXPECT_EQ(world.link.next_send, 0);
    EXPECT_FALSE(world.arrive(SFrame{0}).close.has_value());
    EXPECT_TRUE(world.link.sent_at.empty());
}

TEST(Iec104Link, InformationBeforeStartEndsIt) {
    World world;
    world.feed(link_event::Connected{});
    EXPECT_TRUE(world.arrive(IFrame{0, 0, measured}).close.has_value());
}

TEST(Iec104Link, FramesOfTheOtherSideEndIt) {
    for (const Control control : {Control::startdt_act, Control::stopdt_act, Control::stopdt_con}) {
        World world;
        world.settle();
        EXPECT_TRUE(world.arrive(UFrame{control}).close.has_value()) << to_string(control);
    }
}

TEST(Iec104Link, NoMoreThanKFramesAreOut) {
    World world;
    world.rules.k = 3;
    world.rules.common_addresses = {1, 2, 3, 4, 5};
    world.feed(link_event::Connected{});
    EXPECT_EQ(world.arrive(UFrame{Control::startdt_con}).send,
              frames({IFrame{0, 0, station_interrogation(1, 0)}, IFrame{1, 0, station_interrogation(2, 0)},
                      IFrame{2, 0, station_interrogation(3, 0)}}));
    EXPECT_EQ(world.wait(1s).send, "");
    EXPECT_EQ(world.arrive(SFrame{2}).send,
              frames({IFrame{3, 0, station_interrogation(4, 0)}, IFrame{4, 0, station_interrogation(5, 0)}}));
}

TEST(Iec104Link, AStationThatNeverAcknowledgesIsLeftAfterT1) {
    World world;
    world.run();
    EXPECT_EQ(world.wait(15s).close, "what we sent was not acknowledged within t1 = 15 s");
}

TEST(Iec104Link, InterrogatesAgainAfterTheInterval) {
    World world;
    world.rules.interrogate_every = 60s;
    world.rules.t3 = 1h;
    world.settle();
    EXPECT_EQ(world.wait(59s).send, frames({SFrame{2}}));
    EXPECT_EQ(world.wait(1s).send, frames({IFrame{1, 2, station_interrogation(1, 0)}}));
}

TEST(Iec104Link, InterrogatesAgainAfterAnInitialisation) {
    World world;
    world.settle();
    EXPECT_EQ(world.information(initialised).send, frames({IFrame{1, 3, station_interrogation(1, 0)}}));
}

TEST(Iec104Link, TellsOfInterrogationsThatAreRefusedOrUnanswered) {
    World refused;
    refused.run();
    const LinkEffects effects = refused.information(interrogation_answer(Cause::activation_con, true));
    ASSERT_EQ(effects.notes.size(), 1U);
    EXPECT_EQ(effects.notes[0], "the interrogation of common address 1 was refused with cause 7");
    EXPECT_EQ(effects.interrogations_failed, 1U);

    World silent;
    silent.rules.t3 = 1h;
    silent.run();
    silent.arrive(SFrame{1});
    EXPECT_EQ(silent.wait(59'999ms).notes.size(), 0U);
    const LinkEffects late = silent.wait(1ms);
    ASSERT_EQ(late.notes.size(), 1U);
    EXPECT_EQ(late.notes[0], "the interrogation of common address 1 was not answered");
    EXPECT_FALSE(late.close.has_value());
}

TEST(Iec104Link, CountsInterrogationsThatEnd) {
    World world;
    world.run();
    world.information(interrogation_answer(Cause::activation_con));
    EXPECT_EQ(world.information(interrogation_answer(Cause::activation_end)).interrogations_ended, 1U);
}

TEST(Iec104Link, StopsWithAnAcknowledgement) {
    World world;
    world.settle();
    EXPECT_EQ(world.feed(link_event::Stop{}).send, frames({SFrame{2}, UFrame{Control::stopdt_act}}));
    EXPECT_EQ(world.feed(link_event::TimePassed{}).send, "");  // nothing happens to what is over
}

}  // namespace
}  // namespace headroom::net::iec104
