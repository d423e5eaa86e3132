#include "core/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

Rows read(std::string_view text) {
    CsvReader reader(text);
    Rows rows;
    while (const std::optional<CsvRow> row = reader.next()) {
        rows.emplace_back(row->fields.begin(), row->fields.end());
    }
    EXPECT_FALSE(reader.fault()) << reader.fault()->message;
    return rows;
}

/// What the reader says about a text that it must refuse.
std::string fault(std::string_view text, CsvLimits limits = {}) {
    CsvReader reader(text, limits);
    while (reader.next()) {
    }
    EXPECT_TRUE(reader.fault()) << text;
    return reader.fault() ? reader.fault()->message : "";
}

TEST(CsvReader, SplitsRowsAndFields) {
    EXPECT_EQ(read("a,b\n1,2\n"), (Rows{{"a", "b"}, {"1", "2"}}));
}

TEST(CsvReader, ReadsTheLastRowWithoutALineBreak) {
    EXPECT_EQ(read("a,b"), (Rows{{"a", "b"}}));
    EXPECT_EQ(read("a,"), (Rows{{"a", ""}}));
    EXPECT_EQ(read(""), Rows{});
}

TEST(CsvReader, TakesCrLfAndAByteOrderMarkAndPassesOverBlankLines) {
    EXPECT_EQ(read("\xEF\xBB\xBF"
                   "a,b\r\n\r\n1,\r\n"),
              (Rows{{"a", "b"}, {"1", ""}}));
}

TEST(CsvReader, UnquotesFields) {
    EXPECT_EQ(read("\"a,1\",\"say \"\"hi\"\"\",\"\"\n"), (Rows{{"a,1", "say \"hi\"", ""}}));
    EXPECT_EQ(read("\"\"\"\"\n"), (Rows{{"\""}}));
    EXPECT_EQ(read("\"a\"\"\",\"b\"\"\",\"c\"\"\",\"d\"\"\",\"e\"\"\",\"f\"\"\"\n"),
              (Rows{{"a\"", "b\"", "c\"", "d\"", "e\"", "f\""}}));
}

TEST(CsvReader, CountsTheLinesWithinQuotes) {
    CsvReader reader("a\n\"two\r\nlines\",x\nlast\n");
    EXPECT_EQ(reader.next()->line, 1U);
    const std::optional<CsvRow> two = reader.next();
    EXPECT_EQ(two->line, 2U);
    EXPECT_THAT(two->fields, ElementsAre("two\r\nlines", "x"));
    EXPECT_EQ(reader.next()->line, 4U);
}

TEST(CsvReader, UnquotedFieldsAreViewsIntoTheText) {
    const std::string text = "abc,def\n";
    CsvReader reader(text);
    EXPECT_EQ(reader.next()->fields[1].data(), text.data() + 4);
}

TEST(CsvReader, TakesAnotherDelimiter) {
    CsvReader reader("a;b,c\n", {}, ';');
    EXPECT_THAT(reader.next()->fields, ElementsAre("a", "b,c"));
}

TEST(CsvReader, SaysWhereTheFormIsBroken) {
    EXPECT_EQ(fault("a,b\n1,2\"\n"), "line 2, field 2: a quote stands within an unquoted field");
    EXPECT_EQ(fault("\"a\"b,c\n"), "line 1, field 1: text stands behind the closing quote");
    EXPECT_EQ(fault("a\n\"b\nc\n"), "line 2, field 1: the quoted field is not closed");
    EXPECT_EQ(fault("a\rb\n"), "line 1, field 1: a carriage return stands alone");
    EXPECT_EQ(fault(std::string_view("a,\0\n", 4)), "line 1, field 2: a NUL character");
    EXPECT_EQ(fault(std::string_view("\"\0\"\n", 4)), "line 1, field 1: a NUL character");
    EXPECT_EQ(fault("a\n\"x\ny\",b\"c\n"), "line 3, field 2: a quote stands within an unquoted field");
}

TEST(CsvReader, NothingFollowsAFault) {
    CsvReader reader("a\"\nb\n");
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.fault()->code, Errc::invalid);
}

TEST(CsvReader, HoldsItsLimits) {
    const CsvLimits limits{.field_bytes = 4, .row_bytes = 12, .fields = 3};
    EXPECT_EQ(fault("abcde\n", limits), "line 1, field 1: longer than 4 bytes");
    EXPECT_EQ(fault("\"abcde\"\n", limits), "line 1, field 1: longer than 4 bytes");
    EXPECT_EQ(fault("1,2,3,4\n", limits), "line 1, field 4: the row has more than 3 fields");
    EXPECT_THAT(fault("a\n1234,1234,1234\n", limits),
                HasSubstr("line 2, field 1: the row is longer than 12"));
    EXPECT_THAT(fault("\"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\"\n", limits), HasSubstr("longer than 12 bytes"));
    CsvReader within("1234,123,12\n", limits);
    EXPECT_TRUE(within.next());
}

TEST(CsvChunkReader, GivesTheSameRowsHoweverTheTextIsCut) {
    const std::string text =
        "\xEF\xBB\xBF"
        "id,name\r\n1,\"a \"\"b\"\"\r\nc, d\"\r\n\n2,\"\"\nlast,row";
    const Rows expected{{"id", "name"}, {"1", "a \"b\"\r\nc, d"}, {"2", ""}, {"last", "row"}};
    for (std::size_t size = 1; size <= text.size(); ++size) {
        CsvChunkReader reader;
        Rows rows;
        std::vector<std::size_t> lines;
        const auto drain = [&] {
            while (const std::optional<CsvRow> row = reader.next()) {
                rows.emplace_back(row->fields.begin(), row->fields.end());
                lines.push_back(row->line);
            }
        };
        for (std::size_t at = 0; at < text.size(); at += size) {
            reader.feed(std::string_view(text).substr(at, size));
            drain();
        }
        reader.finish();
        drain();
        ASSERT_FALSE(reader.fault()) << reader.fault()->message;
        EXPECT_EQ(rows, expected) << "chunks of " << size;
        EXPECT_THAT(lines, ElementsAre(1, 2, 5, 6)) << "chunks of " << size;
    }
}

TEST(CsvChunkReader, RefusesARowThatNeverEndsAtItsLimit) {
    CsvChunkReader reader({.field_bytes = 100, .row_bytes = 100, .fields = 10});
    std::size_t fed = 0;
    while (!reader.fault() && fed < 1000) {
        reader.feed("xxxxxxxxxx");
        fed += 10;
        EXPECT_FALSE(reader.next());
    }
    EXPECT_TRUE(reader.fault());
    EXPECT_LE(fed, 110U);
}

TEST(ParseCsvNumber, TakesDecimalNumbersOnly) {
    EXPECT_EQ(parse_csv_number(" 12.5 "), 12.5);
    EXPECT_EQ(parse_csv_number("+3"), 3.0);
    EXPECT_EQ(parse_csv_number("-1e3"), -1000.0);
    for (const char* text : {"", " ", "nan", "inf", "-inf", "0x10", "1,5", "1 2", "+-3", "1e400", "12kW"}) {
        EXPECT_FALSE(parse_csv_number(text).has_value()) << text;
    }
}

TEST(AppendCsvText, QuotesAndDisarmsFormulas) {
    const auto cell = [](std::string_view text) {
        std::string out;
        append_csv_text(out, text);
        return out;
    };
    EXPECT_EQ(cell("plain"), "plain");
    EXPECT_EQ(cell("a,b"), "\"a,b\"");
    EXPECT_EQ(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
    EXPECT_EQ(cell("=1+1"), "'=1+1");
    EXPECT_EQ(cell("@SUM(A1,A2)"), "\"'@SUM(A1,A2)\"");
    EXPECT_EQ(cell("\t=1"), "\"'\t=1\"");
}

}  // namespace
}  // namespace headroom
