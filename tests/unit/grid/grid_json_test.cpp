#include "grid/grid_json.hpp"

#include "unit/grid/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::grid {
namespace {

using ::testing::HasSubstr;

Limit emergency_limit() {
    Limit made;
    made.asset = "F-1";
    made.phase = Phase::l2;
    made.kind = LimitKind::emergency;
    made.emergency_minutes = 30;
    made.season = Season::winter;
    made.value = 133.333;
    made.source = "grid file a.csv";
    return made;
}
AuthorityEnvelope fuse_envelope() {
    AuthorityEnvelope made;
    made.id = "env-1";
    made.asset = "S-1";
    made.limit_kind = LimitKind::fuse;
    made.der_class = DerClass::hvac;
    made.power_max = 40'000_W;
    made.cost_max = MicroPounds{12'300'000};
    made.from = evening;
    made.until = evening + hours{1};
    made.granted_by = "eng-1";
    return made;
}

/// The value as it comes back from its text.
json::Value through_text(const json::Value& value) {
    const Result<std::string> text = json::write_canonical(value);
    EXPECT_TRUE(text.has_value()) << text.error().message;
    const Result<json::Value> parsed = json::parse(*text);
    EXPECT_TRUE(parsed.has_value());
    return *parsed;
}

TEST(GridJson, ALimitSurvivesTheAuditLog) {
    const Result<Limit> back = limit_from_json(through_text(to_json(emergency_limit())));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(*back, emergency_limit());
    EXPECT_EQ(to_json(emergency_limit()).integer("/value_milli"), 133'333);
}

TEST(GridJson, AStateEntrySurvivesTheAuditLog) {
    const StateEntry entry{.state = OperationalState::permit,
                           .since = evening,
                           .source = "switching log",
                           .person = "eng-1",
                           .held_by_engineer = true};
    const Result<StateEntry> back = state_entry_from_json(through_text(to_json(entry)));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(back->state, entry.state);
    EXPECT_EQ(back->since, entry.since);
    EXPECT_EQ(back->source, entry.source);
    EXPECT_EQ(back->person, entry.person);
    EXPECT_TRUE(back->held_by_engineer);
    EXPECT_TRUE(state_entry_from_json(to_json(StateEntry{})).has_value());
}

TEST(GridJson, AnEnvelopeSurvivesTheAuditLog) {
    const Result<AuthorityEnvelope> back =
        authority_envelope_from_json(through_text(to_json(fuse_envelope())));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(to_json(*back), to_json(fuse_envelope()));
    EXPECT_EQ(back->limit_kind, LimitKind::fuse);
    EXPECT_EQ(back->der_class, DerClass::hvac);
    EXPECT_EQ(back->power_max, 40'000_W);

    AuthorityEnvelope any = fuse_envelope();
    any.limit_kind.reset();
    any.der_class.reset();
    const Result<AuthorityEnvelope> any_back = authority_envelope_from_json(to_json(any));
    ASSERT_TRUE(any_back.has_value());
    EXPECT_FALSE(any_back->limit_kind.has_value());
    EXPECT_FALSE(any_back->der_class.has_value());
}

TEST(GridJson, NamesTheMemberThatIsWrong) {
    const auto limit_fault = [](const char* key, json::Value value) {
        json::Value object = to_json(emergency_limit());
        object.as_object()->set(key, std::move(value));
        const Result<Limit> read = limit_from_json(object);
        EXPECT_FALSE(read.has_value());
        return read ? "" : read.error().pointer;
    };
    EXPECT_EQ(limit_fault("asset", "a/b"), "/asset");
    EXPECT_EQ(limit_fault("quantity", "kw"), "/quantity");
    EXPECT_EQ(limit_fault("value_milli", 0), "/value_milli");
    EXPECT_EQ(limit_fault("value_milli", 133.3), "/value_milli");
    EXPECT_EQ(limit_fault("kind", 7), "/kind");
    EXPECT_EQ(limit_fault("colour", "red"), "/colour");

    json::Value grant = to_json(fuse_envelope());
    grant.as_object()->set("product", "other");
    EXPECT_EQ(authority_envelope_from_json(grant).error().pointer, "/product");
    grant = to_json(fuse_envelope());
    grant.as_object()->set("power_max_w", -1);
    EXPECT_EQ(authority_envelope_from_json(grant).error().pointer, "/power_max_w");
    grant = to_json(fuse_envelope());
    grant.as_object()->erase("granted_by");
    EXPECT_EQ(authority_envelope_from_json(grant).error().pointer, "/granted_by");
    EXPECT_EQ(state_entry_from_json(json::Value(1)).error().code, Errc::invalid);
}

TEST(GridJson, ElementsAreWrittenWithTheirUnits) {
    Der der;
    der.id = DerId{"D-1"};
    der.feeder = FeederId{"F-1"};
    der.der_class = DerClass::battery;
    der.turn_down_max = 5'500_W;
    der.notice = seconds{90};
    const json::Value written = to_json(der);
    EXPECT_EQ(written.integer("/turn_down_max_w"), 5500);
    EXPECT_EQ(written.integer("/notice_ms"), 90'000);
    EXPECT_EQ(written.text("/der_class"), "battery");
    const json::Value feeder = to_json(Feeder{.id = FeederId{"F-1"}, .parent = "S-1", .rating = 300.0_kW});
    EXPECT_EQ(feeder.text("/parent_id"), "S-1");
    EXPECT_EQ(feeder.number("/rating_kw"), 300.0);
    EXPECT_EQ(to_json(Substation{.id = SubstationId{"S-1"}, .lat = 51.5}).number("/lat"), 51.5);
}

TEST(GridJson, ANameCannotBreakOutOfItsText) {
    const std::string text = json::write(to_json(Feeder{.id = FeederId{"F-1"}, .name = "\",\"id\":\"F-2"}));
    const Result<json::Value> back = json::parse(text);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->text("/id"), "F-1");
    EXPECT_THAT(text, HasSubstr(R"(\",\"id\":\"F-2)"));
}

}  // namespace
}  // namespace headroom::grid
