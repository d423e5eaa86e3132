#include "grid/authority.hpp"

#include "unit/grid/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace headroom::grid {
namespace {

using ::testing::HasSubstr;

/// P ─ HV-1 ─ S-1 ─ F-1;  P ─ S-2 ─ F-2
Network network() {
    Network made;
    const Result<void> added[] = {made.add(Substation{.id = SubstationId{"P"}}),
                                  made.add(Feeder{.id = FeederId{"HV-1"}, .parent = "P"}),
                                  made.add(Substation{.id = SubstationId{"S-1"}, .parent = "HV-1"}),
                                  made.add(Substation{.id = SubstationId{"S-2"}, .parent = "P"}),
                                  made.add(Feeder{.id = FeederId{"F-1"}, .parent = "S-1"}),
                                  made.add(Feeder{.id = FeederId{"F-2"}, .parent = "S-2"})};
    for (const Result<void>& each : added) {
        EXPECT_TRUE(each.has_value());
    }
    return made;
}

/// Allows everything on F-1 that the question below asks, with nothing to spare.
AuthorityEnvelope envelope() {
    AuthorityEnvelope made;
    made.id = "env-1";
    made.asset = "F-1";
    made.limit_kind = LimitKind::continuous;
    made.product = "spot";
    made.der_class = DerClass::battery;
    made.power_max = 40'000_W;
    made.cost_max = MicroPounds{12'300'000};
    made.from = evening;
    made.until = evening + hours{1};
    made.granted_by = "eng-1";
    return made;
}

AuthorityQuestion question() {
    AuthorityQuestion made;
    made.feeder = "F-1";
    made.limit_verified = true;
    made.product = "spot";
    made.der_classes = {DerClass::battery, DerClass::battery};
    made.power = 40'000_W;
    made.cost = MicroPounds{12'300'000};
    made.at = evening;
    return made;
}

AuthorityAnswer ask(const std::vector<AuthorityEnvelope>& envelopes, const AuthorityQuestion& asked,
                    AuthorityLevel configured = AuthorityLevel::act) {
    AuthorityAnswer answer = authorise(configured, envelopes, network(), asked);
    EXPECT_FALSE(answer.reason.empty());
    EXPECT_EQ(answer.envelope_id.empty(), answer.level != AuthorityLevel::act);
    return answer;
}
AuthorityAnswer ask_with(const std::function<void(AuthorityQuestion&)>& change) {
    AuthorityQuestion asked = question();
    change(asked);
    return ask({envelope()}, asked);
}
AuthorityAnswer ask_under(const std::function<void(AuthorityEnvelope&)>& change) {
    AuthorityEnvelope granted = envelope();
    change(granted);
    return ask({granted}, question());
}

TEST(Authorise, ActsWithinAnEnvelope) {
    const AuthorityAnswer answer = ask({envelope()}, question());
    EXPECT_EQ(answer.level, AuthorityLevel::act);
    EXPECT_EQ(answer.envelope_id, "env-1");
    EXPECT_EQ(answer.reason,
              "feeder F-1: envelope env-1 of eng-1 allows 40 kW for GBP 12.3 until 2026-11-20T18:00:00.000Z");
}

TEST(Authorise, NeverGoesAboveTheConfiguredLevel) {
    EXPECT_EQ(ask({envelope()}, question(), AuthorityLevel::propose).level, AuthorityLevel::propose);
    EXPECT_EQ(ask({envelope()}, question(), AuthorityLevel::shadow).level, AuthorityLevel::shadow);
}

TEST(Authorise, ShadowStaysShadowWhateverElseIsWrong) {
    AuthorityQuestion asked = question();
    asked.limit_verified = false;
    asked.data_fresh = false;
    EXPECT_EQ(ask({}, asked, AuthorityLevel::shadow).level, AuthorityLevel::shadow);
}

TEST(Authorise, AnUnverifiedLimitNeedsAPerson) {
    const AuthorityAnswer answer = ask_with([](AuthorityQuestion& asked) { asked.limit_verified = false; });
    EXPECT_EQ(answer.level, AuthorityLevel::propose);
    EXPECT_EQ(answer.reason, "feeder F-1: a person decides, its limit is not verified");
}

TEST(Authorise, AFeederThatIsNotNormalNeedsAPerson) {
    for (const OperationalState state :
         {OperationalState::abnormal, OperationalState::outage, OperationalState::restoring}) {
        const AuthorityAnswer answer = ask_with(
            [&](AuthorityQuestion& asked) { asked.state = StateEntry{.state = state, .since = evening}; });
        EXPECT_EQ(answer.level, AuthorityLevel::propose);
        EXPECT_THAT(answer.reason,
                    HasSubstr("its state is " + std::string(to_string(state)) + " since 2026"));
    }
}

TEST(Authorise, NothingIsSentToAnIsolatedFeederOrOneUnderPermit) {
    for (const OperationalState state : {OperationalState::isolated, OperationalState::permit}) {
        AuthorityQuestion asked = question();
        asked.state = StateEntry{.state = state, .since = evening};
        for (const AuthorityLevel configured : {AuthorityLevel::propose, AuthorityLevel::act}) {
            const AuthorityAnswer answer = ask({envelope()}, asked, configured);
            EXPECT_EQ(answer.level, AuthorityLevel::shadow);
            EXPECT_THAT(answer.reason,
                        HasSubstr("nothing is sent, its state is " + std::string(to_string(state))));
        }
    }
}

TEST(Authorise, NothingIsSentWhileAnEngineerHoldsTheFeeder) {
    const AuthorityAnswer answer = ask_with([](AuthorityQuestion& asked) {
        asked.state = StateEntry{.since = evening, .person = "eng-7", .held_by_engineer = true};
    });
    EXPECT_EQ(answer.level, AuthorityLevel::shadow);
    EXPECT_THAT(answer.reason, HasSubstr("it is held by eng-7 since 2026-11-20T17:00"));
}

TEST(Authorise, StaleDataNeedsAPerson) {
    const AuthorityAnswer answer = ask_with([](AuthorityQuestion& asked) {
        asked.data_fresh = false;
        asked.data_detail = "last reading 40 min ago";
    });
    EXPECT_EQ(answer.level, AuthorityLevel::propose);
    EXPECT_EQ(answer.reason, "feeder F-1: a person decides, its data is not fresh (last reading 40 min ago)");
}

TEST(Authorise, TellsEveryReasonTogether) {
    const AuthorityAnswer answer = ask_with([](AuthorityQuestion& asked) {
        asked.limit_verified = false;
        asked.data_fresh = false;
    });
    EXPECT_EQ(answer.reason,
              "feeder F-1: a person decides, its limit is not verified; its data is not fresh");
}

TEST(Authorise, AFeederOutsideTheNetworkNeedsAPerson) {
    AuthorityEnvelope anywhere = envelope();
    anywhere.asset = "";
    AuthorityQuestion asked = question();
    asked.feeder = "F-9";
    const AuthorityAnswer answer = ask({anywhere}, asked);
    EXPECT_EQ(answer.level, AuthorityLevel::propose);
    EXPECT_THAT(answer.reason, HasSubstr("it is not in the network"));
}

TEST(Authorise, WithoutAnEnvelopeAPersonDecides) {
    const AuthorityAnswer answer = ask({}, question());
    EXPECT_EQ(answer.level, AuthorityLevel::propose);
    EXPECT_EQ(answer.reason, "feeder F-1: a person decides, no envelope covers this");
}

TEST(Authorise, ARevokedEnvelopeAllowsNothing) {
    const AuthorityAnswer answer = ask_under([](AuthorityEnvelope& granted) { granted.revoked = true; });
    EXPECT_EQ(answer.level, AuthorityLevel::propose);
    EXPECT_THAT(answer.reason, HasSubstr("no envelope covers this: env-1 is revoked"));
}

TEST(Authorise, AnEnvelopeHoldsFromItsBeginningToBeforeItsEnd) {
    const auto level_at = [](UtcTime at) {
        return ask_with([at](AuthorityQuestion& asked) { asked.at = at; }).level;
    };
    EXPECT_EQ(level_at(evening - milliseconds{1}), AuthorityLevel::propose);
    EXPECT_EQ(level_at(evening), AuthorityLevel::act);
    EXPECT_EQ(level_at(evening + hours{1} - milliseconds{1}), AuthorityLevel::act);
    EXPECT_EQ(level_at(evening + hours{1}), AuthorityLevel::propose);
}

TEST(Authorise, AnEnvelopeThatWasNeverFilledInAllowsNothing) {
    EXPECT_EQ(ask({AuthorityEnvelope{}}, question()).level, AuthorityLevel::propose);
}

TEST(Authorise, AnEnvelopeOfASubstationCoversTheFeedersBelowIt) {
    for (const char* asset : {"S-1", "P", ""}) {
        EXPECT_EQ(ask_under([&](AuthorityEnvelope& granted) { granted.asset = asset; }).level,
                  AuthorityLevel::act)
            << asset;
    }
}

TEST(Authorise, AnEnvelopeOfAnotherAssetCoversNothingHere) {
    for (const char* asset : {"F-2", "S-2", "HV-1", "S-9"}) {  // HV-1 is above F-1, but a feeder
        const AuthorityAnswer answer = ask_under([&](AuthorityEnvelope& granted) { granted.asset = asset; });
        EXPECT_EQ(answer.level, AuthorityLevel::propose);
        EXPECT_THAT(answer.reason, HasSubstr("env-1 is for " + std::string(asset)));
    }
}

TEST(Authorise, TheLimitKindMustBeTheEnvelopes) {
    const auto ask_kind = [](LimitKind kind) {
        return ask_with([kind](AuthorityQuestion& asked) { asked.limit_kind = kind; });
    };
    EXPECT_EQ(ask_kind(LimitKind::fuse).level, AuthorityLevel::propose);
    EXPECT_THAT(ask_kind(LimitKind::fuse).reason, HasSubstr("is for continuous limits, not fuse"));
    EXPECT_EQ(ask_under([](AuthorityEnvelope& granted) { granted.limit_kind.reset(); }).level,
              AuthorityLevel::act);
}

TEST(Authorise, TheProductMustBeTheEnvelopes) {
    const AuthorityAnswer answer = ask_with([](AuthorityQuestion& asked) { asked.product = "armed"; });
    EXPECT_EQ(answer.level, AuthorityLevel::propose);
    EXPECT_THAT(answer.reason, HasSubstr("is for the product spot, not armed"));
    EXPECT_EQ(ask_under([](AuthorityEnvelope& granted) { granted.product = ""; }).level, AuthorityLevel::act);
    const AuthorityAnswer ahead = ask_with([](AuthorityQuestion& asked) { asked.product = "week_ahead"; });
    EXPECT_EQ(ahead.level, AuthorityLevel::propose);
}

TEST(Authorise, EveryDerMustBeOfTheEnvelopesClass) {
    const AuthorityAnswer mixed = ask_with([](AuthorityQuestion& asked) {
        asked.der_classes = {DerClass::battery, DerClass::hvac};
    });
    EXPECT_EQ(mixed.level, AuthorityLevel::propose);
    EXPECT_THAT(mixed.reason, HasSubstr("is for battery only, not hvac"));
    EXPECT_EQ(ask_with([](AuthorityQuestion& asked) { asked.der_classes.clear(); }).level,
              AuthorityLevel::propose);
    EXPECT_EQ(ask_under([](AuthorityEnvelope& granted) { granted.der_class.reset(); }).level,
              AuthorityLevel::act);
}

TEST(Authorise, PowerAndCostMustBeWithinTheEnvelope) {
    const AuthorityAnswer power = ask_with([](AuthorityQuestion& asked) { asked.power = 40'001_W; });
    EXPECT_EQ(power.level, AuthorityLevel::propose);
    EXPECT_THAT(power.reason, HasSubstr("env-1 allows 40 kW, not 40.001 kW"));
    const AuthorityAnswer cost =
        ask_with([](AuthorityQuestion& asked) { asked.cost = MicroPounds{12'300'001}; });
    EXPECT_EQ(cost.level, AuthorityLevel::propose);
    EXPECT_THAT(cost.reason, HasSubstr("env-1 allows GBP 12.3, not GBP 12.300001"));
}

TEST(Authorise, PowerOrCostBelowZeroIsNoWayIn) {
    EXPECT_EQ(ask_with([](AuthorityQuestion& asked) { asked.power = -40'000_W; }).level,
              AuthorityLevel::propose);
    EXPECT_EQ(ask_with([](AuthorityQuestion& asked) { asked.cost = MicroPounds{-1}; }).level,
              AuthorityLevel::propose);
}

TEST(Authorise, EnvelopesDoNotAddUpAndTheFirstThatCoversIsNamed) {
    AuthorityEnvelope half = envelope();
    half.power_max = 20'000_W;
    EXPECT_EQ(ask({half, half}, question()).level, AuthorityLevel::propose);
    AuthorityEnvelope second = envelope();
    second.id = "env-2";
    AuthorityEnvelope third = envelope();
    third.id = "env-3";
    EXPECT_EQ(ask({half, second, third}, question()).envelope_id, "env-2");
}

TEST(Authorise, TellsTheFirstRefusalsAndCountsTheRest) {
    AuthorityEnvelope revoked = envelope();
    revoked.revoked = true;
    const AuthorityAnswer answer = ask(std::vector<AuthorityEnvelope>(7, revoked), question());
    EXPECT_THAT(answer.reason, HasSubstr("; and 2 more"));
}

TEST(Authority, ReadsItsWordsBack) {
    for (const AuthorityLevel level :
         {AuthorityLevel::shadow, AuthorityLevel::propose, AuthorityLevel::act}) {
        EXPECT_EQ(parse_authority_level(to_string(level)), level);
    }
    EXPECT_FALSE(parse_authority_level("Act").has_value());
}

TEST(OperationalStates, AnElementThatNobodyMentionedIsNormal) {
    OperationalStates states;
    EXPECT_EQ(states.of("F-1").state, OperationalState::normal);
    states.set("F-1", StateEntry{.state = OperationalState::permit, .person = "eng-1"});
    EXPECT_EQ(states.of("F-1").state, OperationalState::permit);
    EXPECT_EQ(states.of("F-2").state, OperationalState::normal);
    for (const OperationalState state :
         {OperationalState::normal, OperationalState::abnormal, OperationalState::outage,
          OperationalState::isolated, OperationalState::permit, OperationalState::restoring}) {
        EXPECT_EQ(parse_operational_state(to_string(state)), state);
    }
}

}  // namespace
}  // namespace headroom::grid
