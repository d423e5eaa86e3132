#include "store/followed_records.hpp"

#include "contract/store/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace headroom::store {
namespace {

/// A store whose disk can be full.
class FullableRecords final : public Records {
  public:
    FullableRecords(std::unique_ptr<Records> records, std::atomic<bool>& is_full)
        : records_(std::move(records)), is_full_(is_full) {}

    Result<void> write(const Batch& batch) override {
        return is_full_ ? Result<void>(Error{Errc::unavailable, "disk full"}) : records_->write(batch);
    }
    Result<Record> get(std::string_view kind, std::string_view id) override {
        return records_->get(kind, id);
    }
    Result<std::vector<Record>> list(std::string_view kind, std::string_view after,
                                     std::size_t limit) override {
        return records_->list(kind, after, limit);
    }
    Result<std::vector<Record>> list_by_state(std::string_view kind, std::string_view state) override {
        return records_->list_by_state(kind, state);
    }
    Result<std::vector<Record>> list_by_corr(std::string_view corr) override {
        return records_->list_by_corr(corr);
    }
    Result<std::uint64_t> applied_seq() override { return records_->applied_seq(); }
    Result<void> reserve(const std::vector<Reservation>& wanted, const std::vector<Watts>& offered,
                         UtcTime now) override {
        return records_->reserve(wanted, offered, now);
    }
    Result<void> release(std::string_view contract) override { return records_->release(contract); }
    Result<std::vector<Reservation>> reservations(std::string_view der, UtcTime now) override {
        return records_->reservations(der, now);
    }
    Result<std::uint64_t> next_number(std::string_view name) override { return records_->next_number(name); }

  private:
    std::unique_ptr<Records> records_;
    std::atomic<bool>& is_full_;
};

class FollowedRecordsOfOneFile : public ::testing::Test {
  protected:
    FollowedRecordsOfOneFile() {
        ahead_ = AheadFile::open(file_, records_).value();
        followed_.emplace(records_, ahead_.get());
    }

    static Batch saga(const std::string& id, const std::string& state) {
        Batch batch;
        batch.puts.push_back({.kind = "beckn_saga", .id = id, .corr = "", .state = state, .json = "{}"});
        return batch;
    }
    /// As a process that dies: what the store refused is nowhere but in the file.
    void close() {
        followed_.reset();
        ahead_.reset();
    }
    Result<void> keep(Batch batch) { return await(followed_->keep(std::move(batch))); }
    std::string state_of(const std::string& id) {
        const Result<Record> found =
            await(followed_->run([id](Records& records) { return records.get("beckn_saga", id); }));
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

    TempDir folder_;
    std::filesystem::path file_ = folder_ / "records.ahead";
    std::atomic<bool> is_full_{false};
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(context_);
    FullableRecords records_{open_sqlite_records(folder_ / "records.db").value(), is_full_};
    std::unique_ptr<AheadFile> ahead_;
    std::optional<FollowedRecords> followed_;
};

TEST_F(FollowedRecordsOfOneFile, TheStoreFollowsAheadOfEveryLaterRead) {
    ASSERT_TRUE(keep(saga("a", "selecting")).has_value());
    ASSERT_TRUE(keep(saga("a", "initing")).has_value());
    EXPECT_EQ(state_of("a"), "initing");
}

TEST_F(FollowedRecordsOfOneFile, AStoreThatCannotFollowIsNotRunAwayFrom) {
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
    ASSERT_TRUE(await(followed_->run([](Records& records) {
                    return records.write(saga("a", "active"));
                })).has_value());
    ASSERT_TRUE(keep(saga("b", "inited")).has_value());
    close();
    const auto records = open_sqlite_records(folder_ / "records.db").value();
    const auto ahead = AheadFile::open(file_, *records).value();
    EXPECT_EQ(records->get("beckn_saga", "a")->state, "active");  // nothing older was left to write last
    EXPECT_EQ(records->get("beckn_saga", "b")->state, "inited");
}

TEST_F(FollowedRecordsOfOneFile, ARestartFindsWhatTheStoreLacked) {
    is_full_ = true;
    ASSERT_TRUE(keep(saga("a", "confirming")).has_value());
    static_cast<void>(state_of("a"));
    close();
    const auto records = open_sqlite_records(folder_ / "records.db").value();
    const auto ahead = AheadFile::open(file_, *records).value();
    EXPECT_EQ(records->get("beckn_saga", "a")->state, "confirming");
}

TEST_F(FollowedRecordsOfOneFile, WhatIsNotedIsThereOnceItIsDrained) {
    followed_->note(saga("a", "selecting"));
    followed_->note(saga("b", "selecting"));
    followed_->drain();
    EXPECT_TRUE(followed_->idle());
    EXPECT_EQ(records_.get("beckn_saga", "a")->state, "selecting");
    EXPECT_EQ(records_.get("beckn_saga", "b")->state, "selecting");
}

TEST(FollowedRecords, WithoutAFileTheyWaitForTheStore) {
    const TempDir folder;
    const auto records = open_sqlite_records(folder / "records.db").value();
    FollowedRecords followed(*records, nullptr);
    Batch batch;
    batch.puts.push_back({.kind = "beckn_saga", .id = "a", .corr = "", .state = "selecting", .json = "{}"});
    asio::io_context context;
    auto work = asio::make_work_guard(context);
    std::optional<Result<void>> kept;
    spawn(context.get_executor(),
          [](FollowedRecords& into, Batch given, std::optional<Result<void>>& out) -> Awaitable<void> {
              out = co_await into.keep(std::move(given));
          }(followed, batch, kept));
    while (!kept) {
        context.run_one();
    }
    ASSERT_TRUE(kept->has_value());
    EXPECT_EQ(records->get("beckn_saga", "a")->state, "selecting");  // nothing was left to follow
}

}  // namespace
}  // namespace headroom::store
