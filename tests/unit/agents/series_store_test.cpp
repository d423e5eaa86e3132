#include "agents/series_store.hpp"

#include "unit/agents/instants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {
namespace {

using store::Measurement;
using store::SeriesBlock;
using test::noon;

/// A store that can be away, or full, and knows how much it has taken.
class Fragile final : public store::Series {
  public:
    struct State {
        std::atomic<bool> is_away{false};
        std::atomic<std::uint64_t> taken{0};
        std::atomic<int> upkeeps{0};
        std::atomic<int> flushes{0};
        std::vector<std::string> order;  // of the writer's thread; read once it is idle
    };
    explicit Fragile(std::shared_ptr<State> state) : state_(std::move(state)) {}

    Result<void> write(const std::vector<SeriesBlock>& blocks) override {
        if (state_->is_away) {
            return Error{Errc::unavailable, "series.db: disk full"};
        }
        for (const SeriesBlock& block : blocks) {
            if (block.key == "unfit") {
                return Error{Errc::invalid, "unfit"};
            }
        }
        for (const SeriesBlock& block : blocks) {
            state_->taken += block.values.size();
            state_->order.push_back(block.key);
        }
        return {};
    }
    Result<SeriesBlock> read(std::string_view, UtcTime, UtcTime) override { return no(); }
    Result<store::SeriesSummary> summarise(std::string_view, UtcTime, UtcTime, milliseconds) override {
        return no();
    }
    Result<std::vector<std::string>> keys() override { return no(); }
    Result<void> drop_before(UtcTime) override { return no(); }
    Result<void> record(const std::vector<Measurement>& measurements) override {
        if (state_->is_away) {
            return Error{Errc::unavailable, "series.db: disk full"};
        }
        state_->taken += measurements.size();
        return {};
    }
    Result<std::vector<Measurement>> recorded(std::string_view, UtcTime, UtcTime, std::size_t) override {
        return no();
    }
    Result<bool> upkeep(UtcTime, const store::SeriesRetention&) override { return ++state_->upkeeps < 3; }
    Result<void> flush() override {
        ++state_->flushes;
        return {};
    }

  private:
    static Error no() { return {Errc::not_found, "there is none"}; }
    std::shared_ptr<State> state_;
};

class SeriesStoreTest : public ::testing::Test {
  protected:
    void open(std::size_t queued_max) {
        store_ = std::make_unique<SeriesStore>(
            std::make_unique<Fragile>(state_), nullptr,
            SeriesStoreOptions{.queued_max = queued_max, .retention = {}, .steady = [this] {
                                   return SteadyTime{milliseconds{now_ms_.load()}};
                               }});
    }
    static std::vector<SeriesBlock> values(std::size_t count, const std::string& key = "k") {
        std::vector<SeriesBlock> blocks;
        for (std::size_t i = 0; i < count; ++i) {
            blocks.push_back({key, noon, period_length, {1.0F}});
        }
        return blocks;
    }
    void settle() {
        const SteadyTime deadline = steady_now() + std::chrono::seconds{30};
        while (!store_->idle() && steady_now() < deadline) {
            std::this_thread::yield();
        }
        ASSERT_TRUE(store_->idle());
    }
    void expect_reconciled() {
        const SeriesCounts counts = store_->counts();
        EXPECT_EQ(counts.given, counts.written + counts.dropped + counts.queued);
        EXPECT_EQ(counts.written, state_->taken);
    }

    std::shared_ptr<Fragile::State> state_ = std::make_shared<Fragile::State>();
    std::atomic<std::int64_t> now_ms_{1'000'000};
    std::unique_ptr<SeriesStore> store_;
};

TEST_F(SeriesStoreTest, WritesInOrder) {
    open(1'000);
    store_->post(values(1, "a"));
    store_->post(values(2, "b"));
    store_->post(std::vector<Measurement>(1));
    settle();
    EXPECT_THAT(state_->order, ::testing::ElementsAre("a", "b", "b"));
    EXPECT_EQ(store_->counts().written, 4U);
    expect_reconciled();
}

/// Five minutes at 1,000 values a second, with room for one hundred seconds of them.
TEST_F(SeriesStoreTest, AwayForFiveMinutesUnderLoadEveryValueIsCounted) {
    open(100'000);
    for (int i = 0; i < 600; ++i) {
        state_->is_away = i >= 60 && i < 360;
        store_->post(values(1'000));
        store_->tick(noon + seconds{i});
        settle();
        ASSERT_LE(store_->counts().queued, 100'000U);
        now_ms_ += 1'000;
    }
    now_ms_ += 60'000;
    store_->tick(noon + seconds{700});
    settle();
    const SeriesCounts counts = store_->counts();
    EXPECT_EQ(counts.given, 600'000U);
    EXPECT_EQ(counts.queued, 0U);
    EXPECT_FALSE(counts.is_away);
    // 300 s came, 100 s of them were kept; up to 30 s more came before it was tried again.
    EXPECT_GE(counts.dropped, 200'000U);
    EXPECT_LE(counts.dropped, 231'000U);
    EXPECT_GT(counts.refusals, 10U);
    expect_reconciled();
}

TEST_F(SeriesStoreTest, TellsWhenItGoesAwayAndWhenItIsBack) {
    open(1'000);
    std::vector<std::string> told;
    store_->on_trouble([&](const std::string& fault) { told.push_back(fault); });
    state_->is_away = true;
    store_->post(values(1));
    settle();
    store_->post(values(1));
    settle();
    state_->is_away = false;
    now_ms_ += 60'000;
    store_->tick(noon);
    settle();
    EXPECT_THAT(told, ::testing::ElementsAre("series.db: disk full", ""));
    EXPECT_EQ(store_->counts().written, 2U);
    expect_reconciled();
}

TEST_F(SeriesStoreTest, OneThatCannotBeKeptCostsNoOther) {
    open(1'000);
    std::vector<SeriesBlock> mixed = values(3);
    mixed.push_back({"unfit", noon, period_length, {1.0F}});
    store_->post(std::move(mixed));
    settle();
    EXPECT_EQ(store_->counts().written, 3U);
    EXPECT_EQ(store_->counts().dropped, 1U);
    expect_reconciled();
}

TEST_F(SeriesStoreTest, FlushFailsWhileTheStoreIsAwayAndTriesAtOnce) {
    open(1'000);
    state_->is_away = true;
    store_->post(values(5));
    const Result<void> refused = store_->flush_wait();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_EQ(state_->flushes, 0);
    state_->is_away = false;
    EXPECT_TRUE(store_->flush_wait().has_value());
    EXPECT_EQ(state_->flushes, 1);
    EXPECT_EQ(store_->counts().written, 5U);
    expect_reconciled();
}

TEST_F(SeriesStoreTest, UpkeepGoesOnWhileThereIsMoreAndThenRests) {
    open(1'000);
    for (int i = 0; i < 6; ++i) {
        store_->tick(noon + seconds{i});
        settle();
    }
    EXPECT_EQ(state_->upkeeps, 3);
    store_->tick(noon + hours{1});
    settle();
    EXPECT_EQ(state_->upkeeps, 4);
}

TEST_F(SeriesStoreTest, CollectorsAreAskedAtEveryTick) {
    open(1'000);
    store_->add_collector([](UtcTime) { return values(2); });
    store_->tick(noon);
    store_->tick(noon + seconds{1});
    settle();
    EXPECT_EQ(store_->counts().written, 4U);
}

}  // namespace
}  // namespace headroom::agents
