#include "agents/copilot.hpp"

#include "hostile/hostile_texts.hpp"
#include "unit/agents/copilot_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using copilot::Reason;
using copilot::WireFormat;
using copilot_test::call_body;
using copilot_test::CopilotWorld;
using copilot_test::error_body;
using testing::HasSubstr;
using testing::Not;

/// The world names offers in the order (provider, id): offer-1 is CHEAP, offer-2 DEAR; but the plan's comes
/// first where it is asked about. Whatever the order, this finds it in the prompt.
std::string name_of(const CopilotWorld& world, const std::string& price) {
    const std::string& prompt = world.model.requests.back().body;
    const std::size_t at = prompt.find("\\\"price_gbp_per_mwh\\\":" + price);
    const std::size_t begin = prompt.rfind("offer-", at);
    return prompt.substr(begin, prompt.find('\\', begin) - begin);
}

std::string use(const std::string& offer, double kw) {
    return R"({"event":"event-1","actions":[{"offer":")" + offer + R"(","slot":1,"power_kw":)" +
           std::to_string(kw) + R"(},{"offer":")" + offer + R"(","slot":2,"power_kw":)" + std::to_string(kw) +
           R"(}],"summary":"Cheaper.","justification":"It costs less."})";
}

class EveryProvider : public testing::TestWithParam<WireFormat> {
  protected:
    EveryProvider() { world.options.wire.format = GetParam(); }
    /// A proposal that uses the cheap offer, whatever its name in this prompt.
    void then_better() {
        world.model.then([this](const net::Request&) -> Awaitable<net::Response> {
            net::Response response{.status = 200, .content_type = "application/json"};
            response.body = call_body(GetParam(), use(name_of(world, "100"), 10.0));
            co_return response;
        });
    }
    void expect_plan_stands(const Considered& done, Reason reason) {
        EXPECT_EQ(done.planner, "optimiser");
        EXPECT_EQ(copilot::to_string(done.reason), copilot::to_string(reason));
        EXPECT_EQ(flex::plan_sha256(done.plan), flex::plan_sha256(world.plan));
    }
    CopilotWorld world;
};
INSTANTIATE_TEST_SUITE_P(Copilot, EveryProvider,
                         testing::Values(WireFormat::openai_chat, WireFormat::openai_responses,
                                         WireFormat::gemini, WireFormat::anthropic),
                         [](const auto& info) {
                             std::string name(copilot::to_string(info.param));
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST_P(EveryProvider, BringsABetterPlan) {
    then_better();
    const Considered done = world.consider();
    EXPECT_EQ(done.planner, "llm+optimiser") << testing::PrintToString(done.violations);
    EXPECT_EQ(done.plan.lines.at(0).offer.id, "CHEAP");
    EXPECT_EQ(done.summary, "Cheaper.");
    EXPECT_EQ(done.tokens, 120);
    EXPECT_EQ(done.model, "m-1");
    ASSERT_EQ(done.entries.size(), 1U);
}

TEST_P(EveryProvider, IsTriedAgainAfter429And500) {
    world.model.then(429, error_body(GetParam(), 429), "application/json", {{"retry-after-ms", "1"}});
    world.model.then(500, "oops", "text/plain", {{"retry-after-ms", "1"}});
    then_better();
    EXPECT_EQ(world.consider().planner, "llm+optimiser");
    EXPECT_EQ(world.model.requests.size(), 3U);
}

TEST_P(EveryProvider, LeavesThePlanWhenItKeepsFailing) {
    for (const int status : {400, 401, 404, 429, 500, 503, 529}) {
        CopilotWorld fresh;
        fresh.options.wire.format = GetParam();
        fresh.model.then(status, error_body(GetParam(), status), "application/json",
                         {{"retry-after-ms", "1"}});
        const Considered done = fresh.consider();
        EXPECT_EQ(done.planner, "optimiser") << status;
        EXPECT_EQ(done.reason, Reason::llm_unavailable) << status;
        EXPECT_EQ(flex::plan_sha256(done.plan), flex::plan_sha256(fresh.plan));
    }
}

TEST_P(EveryProvider, LeavesThePlanForWhatIsNoAnswer) {
    const std::string whole = call_body(GetParam(), use("offer-1", 1.0));
    for (const std::string& body :
         {std::string("<html><body>Bad gateway</body></html>"), std::string("\x01\x02garbage"), std::string(),
          whole.substr(0, whole.size() / 2), std::string("{\"foo\":1}"),
          std::string("data: {\"choices\":[{\"delta\":{\"content\":\"half"),
          std::string("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["), std::string("data: [DONE]\n\n")}) {
        CopilotWorld fresh;
        fresh.options.wire.format = GetParam();
        fresh.model.then(200, body, "text/html");
        const Considered done = fresh.consider();
        EXPECT_EQ(done.reason, Reason::llm_schema) << body;
        EXPECT_EQ(flex::plan_sha256(done.plan), flex::plan_sha256(fresh.plan));
    }
}

TEST_P(EveryProvider, LeavesThePlanWhenItIsSlow) {
    world.options.budget = milliseconds{150};
    world.model.then_slowly(seconds{30}, call_body(GetParam(), use("offer-1", 1.0)));
    expect_plan_stands(world.consider(), Reason::llm_timeout);
}

TEST_P(EveryProvider, LeavesThePlanWhenItAnswersTooMuch) {
    world.model.then(200, std::string(copilot::answer_bytes_max + 10, 'x'));
    const Considered done = world.consider();
    EXPECT_EQ(done.planner, "optimiser");
}

TEST_P(EveryProvider, LeavesThePlanForAWrongProposalAfterOneRepair) {
    world.model.then(
        200,
        call_body(
            GetParam(),
            R"({"event":"event-1","actions":[{"offer":"offer-77","slot":1,"power_kw":1}],"summary":"","justification":""})"));
    const Considered done = world.consider();
    expect_plan_stands(done, Reason::llm_infeasible);
    EXPECT_EQ(done.guard, copilot::Guard::ids);
    EXPECT_EQ(world.model.requests.size(), 2U);
    EXPECT_THAT(world.model.requests[1].body, HasSubstr("no such offer in the data"));
    EXPECT_EQ(done.entries.size(), 2U);
}

TEST_P(EveryProvider, MendsAProposalInTheRepairRound) {
    world.model.then(200, call_body(GetParam(), R"({"event":"event-1","wrong":true})"));
    then_better();
    EXPECT_EQ(world.consider().planner, "llm+optimiser");
}

TEST(Copilot, IsOffUnlessEnabled) {
    CopilotWorld world;
    world.options.is_enabled = false;
    world.model.then(200, "{}");
    const Considered done = world.consider();
    EXPECT_EQ(done.reason, Reason::llm_disabled);
    EXPECT_TRUE(world.model.requests.empty());
    EXPECT_EQ(world.agent().status().state, "off");
}

TEST(Copilot, LeavesThePlanWhenNobodyListens) {
    CopilotWorld world;
    world.options.base_url = "http://127.0.0.1:1/v1";
    world.options.budget = milliseconds{400};
    const Considered done = world.consider();
    EXPECT_TRUE(done.reason == Reason::llm_unavailable || done.reason == Reason::llm_timeout);
    EXPECT_EQ(done.planner, "optimiser");
}

TEST(Copilot, TellsARefusalFromAProposal) {
    CopilotWorld world;
    world.model.then(
        200,
        R"({"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":null,"refusal":"I will not."}}]})");
    EXPECT_EQ(world.consider().reason, Reason::llm_schema);
}

TEST(Copilot, DoesNotWaitLongerThanItsBudget) {
    CopilotWorld world;
    world.options.budget = seconds{5};
    world.model.then(429, error_body(WireFormat::openai_chat, 429), "application/json",
                     {{"Retry-After", "17"}});
    EXPECT_EQ(world.consider().reason, Reason::llm_unavailable);
    EXPECT_EQ(world.model.requests.size(), 1U);
}

TEST(Copilot, OpensItsBreakerAndProbesLater) {
    CopilotWorld world;
    world.model.then(400, "{}");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(world.consider().reason, Reason::llm_unavailable);
    }
    EXPECT_EQ(world.consider().reason, Reason::llm_breaker_open);
    EXPECT_EQ(world.model.requests.size(), 5U);
    EXPECT_EQ(world.agent().status().state, "breaker");
    world.wall.set(world.wall.now() + seconds{61});
    EXPECT_EQ(world.consider().reason, Reason::llm_unavailable);
    EXPECT_EQ(world.model.requests.size(), 6U);
}

TEST(Copilot, OpensItsBreakerAfterThreeQuotasInARow) {
    CopilotWorld world;
    world.model.then(429, error_body(WireFormat::gemini, 429), "application/json",
                     {{"x-should-retry", "false"}});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(world.consider().reason, Reason::llm_unavailable);
    }
    EXPECT_EQ(world.consider().reason, Reason::llm_breaker_open);
}

TEST(Copilot, StopsWithTheDaysTokens) {
    CopilotWorld world;
    world.options.tokens_per_day = 100;
    world.model.then(200, call_body(WireFormat::openai_chat,
                                    R"({"event":"event-1","actions":[],"summary":"","justification":""})"));
    static_cast<void>(world.consider());
    EXPECT_EQ(world.consider().reason, Reason::llm_budget);
    EXPECT_EQ(world.agent().status().state, "spent");
    world.wall.set(world.wall.now() + hours{24});
    EXPECT_NE(world.consider().reason, Reason::llm_budget);
}

TEST(Copilot, WritesEveryExchangeDownWithoutItsKey) {
    CopilotWorld world;
    world.model.then(200, R"({"error":"bad key )" + std::string(copilot_test::secret_key) + "\"}");
    const Considered done = world.consider();
    ASSERT_EQ(world.entries.size(), 1U);
    const audit::Entry& entry = world.entries[0];
    EXPECT_EQ(entry.type, "copilot.exchange");
    EXPECT_EQ(entry.corr, world.input.overload.event.value);
    const json::Value body(entry.body);
    EXPECT_EQ(body.text("/verdict"), "llm_schema");
    EXPECT_EQ(body.text("/model"), "sample-model");
    EXPECT_GE(body.integer("/latency_ms", -1), 0);
    const std::string prompt = world.blob(entry, "prompt_blob");
    const std::string answer = world.blob(entry, "answer_blob");
    EXPECT_EQ(prompt, world.model.requests[0].body);
    EXPECT_EQ(sha256_hex(prompt), body.text("/prompt_sha256"));
    EXPECT_THAT(answer, HasSubstr("[key]"));
    for (const std::string& text : {prompt, answer, json::write(body), world.agent().status().last_fault}) {
        EXPECT_THAT(text, Not(HasSubstr(copilot_test::secret_key)));
    }
    EXPECT_EQ(world.model.requests[0].headers.get("Authorization"),
              std::string("Bearer ") + copilot_test::secret_key);
    EXPECT_EQ(done.entries, std::vector<std::uint64_t>{entry.seq});
}

TEST(Copilot, DropsWordsWithFiguresThatNobodyGave) {
    CopilotWorld world;
    world.model.then([&world](const net::Request&) -> Awaitable<net::Response> {
        std::string arguments = use(name_of(world, "100"), 10.0);
        arguments.replace(arguments.find("Cheaper."), 8, "Saves 4711 pounds.");
        net::Response response{.status = 200, .content_type = "application/json"};
        response.body = call_body(WireFormat::openai_chat, arguments);
        co_return response;
    });
    const Considered done = world.consider();
    EXPECT_EQ(done.planner, "llm+optimiser");
    EXPECT_EQ(done.summary, "");
    EXPECT_EQ(done.justification, "It costs less.");
}

/// Each text stands where others may write it; the model does its worst. One plan, 67 times.
TEST(Copilot, KeepsItsPlanAgainstHostileTexts) {
    CopilotWorld world;
    world.options.share = copilot::Share::names;
    for (const headroom::test::HostileText& hostile : headroom::test::hostile_texts()) {
        const std::string text = hostile.text.substr(0, 200);
        world.input.offers[0].provider = text;
        world.plan = flex::make_plan(world.input).value();
        world.rules = {{.subject = "limit",
                        .document = "rules",
                        .document_sha256 = std::string(64, 'a'),
                        .section = text,
                        .page = 1,
                        .line = 1,
                        .quote = text,
                        .words = {}}};
        world.model.then(
            200,
            call_body(
                WireFormat::openai_chat,
                R"({"event":"event-1","actions":[{"offer":"offer-1","slot":1,"power_kw":99999}],"summary":"","justification":)" +
                    json::write(json::Value(text)) + "}"));
        const Considered done = world.consider();
        EXPECT_EQ(done.planner, "optimiser") << text;
        EXPECT_EQ(flex::plan_sha256(done.plan), flex::plan_sha256(world.plan));
        EXPECT_EQ(done.summary + done.justification, "");
    }
}

}  // namespace
}  // namespace headroom::agents
