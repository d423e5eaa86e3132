#include "agents/record_store.hpp"

#include "contract/store/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace headroom::agents {
namespace {

/// A store whose disk can be full.
class FullableRecords final : public store::Records {
  public:
    FullableRecords(std::unique_ptr<store::Records> records, std::atomic<bool>& is_full)
        : records_(std::move(records)), is_full_(is_full) {}

    Result<void> write(const store::Batch& batch) override {
        return is_full_ ? Result<void>(Error{Errc::unavailable, "disk full"}) : records_->write(batch);
    }
    Result<store::Record> get(std::string_view kind, std::string_view id) override {
        return records_->get(kind, id);
    }
    Result<std::vector<store::Record>> list(std::string_view kind, std::string_view after,
                                            std::size_t limit) override {
        return records_->list(kind, after, limit);
    }
    Result<std::vector<store::Record>> list_by_state(std::string_view kind, std::string_view state) override {
        return records_->list_by_state(kind, state);
    }
    Result<std::vector<store::Record>> list_by_corr(std::string_view corr) override {
        return records_->list_by_corr(corr);
    }
    Result<std::uint64_t> applied_seq() override { return records_->applied_seq(); }
    Result<void> reserve(const std::vector<store::Reservation>& wanted, const std::vector<Watts>& offered,
                         UtcTime now) override {
        return records_->reserve(wanted, offered, now);
    }
    Result<void> release(std::string_view contract) override { return records_->release(contract); }
    Result<std::vector<store::Reservation>> reservations(std::string_view der, UtcTime now) override {
        return records_->reservations(der, now);
    }
    Result<std::uint64_t> next_number(std::string_view name) override { return records_->next_number(name); }

  private:
    std::unique_ptr<store::Records> records_;
    std::atomic<bool>& is_full_;
};

class RecordStoreAhead : public ::testing::Test {
  protected:
    RecordStoreAhead() {
        auto records = std::make_unique<FullableRecords>(
            store::open_sqlite_records(folder_ / "records.db").value(), is_full_);
        auto ahead = store::AheadFile::open(file_, *records).value();
        store_ = std::make_unique<RecordStore>(std::move(records), std::move(ahead));
    }

    static store::Batch saga(const std::string& id, const std::string& state) {
        store::Batch batch;
        batch.puts.push_back({.kind = "beckn_saga", .id = id, .corr = "", .state = state, .json = "{}"});
        return batch;
    }
    Result<void> keep(store::Batch batch) { return await(store_->keep(std::move(batch))); }
    std::string state_of(const std::string& id) {
        const Result<store::Record> found = await(store_->get("beckn_saga", id));
        return found ? found->state : found.error().message;
    }
    template <class T>
    T await(Awaitable<T> work) {
        std::optional<T> result;
        spawn(context_.get_executor(), into(std::move(work), result));
        while (!result) {
            context_.restart();
            context_.run_one();
        }
        return std::move(*result);
    }
    template <class T>
    static Awaitable<void> into(Awaitable<T> work, std::optional<T>& result) {
        result.emplace(co_await std::move(work));
    }

    store::TempDir folder_;
    std::filesystem::path file_ = folder_ / "records.ahead";
    std::atomic<bool> is_full_{false};
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(context_);
    std::unique_ptr<RecordStore> store_;
};

TEST_F(RecordStoreAhead, TheStoreFollowsAheadOfEveryLaterRead) {
    ASSERT_TRUE(keep(saga("a", "selecting")).has_value());
    ASSERT_TRUE(keep(saga("a", "initing")).has_value());
    EXPECT_EQ(state_of("a"), "initing");
}

TEST_F(RecordStoreAhead, AStoreThatCannotFollowIsNotRunAwayFrom) {
    is_full_ = true;
    ASSERT_TRUE(keep(saga("a", "selecting")).has_value());  // in the file, which survives this process
    static_cast<void>(state_of("a"));                       // behind the store's attempt
    const Result<void> refused = keep(saga("a", "initing"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::unavailable);

    is_full_ = false;
    ASSERT_TRUE(keep(saga("b", "initing")).has_value());
    EXPECT_EQ(state_of("a"), "selecting");
    EXPECT_EQ(state_of("b"), "initing");
    ASSERT_TRUE(await(store_->write(saga("a", "active"))).has_value());
    ASSERT_TRUE(keep(saga("b", "inited")).has_value());
    store_.reset();
    const auto records = store::open_sqlite_records(folder_ / "records.db").value();
    const auto ahead = store::AheadFile::open(file_, *records).value();
    EXPECT_EQ(records->get("beckn_saga", "a")->state, "active");  // nothing older was left to write last
    EXPECT_EQ(records->get("beckn_saga", "b")->state, "inited");
}

TEST_F(RecordStoreAhead, ARestartFindsWhatTheStoreLacked) {
    is_full_ = true;
    ASSERT_TRUE(keep(saga("a", "confirming")).has_value());
    static_cast<void>(state_of("a"));
    store_.reset();
    const auto records = store::open_sqlite_records(folder_ / "records.db").value();
    const auto ahead = store::AheadFile::open(file_, *records).value();
    EXPECT_EQ(records->get("beckn_saga", "a")->state, "confirming");
}

}  // namespace
}  // namespace headroom::agents
