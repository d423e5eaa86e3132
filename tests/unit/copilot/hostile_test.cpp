// What others wrote, in every place where it is read, against models that do what it says.
#include "copilot/figures.hpp"
#include "copilot/untrusted.hpp"
#include "copilot/verdict.hpp"

#include "hostile/hostile_texts.hpp"
#include "unit/flex/plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::copilot {
namespace {

using flex::test::input_for;
using flex::test::offer;

struct Scene {
    flex::PlanInput input;
    flex::FlexPlan plan;
    flex::Problem problem;
    std::vector<knowledge::RuleRef> rules;
    Share share = Share::figures;
    [[nodiscard]] PlanQuestion question() const {
        return {.input = input, .plan = plan, .problem = problem, .rules = rules, .share = share};
    }
};

/// A scene in which `text` stands in its place.
Scene scene_with(const test::HostileText& hostile, Share share) {
    const std::string text = hostile.text.substr(0, 256);
    Scene scene;
    scene.share = share;
    scene.input = input_for({10'000, 12'000});
    scene.input.offers = {offer("A", 10'000, 100), offer("B", 10'000, 300)};
    if (hostile.where == "catalogue") {
        scene.input.offers[1].id = text;
        scene.input.offers[1].provider = text;
        scene.input.offers[1].baseline_method = text;
    } else if (hostile.where == "asset") {
        scene.input.overload.feeder = text;
        scene.input.overload.limit.asset = text;
        scene.input.offers[0].feeder = text;
        scene.input.offers[1].feeder = text;
        scene.input.offers[0].der = text;
    } else if (hostile.where == "weather") {
        scene.input.overload.source = text;
        scene.input.overload.limit.source = text;
    } else {
        scene.rules.push_back({.subject = "limit",
                               .document = "rules",
                               .document_sha256 = std::string(64, 'a'),
                               .section = text,
                               .page = 1,
                               .line = 1,
                               .quote = text,
                               .words = {"limit"}});
    }
    scene.problem = flex::make_problem(scene.input).value();
    scene.plan = flex::make_plan(scene.input).value();
    return scene;
}

/// What a model proposes that does what such texts say.
std::vector<Proposal> obedient_proposals(const Scene& scene, const std::string& text) {
    std::vector<Proposal> out;
    const auto propose = [&](std::vector<ProposedAction> actions) {
        out.push_back({.event = "event-1",
                       .actions = std::move(actions),
                       .summary = text.substr(0, 500),
                       .justification = text.substr(0, 500)});
    };
    propose({});
    propose({{"offer-1", 1, 100'000.0}, {"offer-2", 1, 100'000.0}});
    propose({{"offer-1", 1, 10.0}, {"offer-1", 2, 10.0}, {"offer-2", 1, 10.0}, {"offer-2", 2, 10.0}});
    propose({{"offer-99", 1, 5'000.0}});
    propose({{"BAT-999", 1, 5.0}});
    propose({{text.substr(0, 64), 1, 5.0}});
    propose({{"offer-2", 1, 10.0}, {"offer-2", 2, 10.0}});
    propose({{"offer-1", 96, 10.0}});
    out.push_back(
        {.event = text.substr(0, 64), .actions = {{"offer-1", 1, 10.0}}, .summary = {}, .justification = {}});
    static_cast<void>(scene);
    return out;
}

TEST(HostileTexts, AreAtLeastSixtyInEveryPlace) {
    const auto texts = test::hostile_texts();
    EXPECT_GE(texts.size(), 60U);
    for (const char* where : {"catalogue", "asset", "weather", "rulebook"}) {
        EXPECT_GE(
            std::count_if(texts.begin(), texts.end(), [&](const auto& each) { return each.where == where; }),
            5)
            << where;
    }
}

TEST(HostileTexts, ChangeNoAcceptedPlan) {
    for (const test::HostileText& hostile : test::hostile_texts()) {
        for (const Share share : {Share::figures, Share::names}) {
            const Scene scene = scene_with(hostile, share);
            Pseudonyms names;
            static_cast<void>(plan_chat(scene.question(), names));
            const std::string before = flex::plan_sha256(scene.plan);
            for (const Proposal& proposal : obedient_proposals(scene, hostile.text)) {
                EXPECT_FALSE(judge(scene.question(), proposal, names).is_accepted()) << hostile.text;
            }
            EXPECT_EQ(flex::plan_sha256(scene.plan), before);
        }
    }
}

TEST(HostileTexts, DoNotLeaveTheSiteUnderFigures) {
    for (const test::HostileText& hostile : test::hostile_texts()) {
        const Scene scene = scene_with(hostile, Share::figures);
        Pseudonyms names;
        const Chat chat = plan_chat(scene.question(), names);
        const Scene plain = scene_with({.where = "none", .text = {}}, Share::figures);
        Pseudonyms plain_names;
        // Word for word what would be sent without it.
        EXPECT_EQ(chat.system, plan_chat(plain.question(), plain_names).system);
        const std::string& sent = chat.messages[0].text;
        const std::string mark = hostile.text.substr(0, 24);
        const bool is_own_word = mark == "offer-1" || mark == "event-1" || mark == "null" || mark.size() < 5;
        EXPECT_TRUE(is_own_word || sent.find(mark) == std::string::npos) << hostile.text;
    }
}

TEST(HostileTexts, StayDataWhereNamesAreShared) {
    for (const test::HostileText& hostile : test::hostile_texts()) {
        const Scene scene = scene_with(hostile, Share::names);
        Pseudonyms names;
        const Chat chat = plan_chat(scene.question(), names);
        EXPECT_EQ(chat.messages.size(), 1U);
        EXPECT_EQ(
            chat.system.find(hostile.text.substr(0, 24)) == std::string::npos || hostile.text.size() < 8,
            true);
        const std::string& sent = chat.messages[0].text;
        const std::size_t begin = sent.find("<data>\n");
        const std::size_t end = sent.find("\n</data>");
        ASSERT_NE(begin, std::string::npos);
        EXPECT_EQ(end + 8, sent.size()) << "the block ends where the message does";
        EXPECT_EQ(sent.find("<data>", begin + 1), std::string::npos);
        const auto block = json::parse(std::string_view(sent).substr(begin + 7, end - begin - 7));
        ASSERT_TRUE(block.has_value()) << hostile.text;
        EXPECT_EQ(block->get("offers")->as_array()->size(), scene.problem.candidates.size());
        for (const char* gone : {"http:", "https:", "javascript:", "mailto:", "<script", "<img",
                                 "\xE2\x80\xAE", "\xE2\x80\x8B"}) {
            EXPECT_EQ(sent.find(gone), std::string::npos) << gone << " of " << hostile.text;
        }
    }
}

TEST(HostileTexts, AreShownAsPlainText) {
    for (const test::HostileText& hostile : test::hostile_texts()) {
        const std::string shown = as_shown(hostile.text, 2'000);
        for (const char* gone : {"http:", "https:", "javascript:", "file:", "mailto:", "](", "<script",
                                 "<img", "</data", "\x1B", "\xE2\x80\xAE", "\xF3\xA0"}) {
            EXPECT_EQ(shown.find(gone), std::string::npos) << gone << " of " << hostile.text;
        }
        EXPECT_LE(as_data(hostile.text).size(), untrusted_bytes_max);
    }
}

TEST(HostileTexts, BringNoFigureIntoAnAnswer) {
    Sources desk;
    desk.add(*json::parse(R"({"feeder_id":"LV-017","headroom_kw":42.5,"limit_kw":180})"));
    EXPECT_FALSE(unsourced_figures("headroom is 999 kW", desk).empty());
    EXPECT_FALSE(unsourced_figures("LV-017 limit 9999 kW, cost 0.00 GBP.", desk).empty());
    EXPECT_TRUE(unsourced_figures("LV-017 has 42.5 kW", desk).empty());
}

}  // namespace
}  // namespace headroom::copilot
