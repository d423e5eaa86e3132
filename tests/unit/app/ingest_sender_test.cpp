#include "app/ingest_sender.hpp"

#include "app/ingest_progress.hpp"
#include "app/run_ingest.hpp"
#include "telemetry/batch_decoder.hpp"
#include "unit/app/noon.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <set>

namespace headroom::app {
namespace {

using test::noon;

/// A server that takes readings once each, and does as told with one request after another.
class FakeServer {
  public:
    enum class Does { answer, lose_request, lose_answer, be_busy, stop, refuse, nonsense };

    explicit FakeServer(telemetry::PointRegistry& registry) : decoder_(registry, {.now = noon + hours{2}}) {}

    Result<IngestSender::Answer> post(const std::string& body) {
        const Does does = script.empty() ? Does::answer : script.front();
        if (!script.empty()) {
            script.pop_front();
        }
        switch (does) {
            case Does::lose_request:
                return Error{Errc::unavailable, "no connection"};
            case Does::be_busy:
                return IngestSender::Answer{.status = 429, .body = "{}", .retry_after = seconds{3}};
            case Does::stop:
                return IngestSender::Answer{.status = 503, .body = "{}", .retry_after = {}};
            case Does::refuse:
                return IngestSender::Answer{
                    .status = 403, .body = R"({"detail":"not yours"})", .retry_after = {}};
            case Does::nonsense:
                return IngestSender::Answer{.status = 200, .body = "hello", .retry_after = {}};
            case Does::lose_answer:
            case Does::answer:
                break;
        }
        const std::string receipt = take(body);
        return does == Does::lose_answer
                   ? Result<IngestSender::Answer>(Error{Errc::unavailable, "the connection broke"})
                   : Result<IngestSender::Answer>(
                         IngestSender::Answer{.status = 200, .body = receipt, .retry_after = {}});
    }

    std::deque<Does> script;
    std::uint64_t accepted = 0;

  private:
    std::string take(const std::string& body) {
        std::vector<telemetry::Reading> readings;
        decoder_.reset(noon + hours{2});
        EXPECT_TRUE(decoder_.decode(body, telemetry::WireFormat::binary, {}, readings).has_value());
        telemetry::IngestTotals totals;
        for (const telemetry::Reading& reading : readings) {
            const bool is_new = taken_.emplace(reading.point, reading.interval_start).second;
            totals.accepted += is_new ? 1 : 0;
            totals.duplicates += is_new ? 0 : 1;
        }
        accepted += totals.accepted;
        return json::write(telemetry::receipt_json(decoder_.report(), totals));
    }

    telemetry::BatchDecoder decoder_;
    std::set<std::pair<telemetry::PointRef, UtcTime>> taken_;
};

class IngestSenderTest : public ::testing::Test {
  protected:
    IngestSenderTest() { registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum}); }

    Result<void> send(int from, int count) {
        std::vector<telemetry::Reading> readings;
        for (int i = from; i < from + count; ++i) {
            readings.push_back({.value = 1.0 * i,
                                .interval_start = noon + seconds{i},
                                .interval_end = noon + seconds{i},
                                .point = 0,
                                .source = registry.intern_source("file.csv")});
        }
        return sender.send(readings, registry);
    }

    telemetry::PointRegistry registry;
    FakeServer server{registry};
    std::vector<milliseconds> pauses;
    IngestSender sender{[this](const std::string& body) { return server.post(body); },
                        [this](milliseconds pause) { pauses.push_back(pause); }, seconds{20}};
};

using Does = FakeServer::Does;

TEST_F(IngestSenderTest, EveryReadingHasItsReceipt) {
    ASSERT_TRUE(send(0, 100).has_value());
    ASSERT_TRUE(send(50, 100).has_value());
    EXPECT_EQ(sender.counts().sent, 200U);
    EXPECT_EQ(sender.counts().accepted, 150U);
    EXPECT_EQ(sender.counts().duplicates, 50U);
    EXPECT_TRUE(sender.counts().is_reconciled());
    EXPECT_EQ(sender.counts().repeats, 0U);
}

TEST_F(IngestSenderTest, ABrokenConnectionLosesNothingAndCountsNothingTwice) {
    server.script = {Does::answer, Does::lose_request, Does::lose_answer, Does::answer};
    ASSERT_TRUE(send(0, 10).has_value());
    ASSERT_TRUE(send(10, 10).has_value());
    EXPECT_EQ(server.accepted, 20U) << "each reading is in the server once";
    EXPECT_EQ(sender.counts().sent, 20U);
    EXPECT_EQ(sender.counts().accepted, 10U);
    EXPECT_EQ(sender.counts().duplicates, 10U) << "taken before the answer was lost";
    EXPECT_EQ(sender.counts().repeats, 2U);
    EXPECT_TRUE(sender.counts().is_reconciled());
}

TEST_F(IngestSenderTest, AServerThatAsksToWaitIsWaitedFor) {
    server.script = {Does::be_busy, Does::stop, Does::answer};
    ASSERT_TRUE(send(0, 10).has_value());
    ASSERT_EQ(pauses.size(), 2U);
    EXPECT_EQ(pauses[0], seconds{3}) << "as long as it said";
    EXPECT_EQ(sender.counts().asked_to_wait, 2U);
    EXPECT_EQ(sender.counts().accepted, 10U);
}

TEST_F(IngestSenderTest, PatienceEnds) {
    server.script.assign(100, Does::lose_request);
    EXPECT_EQ(send(0, 10).error().code, Errc::unavailable);
    EXPECT_LT(pauses.size(), 20U);
    EXPECT_EQ(sender.counts().sent, 0U) << "what has no receipt is not counted as sent";
    server.script.assign(100, Does::be_busy);
    EXPECT_EQ(send(0, 10).error().code, Errc::unavailable);
}

TEST_F(IngestSenderTest, ARefusalIsNotRepeated) {
    server.script = {Does::refuse};
    const Result<void> refused = send(0, 10);
    EXPECT_EQ(refused.error().code, Errc::denied);
    EXPECT_NE(refused.error().message.find("not yours"), std::string::npos);
    server.script = {Does::nonsense};
    EXPECT_EQ(send(0, 10).error().code, Errc::corrupt);
    EXPECT_TRUE(pauses.empty());
}

TEST(IngestWords, SpeedsAndProgress) {
    EXPECT_EQ(parse_speed("max").value(), std::nullopt);
    EXPECT_EQ(parse_speed("60").value(), 60.0);
    for (const char* text : {"", "0", "-1", "fast", "1x", "nan", "1e9"}) {
        EXPECT_FALSE(parse_speed(text).has_value()) << text;
    }
    EXPECT_EQ(with_commas(0), "0");
    EXPECT_EQ(with_commas(999), "999");
    EXPECT_EQ(with_commas(1234567), "1,234,567");
    EXPECT_EQ(IngestProgress::line(0.5, 1000, 250.0),
              "[###############---------------]  50 %  1,000 readings  250/s");
}

}  // namespace
}  // namespace headroom::app
