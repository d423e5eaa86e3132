// Authority of the rules file beside what people granted and took back.
#include "app/operator_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

grid::AuthorityEnvelope envelope(std::string id, std::string granted_by = "", bool revoked = false) {
    grid::AuthorityEnvelope out;
    out.id = std::move(id);
    out.granted_by = std::move(granted_by);
    out.revoked = revoked;
    return out;
}

TEST(EnvelopeChanges, TheFilesAreGrantedOnceAndTakenBackWithIt) {
    const EnvelopeChanges first = envelope_changes({}, {envelope("A"), envelope("B")}, "site@1");
    EXPECT_EQ(first.grant.size(), 2U);
    const EnvelopeChanges again =
        envelope_changes({envelope("A", "rules site@1"), envelope("B", "rules site@1")},
                         {envelope("A"), envelope("B")}, "site@1");
    EXPECT_THAT(again.grant, IsEmpty());
    const EnvelopeChanges without = envelope_changes(
        {envelope("A", "rules site@1"), envelope("B", "rules site@1")}, {envelope("A")}, "site@2");
    ASSERT_EQ(without.grant.size(), 1U) << "under the new version";
    EXPECT_THAT(without.revoke, ElementsAre("B"));
    EXPECT_THAT(envelope_changes({envelope("A", "rules site@1")}, {}, "none").revoke, ElementsAre("A"));
}

TEST(EnvelopeChanges, WhatAPersonTookBackStaysSoUntilAnotherVersion) {
    const std::vector<grid::AuthorityEnvelope> standing{envelope("A", "rules site@1", true)};
    EXPECT_THAT(envelope_changes(standing, {envelope("A")}, "site@1").grant, IsEmpty());
    EXPECT_EQ(envelope_changes(standing, {envelope("A")}, "site@2").grant.size(), 1U);
    EXPECT_THAT(envelope_changes(standing, {}, "site@1").revoke, IsEmpty());
}

TEST(EnvelopeChanges, WhatAPersonGrantedIsTheirs) {
    const EnvelopeChanges changes =
        envelope_changes({envelope("A", "alice"), envelope("C", "alice")}, {envelope("A")}, "site@1");
    EXPECT_THAT(changes.grant, IsEmpty());
    EXPECT_THAT(changes.left_alone, ElementsAre("A"));
    EXPECT_THAT(changes.revoke, IsEmpty());
}

}  // namespace
}  // namespace headroom::app
