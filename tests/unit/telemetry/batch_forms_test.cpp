// Every form of a batch says the same, and nothing that is cut, changed or made up does any harm.
#include "core/random.hpp"
#include "telemetry/batch_decoder.hpp"
#include "telemetry/batch_encoder.hpp"
#include "unit/telemetry/instants.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace headroom::telemetry {
namespace {

constexpr std::array<WireFormat, 4> forms{WireFormat::json, WireFormat::ndjson, WireFormat::binary,
                                          WireFormat::cbor};

class BatchForms : public ::testing::Test {
  protected:
    BatchForms() {
        for (int i = 0; i < 40; ++i) {
            for (const grid::Quantity quantity : {grid::Quantity::p_kw, grid::Quantity::v_v}) {
                registry.intern({"F-" + std::to_string(i), quantity, static_cast<grid::Phase>(i % 5)});
            }
        }
        for (const char* name : {"http", "scada-1"}) {
            registry.intern_source(name);
        }
    }
    std::vector<Reading> made_up(std::size_t count, std::uint64_t seed) const {
        const Random random(seed);
        std::vector<Reading> readings;
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto point = static_cast<PointRef>(random.below(registry.size(), i, 0));
            const bool is_volt = registry.key(point).quantity == grid::Quantity::v_v;
            const UtcTime start = now - milliseconds{random.below(7'000'000, i, 2)};
            readings.push_back(
                {.value = (random.uniform(i, 1) - (is_volt ? 0.0 : 0.5)) * 1000.0,
                 .interval_start = start,
                 .interval_end = start + (random.below(2, i, 3) == 0 ? milliseconds{0} : minutes{1}),
                 .seq = random.below(2, i, 4) == 0 ? 0 : random.bits(i, 5),
                 .point = point,
                 .quality = static_cast<Quality>(random.below(3, i, 6))});
        }
        return readings;
    }
    Result<void> read(std::string_view payload, WireFormat form = WireFormat::detect) {
        got.clear();
        decoder.reset(now);
        return decoder.decode(payload, form, {}, got);
    }
    static void expect_equal(const std::vector<Reading>& got, const std::vector<Reading>& sent) {
        ASSERT_EQ(got.size(), sent.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
            ASSERT_TRUE(got[i].value == sent[i].value && got[i].interval_start == sent[i].interval_start &&
                        got[i].interval_end == sent[i].interval_end && got[i].seq == sent[i].seq &&
                        got[i].point == sent[i].point && got[i].quality == sent[i].quality &&
                        got[i].source == sent[i].source)
                << i;
        }
    }

    PointRegistry registry;
    BatchDecoder decoder{registry, {.now = now}};
    std::vector<Reading> got;
};

TEST_F(BatchForms, WhatIsWrittenIsReadBack) {
    for (const std::size_t count : {1UL, 2UL, 100UL, 1000UL}) {
        const std::vector<Reading> sent = made_up(count, count);
        for (const WireFormat form : forms) {
            std::string text;
            encode_batch(sent, registry, form, {}, text);
            ASSERT_TRUE(read(text, form).has_value()) << static_cast<int>(form);
            expect_equal(got, sent);
            ASSERT_TRUE(read(text).has_value());
            expect_equal(got, sent);
            EXPECT_EQ(decoder.report().received, count);
        }
    }
}

TEST_F(BatchForms, TheSourceGoesAlongWhenAskedFor) {
    std::vector<Reading> sent = made_up(20, 3);
    for (std::size_t i = 5; i < 15; ++i) {
        sent[i].source = registry.intern_source("scada-1");
    }
    for (const WireFormat form : forms) {
        std::string text;
        encode_batch(sent, registry, form, {.with_source = true}, text);
        ASSERT_TRUE(read(text, form).has_value());
        expect_equal(got, sent);
    }
}

TEST_F(BatchForms, ASourceThatIsNoIdIsMadeOne) {
    std::vector<Reading> sent = made_up(3, 4);
    for (Reading& reading : sent) {
        reading.source = registry.intern_source("csv:file one.csv");
    }
    for (const WireFormat form : forms) {
        std::string text;
        encode_batch(sent, registry, form, {.with_source = true}, text);
        ASSERT_TRUE(read(text, form).has_value());
        ASSERT_EQ(got.size(), 3U);
        EXPECT_EQ(registry.source(got[0].source), "csv-file-one.csv");
    }
}

TEST_F(BatchForms, ABodyMayComeInPiecesOfAnySize) {
    const std::vector<Reading> sent = made_up(300, 5);
    for (const WireFormat form : forms) {
        std::string body;
        for (std::size_t at = 0; at < sent.size(); at += 100) {
            if (at > 0 && form != WireFormat::ndjson && form != WireFormat::binary) {
                break;  // one document
            }
            const bool is_whole = form != WireFormat::ndjson && form != WireFormat::binary;
            encode_batch(std::span(sent).subspan(at, is_whole ? sent.size() : 100), registry, form, {}, body);
        }
        for (const std::size_t piece : {1UL, 7UL, 1000UL, body.size()}) {
            got.clear();
            decoder.reset(now);
            for (std::size_t at = 0; at < body.size(); at += piece) {
                ASSERT_TRUE(decoder.feed(std::string_view(body).substr(at, piece), form, got).has_value());
            }
            ASSERT_TRUE(decoder.finish(form, got).has_value());
            expect_equal(got, sent);
        }
    }
}

TEST_F(BatchForms, WhatIsCutOffIsRefusedAsAWhole) {
    const std::vector<Reading> sent = made_up(5, 7);
    for (const WireFormat form : {WireFormat::json, WireFormat::binary, WireFormat::cbor}) {
        std::string text;
        encode_batch(sent, registry, form, {}, text);
        for (std::size_t size = 0; size < text.size(); ++size) {
            ASSERT_FALSE(read(std::string_view(text).substr(0, size), form).has_value())
                << static_cast<int>(form) << " " << size;
            ASSERT_TRUE(got.empty());
            ASSERT_EQ(decoder.report().received, 0U);
        }
        ASSERT_FALSE(read(text + '\x01', form).has_value());
    }
}

TEST_F(BatchForms, EveryReadingIsCountedHoweverItIsChanged) {
    const std::vector<Reading> sent = made_up(30, 9);
    const Random random(31);
    for (const WireFormat form : forms) {
        std::string text;
        encode_batch(sent, registry, form, {}, text);
        for (std::uint64_t i = 0; i < 3000; ++i) {
            std::string changed = text;
            changed[random.below(text.size(), i, 0)] = static_cast<char>(random.below(256, i, 1));
            const Result<void> result = read(changed, form);
            ASSERT_EQ(decoder.report().received, got.size() + decoder.report().quarantined_total());
            ASSERT_TRUE(result.has_value() || got.empty());
        }
    }
}

TEST_F(BatchForms, ARowOfACompactBatchIsQuarantinedLikeAnyReading) {
    std::vector<Reading> sent = made_up(4, 11);
    PointRegistry others;
    others.intern({"nobody", grid::Quantity::p_kw, grid::Phase::sum});
    others.intern({"F-0", grid::Quantity::p_kw, grid::Phase::l1});
    for (Reading& reading : sent) {
        reading.point = 1;
    }
    sent[0].point = 0;
    sent[1].value = 2e6;
    sent[2].interval_end = sent[2].interval_start = now + hours{1};
    std::string text;
    encode_batch(sent, others, WireFormat::binary, {}, text);
    ASSERT_TRUE(read(text).has_value());
    EXPECT_EQ(got.size(), 1U);
    const DecodeReport& report = decoder.report();
    EXPECT_EQ(report.received, 4U);
    EXPECT_EQ(report.quarantined[static_cast<std::size_t>(Quarantine::unknown_point)], 1U);
    EXPECT_EQ(report.quarantined[static_cast<std::size_t>(Quarantine::out_of_range)], 1U);
    EXPECT_EQ(report.quarantined[static_cast<std::size_t>(Quarantine::future)], 1U);
    EXPECT_EQ(report.errors.at(1).pointer, "/1/value");
    EXPECT_EQ(report.errors.at(0).detail, "\"nobody\" with p_kw on sum is no point of this network");
}

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

TEST(CborNumbers, AreThoseOfTheStandardsAppendix) {
    const auto number = [](std::string_view hex) {
        const std::string bytes = bytes_of(hex);
        CborReader reader(bytes);
        const std::optional<double> value = reader.number();
        EXPECT_TRUE(reader.at_end()) << hex;
        return value.value_or(-12345.0);
    };
    EXPECT_EQ(number("00"), 0.0);
    EXPECT_EQ(number("1864"), 100.0);
    EXPECT_EQ(number("1b000000e8d4a51000"), 1e12);
    EXPECT_EQ(number("3863"), -100.0);
    EXPECT_EQ(number("f93e00"), 1.5);
    EXPECT_EQ(number("f97bff"), 65504.0);
    EXPECT_EQ(number("f90001"), 5.960464477539063e-8);
    EXPECT_EQ(number("f9c400"), -4.0);
    EXPECT_EQ(number("fa47c35000"), 100000.0);
    EXPECT_EQ(number("fb3ff199999999999a"), 1.1);
    EXPECT_TRUE(std::isinf(number("f97c00")));
    EXPECT_TRUE(std::isnan(number("f97e00")));
}

TEST_F(BatchForms, CborOfUnknownLengthWithTaggedTimes) {
    // [_ {_ "feeder": (_ "F-", "0"), "ts": 1(1795193940.5), "kw": -1.5, "phase": "L1", "x": [1, {}], "seq":
    // null}]
    const std::string text =
        "\x9f\xbf\x66"
        "feeder\x7f\x62"
        "F-\x61"
        "0\xff\x62"
        "ts\xc1\xfb" +
        bytes_of("41dac01f15200000") + "\x62kw" + bytes_of("f9be00") +
        "\x65phase\x62L1"
        "\x61x\x82\x01\xa0"
        "\x63seq\xf6\xff\xff";
    ASSERT_TRUE(read(text).has_value());
    ASSERT_EQ(got.size(), 1U) << (decoder.report().errors.empty() ? "" : decoder.report().errors[0].detail);
    EXPECT_EQ(got[0].value, -1.5);
    EXPECT_EQ(registry.key(got[0].point).text(), "F-0/p_kw/L1");
}

TEST_F(BatchForms, CborThatIsNotWellFormedIsRefused) {
    for (const char* hex : {"",
                            "9f",
                            "ff",
                            "81",
                            "a1",
                            "a16161",
                            "bf6161ff",
                            "81a1616161ff",
                            "8181818181818181818181818181818181818181818181818100",
                            "1c",
                            "81a0ff",
                            "a161ff01",
                            "9b0000000100000000",
                            "bb7fffffffffffffff",
                            "f81f",
                            "5f4101ff",
                            "62ffff",
                            "01",
                            "f6",
                            "8000"}) {
        EXPECT_FALSE(read(bytes_of(hex), WireFormat::cbor).has_value()) << hex;
        EXPECT_EQ(decoder.report().received, 0U) << hex;
    }
    EXPECT_TRUE(read(bytes_of("80")).has_value());
    EXPECT_TRUE(read(bytes_of("d9d9f780")).has_value());
}

}  // namespace
}  // namespace headroom::telemetry
