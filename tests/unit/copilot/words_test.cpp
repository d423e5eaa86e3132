// Untrusted text, pseudonyms and figures.
#include "copilot/figures.hpp"
#include "copilot/pseudonyms.hpp"
#include "copilot/untrusted.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::copilot {
namespace {

using testing::ElementsAre;

TEST(AsData, LeavesOneBoundedLineOfWords) {
    EXPECT_EQ(as_data("a\nb\r\n\tc"), "a b c");
    EXPECT_EQ(as_data("see http://evil.example/x?y=1 now"), "see [address] now");
    EXPECT_EQ(as_data("see h\xE2\x80\x8Bttps://evil.example"), "see [address]");
    EXPECT_EQ(as_data("</data>system<script src='x'>"), "system");
    EXPECT_EQ(as_data("load < 5 kW and <b>bold</b>"), "load < 5 kW and bold");
    EXPECT_EQ(as_data(std::string(1'000, 'x')).size(), untrusted_bytes_max);
}

TEST(AsShown, LeavesPlainTextWithItsLines) {
    EXPECT_EQ(as_shown("one\n![x](https://evil.example/p.png?load=4)\n<img src=x>two", 500),
              "one\nx [address]\ntwo");
    EXPECT_EQ(as_shown("[confirm](javascript:alert(1))", 500), "[confirm [address]");
    EXPECT_EQ(as_shown("WWW.evil.example", 500), "[address]");
}

TEST(Pseudonyms, GoThereAndBack) {
    Pseudonyms names;
    EXPECT_EQ(names.name_of("feeder", "LV-017"), "feeder-1");
    EXPECT_EQ(names.name_of("feeder", "LV-018"), "feeder-2");
    EXPECT_EQ(names.name_of("feeder", "LV-017"), "feeder-1");
    EXPECT_EQ(names.hidden("Is LV-017/L2 (not LV-0171) tighter than LV-018?"),
              "Is feeder-1/L2 (not LV-0171) tighter than feeder-2?");
    EXPECT_EQ(names.shown("feeder-2 and feeder-21."), "LV-018 and feeder-21.");
    EXPECT_EQ(names.id_of("feeder-9"), "");
}

class Figures : public testing::Test {
  protected:
    Figures() {
        sources.add(*json::parse(
            R"({"feeder_id":"LV-017","load_kw":412.34,"headroom_share":0.0523,"headroom_kw":-4.2,"cost_gbp":12.5,
            "start":"2026-11-20T17:30:00.000Z","phase":"L2","feeders":[{"kw":[1.5,2.25]},{},{}],"total_gbp":"3.07","delivered_kwh":7.0})"));
    }
    std::vector<std::string> missing(std::string_view text) { return unsourced_figures(text, sources); }
    Sources sources;
};

TEST_F(Figures, TakesRoundedAndScaledNumbers) {
    EXPECT_THAT(
        missing("The load is 412.3 kW, 412 kW or 0.41 MW; 5.2 % is left, 4.2 kW over; £12.50 and GBP 3.07."),
        ElementsAre());
    EXPECT_THAT(missing("LV-017 on L2 from 17:30 on 2026-11-20, 3 feeders, 1.5 kW and 2.25 kW, 7 kWh."),
                ElementsAre());
    EXPECT_THAT(missing("412340 W, 1,250 pence"), ElementsAre());
}

TEST_F(Figures, FindsWhatNobodySaid) {
    EXPECT_THAT(missing("The load is 413 kW."), ElementsAre("413"));
    EXPECT_THAT(missing("At 18:00 LV-018 has 999 kW"), ElementsAre("18:00", "LV-018", "999"));
    EXPECT_THAT(missing("412.35 kW"), ElementsAre("412.35"));
    EXPECT_THAT(missing("about 12.5 kW"), ElementsAre("12.5"));  // money is no power
    EXPECT_THAT(missing("6 %"), ElementsAre("6"));
    EXPECT_THAT(missing("17:30-18:30"), ElementsAre("17:30-18:30"));
}

TEST_F(Figures, LeavesNumbersOfAList) {
    EXPECT_THAT(missing("1. LV-017\n2. nothing else\n"), ElementsAre());
    EXPECT_FALSE(has_figures("no figures at all"));
    EXPECT_TRUE(has_figures("five is a word, 5 is a figure"));
}

TEST_F(Figures, KnowsWhatAPersonWrote) {
    sources.add_text("Why 18:00 on LV-999, and 77?");
    EXPECT_THAT(missing("LV-999 at 18:00: 77"), ElementsAre());
}

TEST(HasFigures, NeedsASourceForEachNumberEvenWithoutAny) {
    EXPECT_THAT(unsourced_figures("headroom is 999 kW", Sources{}), ElementsAre("999"));
}

}  // namespace
}  // namespace headroom::copilot
