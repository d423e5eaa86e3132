#include "agents/projection.hpp"

#include <gtest/gtest.h>

#include <map>

namespace headroom::agents {
namespace {

using Store = std::map<std::pair<std::string, std::string>, store::Record>;

RecordReader reader_of(const Store& store) {
    return [&store](const std::string& kind, const std::string& id) -> std::optional<store::Record> {
        const auto found = store.find({kind, id});
        return found == store.end() ? std::nullopt : std::optional(found->second);
    };
}

void keep(Store& store, const store::Batch& batch) {
    for (const store::Record& record : batch.puts) {
        store[{record.kind, record.id}] = record;
    }
}

audit::Entry entry_of_event(std::uint64_t seq, std::string type, json::Object body,
                            std::string corr = "ev-1") {
    audit::Entry made;
    made.seq = seq;
    made.type = std::move(type);
    made.body = std::move(body);
    made.corr = std::move(corr);
    made.outcome = "ok";
    return made;
}

Result<std::string> no_blob(const std::string& sha256) {
    return Error{Errc::not_found, "no blob " + sha256};
}

audit::Entry intent(std::uint64_t seq) {
    return entry_of_event(
        seq, "dispatch.order.intent",
        {{"order", "I1"},
         {"instruction", json::Object{{"order", "I1"}, {"state", "intent"}, {"attempt", 1}}}});
}

TEST(Projection, AnInstructionFollowsItsEntries) {
    Store store;
    keep(store,
         *project({intent(4), entry_of_event(5, "dispatch.order.sent", {{"order", "I1"}, {"attempt", 1}}),
                   entry_of_event(6, "dispatch.order.ack", {{"order", "I1"}})},
                  reader_of(store), no_blob));
    const store::Record record = store.at({"instruction", "I1"});
    EXPECT_EQ(record.state, "acked");
    EXPECT_EQ(record.corr, "ev-1");
    EXPECT_EQ(record.applied_seq, 6U);
    EXPECT_EQ(json::parse(record.json)->text("/state"), "acked");
}

TEST(Projection, ApplyingTheTailTwiceChangesNothing) {
    Store store;
    const std::vector<audit::Entry> entries{intent(4),
                                            entry_of_event(5, "dispatch.order.ack", {{"order", "I1"}})};
    keep(store, *project(entries, reader_of(store), no_blob));
    const Store once = store;
    keep(store, *project(entries, reader_of(store), no_blob));
    EXPECT_EQ(store, once);
}

TEST(Projection, AnAcknowledgementOfAnUnknownInstructionMakesNoRecord) {
    const Store store;
    const Result<store::Batch> batch =
        project({entry_of_event(9, "dispatch.order.ack", {{"order", "I9"}})}, reader_of(store), no_blob);
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->puts.empty());
    EXPECT_EQ(batch->applied_seq, 10U);
}

TEST(Projection, EventAndContractStandAsTheEntryLeavesThem) {
    Store store;
    keep(store, *project({entry_of_event(
                             1, "order.contracted",
                             {{"event_after", json::Object{{"state", "approved"}}},
                              {"contract_after", json::Object{{"transaction", "T1"}, {"state", "active"}}}})},
                         reader_of(store), no_blob));
    EXPECT_EQ(store.at({"event", "ev-1"}).state, "approved");
    EXPECT_EQ(store.at({"contract", "T1"}).state, "active");
}

TEST(Projection, AnEventTooLargeForAnEntryIsReadFromItsBlob) {
    const Store store;
    const auto blob = [](const std::string& sha256) -> Result<std::string> {
        return sha256 == "abc" ? Result<std::string>(R"({"state":"active"})")
                               : Result<std::string>(Error{Errc::not_found, "no blob " + sha256});
    };
    const std::vector<audit::Entry> entries{entry_of_event(
        3, "event.state", {{"event_after_blob", json::Object{{"sha256", "abc"}, {"size", 18}}}})};
    const Result<store::Batch> batch = project(entries, reader_of(store), blob);
    ASSERT_TRUE(batch) << batch.error().message;
    ASSERT_EQ(batch->puts.size(), 1U);
    EXPECT_EQ(batch->puts[0].state, "active");
    EXPECT_FALSE(project(entries, reader_of(store), no_blob)) << "a blob that is gone is no silent gap";
}

TEST(Projection, AnIntentWithoutItsInstructionIsCorrupt) {
    const Store store;
    const Result<store::Batch> batch =
        project({entry_of_event(1, "dispatch.order.intent", {{"order", "I1"}})}, reader_of(store), no_blob);
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().code, Errc::corrupt);
}

// What a statement verified is a record of its own; a correction takes its place, a blob stands for a large
// one.
TEST(Projection, WhatASettlementVerifiedIsKeptByEvent) {
    Store store;
    const auto settled = [](std::uint64_t seq, std::string type, json::Object more) {
        more.set("statement", json::Object{{"id", "st-1"}, {"state", "VERIFIED"}});
        return entry_of_event(seq, std::move(type), std::move(more));
    };
    keep(store, *project({settled(4, "settlement.record", {{"delivered", json::Object{{"event", "ev-1"}}}})},
                         reader_of(store), no_blob));
    EXPECT_EQ(store.at({"delivery", "ev-1"}).json, R"({"event":"ev-1"})");
    EXPECT_EQ(store.at({"statement", "st-1"}).applied_seq, 4U);
    const auto blob = [](const std::string&) -> Result<std::string> {
        return std::string(R"({"event":"large"})");
    };
    keep(store, *project({settled(5, "settlement.correction",
                                  {{"delivered_blob", json::Object{{"sha256", "abc"}, {"size", 17}}}})},
                         reader_of(store), blob));
    EXPECT_EQ(store.at({"delivery", "ev-1"}).json, R"({"event":"large"})");
    Store old;
    keep(old, *project({settled(6, "settlement.record", {})}, reader_of(old), no_blob));
    EXPECT_FALSE(old.contains({"delivery", "ev-1"})) << "an entry of an older version";
}

}  // namespace
}  // namespace headroom::agents
