#include "knowledge/library.hpp"
#include "knowledge/quotation.hpp"
#include "knowledge/rule_refs.hpp"
#include "knowledge/search_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

namespace headroom::knowledge {
namespace {

using testing::ElementsAre;

class LibraryTest : public testing::Test {
  protected:
    LibraryTest()
        : file_(std::filesystem::temp_directory_path() /
                ("headroom-knowledge-" + std::to_string(::getpid()) + ".db")) {
        remove_files();
        auto opened = Library::open(file_);
        EXPECT_TRUE(opened.has_value());
        library_ = std::move(*opened);
    }
    ~LibraryTest() override {
        library_.reset();
        remove_files();
    }
    void remove_files() const {
        for (const char* ending : {"", "-wal", "-shm"}) {
            std::filesystem::remove(file_.string() + ending);
        }
    }
    void add(const std::string& name, std::string_view markdown) {
        const auto text = read_markdown(markdown);
        ASSERT_TRUE(text.has_value());
        Document about{
            .name = name, .title = text->title, .format = Format::markdown, .sha256 = std::string(64, 'a')};
        ASSERT_TRUE(library_->add(about, *text).has_value());
    }
    std::vector<Hit> find(const std::string& question, bool all_words = false) {
        auto hits = library_->search({.text = question, .all_words = all_words});
        EXPECT_TRUE(hits.has_value()) << hits.error().message;
        return hits ? *hits : std::vector<Hit>{};
    }

    std::filesystem::path file_;
    std::unique_ptr<Library> library_;
};

constexpr std::string_view manual =
    "# Operating manual\n\n## 4 Ratings\n\nNo low-voltage feeder may exceed its continuous thermal rating "
    "for longer than a half-hour.\n\n"
    "## 5 Flexibility\n\nBefore flexibility is dispatched, providers get the notice period of their "
    "offer.\nA safety margin of 5 % is bought.\n";

TEST_F(LibraryTest, FindsTheBestPassageWithItsPlace) {
    add("manual", manual);
    add("other", "# Parking\n\nCars are parked behind the depot.\n");
    const auto hits = find("What is the thermal rating of a feeder?");
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(hits[0].passage.document, "manual");
    EXPECT_EQ(hits[0].passage.section, "Operating manual › 4 Ratings");
    EXPECT_EQ(hits[0].passage.line, 5);
    EXPECT_THAT(hits[0].words, ElementsAre("feeder", "thermal", "rating", "Ratings"));
}

TEST_F(LibraryTest, QuotesOnlyWhatStandsInThePassage) {
    add("manual", manual);
    for (const char* question :
         {"safety margin", "notice period", "continuous thermal rating", "flexibility"}) {
        for (const Hit& hit : find(question)) {
            const auto stored = library_->passage(hit.passage.id);
            ASSERT_TRUE(stored.has_value());
            EXPECT_EQ(stored->text, hit.passage.text);
            EXPECT_NE(stored->text.find(hit.quote), std::string::npos) << hit.quote;
            EXPECT_FALSE(hit.words.empty());
            for (const std::string& word : hit.words) {
                EXPECT_NE((stored->section + " " + stored->text).find(word), std::string::npos) << word;
            }
        }
    }
}

TEST_F(LibraryTest, AnswersNothingRatherThanSomethingElse) {
    add("manual", manual);
    EXPECT_TRUE(find("tariff of electric vehicles on Sundays").empty());
    EXPECT_TRUE(find("thermal tariff", true).empty());
    EXPECT_EQ(library_->search({.text = " ?! "}).error().code, Errc::invalid);
    EXPECT_EQ(library_->search({.text = "rating", .document = "none"}).error().code, Errc::not_found);
}

TEST_F(LibraryTest, ReadsNoOperatorsInAQuestion) {
    add("manual", manual);
    for (const char* question :
         {"rating\" OR \"x", "rating NEAR(x)", "section:rating", "rating*", "(rating", "- rating AND"}) {
        EXPECT_TRUE(library_->search({.text = question}).has_value()) << question;
    }
}

/// As many passages as the search will not rank: each holds "feeder" and "rating", far from each other.
std::string words_everywhere(int passages) {
    std::string out = "# Book\n";
    for (int i = 0; i < passages; ++i) {
        out += "\n## Part " + std::to_string(i) +
               "\n\nThe feeder stands at one end and then follow a good many other words before the end of "
               "it where somebody wrote rating number " +
               std::to_string(i) + ".\n";
    }
    return out;
}

TEST_F(LibraryTest, WordsThatStandEverywhereAreFoundWhereTheyStandNear) {
    add("book", words_everywhere(2'000) + "\n## Last\n\nA feeder rating is checked.\n");
    const auto hits = library_->search({.text = "feeder rating", .limit = 1});
    ASSERT_TRUE(hits.has_value());
    ASSERT_EQ(hits->size(), 1U);
    EXPECT_EQ(hits->front().quote, "A feeder rating is checked.");
}

TEST_F(LibraryTest, WordsThatStandEverywhereAreFoundInAHeadingFirst) {
    add("book", words_everywhere(2'000) + "\n## Feeder rating\n\nSee the table of feeder and rating.\n");
    const auto hits = library_->search({.text = "rating of a feeder", .limit = 1});
    ASSERT_TRUE(hits.has_value());
    ASSERT_EQ(hits->size(), 1U);
    EXPECT_EQ(hits->front().passage.section, "Book › Feeder rating");
}

TEST_F(LibraryTest, WordsThatStandEverywhereFillTheAnswerWhereNothingIsNear) {
    add("book", words_everywhere(2'000));
    EXPECT_EQ(find("feeder rating").size(), 10U);
}

TEST_F(LibraryTest, ARareWordAmongThoseThatStandEverywhereLeadsToItsPassage) {
    add("book", words_everywhere(2'000) + "\n## Last\n\nThe busbar rating is checked.\n");
    const auto hits = find("busbar rating of the isolator");
    ASSERT_FALSE(hits.empty());
    EXPECT_EQ(hits.front().quote, "The busbar rating is checked.");
}

TEST_F(LibraryTest, OneDocumentIsSearchedAlone) {
    add("first", manual);
    add("second", "# Second\n\nA thermal rating of its own.\n");
    const auto hits = library_->search({.text = "thermal rating", .document = "second"});
    ASSERT_TRUE(hits.has_value());
    ASSERT_EQ(hits->size(), 1U);
    EXPECT_EQ(hits->front().passage.document, "second");
    const auto unknown = library_->search({.text = "thermal rating", .document = "third"});
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().code, Errc::not_found);
}

TEST_F(LibraryTest, ReplacesAndRemoves) {
    add("manual", manual);
    add("manual", "# Manual\n\nOnly this remains about ratings.\n");
    EXPECT_EQ(library_->documents()->size(), 1U);
    EXPECT_EQ(find("rating").size(), 1U);
    EXPECT_TRUE(find("margin").empty());
    EXPECT_TRUE(library_->remove("manual").has_value());
    EXPECT_TRUE(find("rating").empty());
    EXPECT_EQ(library_->remove("manual").error().code, Errc::not_found);
}

TEST_F(LibraryTest, RefusesNamesThatAreNone) {
    const DocumentText text{.title = "t", .pages = 0, .passages = {{.text = "words"}}};
    for (const char* name : {"", ".hidden", "a/b", "a b", "a\n"}) {
        EXPECT_EQ(library_->add({.name = name}, text).error().code, Errc::invalid) << name;
    }
}

TEST_F(LibraryTest, CitesRulesOfAPlan) {
    add("manual", manual);
    risk::Overload overload;
    flex::FlexPlan plan;
    plan.lines.push_back({.offer = {.notice = minutes{10}}, .programme = "WINTER-26"});
    const FindPassages in_library = [this](const std::string& wording) {
        return library_->search({.text = wording, .limit = 5, .all_words = true});
    };
    const auto refs = find_rule_refs(rule_subjects(overload, plan), in_library);
    ASSERT_TRUE(refs.has_value());
    ASSERT_EQ(refs->size(), 2U);  // dispatch, margin and notice stand in one passage, which is cited once
    EXPECT_EQ((*refs)[0].subject, "limit");
    EXPECT_EQ((*refs)[0].line, 5);
    EXPECT_EQ((*refs)[1].subject, "dispatch");
    for (const RuleRef& ref : *refs) {
        EXPECT_EQ(rule_ref_from_json(to_json(ref)).value(), ref);
    }
}

TEST_F(LibraryTest, NoTextNoCitation) {
    add("parking", "# Parking\n\nCars are parked behind the depot.\n");
    const auto refs = find_rule_refs(rule_subjects({}, {}), [this](const std::string& wording) {
        return library_->search({.text = wording, .all_words = true});
    });
    ASSERT_TRUE(refs.has_value());
    EXPECT_TRUE(refs->empty());
}

TEST(FindRuleRefs, DropsAPassageThatLacksAWord) {
    const FindPassages careless = [](const std::string&) {
        Hit hit;
        hit.passage.id = 1;
        hit.quote = "a rating of something";
        hit.words = {"rating"};
        return Result<std::vector<Hit>>(std::vector<Hit>{hit});
    };
    EXPECT_TRUE(find_rule_refs({{"limit", {"continuous thermal rating"}}}, careless)->empty());
}

TEST(QuoteOf, TakesTheStretchWithMostWords) {
    const std::string far(400, 'x');
    const Quotation found = quote_of("\x01one\x02 " + far + " \x01two\x02 and \x01three\x02 end", 40);
    EXPECT_EQ(found.quote, "two and three end");
    EXPECT_THAT(found.words, ElementsAre("one", "two", "three"));
}

TEST(QuoteOf, StaysWithinCharacters) {
    std::string text = "\x01";
    for (int i = 0; i < 50; ++i) {
        text += "ü";
    }
    const Quotation found = quote_of(text + "\x02", 21);
    EXPECT_EQ(found.quote.size(), 20U);
}

TEST(SearchWords, LeavesOutWhatStandsEverywhere) {
    EXPECT_THAT(search_words("What is the margin of F-0042?"), ElementsAre("margin", "f", "0042"));
    EXPECT_THAT(search_words("the of"), ElementsAre("the", "of"));
    EXPECT_EQ(match_all({"a", "b"}), "\"a\" AND \"b\"");
}

}  // namespace
}  // namespace headroom::knowledge
