#include "desk/identity/identity.hpp"

#include "audit/key_file.hpp"
#include "desk/identity/secret.hpp"
#include "store/data_dir.hpp"
#include "unit/desk/identity/support.hpp"
#include "unit/net/support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace headroom::desk::identity {
namespace {

using test::cheap;
using test::noon;

constexpr const char* right_password = "correct horse battery";

/// A data folder with its log and records, and the identity over it; the wall clock is moved by hand.
class IdentityTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "headroom-identity-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        dir_ = pattern;
        ASSERT_TRUE(store::DataDir::open(dir_));
        add_user("op-17", Role::operator_);
    }
    void TearDown() override {
        close();
        std::filesystem::remove_all(dir_);
    }

    void open() {
        io_ = std::make_unique<net::testing::IoThread>();
        auto records = store::open_sqlite_records(dir_ / "records.db");
        ASSERT_TRUE(records);
        records_ = std::make_unique<agents::RecordStore>(std::move(*records));
        auto log = audit::Log::open({.dir = dir_ / "audit",
                                     .origin = "test.example/log",
                                     .key = *audit::load_or_create_key(dir_ / "keys" / "audit.key"),
                                     .wall_clock = wall_});
        ASSERT_TRUE(log) << log.error().message;
        log_ = std::move(*log);
        auto blobs = audit::BlobStore::open(dir_ / "blobs");
        ASSERT_TRUE(blobs);
        blobs_ = std::make_unique<audit::BlobStore>(std::move(*blobs));
        journal_ =
            std::make_unique<agents::Journal>(io_->context().get_executor(), *log_, *blobs_, *records_);
        IdentityOptions options;
        options.cost = cheap;
        options.look_every = milliseconds{0};
        auto identity =
            Identity::open({io_->context().get_executor(), wall_, *journal_, dir_}, std::move(options));
        ASSERT_TRUE(identity) << identity.error().message;
        identity_ = std::move(*identity);
    }
    /// Ends as a process does: what was noted is written, then everything goes.
    void close() {
        if (!io_) {
            return;
        }
        io_->call([&] { identity_->finish(); });
        ASSERT_TRUE(io_->await(journal_->flush()));
        end_io();
        ASSERT_TRUE(log_->seal_and_close());
        log_.reset();
        records_.reset();
    }
    /// Nothing of identity and journal runs any more, and their timers go before the io_context.
    void end_io() {
        io_->call([&] {
            io_->context().stop();
            identity_.reset();
            journal_.reset();
        });
        io_.reset();
    }

    void edit(const std::function<Result<Principals>(Principals)>& change) {
        const Result<Principals> changed = edit_principals(principals_path(dir_), change);
        ASSERT_TRUE(changed) << changed.error().message;
    }
    void add_user(const std::string& name, Role role) {
        edit([&](Principals all) {
            return with_user(std::move(all), {.name = name,
                                              .role = role,
                                              .password = *hash_password(right_password, cheap),
                                              .created_at = noon,
                                              .password_at = noon});
        });
    }
    LoginAnswer login(std::string name, std::string with = right_password, std::string ip = "192.0.2.1") {
        return io_->await(identity_->login(std::move(name), std::move(with), std::move(ip)));
    }
    std::optional<Caller> by_session(const std::string& id) {
        return io_->call([&] { return identity_->by_session(id, "192.0.2.1"); });
    }
    std::uint64_t hashes() {
        return io_->call([&] { return identity_->hashes(); });
    }
    std::vector<std::string> written(const std::string& type) {
        EXPECT_TRUE(io_->await(journal_->flush()));
        std::vector<std::string> found;
        EXPECT_TRUE(log_->scan(0, [&](const audit::Entry& entry) {
            if (entry.type == type) {
                const json::Value body(entry.body);
                found.push_back(entry.actor.id + " " + body.text("/principal") + body.text("/reason") + " " +
                                body.text("/change"));
            }
            return Result<void>{};
        }));
        return found;
    }

    std::filesystem::path dir_;
    ManualWallClock wall_{noon};
    std::unique_ptr<net::testing::IoThread> io_;
    std::unique_ptr<agents::RecordStore> records_;
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<agents::Journal> journal_;
    std::unique_ptr<Identity> identity_;
};

TEST_F(IdentityTest, AnUnknownNameCostsTheSameHashAndGetsTheSameAnswer) {
    open();
    const LoginAnswer wrong = login("op-17", "wrong password!");
    EXPECT_EQ(hashes(), 1U);
    const LoginAnswer unknown = login("nobody", "wrong password!");
    EXPECT_EQ(hashes(), 2U);
    for (const LoginAnswer& answer : {wrong, unknown}) {
        EXPECT_EQ(answer.kind, LoginAnswer::Kind::wrong);
        EXPECT_EQ(answer.session + answer.user + answer.role, "");
    }
    EXPECT_EQ(written("auth.denied"),
              (std::vector<std::string>{"op-17 wrong name or password ", "unknown wrong name or password "}));
}

TEST_F(IdentityTest, AThrottledSignInMakesNoHash) {
    open();
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(login("op-17", "wrong password!").kind, LoginAnswer::Kind::wrong);
    }
    const LoginAnswer waits = login("op-17");
    EXPECT_EQ(waits.kind, LoginAnswer::Kind::wait) << "though the password is right";
    EXPECT_EQ(waits.wait, seconds{1});
    EXPECT_EQ(hashes(), 6U);
    wall_.set(noon + seconds{1});
    EXPECT_EQ(login("op-17").kind, LoginAnswer::Kind::ok);
}

TEST_F(IdentityTest, ASessionFollowsItsUser) {
    open();
    const LoginAnswer answer = login("op-17");
    ASSERT_EQ(answer.kind, LoginAnswer::Kind::ok);
    ASSERT_TRUE(by_session(answer.session).has_value());
    EXPECT_EQ(by_session(answer.session)->role, "operator");
    edit([](Principals all) { return with_role(std::move(all), "op-17", Role::engineer); });
    EXPECT_EQ(by_session(answer.session)->role, "engineer");
    edit([](Principals all) {
        return with_password(std::move(all), "op-17", *hash_password("another password", cheap), noon);
    });
    EXPECT_FALSE(by_session(answer.session).has_value());
    EXPECT_EQ(login("op-17").kind, LoginAnswer::Kind::wrong);
    const LoginAnswer again = login("op-17", "another password");
    ASSERT_EQ(again.kind, LoginAnswer::Kind::ok);
    edit([](Principals all) { return without_user(std::move(all), "op-17"); });
    EXPECT_FALSE(by_session(again.session).has_value());
    EXPECT_TRUE(io_->call([&] { return identity_->is_required(); }))
        << "the last user's removal opens no door";
    EXPECT_EQ(written("role.change"),
              (std::vector<std::string>{"core op-17 added", "core op-17 role", "core op-17 credential",
                                        "core op-17 removed"}));
}

TEST_F(IdentityTest, WhatChangedWithoutAServerIsWrittenDownOnce) {
    open();
    const LoginAnswer answer = login("op-17");
    close();
    add_user("view-3", Role::viewer);
    open();
    EXPECT_EQ(written("role.change"), (std::vector<std::string>{"core op-17 added", "core view-3 added"}));
    EXPECT_TRUE(by_session(answer.session).has_value()) << "a session outlives a restart";
    close();
    open();
    EXPECT_EQ(written("role.change").size(), 2U);
}

TEST_F(IdentityTest, NobodyGainsAnythingWhileTheLogTakesNoEntries) {
    open();
    ASSERT_TRUE(io_->await(journal_->flush()));
    ASSERT_TRUE(log_->seal_and_close());
    add_user("view-3", Role::admin);
    EXPECT_EQ(login("view-3").kind, LoginAnswer::Kind::wrong);
    end_io();
    log_.reset();
    records_.reset();
    open();
    EXPECT_EQ(login("view-3").kind, LoginAnswer::Kind::ok);
}

TEST_F(IdentityTest, AKeyOpensUntilItIsRevoked) {
    open();
    const BearerKey key = new_bearer_key();
    edit([&](Principals all) {
        return with_key(std::move(all), {.name = "meters-1",
                                         .role = Role::operator_,
                                         .key_id = key.id,
                                         .secret = sha256(key.secret),
                                         .created_at = noon});
    });
    const auto by_key = [&](const std::string& text) {
        return io_->call([&] { return identity_->by_key(text, "192.0.2.1"); });
    };
    ASSERT_TRUE(by_key(key.text()).has_value());
    EXPECT_EQ(by_key(key.text())->kind, "apikey");
    EXPECT_FALSE(by_key(BearerKey{key.id, new_secret()}.text()).has_value());
    EXPECT_FALSE(by_key(BearerKey{"000000000000", key.secret}.text()).has_value());
    edit([](Principals all) { return without_key(std::move(all), "meters-1"); });
    EXPECT_FALSE(by_key(key.text()).has_value());
}

TEST_F(IdentityTest, ADamagedFileLeavesTheFormerListInForce) {
    open();
    std::ofstream(principals_path(dir_), std::ios::trunc) << "{\"format\": 1, \"users\": [";
    EXPECT_EQ(login("op-17").kind, LoginAnswer::Kind::ok);
}

}  // namespace
}  // namespace headroom::desk::identity
