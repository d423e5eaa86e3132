#include "desk/event_detail.hpp"
#include "flex/flex_plan.hpp"

#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

constexpr UtcTime noon{std::chrono::sys_days{std::chrono::year{2027} / 1 / 14} + hours{12}};

flex::FlexPlan plan_of(const std::string& event, bool has_lines) {
    flex::FlexPlan plan;
    plan.event = EventId{event};
    plan.feeder = "F-1";
    plan.chosen = "cheapest";
    plan.rule_set = "default@1";
    if (has_lines) {
        flex::PlanLine line;
        line.offer.provider = "battery-co";
        line.offer.id = "o-1";
        line.offer.der = "D-1";
        line.offer.feeder = "F-1";
        line.offer.power = Watts{5000};
        line.offer.available_from = noon;
        line.offer.available_until = noon + hours{1};
        line.power_w = {.start = noon, .values = {4000}};
        line.cost = MicroPounds{1'500'000};
        plan.lines.push_back(line);
    }
    return plan;
}

class Story {
  public:
    void plan(std::int64_t round, const std::string& authority, const std::string& sha256,
              bool has_lines = true) {
        add("dispatch.plan", json::Object{{"round", round},
                                          {"why", "overload"},
                                          {"plan_sha256", sha256},
                                          {"authority", authority},
                                          {"planned_at", format_utc(noon)},
                                          {"plan", flex::to_json(plan_of("ev-1", has_lines))}});
    }
    void judge(const std::string& type, const std::string& sha256, const std::string& envelope = "") {
        json::Object body{{"plan_sha256", sha256}, {"reason", "because"}};
        if (!envelope.empty()) {
            body.set("envelope", envelope);
        }
        add(type, std::move(body));
    }
    std::vector<std::string> states(agents::EventState state = agents::EventState::proposed) const {
        const Result<std::vector<PlanAnswer>> plans = answer(state);
        EXPECT_TRUE(plans.has_value()) << (plans ? "" : plans.error().message);
        std::vector<std::string> out;
        for (const PlanAnswer& plan : plans ? *plans : std::vector<PlanAnswer>{}) {
            out.push_back(plan.state);
        }
        return out;
    }
    Result<std::vector<PlanAnswer>> answer(agents::EventState state = agents::EventState::proposed) const {
        return make_plans(entries_, "ev-1",
                          {.state = state, .window_end = noon + hours{2}, .approval_expires = minutes{10}});
    }

  private:
    void add(std::string type, json::Object body) {
        auto one = std::make_shared<EvidenceEntry>();
        one->entry.seq = entries_.size();
        one->entry.ts = noon;
        one->entry.type = std::move(type);
        one->entry.actor.id = "alex";
        one->entry.actor.kind = "user";
        one->entry.corr = "ev-1";
        one->entry.outcome = "ok";
        one->entry.body = std::move(body);
        entries_.push_back(std::move(one));
    }
    std::vector<std::shared_ptr<const EvidenceEntry>> entries_;
};

using States = std::vector<std::string>;

TEST(MakePlans, AProposedPlanWaitsUntilItExpires) {
    Story story;
    story.plan(1, "propose", "aa");
    EXPECT_EQ(story.states(), States{"proposed"});
    EXPECT_EQ(story.answer()->front().expires_at, noon + minutes{10});
    EXPECT_EQ(story.answer()->front().plan_id, "ev-1.1");
    EXPECT_EQ(story.states(agents::EventState::cancelled), States{"expired"});
}

TEST(MakePlans, APersonApprovesOrRejects) {
    Story story;
    story.plan(1, "propose", "aa");
    story.judge("dispatch.approve", "aa");
    EXPECT_EQ(story.states(), States{"approved"});
    EXPECT_EQ(story.answer()->front().approved_by, "alex");
    EXPECT_FALSE(story.answer()->front().expires_at.has_value());
    Story other;
    other.plan(1, "propose", "aa");
    other.judge("dispatch.reject", "aa");
    EXPECT_EQ(other.states(), States{"rejected"});
}

TEST(MakePlans, AnEnvelopeAuthorises) {
    Story story;
    story.plan(1, "act", "aa");
    story.judge("dispatch.approve", "aa", "demo");
    EXPECT_EQ(story.states(), States{"authorised"});
    EXPECT_EQ(story.answer()->front().approved_by, "envelope demo");
}

TEST(MakePlans, ANewRoundSupersedesWhatStillWaited) {
    Story story;
    story.plan(1, "propose", "aa");
    story.plan(2, "propose", "bb");
    EXPECT_EQ(story.states(), (States{"superseded", "proposed"}));
}

TEST(MakePlans, ShadowAndEmptyPlansCannotBeApproved) {
    Story story;
    story.plan(1, "shadow", "aa");
    story.plan(2, "propose", "bb", false);
    EXPECT_EQ(story.states(), (States{"shadow", "expired"}));
}

TEST(MakePlans, ReadsTheLinesInKilowattsAndPounds) {
    Story story;
    story.plan(1, "propose", "aa");
    const PlanLineAnswer line = story.answer()->front().lines.at(0);
    EXPECT_EQ(line.kw, std::vector<double>{4.0});
    EXPECT_DOUBLE_EQ(line.cost_gbp, 1.5);
    EXPECT_EQ(line.der_id, "D-1");
}

}  // namespace
}  // namespace headroom::desk
