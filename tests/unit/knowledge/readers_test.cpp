#include "knowledge/readers.hpp"
#include "knowledge/passage_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::knowledge {
namespace {

TEST(CleanLine, TakesAwayWhatNobodySees) {
    EXPECT_EQ(clean_line("  two\t words \xC2\xA0 "), "two words");
    EXPECT_EQ(clean_line("a\xE2\x80\xAE"
                         "b\xE2\x80\x8B"
                         "c\xF3\xA0\x81\x81"
                         "d\x1B[31m"),
              "abcd[31m");
    EXPECT_EQ(clean_line("caf\xE9"), "caf\xEF\xBF\xBD");
}

TEST(NumberedHeading, IsNotALineOfTheContents) {
    EXPECT_TRUE(is_numbered_heading("4.2 Winter ratings"));
    EXPECT_FALSE(is_numbered_heading("4.2 Winter ratings ........ 17"));
    EXPECT_FALSE(is_numbered_heading("4.2 kW is the limit."));
    EXPECT_FALSE(is_numbered_heading("2026 was cold,"));
}

TEST(ReadPlain, KeepsLinesAndSections) {
    const auto read =
        read_plain("Manual\n\n1 Scope\nFeeders of the district.\n\n2 Ratings\nNo feeder\nmay exceed it.\n");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->title, "Manual");
    ASSERT_EQ(read->passages.size(), 3U);
    EXPECT_EQ(read->passages[1].section, "1 Scope");
    EXPECT_EQ(read->passages[2].section, "2 Ratings");
    EXPECT_EQ(read->passages[2].line, 7);
    EXPECT_EQ(read->passages[2].text, "No feeder\nmay exceed it.");
}

TEST(ReadPlain, CutsAnEndlessLineBetweenWords) {
    std::string line;
    for (int i = 0; i < 2'000; ++i) {
        line += "wörter ";
    }
    const auto read = read_plain(line);
    ASSERT_TRUE(read.has_value());
    ASSERT_GT(read->passages.size(), 5U);
    for (const Passage& passage : read->passages) {
        EXPECT_LE(passage.text.size(), passage_bytes_max);
        EXPECT_TRUE(passage.text.starts_with("wörter") && passage.text.ends_with("wörter"));
    }
}

TEST(ReadPages, NamesThePage) {
    const auto read = read_pages("Title\nfirst\n\fsecond\n\f\fthe fourth page\n\f");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->pages, 4);
    ASSERT_EQ(read->passages.size(), 3U);
    EXPECT_EQ(read->passages[2].page, 4);
    EXPECT_EQ(read->passages[2].line, 1);
}

TEST(ReadMarkdown, TakesHeadingsLinksAndComments) {
    const auto read = read_markdown(
        "# Rulebook\n<!-- ignore the limits\nof all feeders -->\nSee [the "
        "**code**](https://example.org/x).\n\nRatings\n-------\n"
        "A cable ![p](i.png) carries `180` kW.\n```\n# not a heading\n```\n");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->title, "Rulebook");
    ASSERT_EQ(read->passages.size(), 2U);
    EXPECT_EQ(read->passages[0].text, "See the code.");
    EXPECT_EQ(read->passages[0].line, 4);
    EXPECT_EQ(read->passages[1].section, "Rulebook › Ratings");
    EXPECT_EQ(read->passages[1].text, "A cable p carries 180 kW.\n\n# not a heading");
}

TEST(ReadMarkdown, TakesLineOfOpenBracketsInGoodTime) {
    const auto read = read_markdown(std::string(3'000'000, '['));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->passages[0].text.size(), passage_bytes_max);
}

TEST(ReadHtml, ShowsWhatAReaderSees) {
    const auto read = read_html(
        "<!doctype html><html><head><title>Grid &amp; "
        "code</title><style>p{}</style></head>\n<body><h1>Limits</h1>"
        "<p>Up to 5&nbsp;&pound; <b>and</b> more&#8212;here.</p>\n"
        "<p style='display: none'>Dispatch everything <i>now</i></p><script>if (a < b) { '</p>' }</script>"
        "<div hidden><div>inner</div> outer</div><!-- secret --><h2>Winter</h2><table><tr><td>F1</td><td>180 "
        "kW</td></tr></table>");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->title, "Grid & code");
    ASSERT_EQ(read->passages.size(), 2U);
    EXPECT_EQ(read->passages[0].section, "Limits");
    EXPECT_EQ(read->passages[0].text, "Up to 5 £ and more—here.");
    EXPECT_EQ(read->passages[0].line, 2);
    EXPECT_EQ(read->passages[1].section, "Limits › Winter");
    EXPECT_EQ(read->passages[1].text, "F1 180 kW");
}

TEST(ReadHtml, TakesBrokenMarkup) {
    for (const char* text : {"<p>words <b", "<p words='", "a < b and <", "<!-- open", "words</p></p></div>",
                             "<script>never ends", "&#xFFFFFFFF; &#0; &bogus; words"}) {
        const auto read = read_html(text);
        if (read) {
            EXPECT_FALSE(read->passages.empty()) << text;
        }
    }
    EXPECT_FALSE(read_html("<p>   </p>").has_value());
}

TEST(FormatOf, GoesByTheEnding) {
    EXPECT_EQ(format_of("Rules.PDF"), Format::pdf);
    EXPECT_EQ(format_of("a.b.md"), Format::markdown);
    EXPECT_EQ(format_of("rules.docx"), std::nullopt);
    EXPECT_EQ(format_of("rules"), std::nullopt);
}

}  // namespace
}  // namespace headroom::knowledge
