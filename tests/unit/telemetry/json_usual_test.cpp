#include "telemetry/json_usual.hpp"

#include "core/random.hpp"
#include "telemetry/json_decoder.hpp"
#include "telemetry/usual_layout.hpp"
#include "telemetry/usual_number.hpp"
#include "unit/telemetry/instants.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace headroom::telemetry {
namespace {

std::string padded(std::string text) {
    return text + std::string(usual_padding, '\0');
}

const char* read_number(const std::string& text, double& out) {
    const std::string kept = padded(text + ",");
    const char* end = read_usual_number(kept.data(), out);
    return end == nullptr ? nullptr : text.data() + (end - kept.data());
}

void expect_as_strtod(const std::string& text) {
    double number = 0.0;
    const char* end = read_number(text, number);
    ASSERT_NE(end, nullptr) << text;
    ASSERT_EQ(end, text.data() + text.size()) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(number),
              std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)))
        << text;
}

TEST(UsualNumber, IsTheDoubleThatStrtodReads) {
    for (const char* text : {"0",
                             "-0",
                             "0.0",
                             "-0.0",
                             "1",
                             "-1",
                             "412.5",
                             "0.1",
                             "0.30000000000000004",
                             "123.45",
                             "9007199254740992",
                             "9007199254740993",
                             "900719925474099.3",
                             "9999999999999999999",
                             "18446744073709551616",
                             "0.0000000000000000000001",
                             "2.2250738585072014",
                             "1.7976931348623157",
                             "5.000000000000000000001",
                             "412.50000000000006",
                             "0.1000000000000000055511151231257827021181583404541015625",
                             "4503599627370497.5",
                             "4503599627370496.4999999999999999999",
                             "123456789012345678901234567890"}) {
        expect_as_strtod(text);
    }
    const Random random(17);
    for (std::uint64_t i = 0; i < 200'000; ++i) {
        const int decimals = static_cast<int>(random.below(20, i, 0));
        const double size = std::pow(10.0, static_cast<double>(random.below(9, i, 1)));
        const double value = (random.uniform(i, 2) - 0.5) * size;
        expect_as_strtod(fmt::format("{:.{}f}", value, decimals));
    }
}

TEST(UsualNumber, WhatIsNoPlainNumberIsLeftToTheGeneralReader) {
    double number = 0.0;
    for (const char* text :
         {"", "-", "+1", "01", "-01", ".5", "5.", "1e5", "1E-5", "NaN", "Infinity", "1.e5", "--1", "\"1\""}) {
        EXPECT_EQ(read_number(text, number), nullptr) << text;
    }
    EXPECT_EQ(read_number(std::string(80, '1'), number), nullptr);
}

TEST(UsualObject, TakesTheShapesOfReadings) {
    const auto usual = [](const std::string& text) {
        UsualReading reading;
        const std::string kept = padded(text);
        const char* end = read_usual_object(kept.data(), Blank::any, reading);
        return end == kept.data() + text.size();
    };
    EXPECT_TRUE(usual(R"({"feeder":"F-1","ts":"2026-11-20T16:00:00Z","kw":1.5})"));
    EXPECT_TRUE(usual(R"({ "kw" : -1.5 , "phase" : "L3" , "ts" : "x" , "feeder" : "F" })"));
    EXPECT_TRUE(usual(R"({"feeder":"F","ts":"t","kw":1,"v":[230.1,[1e5],{"a":null}],"ok":true,"n":"x"})"));
    EXPECT_TRUE(usual(R"({"point_id":"F","quantity":"v_v","phase":null,"value":239.4,"interval_start":"a",
                          "interval_end":"b","quality":"estimated","source":"s","seq":8812})"));
    for (const char* text : {R"({})",
                             R"({"feeder":"F\u0031"})",
                             R"({"feeder":"Fé"})",
                             R"({"feeder":"a","feeder":"b"})",
                             R"({"feeder":"a","point_id":"b"})",
                             R"({"kw":1,"value":2})",
                             R"({"phase":"L9"})",
                             R"({"kw":"1"})",
                             R"({"kw":null})",
                             R"({"seq":-1})",
                             R"({"seq":01})",
                             R"({"seq":1.5})",
                             R"({"v":nul})",
                             R"({"v":[1,]})",
                             R"({"v":01})",
                             R"({"kw":1,})",
                             R"({"kw" 1})",
                             R"({"a":{"b" 1}})",
                             R"({"v":[[[[[1]]]]]})",
                             "{\"k\tw\":1}",
                             R"({"kw":1)",
                             R"({"feeder":")",
                             R"([{"kw":1}])"}) {
        EXPECT_FALSE(usual(text)) << text;
    }
}

/// A reader with the short cut and one without, over the same points.
class BothWays {
  public:
    BothWays() {
        for (PointRegistry* points : {&points_with_, &points_without_}) {
            points->intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum});
            points->intern({"F-1", grid::Quantity::p_kw, grid::Phase::l1});
            points->intern({"F-2", grid::Quantity::v_v, grid::Phase::sum});
        }
        without_.read_generally_only();
    }
    void expect_same_document(std::string_view text) {
        begin();
        const Result<void> a = with_.decode(text, readings_with_);
        const Result<void> b = without_.decode(text, readings_without_);
        ASSERT_EQ(a.has_value(), b.has_value()) << text;
        expect_same(text);
    }
    void expect_same_lines(const std::string& text, std::size_t piece) {
        begin();
        for (std::size_t at = 0; at < text.size(); at += piece) {
            with_.feed(std::string_view(text).substr(at, piece), readings_with_);
        }
        with_.finish(readings_with_);
        without_.feed(text, readings_without_);
        without_.finish(readings_without_);
        expect_same(text);
    }

  private:
    void begin() {
        readings_with_.clear();
        readings_without_.clear();
        with_.reset(now);
        without_.reset(now);
    }
    void expect_same(std::string_view text) {
        ASSERT_EQ(readings_with_.size(), readings_without_.size()) << text;
        for (std::size_t i = 0; i < readings_with_.size(); ++i) {
            const Reading& a = readings_with_[i];
            const Reading& b = readings_without_[i];
            ASSERT_TRUE(std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value) &&
                        a.interval_start == b.interval_start && a.interval_end == b.interval_end &&
                        a.seq == b.seq && a.point == b.point && a.quality == b.quality &&
                        points_with_.source(a.source) == points_without_.source(b.source))
                << i << " of " << text;
        }
        const DecodeReport& a = with_.report();
        const DecodeReport& b = without_.report();
        ASSERT_EQ(a.received, b.received) << text;
        ASSERT_EQ(a.quarantined, b.quarantined) << text;
        ASSERT_EQ(a.errors.size(), b.errors.size()) << text;
        for (std::size_t i = 0; i < a.errors.size(); ++i) {
            ASSERT_EQ(a.errors[i].detail, b.errors[i].detail) << text;
            ASSERT_EQ(a.errors[i].pointer, b.errors[i].pointer) << text;
            ASSERT_EQ(a.errors[i].line, b.errors[i].line) << text;
        }
    }

    PointRegistry points_with_;
    PointRegistry points_without_;
    JsonDecoder with_{points_with_, {.now = now}};
    JsonDecoder without_{points_without_, {.now = now}};
    std::vector<Reading> readings_with_;
    std::vector<Reading> readings_without_;
};

/// A member of a reading, often right, now and then strange.
std::string made_up_member(const Random& random, std::uint64_t i, std::uint64_t n) {
    constexpr std::array<const char*, 44> members{R"("feeder":"F-1")",
                                                  R"("feeder":"F-1")",
                                                  R"("feeder" : "F-1")",
                                                  R"("feeder_id":"F-2")",
                                                  R"("point_id":"F-9")",
                                                  R"("feeder":"F-\u0031")",
                                                  R"("feeder":7)",
                                                  R"("ts":"2026-11-20T16:59:00Z")",
                                                  R"("ts":"2026-11-20T16:58:59Z")",
                                                  R"("ts":"2026-11-20T16:59:60Z")",
                                                  R"("timestamp":"2026-11-19T23:00:00Z")",
                                                  R"("ts":"2026-11-20T16:59:00+00:00")",
                                                  R"("ts":"2026-11-20T16:59:00")",
                                                  R"("ts":"2026-11-20T24:00:00Z")",
                                                  R"("ts":"2026-11-20T17:59:00Z")",
                                                  R"("interval_start":"2026-11-20T16:30:00.250Z")",
                                                  R"("interval_end":"2026-11-20T17:00:00Z")",
                                                  R"("interval_end":"2026-11-20T16:00:00Z")",
                                                  R"("kw":1.5)",
                                                  R"("kw":-0.30000000000000004)",
                                                  R"("kw":1e2)",
                                                  R"("kw":1e7)",
                                                  R"("kw":NaN)",
                                                  R"("kw":"5")",
                                                  R"("value":230)",
                                                  R"("value":5.)",
                                                  R"("phase":"L1")",
                                                  R"("phase":"l1")",
                                                  R"("phase":"L4")",
                                                  R"("phase":null)",
                                                  R"("phase":nil)",
                                                  R"("quantity":"v_v")",
                                                  R"("quantity":"p_kw")",
                                                  R"("quality":"estimated")",
                                                  R"("source":"scada-1")",
                                                  R"("source":"no id")",
                                                  R"("seq":12)",
                                                  R"("seq":18446744073709551615)",
                                                  R"("seq":-1)",
                                                  R"("x":[1,2,{"a":"b"}])",
                                                  R"("x":tru)",
                                                  R"("é":1)",
                                                  "\"x\":\"\x01\"",
                                                  "\"x\":\"\xff\""};
    return members[random.below(members.size(), i, n)];
}

std::string made_up_object(const Random& random, std::uint64_t i) {
    if (random.below(3, i, 900) == 0) {
        return fmt::format(R"({{"feeder":"F-1","ts":"2026-11-20T16:{:02}:{:02}Z","kw":{:.3f},"phase":"L1"}})",
                           random.below(60, i, 901), random.below(60, i, 902), random.uniform(i, 903) * 500);
    }
    std::string object = "{";
    const std::uint64_t count = random.below(6, i, 904) + 1;
    for (std::uint64_t n = 0; n < count; ++n) {
        object += (n > 0 ? "," : "") + made_up_member(random, i, n);
    }
    return object + (random.below(40, i, 905) == 0 ? "" : "}");
}

TEST(UsualObject, TheShortCutAgreesWithTheGeneralReader) {
    const Random random(23);
    BothWays both;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const std::string one = made_up_object(random, i);
        both.expect_same_document(one);
        std::string array = "[";
        std::string lines;
        const std::uint64_t count = random.below(40, i, 910);
        for (std::uint64_t n = 0; n < count; ++n) {
            const std::string object = made_up_object(random, i * 41 + n);
            array += (n > 0 ? ", " : "") + object;
            lines += object + (random.below(9, i, 911) == 0 ? "\r\n" : "\n");
        }
        if (i % 8 == 0) {
            both.expect_same_document(array + "]" + (i % 64 == 0 ? " x" : " "));
            both.expect_same_lines(lines, 1 + random.below(400, i, 912));
        }
        if (::testing::Test::HasFatalFailure()) {
            return;
        }
    }
}

TEST(UsualObject, ACutAnywhereMakesNoDifference) {
    BothWays both;
    const std::string line = R"({"feeder":"F-1","ts":"2026-11-20T16:59:00Z","kw":12.25,"seq":3})";
    for (std::size_t size = 0; size <= line.size(); ++size) {
        both.expect_same_document(line.substr(0, size));
        both.expect_same_lines(line.substr(0, size) + "\n" + line + "\n\n" + line, 7);
        std::string changed = line;
        if (size < line.size()) {
            for (const char c : {'\0', '"', '\\', '\n', '\x80', '}', ',', '9'}) {
                changed[size] = c;
                both.expect_same_document(changed);
                both.expect_same_lines(changed + "\n" + line, 64);
            }
        }
    }
}

/// What senders send, each in its own layout: `i` gives the values.
std::string alike(std::size_t layout, const Random& random, std::uint64_t i) {
    const auto second = random.below(60, i, 920);
    const double kw = (random.uniform(i, 921) - 0.2) * std::pow(10.0, static_cast<double>(i % 7));
    const auto decimals = random.below(9, i, 922);
    const std::uint64_t feeder = 1 + random.below(2, i, 923);
    switch (layout) {
        case 0:
            return fmt::format(R"({{"feeder":"F-{}","ts":"2026-11-20T16:{:02}:00Z","kw":{:.{}f}}})", feeder,
                               second / 30, kw, decimals);
        case 1:
            return fmt::format(
                R"({{"seq":{},"source":"scada-{}","point_id":"F-2","quantity":"v_v","phase":"{}",)"
                R"("quality":"{}","interval_start":"2026-11-20T16:00:{:02}Z",)"
                R"("interval_end":"2026-11-20T16:30:00Z","value":{:.1f}}})",
                i, i / 9 % 2, i % 3 == 0 ? "sum" : "L1", i % 5 == 0 ? "estimated" : "measured", second,
                230.0);
        case 2:
            return fmt::format(
                "{{ \"unit\" : [\"kW\", {{}}],\t\"timestamp\": \"2026-11-20T16:00:{:02}.250Z\" ,"
                "\"phase\":null,  \"kw\" :{:.{}f} , \"feeder_id\":\"F-1\", \"x\":true }}",
                second, kw, decimals);
        default:
            return fmt::format(
                R"({{"feeder":"F-{}","phase":"L{}","ts":"2026-11-20T16:59:00+00:00","kw":{}}})", feeder,
                1 + i % 3, i % 4000);
    }
}

TEST(UsualLayout, ReadsTheNextOneAsTheReaderWithoutIt) {
    const Random random(29);
    for (std::size_t layout = 0; layout < 4; ++layout) {
        UsualLayout next;
        std::size_t read = 0;
        for (std::uint64_t i = 0; i < 500; ++i) {
            const std::string object = alike(layout, random, i);
            const std::string text = object + std::string(UsualLayout::reach_max, '\0');
            UsualReading a;
            UsualReading b;
            ASSERT_EQ(read_usual_object(text.data(), Blank::any, a), text.data() + object.size()) << object;
            if (next.is_known()) {
                const char* const end = next.read(text.data(), b);
                ASSERT_TRUE(end == nullptr || end == text.data() + object.size()) << object;
                ASSERT_LE(object.size(), next.reach());
                if (end != nullptr) {
                    read += 1;
                    ASSERT_EQ(a.has, b.has);
                    ASSERT_EQ(std::bit_cast<std::uint64_t>(a.value), std::bit_cast<std::uint64_t>(b.value));
                    ASSERT_TRUE(a.id == b.id && a.start == b.start && a.end == b.end && a.source == b.source);
                    const auto words = [](const UsualReading& r) {
                        return std::tuple(
                            r.has, r.seq,
                            (r.has & UsualReading::phase_member) != 0 ? r.phase : grid::Phase::sum,
                            (r.has & UsualReading::quality_member) != 0 ? r.quality : Quality::measured,
                            (r.has & UsualReading::quantity_member) != 0 ? r.quantity : grid::Quantity::p_kw);
                    };
                    ASSERT_EQ(words(a), words(b));
                    continue;
                }
            }
            next.learn(text.data(), Blank::any);
        }
        EXPECT_GT(read, 450U) << "layout " << layout;
    }
}

TEST(UsualLayout, AChangedByteAmongAlikesMakesNoDifference) {
    const Random random(31);
    BothWays both;
    constexpr std::string_view bytes{"\0\"\\\n\x80}{,:[]9.-eL Z", 18};
    for (std::uint64_t i = 0; i < 6'000; ++i) {
        const std::size_t layout = i % 4;
        const bool is_lines = i % 2 == 1;
        std::string text = is_lines ? "" : "[";
        for (std::uint64_t n = 0, count = 1 + random.below(40, i, 930); n < count; ++n) {
            text += n == 0 || is_lines ? "" : (i % 3 == 0 ? ",\n    " : ",");
            text += alike(layout, random, i * 41 + n) + (is_lines ? "\n" : "");
        }
        text += is_lines ? "" : "]";
        if (random.below(4, i, 931) != 0) {
            text[random.below(text.size(), i, 932)] = bytes[random.below(bytes.size(), i, 933)];
        }
        if (random.below(8, i, 934) == 0) {
            text.resize(random.below(text.size(), i, 935));
        }
        // Nothing stands behind it: a look too far is seen by the sanitizer.
        const std::vector<char> exact(text.begin(), text.end());
        is_lines ? both.expect_same_lines(text, 1 + random.below(6'000, i, 936))
                 : both.expect_same_document({exact.data(), exact.size()});
        if (::testing::Test::HasFatalFailure()) {
            return;
        }
    }
}

TEST(UsualObject, ALineMayHave64KiB) {
    BothWays both;
    const std::string head = R"({"feeder":"F-1","ts":"2026-11-20T16:59:00Z","kw":12.25)";
    for (const std::size_t size : {line_bytes_max - 1, line_bytes_max, line_bytes_max + 1}) {
        const std::string line = head + std::string(size - head.size() - 1, ' ') + "}";
        both.expect_same_lines(line + "\n" + line + "\n" + head + "}\n", 3 * line_bytes_max);
        both.expect_same_lines(line + "\n" + line, 10'000);
    }
}

}  // namespace
}  // namespace headroom::telemetry
