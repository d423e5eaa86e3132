#include "net/iec104_client.hpp"
#include "unit/net/iec104_samples.hpp"
#include "unit/net/iec104_station.hpp"
#include "unit/net/support.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace headroom::net {
namespace {

using iec104::Control;
using iec104::IFrame;
using iec104::measured;
using iec104::SFrame;
using iec104::UFrame;
using namespace std::string_literals;
using namespace std::chrono_literals;

/// A client on its thread, and what it told.
class Iec104ClientTest : public ::testing::Test {
  protected:
    Iec104ClientTest() {
        settings_.port = station_.port();
        settings_.reconnect_first = 1ms;
        settings_.rules.common_addresses = {1};
        settings_.rules.t2 = 1h;  // so that acknowledgements come of w alone
        settings_.rules.t3 = 1h;
        settings_.rules.w = 2;
    }
    ~Iec104ClientTest() override {
        io_.call([this] { client_.reset(); });
    }

    void start() {
        io_.call([this] {
            client_ = std::make_unique<Iec104Client>(
                io_.context().get_executor(), settings_,
                Iec104Events{
                    .asdu = [this](const iec104::Asdu& asdu) { note([&] { asdus_.push_back(asdu); }); },
                    .refused = [this](const iec104::AsduHeader&,
                                      const Error& error) { note([&] { refused_.push_back(error); }); },
                    .batch_end = [this] { note([this] { ++batches_; }); },
                    .state =
                        [this](bool is_running, const std::string& why) {
                            note([&] { states_.push_back(is_running ? "running" : why); });
                        },
                    .interrogated =
                        [this](bool is_ended, const std::string& why) {
                            note([&] { interrogations_.push_back(is_ended ? "ended" : why); });
                        }});
            client_->start();
        });
    }
    void note(const std::function<void()>& what) {
        const std::lock_guard lock(mutex_);
        what();
        changed_.notify_all();
    }
    /// Waits for something that the client's thread will bring about.
    template <class Condition>
    void until(Condition condition) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, 10s, condition));
    }
    void expect_state(std::size_t position, const std::string& text) {
        until([&] { return states_.size() > position; });
        const std::lock_guard lock(mutex_);
        EXPECT_EQ(states_[position], text);
    }

    testing::Iec104Station station_;
    testing::IoThread io_;
    Iec104Settings settings_;
    std::unique_ptr<Iec104Client> client_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<iec104::Asdu> asdus_;
    std::vector<Error> refused_;
    std::vector<std::string> states_;
    std::vector<std::string> interrogations_;
    std::size_t batches_ = 0;
};

TEST_F(Iec104ClientTest, InterrogatesTakesValuesAndAcknowledges) {
    start();
    station_.begin(1);
    station_.information(iec104::station_interrogation(1, 0, iec104::Cause::activation_con), 1);
    station_.information(measured, 1);
    station_.expect(SFrame{2});
    station_.information(iec104::station_interrogation(1, 0, iec104::Cause::activation_end), 1);
    until([this] { return asdus_.size() == 3 && !interrogations_.empty(); });
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(asdus_[1].objects.at(0).value, 100.0);
    EXPECT_EQ(interrogations_.front(), "ended");
    EXPECT_GE(batches_, 1U);
}

TEST_F(Iec104ClientTest, TakesFramesThatComeInPieces) {
    start();
    station_.begin(1);
    std::string bytes;
    iec104::append_frame(bytes, IFrame{0, 1, measured});
    iec104::append_frame(bytes, IFrame{1, 1, measured});
    for (const char byte : bytes) {
        station_.say({&byte, 1});
    }
    station_.expect(SFrame{2});
    until([this] { return asdus_.size() == 2; });
}

TEST_F(Iec104ClientTest, ConnectsAgainAfterAWrongNumber) {
    start();
    station_.begin(1);
    expect_state(0, "running");
    station_.send(IFrame{5, 1, measured});
    station_.expect_hang_up();
    expect_state(1, "sequence: the station sent 5 where 0 was due");
    station_.begin(1);
    expect_state(2, "running");
    EXPECT_TRUE(asdus_.empty());
}

TEST_F(Iec104ClientTest, GarbageEndsTheConnection) {
    start();
    station_.begin(1);
    station_.say("GET / HTTP/1.1\r\n\r\n");
    station_.expect_hang_up();
    expect_state(1, "a frame begins with 0x47, not 0x68");
}

TEST_F(Iec104ClientTest, AnAsduThatCannotBeReadIsToldAndTheLinkGoesOn) {
    start();
    station_.begin(1);
    station_.information(measured.substr(0, measured.size() - 1), 1);
    station_.information("\x2d\x01\x07\x00\x01\x00\x01\x00\x00\x01"s, 1);
    station_.expect(SFrame{2});
    until([this] { return refused_.size() == 2; });
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(refused_[0].code, Errc::invalid);
    EXPECT_EQ(refused_[1].code, Errc::unsupported);
}

TEST_F(Iec104ClientTest, AStationThatDoesNotConfirmStartIsLeftAfterT1) {
    settings_.rules.t1 = 20ms;
    start();
    station_.accept();
    station_.expect(UFrame{Control::startdt_act});
    station_.expect_hang_up();
    expect_state(0, "STARTDT act was not confirmed within t1 = 0.02 s");
}

TEST_F(Iec104ClientTest, ASilentStationIsTestedAfterT3AndLeftAfterT1) {
    settings_.rules.t3 = 20ms;
    settings_.rules.t1 = 1s;
    start();
    station_.begin(1);
    station_.send(SFrame{1});
    station_.expect(UFrame{Control::testfr_act});
    station_.send(UFrame{Control::testfr_con});
    station_.expect(UFrame{Control::testfr_act});
    station_.expect_hang_up();
    expect_state(1, "TESTFR act was not confirmed within t1 = 1 s");
}

TEST_F(Iec104ClientTest, AStationThatHangsUpIsCalledAgain) {
    start();
    station_.begin(1);
    expect_state(0, "running");
    station_.hang_up();
    expect_state(1, "closed by the station");
    station_.begin(1);
}

TEST_F(Iec104ClientTest, SaysGoodbye) {
    start();
    station_.begin(1);
    station_.information(measured, 1);
    until([this] { return asdus_.size() == 1; });
    io_.call([this] { client_->stop(); });
    station_.expect(SFrame{1});
    station_.expect(UFrame{Control::stopdt_act});
    EXPECT_EQ(station_.hear(), std::nullopt);
}

TEST_F(Iec104ClientTest, StopsWhileNobodyAnswers) {
    settings_.host = "127.0.0.1";
    settings_.port = 1;  // nobody listens there
    start();
    until([this] { return !states_.empty(); });
    io_.call([this] { client_->stop(); });
}

}  // namespace
}  // namespace headroom::net
