#include "telemetry/json_decoder.hpp"

#include "core/json.hpp"
#include "unit/telemetry/instants.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::telemetry {
namespace {

std::size_t count_of(const DecodeReport& report, Quarantine reason) {
    return report.quarantined[static_cast<std::size_t>(reason)];
}

class JsonDecoderTest : public testing::Test {
  protected:
    JsonDecoderTest() {
        for (const grid::Phase phase : {grid::Phase::sum, grid::Phase::l1, grid::Phase::l2}) {
            registry.intern({"F-1", grid::Quantity::p_kw, phase});
        }
        registry.intern({"F-2", grid::Quantity::p_kw, grid::Phase::sum});
        registry.intern({"F-1", grid::Quantity::v_v, grid::Phase::l1});
        decoder = std::make_unique<JsonDecoder>(registry, JsonDecoderOptions{.now = noon});
    }

    /// The error of the only reading of `document`.
    DecodeError only_error(const std::string& document) {
        decoder->reset(noon);
        readings.clear();
        const Result<void> decoded = decoder->decode(document, readings);
        EXPECT_TRUE(decoded.has_value()) << document;
        EXPECT_TRUE(readings.empty()) << document;
        EXPECT_EQ(decoder->report().received, 1U) << document;
        EXPECT_EQ(decoder->report().errors.size(), 1U) << document;
        return decoder->report().errors.empty() ? DecodeError{} : decoder->report().errors.front();
    }

    PointRegistry registry;
    std::unique_ptr<JsonDecoder> decoder;
    std::vector<Reading> readings;
};

TEST_F(JsonDecoderTest, TakesTheShorthandAsAnInstantOfPowerOverAllPhases) {
    ASSERT_TRUE(decoder->decode(R"({"feeder":"F-1","ts":"2026-11-20T11:59:00Z","kw":12.5})", readings));

    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(readings[0].point, registry.find("F-1", grid::Quantity::p_kw, grid::Phase::sum));
    EXPECT_EQ(readings[0].value, 12.5);
    EXPECT_EQ(readings[0].interval_start, noon - minutes{1});
    EXPECT_EQ(readings[0].interval_end, noon - minutes{1});
    EXPECT_EQ(readings[0].quality, Quality::measured);
    EXPECT_EQ(registry.source(readings[0].source), "http");
}

TEST_F(JsonDecoderTest, TakesTheOtherNamesOfTheShorthandAndAPhase) {
    ASSERT_TRUE(decoder->decode(
        R"({"timestamp":"2026-11-20T11:59:00+00:00","feeder_id":"F-1","kw":-3,"phase":"L2","comment":[1,{"a":2}]})",
        readings));
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(readings[0].point, registry.find("F-1", grid::Quantity::p_kw, grid::Phase::l2));
    EXPECT_EQ(readings[0].value, -3.0);
}

TEST_F(JsonDecoderTest, TakesTheFullForm) {
    ASSERT_TRUE(decoder->decode(
        R"({"point_id":"F-1","quantity":"v_v","phase":"L1","value":239.4,
            "interval_start":"2026-11-20T11:30:00Z","interval_end":"2026-11-20T12:00:00Z",
            "quality":"estimated","source":"scada-1","seq":42})",
        readings));
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(readings[0].point, registry.find("F-1", grid::Quantity::v_v, grid::Phase::l1));
    EXPECT_EQ(readings[0].interval_end - readings[0].interval_start, minutes{30});
    EXPECT_EQ(readings[0].quality, Quality::estimated);
    EXPECT_EQ(registry.source(readings[0].source), "scada-1");
    EXPECT_EQ(readings[0].seq, 42U);
}

TEST_F(JsonDecoderTest, InAnArrayABadReadingDoesNotStopTheOthers) {
    ASSERT_TRUE(decoder->decode(R"([{"feeder":"F-1","ts":"2026-11-20T11:59:00Z","kw":1},
                                    {"feeder":"F-9","ts":"2026-11-20T11:59:00Z","kw":2},
                                    7,
                                    {"feeder":"F-1","ts":"2026-11-20T11:59:00Z","kw":"3"},
                                    {"feeder":"F-2","ts":"2026-11-20T11:59:00Z","kw":4}])",
                                readings));
    ASSERT_EQ(readings.size(), 2U);
    EXPECT_EQ(readings[1].value, 4.0);
    const DecodeReport& report = decoder->report();
    EXPECT_EQ(report.received, 5U);
    EXPECT_EQ(count_of(report, Quarantine::unknown_point), 1U);
    EXPECT_EQ(count_of(report, Quarantine::malformed), 2U);
    ASSERT_EQ(report.errors.size(), 3U);
    EXPECT_EQ(report.errors[0].pointer, "/1");
    EXPECT_NE(report.errors[0].detail.find("\"F-9\""), std::string::npos);
    EXPECT_EQ(report.errors[1].pointer, "/2");
    EXPECT_EQ(report.errors[2].pointer, "/3/kw");
    EXPECT_EQ(report.errors[2].detail, R"(kw must be a finite number, not the text "3")");
}

TEST_F(JsonDecoderTest, RefusesTextThatIsNoJsonAndTakesNothingOfIt) {
    for (const std::string document :
         {"", "   ", "{", "nonsense", "[{\"feeder\":\"F-1\",\"ts\":\"2026-11-20T11:59:00Z\",\"kw\":1}",
          "[{\"feeder\":\"F-1\",\"ts\":\"2026-11-20T11:59:00Z\",\"kw\":1},{\"feeder\"",
          "{\"feeder\":\"F-1\",\"ts\":\"2026-11-20T11:59:00Z\",\"kw\":1} x", "\"text\"", "12", "\xff\xfe",
          "{\"feeder\":\"F-1\" \"ts\":1}"}) {
        const Result<void> decoded = decoder->decode(document, readings);
        EXPECT_FALSE(decoded.has_value()) << document;
        EXPECT_TRUE(readings.empty()) << document;
        EXPECT_EQ(decoder->report().received, 0U) << document;
    }
}

TEST_F(JsonDecoderTest, QuarantinesWhatIsNotFiniteOrAbsurd) {
    const auto with_kw = [](const std::string& kw) {
        return R"({"feeder":"F-1","ts":"2026-11-20T11:59:00Z","kw":)" + kw + "}";
    };
    for (const std::string kw : {"NaN", "Infinity", "-Infinity", "1e999", "-1e999"}) {
        const DecodeError error = only_error(with_kw(kw));
        EXPECT_EQ(error.reason, Quarantine::not_finite) << kw;
        EXPECT_EQ(error.pointer, "/kw");
    }
    EXPECT_EQ(only_error(with_kw("1e300")).reason, Quarantine::out_of_range);
    EXPECT_EQ(only_error(with_kw("1000001")).reason, Quarantine::out_of_range);
    EXPECT_EQ(only_error(with_kw("null")).reason, Quarantine::malformed);
    EXPECT_EQ(only_error(with_kw("[1]")).reason, Quarantine::malformed);
}

TEST_F(JsonDecoderTest, QuarantinesTimesWithoutZoneUnreadableOrAhead) {
    const auto at = [](const std::string& ts) { return R"({"feeder":"F-1","ts":)" + ts + R"(,"kw":1})"; };
    EXPECT_EQ(only_error(at("\"2026-11-20T11:59:00\"")).reason, Quarantine::no_zone);
    EXPECT_EQ(only_error(at("\"2026-02-30T11:59:00Z\"")).reason, Quarantine::bad_time);
    EXPECT_EQ(only_error(at("\"yesterday\"")).reason, Quarantine::bad_time);
    EXPECT_EQ(only_error(at("1763640000")).reason, Quarantine::malformed);
    const DecodeError ahead = only_error(at("\"2026-11-20T12:02:01Z\""));
    EXPECT_EQ(ahead.reason, Quarantine::future);
    EXPECT_EQ(ahead.pointer, "/ts");
    EXPECT_NE(ahead.detail.find("ahead of the clock"), std::string::npos);

    decoder->reset(noon);
    ASSERT_TRUE(decoder->decode(at("\"2026-11-20T12:02:00Z\""), readings));
    EXPECT_EQ(readings.size(), 1U) << "two minutes are tolerated";
}

TEST_F(JsonDecoderTest, NamesTheMemberThatIsMissingOrContradicts) {
    EXPECT_NE(only_error(R"({"ts":"2026-11-20T11:59:00Z","kw":1})").detail.find("feeder"), std::string::npos);
    EXPECT_NE(only_error(R"({"feeder":"F-1","kw":1})").detail.find("ts"), std::string::npos);
    EXPECT_NE(only_error(R"({"feeder":"F-1","ts":"2026-11-20T11:59:00Z"})").detail.find("kw"),
              std::string::npos);
    EXPECT_EQ(only_error(R"({"feeder":"F-1","ts":"2026-11-20T11:59:00Z","kw":1,"value":2})").reason,
              Quarantine::malformed);
    EXPECT_EQ(only_error(R"({"feeder":"F-1","ts":"2026-11-20T11:59:00Z","kw":1,"phase":"L7"})").pointer,
              "/phase");
    EXPECT_EQ(only_error(R"({"feeder":"F-1","ts":"2026-11-20T11:59:00Z","kw":1,"quantity":"v_v"})").pointer,
              "/quantity");
    EXPECT_EQ(only_error(R"({"feeder":"F-1","interval_start":"2026-11-20T11:59:00Z",
                             "interval_end":"2026-11-20T11:58:00Z","kw":1})")
                  .reason,
              Quarantine::bad_time);
}

TEST_F(JsonDecoderTest, ReadsLinesInChunksOfAnySize) {
    const std::string lines =
        "{\"feeder\":\"F-1\",\"ts\":\"2026-11-20T11:57:00Z\",\"kw\":1}\n"
        "\n"
        "not json\r\n"
        "{\"feeder\":\"F-1\",\"ts\":\"2026-11-20T11:58:00Z\",\"kw\":2}\r\n"
        "{\"feeder\":\"F-9\",\"ts\":\"2026-11-20T11:58:00Z\",\"kw\":2}\n"
        "{\"feeder\":\"F-2\",\"ts\":\"2026-11-20T11:59:00Z\",\"kw\":3}";
    for (std::size_t size = 1; size <= lines.size(); size += 7) {
        decoder->reset(noon);
        readings.clear();
        for (std::size_t at = 0; at < lines.size(); at += size) {
            decoder->feed(std::string_view(lines).substr(at, size), readings);
        }
        decoder->finish(readings);
        ASSERT_EQ(readings.size(), 3U) << size;
        EXPECT_EQ(readings[2].value, 3.0);
        const DecodeReport& report = decoder->report();
        EXPECT_EQ(report.received, 5U);
        ASSERT_EQ(report.errors.size(), 2U);
        EXPECT_EQ(report.errors[0].line, 3U);
        EXPECT_EQ(report.errors[1].line, 5U);
        EXPECT_EQ(report.errors[1].reason, Quarantine::unknown_point);
    }
}

TEST_F(JsonDecoderTest, ALineThatIsTooLongIsQuarantinedAndNotKept) {
    const std::string junk(line_bytes_max + 1, 'x');
    decoder->feed(junk, readings);
    decoder->feed(junk, readings);
    decoder->feed("\n{\"feeder\":\"F-1\",\"ts\":\"2026-11-20T11:57:00Z\",\"kw\":1}\n", readings);
    EXPECT_EQ(readings.size(), 1U);
    ASSERT_EQ(decoder->report().errors.size(), 1U);
    EXPECT_EQ(decoder->report().errors[0].line, 1U);
    EXPECT_NE(decoder->report().errors[0].detail.find("65536"), std::string::npos);
}

TEST_F(JsonDecoderTest, TellsAtMostAHundredFaultsAndCountsAll) {
    std::string document = "[";
    for (int i = 0; i < 250; ++i) {
        document += i == 0 ? "1" : ",1";
    }
    ASSERT_TRUE(decoder->decode(document + "]", readings));
    EXPECT_EQ(decoder->report().errors.size(), 100U);
    EXPECT_EQ(count_of(decoder->report(), Quarantine::malformed), 250U);
}

TEST_F(JsonDecoderTest, MakesPointsOnlyWhenAllowedAndOnlyWithSoundIds) {
    JsonDecoder open(registry, {.now = noon, .unknown_points_allowed = true});
    ASSERT_TRUE(open.decode(R"([{"feeder":"new-1","ts":"2026-11-20T11:59:00Z","kw":1},
                                {"feeder":"no id","ts":"2026-11-20T11:59:00Z","kw":1}])",
                            readings));
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(registry.key(readings[0].point).text(), "new-1/p_kw/sum");
    EXPECT_EQ(count_of(open.report(), Quarantine::malformed), 1U);
}

TEST_F(JsonDecoderTest, TheReceiptCountsEveryReadingOnce) {
    ASSERT_TRUE(decoder->decode(R"([{"feeder":"F-1","ts":"2026-11-20T11:59:00Z","kw":1},5])", readings));
    IngestTotals totals{.accepted = 0, .duplicates = 0, .conflicts = 0, .quarantined = {}};
    totals.quarantined[static_cast<std::size_t>(Quarantine::too_late)] = 1;
    EXPECT_EQ(
        json::write(receipt_json(decoder->report(), totals)),
        R"({"received":2,"accepted":0,"duplicates":0,"conflicts":0,"quarantined":{"too_late":1,"malformed":1},)"
        R"("errors":[{"pointer":"/1","reason":"malformed","detail":"a reading must be an object"}]})");
}

TEST(PointRegistry, GivesEachQuantityAndPhaseItsOwnHandle) {
    PointRegistry registry;
    const PointRef first = registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::l1});
    const PointRef second = registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::l2});
    EXPECT_NE(first, second);
    EXPECT_EQ(registry.intern({"F-1", grid::Quantity::p_kw, grid::Phase::l1}), first);
    EXPECT_EQ(registry.find("F-1", grid::Quantity::q_kvar, grid::Phase::l1), no_point);
    EXPECT_EQ(registry.find("F-2", grid::Quantity::p_kw, grid::Phase::l1), no_point);
    EXPECT_EQ(registry.size(), 2U);
}

TEST(PointRegistry, NoSenderCanFillTheTableOfSources) {
    PointRegistry registry;
    for (std::size_t i = 0; i < 2 * PointRegistry::sources_max; ++i) {
        registry.intern_source("s-" + std::to_string(i));
    }
    EXPECT_EQ(registry.source(registry.intern_source("one-more")), "other");
    EXPECT_EQ(registry.source(registry.intern_source("s-5")), "s-5");
}

}  // namespace
}  // namespace headroom::telemetry
