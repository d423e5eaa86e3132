#include "telemetry/batch_decoder.hpp"

#include "unit/telemetry/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::telemetry {
namespace {

class BatchDecoderTest : public ::testing::Test {
  protected:
    BatchDecoderTest() {
        for (const grid::Phase phase : {grid::Phase::sum, grid::Phase::l2}) {
            registry.intern({"F-1", grid::Quantity::p_kw, phase});
            registry.intern({"F-2", grid::Quantity::p_kw, phase});
        }
    }
    Result<void> read(std::string_view payload, const DecodeContext& context = {},
                      WireFormat format = WireFormat::detect) {
        readings.clear();
        decoder.reset(now);
        return decoder.decode(payload, format, context, readings);
    }
    PointRegistry registry;
    BatchDecoder decoder{registry, {.now = now, .source = "broker"}};
    std::vector<Reading> readings;
};

TEST_F(BatchDecoderTest, TheFormIsSeenFromTheFirstBytes) {
    EXPECT_EQ(detect_format(R"({"feeder":"F-1"})"), WireFormat::json);
    EXPECT_EQ(detect_format("{\"feeder\":\"F-1\"}\n"), WireFormat::json);
    EXPECT_EQ(detect_format("{\n\"feeder\":\"F-1\"\n}\n"), WireFormat::json);
    EXPECT_EQ(detect_format(" [{}]"), WireFormat::json);
    EXPECT_EQ(detect_format("{\"a\":1}\n{\"a\":2}\n"), WireFormat::ndjson);
    EXPECT_EQ(detect_format("{\"a\":1}\n\n  {\"a\":2}"), WireFormat::ndjson);
}

TEST_F(BatchDecoderTest, ObjectArrayAndLinesSayTheSame) {
    constexpr std::string_view one = R"({"feeder":"F-1","ts":"2026-11-20T16:59:00Z","kw":1.5})";
    constexpr std::string_view two = R"({"feeder":"F-2","ts":"2026-11-20T16:59:00Z","kw":2.5})";
    ASSERT_TRUE(read(one).has_value());
    EXPECT_EQ(readings.size(), 1U);
    for (const std::string& text :
         {"[" + std::string(one) + "," + std::string(two) + "]", std::string(one) + "\n" + std::string(two),
          std::string(one) + "\r\n" + std::string(two) + "\r\n"}) {
        ASSERT_TRUE(read(text).has_value()) << text;
        ASSERT_EQ(readings.size(), 2U) << text;
        EXPECT_EQ(readings[1].value, 2.5);
        EXPECT_EQ(registry.source(readings[1].source), "broker");
        EXPECT_EQ(decoder.report().received, 2U);
    }
}

TEST_F(BatchDecoderTest, ATopicNamesTheFeederOfReadingsThatDoNot) {
    const DecodeContext topic{.point_id = "F-2", .phase = grid::Phase::l2};
    ASSERT_TRUE(read(R"([{"ts":"2026-11-20T16:59:00Z","kw":3},
                         {"feeder":"F-1","ts":"2026-11-20T16:59:00Z","kw":4},
                         {"ts":"2026-11-20T16:59:00Z","kw":5,"phase":"sum"}])",
                     topic)
                    .has_value());
    ASSERT_EQ(readings.size(), 3U);
    EXPECT_EQ(registry.key(readings[0].point).text(), "F-2/p_kw/L2");
    EXPECT_EQ(registry.key(readings[1].point).text(), "F-1/p_kw/sum") << "a phase goes with its feeder";
    EXPECT_EQ(registry.key(readings[2].point).text(), "F-2/p_kw/sum");
    ASSERT_TRUE(read(R"({"ts":"2026-11-20T16:59:00Z","kw":3})").has_value());
    EXPECT_TRUE(readings.empty());
    EXPECT_EQ(decoder.report().errors.at(0).detail, "feeder (or feeder_id, point_id) is missing");
}

TEST_F(BatchDecoderTest, TheClockGoesOnWhileABodyComes) {
    const auto piece = [](std::string_view at) {
        return R"({"feeder":"F-1","ts":")" + std::string(at) + "\",\"kw\":1.5}\n";
    };
    decoder.reset(now);
    ASSERT_TRUE(decoder.feed(piece("2026-11-20T17:00:00Z"), WireFormat::ndjson, readings));
    ASSERT_TRUE(decoder.feed(piece("2026-11-20T17:59:00Z"), WireFormat::ndjson, readings));
    EXPECT_EQ(decoder.report().quarantined_total(), 1U) << "an hour ahead";
    decoder.set_now(now + hours{1});
    ASSERT_TRUE(decoder.feed(piece("2026-11-20T18:00:00Z"), WireFormat::ndjson, readings));
    ASSERT_TRUE(decoder.finish(WireFormat::ndjson, readings));
    EXPECT_EQ(readings.size(), 2U);
    EXPECT_EQ(decoder.report().quarantined_total(), 1U) << "the report goes on";
}

TEST_F(BatchDecoderTest, GarbageIsRefusedAsAWhole) {
    EXPECT_EQ(read("\x7f garbage").error().code, Errc::invalid);
    EXPECT_EQ(read("").error().code, Errc::invalid);
    EXPECT_EQ(decoder.report().received, 0U);
}

}  // namespace
}  // namespace headroom::telemetry
