#include "audit/entry.hpp"

#include "audit/leaf_check.hpp"
#include "unit/audit/support.hpp"

namespace headroom::audit {
namespace {

using testing::at;
using testing::draft;

TEST(Entry, OfTheExampleLogReadsAndWritesTheSameBytes) {
    for (std::size_t i = 0; i < vectors::leaves.size(); ++i) {
        const Result<Entry> entry = parse_leaf(vectors::leaves[i]);
        ASSERT_TRUE(entry.has_value()) << entry.error().message;
        EXPECT_EQ(entry->seq, i);
        const Result<std::string> leaf = write_leaf(*entry);
        ASSERT_TRUE(leaf.has_value()) << leaf.error().message;
        EXPECT_EQ(*leaf, vectors::leaves[i]);
    }
}

TEST(Entry, KeepsEveryMember) {
    const Entry entry = *parse_leaf(vectors::leaves[5]);
    EXPECT_EQ(entry.type, "dispatch.order.ack");
    EXPECT_EQ(entry.actor.id, "bess-77");
    EXPECT_EQ(entry.actor.kind, "device");
    EXPECT_EQ(entry.corr, "ev-20261120-01");
    EXPECT_EQ(entry.outcome, "ok");
    EXPECT_EQ(entry.ts, at("2026-11-20T16:55:00.005Z"));
    EXPECT_EQ(json::Value(entry.body).text("/note"), "caf\xC3\xA9 \"ok\" / \xE2\x82\xAC\t\x01");
    EXPECT_EQ(json::Value(entry.body).integer("/latency_ms"), 412);
}

TEST(Entry, OptionalMembersComeAndGo) {
    Entry entry{.seq = 3,
                .ts = at("2026-11-20T17:00:00.250Z"),
                .type = "dispatch.order.nack",
                .actor = {.id = "bess-77", .kind = "device", .ip = "192.0.2.1", .via = "mqtt", .epoch = 7},
                .body = {},
                .corr = "ev-20261120-abcdefgh",
                .caus = "01JD3ZK6V3V9Q6T8W2M4N5P7R9",
                .outcome = "timeout"};
    EXPECT_EQ(
        *write_leaf(entry),
        R"({"actor":{"epoch":7,"id":"bess-77","ip":"192.0.2.1","kind":"device","via":"mqtt"},"body":{},)"
        R"("caus":"01JD3ZK6V3V9Q6T8W2M4N5P7R9","corr":"ev-20261120-abcdefgh","outcome":"timeout",)"
        R"("seq":3,"ts":"2026-11-20T17:00:00.250Z","type":"dispatch.order.nack","v":1})");
    EXPECT_EQ(*parse_leaf(*write_leaf(entry)), entry);
}

TEST(PrepareDraft, GivesTheSameBytesAsTheEntry) {
    const Draft made = draft("dispatch.order.sent", 42);
    std::string leaf;
    append_leaf(leaf, *prepare(made), 11, "2026-11-20T17:00:00.000Z");
    EXPECT_EQ(leaf, *write_leaf({.seq = 11,
                                 .ts = at("2026-11-20T17:00:00.000Z"),
                                 .type = made.type,
                                 .actor = made.actor,
                                 .body = made.body,
                                 .corr = made.corr,
                                 .caus = made.caus,
                                 .outcome = made.outcome}));
    EXPECT_TRUE(check_leaf(leaf).has_value());
}

std::string refusal_pointer(const Draft& refused) {
    const Result<PreparedDraft> prepared = prepare(refused);
    return prepared ? "was accepted" : prepared.error().pointer;
}

TEST(PrepareDraft, NamesTheMemberThatDoesNotFit) {
    EXPECT_EQ(refusal_pointer(draft("dispatch.order.invented")), "/type");
    Draft refused = draft();
    refused.actor.id.clear();
    EXPECT_EQ(refusal_pointer(refused), "/actor/id");
    refused = draft();
    refused.actor.kind = "robot";
    EXPECT_EQ(refusal_pointer(refused), "/actor/kind");
    refused = draft();
    refused.outcome = "fine";
    EXPECT_EQ(refusal_pointer(refused), "/outcome");
    refused = draft();
    refused.corr = "two words";
    EXPECT_EQ(refusal_pointer(refused), "/corr");
    refused = draft();
    refused.caus = "quo\"te";
    EXPECT_EQ(refusal_pointer(refused), "/caus");
    refused = draft();
    refused.body.set("load_kw", 1.5);
    EXPECT_EQ(refusal_pointer(refused), "/body/load_kw");
    refused = draft();
    refused.body.set("Load", 1);
    EXPECT_EQ(refusal_pointer(refused), "/body/Load");
    refused = draft();
    refused.body.set("text", "\xFF");
    EXPECT_EQ(refusal_pointer(refused), "/body/text");
}

TEST(PrepareDraft, RefusesALeafAbove65535Bytes) {
    Draft large = draft();
    large.body.set("text", std::string(65000, 'x'));
    EXPECT_TRUE(prepare(large).has_value());
    large.body.set("text", std::string(65500, 'x'));
    const Result<PreparedDraft> prepared = prepare(large);
    ASSERT_FALSE(prepared.has_value());
    EXPECT_EQ(prepared.error().code, Errc::invalid);
    EXPECT_NE(prepared.error().message.find("blob"), std::string::npos);
}

TEST(PrepareDraft, NeverExceedsItsUpperBound) {
    const PreparedDraft prepared = *prepare(draft());
    std::string leaf;
    append_leaf(leaf, prepared, (std::uint64_t{1} << 53U) - 1, "2026-11-20T17:00:00.000Z");
    EXPECT_EQ(leaf.size(), prepared.leaf_bytes_max());
}

TEST(EntryTypes, KnowsWhatMayPassOnAFullDisk) {
    EXPECT_EQ(entry_types().size(), 75U);
    for (const std::string_view type :
         {"dispatch.release", "dispatch.order.cancel", "dispatch.order.expired", "dispatch.order.ack",
          "api.denied", "auth.denied", "stop.all", "reservation.released"}) {
        EXPECT_TRUE(is_known_type(type)) << type;
        EXPECT_TRUE(is_stopping_type(type)) << type;
    }
    for (const std::string_view type :
         {"dispatch.order.intent", "dispatch.order.sent", "dispatch.approve", "config.change", "order.judged",
          "reservation.made", "authority.grant", "clock.tick"}) {
        EXPECT_TRUE(is_known_type(type)) << type;
        EXPECT_FALSE(is_stopping_type(type)) << type;
    }
    EXPECT_FALSE(is_known_type("dispatch"));
    EXPECT_FALSE(is_known_type(""));
}

TEST(Entry, AsJsonHoldsTheLeafsMembers) {
    const json::Object object = to_json(*parse_leaf(vectors::leaves[6]));
    const json::Value value(object);
    EXPECT_EQ(value.integer("/seq"), 6);
    EXPECT_EQ(value.text("/actor/ip"), "2001:db8::7");
    EXPECT_EQ(value.text("/outcome"), "denied");
    EXPECT_EQ(value.text("/ts"), "2026-11-20T16:56:00.006Z");
    EXPECT_EQ(object.find("corr"), nullptr);
}

}  // namespace
}  // namespace headroom::audit
