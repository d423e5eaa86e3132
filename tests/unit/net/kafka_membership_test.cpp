#include "net/kafka_membership.hpp"

#include <gtest/gtest.h>

namespace headroom::net {
namespace {

class KafkaMembershipTest : public ::testing::Test {
  protected:
    static constexpr milliseconds every{400};
    static SteadyTime at(int ms) { return SteadyTime{} + seconds{100} + milliseconds{ms}; }
    void join(int ms) {
        membership_.sent(KafkaMembership::join_group, at(ms));
        membership_.received(KafkaMembership::join_group, at(ms + 1));
        membership_.sent(KafkaMembership::sync_group, at(ms + 1));
        membership_.received(KafkaMembership::sync_group, at(ms + 2));
    }
    void beat(int ms) {
        membership_.sent(KafkaMembership::heartbeat, at(ms));
        membership_.received(KafkaMembership::heartbeat, at(ms + 2));
    }
    KafkaMembership membership_{every};
};

TEST_F(KafkaMembershipTest, CommitsBetweenTwoHeartbeats) {
    EXPECT_FALSE(membership_.may_commit(at(0))) << "no member yet";
    join(0);
    EXPECT_FALSE(membership_.may_commit(at(50))) << "nothing heard since";
    beat(100);
    EXPECT_FALSE(membership_.may_commit(at(150))) << "the answer may still lead to a JoinGroup";
    EXPECT_TRUE(membership_.may_commit(at(202)));
    EXPECT_TRUE(membership_.may_commit(at(340)));
    EXPECT_FALSE(membership_.may_commit(at(341))) << "the next heartbeat is near";
    membership_.sent(KafkaMembership::heartbeat, at(500));
    EXPECT_FALSE(membership_.may_commit(at(620))) << "it is not answered";
    membership_.received(KafkaMembership::heartbeat, at(621));
    EXPECT_TRUE(membership_.may_commit(at(730)));
}

TEST_F(KafkaMembershipTest, WaitsWhileItJoinsAgain) {
    join(0);
    beat(100);
    membership_.sent(KafkaMembership::join_group, at(103));
    EXPECT_FALSE(membership_.may_commit(at(250)));
    membership_.received(KafkaMembership::join_group, at(260));
    EXPECT_FALSE(membership_.may_commit(at(270))) << "the assignment is not there";
    membership_.sent(KafkaMembership::sync_group, at(270));
    membership_.received(KafkaMembership::sync_group, at(280));
    EXPECT_TRUE(membership_.may_commit(at(300)));
}

TEST_F(KafkaMembershipTest, AConnectionThatBrokeIsForgotten) {
    join(0);
    membership_.sent(KafkaMembership::heartbeat, at(100));  // never answered
    beat(900);
    EXPECT_TRUE(membership_.may_commit(at(1010)));
}

}  // namespace
}  // namespace headroom::net
