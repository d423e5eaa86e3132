#include "contract/store/stores.hpp"

#include "contract/store/instants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace headroom::store {
namespace {

using ::testing::HasSubstr;

Record record(std::string kind, std::string id, std::string state = "", std::string corr = "") {
    return {std::move(kind), std::move(id), std::move(corr), std::move(state), "{}", 0};
}

class RecordsContract : public StoreTest<Records> {
  protected:
    void put(std::vector<Record> records) {
        Batch batch;
        batch.puts = std::move(records);
        const Result<void> written = store_->write(batch);
        ASSERT_TRUE(written.has_value()) << written.error().message;
    }
    /// "kind/id" of each, or the fault.
    static std::vector<std::string> names(const Result<std::vector<Record>>& records) {
        if (!records) {
            return {records.error().message};
        }
        std::vector<std::string> out;
        for (const Record& each : *records) {
            out.push_back(each.kind + "/" + each.id);
        }
        return out;
    }

    static Reservation asking(std::int64_t kw, std::string contract, UtcTime period = noon) {
        return {.der = "D-1",
                .turn_up = false,
                .period = period,
                .power = Watts{kw * 1000},
                .contract = std::move(contract),
                .fence = 1,
                .lease_until = noon + hours{2}};
    }
    Result<void> reserve(const std::vector<Reservation>& wanted, std::int64_t offered_kw,
                         UtcTime now = noon) {
        const std::vector<Watts> offered(wanted.size(), Watts{offered_kw * 1000});
        return store_->reserve(wanted, offered, now);
    }
};

TEST_P(RecordsContract, GivesBackWhatWasPut) {
    const Record stored{"event", "ev-1", "ev-1", "armed", "{\"a\":\"\xC3\xA9 'quoted' --\"}", 17};
    put({stored});
    const Result<Record> got = store_->get("event", "ev-1");
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(*got, stored);
}

TEST_P(RecordsContract, AnswersNotFound) {
    EXPECT_EQ(store_->get("event", "ev-1").error().code, Errc::not_found);
    put({record("event", "ev-1")});
    EXPECT_EQ(store_->get("contract", "ev-1").error().code, Errc::not_found);
}

TEST_P(RecordsContract, ALaterPutReplaces) {
    put({record("event", "ev-1", "detected", "ev-1")});
    put({record("event", "ev-1", "armed", "ev-2")});
    EXPECT_EQ(store_->get("event", "ev-1")->state, "armed");
    EXPECT_TRUE(store_->list_by_state("event", "detected")->empty());
    EXPECT_TRUE(store_->list_by_corr("ev-1")->empty());
}

TEST_P(RecordsContract, ListsByIdInPages) {
    put({record("event", "c"), record("event", "a"), record("event", "b"), record("event", "B"),
         record("other", "z")});
    EXPECT_EQ(names(store_->list("event")),
              (std::vector<std::string>{"event/B", "event/a", "event/b", "event/c"}));
    EXPECT_EQ(names(store_->list("event", "", 2)), (std::vector<std::string>{"event/B", "event/a"}));
    EXPECT_EQ(names(store_->list("event", "a", 2)), (std::vector<std::string>{"event/b", "event/c"}));
    EXPECT_TRUE(store_->list("event", "c", 2)->empty());
    EXPECT_TRUE(store_->list("nothing")->empty());
}

TEST_P(RecordsContract, ListsByStateAndByEvent) {
    put({record("event", "e2", "armed"), record("event", "e1", "armed"), record("event", "e3", "closed"),
         record("contract", "c1", "armed", "e1"), record("instruction", "i1", "", "e1")});
    EXPECT_EQ(names(store_->list_by_state("event", "armed")),
              (std::vector<std::string>{"event/e1", "event/e2"}));
    EXPECT_EQ(names(store_->list_by_corr("e1")), (std::vector<std::string>{"contract/c1", "instruction/i1"}));
}

TEST_P(RecordsContract, NamesAreTakenLiterally) {
    put({record("event", "a' OR '1'='1"), record("event", "%"), record("event", "b")});
    EXPECT_EQ(store_->get("event", "a' OR '1'='1")->id, "a' OR '1'='1");
    EXPECT_EQ(names(store_->list_by_state("event' --", "")), std::vector<std::string>{});
    Batch batch;
    batch.removes = {{"event", "%"}};
    ASSERT_TRUE(store_->write(batch));
    EXPECT_EQ(store_->list("event")->size(), 2U);
}

TEST_P(RecordsContract, RemovesAreForgottenAndAbsentOnesHarmless) {
    put({record("event", "a"), record("event", "b")});
    Batch batch;
    batch.removes = {{"event", "a"}, {"event", "never"}};
    ASSERT_TRUE(store_->write(batch));
    EXPECT_EQ(names(store_->list("event")), (std::vector<std::string>{"event/b"}));
}

TEST_P(RecordsContract, KeepsTheProjectionsPosition) {
    EXPECT_EQ(*store_->applied_seq(), 0U);
    Batch batch;
    batch.puts = {record("event", "a")};
    batch.applied_seq = 42;
    ASSERT_TRUE(store_->write(batch));
    put({record("event", "b")});  // without a position: it stays
    EXPECT_EQ(*store_->applied_seq(), 42U);
}

TEST_P(RecordsContract, ARefusedBatchLeavesNothingBehind) {
    Batch batch;
    batch.puts = {record("event", "a"), record("event", "")};
    batch.applied_seq = 7;
    const Result<void> written = store_->write(batch);
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code, Errc::invalid);
    EXPECT_EQ(store_->get("event", "a").error().code, Errc::not_found);
    EXPECT_EQ(*store_->applied_seq(), 0U);
}

TEST_P(RecordsContract, EverythingIsThereAfterReopening) {
    Batch batch;
    batch.puts = {record("event", "a", "armed")};
    batch.applied_seq = 3;
    ASSERT_TRUE(store_->write(batch));
    ASSERT_TRUE(reserve({asking(5, "tx-1")}, 10));
    const std::uint64_t number = *store_->next_number("fence");
    reopen();
    EXPECT_EQ(store_->get("event", "a")->state, "armed");
    EXPECT_EQ(*store_->applied_seq(), 3U);
    EXPECT_EQ(store_->reservations("D-1", noon)->size(), 1U);
    EXPECT_GT(*store_->next_number("fence"), number);
}

TEST_P(RecordsContract, AnotherHandleSeesWhatWasWritten) {
    const std::unique_ptr<Records> other = open_another();
    put({record("event", "a")});
    EXPECT_TRUE(other->get("event", "a").has_value());
}

TEST_P(RecordsContract, NumbersGrowEachUnderItsOwnName) {
    const std::uint64_t first = *store_->next_number("fence");
    EXPECT_EQ(*store_->next_number("fence"), first + 1);
    EXPECT_EQ(*store_->next_number("bap_seq"), first);
    const std::unique_ptr<Records> other = open_another();
    EXPECT_EQ(*other->next_number("fence"), first + 2);
    EXPECT_EQ(*store_->next_number("fence"), first + 3);
}

TEST_P(RecordsContract, ReservesUpToWhatIsOffered) {
    EXPECT_TRUE(reserve({asking(6, "tx-1")}, 10));
    EXPECT_TRUE(reserve({asking(4, "tx-2")}, 10));
    EXPECT_FALSE(reserve({asking(1, "tx-3")}, 10));
}

TEST_P(RecordsContract, AConflictSaysWhatIsTakenAskedAndOffered) {
    ASSERT_TRUE(reserve({asking(6, "tx-1")}, 10));
    const Result<void> refused = reserve({asking(5, "tx-2")}, 10);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::conflict);
    for (const char* part : {"D-1", "turn-down", "2026-11-20T12:00", "6.000 kW taken",
                             "5.000 kW asked by tx-2", "10.000 kW offered"}) {
        EXPECT_THAT(refused.error().message, HasSubstr(part));
    }
}

TEST_P(RecordsContract, ReservesAllOrNone) {
    ASSERT_TRUE(reserve({asking(6, "tx-1", noon + minutes{30})}, 10));
    EXPECT_FALSE(reserve({asking(5, "tx-2"), asking(5, "tx-2", noon + minutes{30})}, 10));
    EXPECT_TRUE(reserve({asking(10, "tx-3")}, 10));  // nothing of tx-2 stayed
}

TEST_P(RecordsContract, HalfHoursDirectionsAndDersAreApart) {
    ASSERT_TRUE(reserve({asking(10, "tx-1")}, 10));
    EXPECT_TRUE(reserve({asking(10, "tx-2", noon + minutes{30})}, 10));
    Reservation up = asking(10, "tx-2");
    up.turn_up = true;
    EXPECT_TRUE(reserve({up}, 10));
    Reservation elsewhere = asking(10, "tx-2");
    elsewhere.der = "D-2";
    EXPECT_TRUE(reserve({elsewhere}, 10));
    const Result<std::vector<Reservation>> held = store_->reservations("D-1", noon);
    ASSERT_EQ(held->size(), 3U);
    EXPECT_EQ((*held)[0].contract, "tx-1");
    EXPECT_TRUE((*held)[1].turn_up);
    EXPECT_EQ((*held)[2].period, noon + minutes{30});
    EXPECT_EQ((*held)[0].power, 10'000_W);
    EXPECT_EQ((*held)[0].fence, 1U);
    EXPECT_EQ((*held)[0].lease_until, noon + hours{2});
}

TEST_P(RecordsContract, TheSameContractReplacesItsOwn) {
    ASSERT_TRUE(reserve({asking(6, "tx-1")}, 10));
    EXPECT_TRUE(reserve({asking(8, "tx-1")}, 10));
    ASSERT_EQ(store_->reservations("D-1", noon)->size(), 1U);
    EXPECT_EQ(store_->reservations("D-1", noon)->front().power, 8'000_W);
}

TEST_P(RecordsContract, SeveralLinesOfOneContractAddUp) {
    EXPECT_FALSE(reserve({asking(6, "tx-1"), asking(6, "tx-1")}, 10));
    EXPECT_TRUE(reserve({asking(6, "tx-1"), asking(4, "tx-1")}, 10));
    EXPECT_EQ(store_->reservations("D-1", noon)->front().power, 10'000_W);
    EXPECT_FALSE(reserve({asking(1, "tx-2")}, 10));
}

TEST_P(RecordsContract, AReservationEndsWithItsLease) {
    ASSERT_TRUE(reserve({asking(10, "tx-1")}, 10));
    const UtcTime end = noon + hours{2};
    EXPECT_EQ(store_->reservations("D-1", end - milliseconds{1})->size(), 1U);
    EXPECT_TRUE(store_->reservations("D-1", end)->empty());
    Reservation later = asking(10, "tx-2");
    later.lease_until = end + hours{1};
    EXPECT_FALSE(reserve({later}, 10, end - milliseconds{1}));
    EXPECT_TRUE(reserve({later}, 10, end));
}

TEST_P(RecordsContract, ReleaseGivesBackAllOfAContract) {
    ASSERT_TRUE(reserve({asking(10, "tx-1"), asking(10, "tx-1", noon + minutes{30})}, 10));
    ASSERT_TRUE(store_->release("tx-1"));
    EXPECT_TRUE(store_->reservations("D-1", noon)->empty());
    EXPECT_TRUE(store_->release("never made"));
    EXPECT_TRUE(reserve({asking(10, "tx-2")}, 10));
}

TEST_P(RecordsContract, RefusesReservationsThatMeanNothing) {
    const auto refused = [&](Reservation wanted) { return reserve({std::move(wanted)}, 10).error().code; };
    EXPECT_EQ(refused(asking(0, "tx-1")), Errc::invalid);
    EXPECT_EQ(refused(asking(-5, "tx-1")), Errc::invalid);
    EXPECT_EQ(refused(asking(5, "tx-1", noon + minutes{10})), Errc::invalid);
    EXPECT_EQ(refused(asking(5, "")), Errc::invalid);
    Reservation ended = asking(5, "tx-1");
    ended.lease_until = noon;
    EXPECT_EQ(refused(ended), Errc::invalid);
    EXPECT_EQ(store_->reserve({asking(5, "tx-1")}, {}, noon).error().code, Errc::invalid);
    EXPECT_EQ(reserve({asking(9'000'000'000'000'000, "tx-1")}, -9'000'000'000'000'000).error().code,
              Errc::conflict);
    EXPECT_TRUE(store_->reservations("D-1", noon)->empty());
}

TEST_P(RecordsContract, TwoHandlesThatRaceNeverPromiseMoreThanIsOffered) {
    constexpr int attempts = 40;
    std::atomic<int> reserved{0};
    std::atomic<int> conflicts{0};
    const auto race = [&](Records& records, const std::string& name) {
        for (int i = 0; i < attempts; ++i) {
            const Result<void> answer =
                records.reserve({asking(1, name + std::to_string(i))}, {Watts{10'000}}, noon);
            if (answer) {
                ++reserved;
            } else if (answer.error().code == Errc::conflict) {
                ++conflicts;
            }
        }
    };
    const std::unique_ptr<Records> first = open_another();
    const std::unique_ptr<Records> second = open_another();
    std::thread one([&] { race(*first, "a-"); });
    std::thread two([&] { race(*second, "b-"); });
    one.join();
    two.join();
    EXPECT_EQ(reserved, 10);
    EXPECT_EQ(conflicts, 2 * attempts - 10);
    std::int64_t sum = 0;
    const Result<std::vector<Reservation>> held = store_->reservations("D-1", noon);
    for (const Reservation& each : *held) {
        sum += each.power.value;
    }
    EXPECT_EQ(sum, 10'000);
}

TEST_P(RecordsContract, TwoHandlesNeverGiveTheSameNumber) {
    constexpr int count = 20;
    std::vector<std::uint64_t> taken[2];
    const std::unique_ptr<Records> handles[2] = {open_another(), open_another()};
    std::vector<std::thread> threads;
    for (int side = 0; side < 2; ++side) {
        threads.emplace_back([&, side] {
            for (int i = 0; i < count; ++i) {
                taken[side].push_back(*handles[side]->next_number("fence"));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::vector<std::uint64_t> all(taken[0]);
    all.insert(all.end(), taken[1].begin(), taken[1].end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
    EXPECT_TRUE(std::is_sorted(taken[0].begin(), taken[0].end()));
    EXPECT_TRUE(std::is_sorted(taken[1].begin(), taken[1].end()));
}

INSTANTIATE_TEST_SUITE_P(Stores, RecordsContract, record_stores(), store_name);

}  // namespace
}  // namespace headroom::store
