#include "agents/kept_transactions.hpp"

#include "contract/store/temp_dir.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace headroom::agents {
namespace {

class KeptTransactionsTest : public testing::Test {
  protected:
    void write(const std::string& kind, int count) {
        store::Batch batch;
        for (int i = 0; i < count; ++i) {
            batch.puts.push_back({.kind = kind,
                                  .id = kind + std::to_string(i),
                                  .corr = "",
                                  .state = "",
                                  .json = "{}",
                                  .applied_seq = 0});
        }
        ASSERT_TRUE(records_->write(batch).has_value());
    }

    store::TempDir folder_;
    std::unique_ptr<store::Records> records_ = store::open_sqlite_records(folder_ / "records.db").value();
};

TEST_F(KeptTransactionsTest, BeforeTheStoreIsLookedThroughAnythingMayBeHeld) {
    KeptTransactions known;
    EXPECT_TRUE(known.may_hold("a"));
    known.add("b");
    EXPECT_TRUE(known.may_hold("a"));
}

TEST_F(KeptTransactionsTest, AnEmptyStoreHoldsNothingUntilItIsAdded) {
    Result<KeptTransactions> known = KeptTransactions::learn(*records_, "saga");
    ASSERT_TRUE(known.has_value());
    EXPECT_FALSE(known->may_hold("a"));
    known->add("a");
    EXPECT_TRUE(known->may_hold("a"));
    EXPECT_FALSE(known->may_hold("b"));
}

TEST_F(KeptTransactionsTest, EveryPageOfItsKindIsRead) {
    write("saga", 2345);  // pages have a thousand
    write("other", 3);
    const Result<KeptTransactions> known = KeptTransactions::learn(*records_, "saga");
    ASSERT_TRUE(known.has_value());
    for (int i = 0; i < 2345; ++i) {
        EXPECT_TRUE(known->may_hold("saga" + std::to_string(i))) << i;
    }
    EXPECT_FALSE(known->may_hold("other1"));
    EXPECT_FALSE(known->may_hold("saga2345"));
}

TEST_F(KeptTransactionsTest, BeyondItsBoundAnythingMayBeHeldAgain) {
    Result<KeptTransactions> known = KeptTransactions::learn(*records_, "saga");
    ASSERT_TRUE(known.has_value());
    for (std::size_t i = 0; i <= KeptTransactions::kept_max; ++i) {
        known->add(std::to_string(i));
    }
    EXPECT_TRUE(known->may_hold("never seen"));
}

}  // namespace
}  // namespace headroom::agents
