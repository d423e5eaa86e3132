#include "agents/copilot_events.hpp"

#include "core/json_object.hpp"
#include "unit/agents/copilot_world.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using copilot::WireFormat;
using copilot_test::call_body;
using copilot_test::CopilotWorld;

std::string use_10_kw(const std::string& offer) {
    return R"({"event":"event-1","actions":[{"offer":")" + offer + R"(","slot":1,"power_kw":10},{"offer":")" +
           offer + R"(","slot":2,"power_kw":10}],"summary":"Cheaper.","justification":"It costs less."})";
}

/// The plan of an event becomes durable, and the co-pilot is asked beside it.
class PlanBeside : public testing::Test {
  protected:
    PlanBeside() { world.options.wire.format = WireFormat::openai_chat; }

    [[nodiscard]] json::Value decided() const {
        return world.book == nullptr ? flex::to_json(world.input)
                                     : flex::to_json(flex::EventPlanInput{
                                           .base = world.input, .book = world.book, .facts = {}});
    }
    void decide(const std::string& decision = "flex.plan") {
        audit::Draft draft{.type = "dispatch.plan",
                           .actor = system_actor(),
                           .body = json::object({{"round", 1},
                                                 {"plan_sha256", flex::plan_sha256(world.plan)},
                                                 {"decision", decision},
                                                 {"input", decided()},
                                                 {"plan", flex::to_json(world.plan)}}),
                           .corr = "event-1"};
        std::vector<audit::Draft> drafts;
        drafts.push_back(std::move(draft));
        ASSERT_TRUE(world.run(is_written(std::move(drafts))));
    }
    Awaitable<bool> is_written(std::vector<audit::Draft> drafts) {
        const Result<audit::Committed> committed = co_await world.journal->commit(std::move(drafts));
        co_return committed.has_value();
    }
    /// The first entry of that type, waited for.
    std::optional<audit::Entry> entry_of(const std::string& type) {
        const SteadyTime until = steady_now() + seconds{30};
        while (steady_now() < until) {
            for (const audit::Entry& entry : world.entries) {
                if (entry.type == type) {
                    return entry;
                }
            }
            world.run(pause());
        }
        return std::nullopt;
    }
    Awaitable<bool> pause() {
        asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds{5});
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer.async_wait(token);
        co_return true;
    }
    CopilotEvents& listener() {
        if (!listener_) {
            listener_ = std::make_unique<CopilotEvents>(
                CopilotEvents::Parts{world.executor(), *world.journal, world.agent()});
            world.journal->on_entry([this](const audit::Entry& entry) { listener_->take(entry); });
        }
        return *listener_;
    }
    CopilotWorld world;

  private:
    std::unique_ptr<CopilotEvents> listener_;
};

TEST_F(PlanBeside, ABetterProposalIsWrittenDownWithItsHash) {
    world.model.then([](const net::Request& request) -> Awaitable<net::Response> {
        const std::size_t at = request.body.find("\\\"price_gbp_per_mwh\\\":100");
        const std::size_t begin = request.body.rfind("offer-", at);
        const std::string cheap = request.body.substr(begin, request.body.find('\\', begin) - begin);
        net::Response response{.status = 200, .content_type = "application/json"};
        response.body = call_body(WireFormat::openai_chat, use_10_kw(cheap));
        co_return response;
    });
    static_cast<void>(listener());
    decide();
    const std::optional<audit::Entry> entry = entry_of("ai.proposal");
    ASSERT_TRUE(entry.has_value());
    const json::Value body(entry->body);
    EXPECT_EQ(entry->corr, "event-1");
    EXPECT_EQ(body.text("/plan_sha256"), flex::plan_sha256(world.plan));
    EXPECT_EQ(body.text("/verdict"), "accepted");
    const Result<flex::FlexPlan> proposed = flex::flex_plan_from_json(*body.get("proposal"));
    ASSERT_TRUE(proposed.has_value());
    EXPECT_EQ(flex::plan_sha256(*proposed), body.text("/proposal_sha256"));
    EXPECT_EQ(proposed->lines.at(0).offer.id, "CHEAP");
    // What a replay reckons from the choices is what was written down.
    const Result<flex::FlexPlan> again = copilot::reckon_again(world.input, *proposed);
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(flex::plan_sha256(*again), body.text("/proposal_sha256"));
}

TEST_F(PlanBeside, AProposalThatBreaksARuleIsRejectedNamingTheRule) {
    world.book = std::make_shared<const flex::RuleBook>(
        flex::read_rules(
            "id = \"site\"\nversion = 3\n[[rules]]\nid = \"OWN-FIRST\"\naction = \"prefer\"\nrank = 1\n"
            "ders = [\"der-DEAR\"]\nreason = \"our own battery\"\n",
            "rules.toml")
            .value());
    const auto propose_cheap = [](const net::Request& request) -> Awaitable<net::Response> {
        const std::size_t at = request.body.find("\\\"price_gbp_per_mwh\\\":100");
        const std::size_t begin = request.body.rfind("offer-", at);
        const std::string cheap = request.body.substr(begin, request.body.find('\\', begin) - begin);
        net::Response response{.status = 200, .content_type = "application/json"};
        response.body = call_body(WireFormat::openai_chat, use_10_kw(cheap));
        co_return response;
    };
    world.model.then(propose_cheap);
    static_cast<void>(listener());
    decide();
    const std::optional<audit::Entry> entry = entry_of("ai.rejected");
    ASSERT_TRUE(entry.has_value());
    const json::Value body(entry->body);
    EXPECT_EQ(body.text("/verdict"), "llm_infeasible");
    EXPECT_EQ(body.text("/guard"), "rules");
    EXPECT_EQ(body.text("/rules_broken/0/rule"), "OWN-FIRST");
    EXPECT_EQ(body.text("/rules_broken/0/offer"), "CHEAP");
    for (const net::Request& request : world.model.requests) {
        EXPECT_EQ(request.body.find("OWN-FIRST"), std::string::npos);
        EXPECT_EQ(request.body.find("our own battery"), std::string::npos);
    }
    EXPECT_EQ(world.model.requests.size(), 2U);  // told once what is wrong
}

TEST_F(PlanBeside, ARefusalIsWrittenDownWithItsReason) {
    world.model.then(200, "<html>no</html>", "text/html");
    static_cast<void>(listener());
    decide();
    const std::optional<audit::Entry> entry = entry_of("ai.rejected");
    ASSERT_TRUE(entry.has_value());
    const json::Value body(entry->body);
    EXPECT_EQ(body.text("/verdict"), "llm_schema");
    EXPECT_EQ(body.text("/proposal_sha256"), "");
    EXPECT_EQ(body.get("proposal"), nullptr);
}

TEST_F(PlanBeside, AnApprovedProposalIsNotAskedAboutAgain) {
    world.model.then(200, "never", "text/plain");
    static_cast<void>(listener());
    decide("copilot.plan");
    for (int i = 0; i < 20; ++i) {
        world.run(pause());
    }
    EXPECT_TRUE(world.model.requests.empty());
}

TEST_F(PlanBeside, NobodyIsAskedWhileTheCopilotIsOff) {
    world.options.is_enabled = false;
    world.model.then(200, "never", "text/plain");
    static_cast<void>(listener());
    decide();
    for (int i = 0; i < 20; ++i) {
        world.run(pause());
    }
    EXPECT_TRUE(world.model.requests.empty());
    EXPECT_EQ(world.entries.size(), 1U);
}

TEST(ReckonAgain, RefusesChoicesThatTheInputDoesNotHold) {
    CopilotWorld world;
    flex::FlexPlan proposed = world.plan;
    proposed.lines.at(0).offer.id = "OTHER";
    const Result<flex::FlexPlan> again = copilot::reckon_again(world.input, proposed);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Errc::invalid);
}

TEST(ReckonAgain, FiguresThatWereWrittenOverComeOutDifferently) {
    CopilotWorld world;
    flex::FlexPlan proposed = copilot::reckon_again(world.input, world.plan).value();
    const std::string honest = flex::plan_sha256(proposed);
    proposed.cost = MicroPounds{1};
    EXPECT_NE(flex::plan_sha256(proposed), honest);
    EXPECT_EQ(flex::plan_sha256(copilot::reckon_again(world.input, proposed).value()), honest);
}

}  // namespace
}  // namespace headroom::agents
