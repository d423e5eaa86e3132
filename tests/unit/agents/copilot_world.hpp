#pragma once

#include "agents/copilot.hpp"
#include "net/http_server.hpp"
#include "store/records.hpp"
#include "unit/agents/market_world.hpp"
#include "unit/agents/stores.hpp"
#include "unit/flex/plan_fixture.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents::copilot_test {

inline constexpr const char* secret_key = "sk-test-very-secret";

/// A provider of a language model over a real socket: answers what it is told to, in order, the last for
/// ever.
class FakeModel {
  public:
    using Answer = std::function<Awaitable<net::Response>(const net::Request&)>;

    explicit FakeModel(asio::io_context& context) : context_(context), server_(context) {
        server_.route("POST", "/{rest...}",
                      [this](net::Request request) { return answer(std::move(request)); });
        HEADROOM_ASSERT(server_.listen("127.0.0.1", 0).has_value());
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

    void then(int status, std::string body, std::string type = "application/json",
              net::Headers headers = {}) {
        answers_.push_back([=](const net::Request&) -> Awaitable<net::Response> {
            net::Response response{.status = status, .content_type = type, .body = body, .headers = headers};
            co_return response;
        });
    }
    void then(Answer answer) { answers_.push_back(std::move(answer)); }
    /// Answers after `wait`.
    void then_slowly(milliseconds wait, std::string body) {
        answers_.push_back(
            [this, wait, body = std::move(body)](const net::Request&) -> Awaitable<net::Response> {
                asio::steady_timer timer(context_, wait);
                auto token = asio::as_tuple(asio::use_awaitable);
                co_await timer.async_wait(token);
                net::Response response{.status = 200, .content_type = "application/json", .body = body};
                co_return response;
            });
    }
    std::vector<net::Request> requests;

  private:
    Awaitable<net::Response> answer(net::Request request) {
        requests.push_back(request);
        HEADROOM_ASSERT(!answers_.empty());
        const Answer next = answers_.front();
        if (answers_.size() > 1) {
            answers_.pop_front();
        }
        co_return co_await next(requests.back());
    }

    asio::io_context& context_;
    net::HttpServer server_;
    std::deque<Answer> answers_;
};

/// A proposal as each provider would write it.
inline std::string call_body(copilot::WireFormat format, const std::string& arguments) {
    using copilot::WireFormat;
    const std::string quoted = json::write(json::Value(arguments));
    switch (format) {
        case WireFormat::openai_chat:
            return R"({"model":"m-1","choices":[{"finish_reason":"tool_calls","message":{"role":"assistant","tool_calls":[{"id":"call_1","type":"function",
                "function":{"name":"propose_plan","arguments":)" +
                   quoted + R"(}}]}}],"usage":{"prompt_tokens":100,"completion_tokens":20}})";
        case WireFormat::openai_responses:
            return R"({"status":"completed","model":"m-1","output":[{"type":"function_call","call_id":"call_1","name":"propose_plan","arguments":)" +
                   quoted + R"(}],"usage":{"input_tokens":100,"output_tokens":20}})";
        case WireFormat::gemini:
            return R"({"candidates":[{"finishReason":"STOP","content":{"role":"model","parts":[{"functionCall":{"name":"propose_plan","args":)" +
                   arguments +
                   R"(}}]}}],"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":20},"modelVersion":"m-1"})";
        case WireFormat::anthropic:
            return R"({"type":"message","model":"m-1","stop_reason":"tool_use","content":[{"type":"tool_use","id":"call_1","name":"propose_plan","input":)" +
                   arguments + R"(}],"usage":{"input_tokens":100,"output_tokens":20}})";
    }
    return {};
}

/// What each provider answers when it cannot.
inline std::string error_body(copilot::WireFormat format, int status) {
    using copilot::WireFormat;
    if (format == WireFormat::gemini) {
        return R"({"error":{"code":)" + std::to_string(status) +
               R"(,"message":"no","status":"RESOURCE_EXHAUSTED"}})";
    }
    if (format == WireFormat::anthropic) {
        return R"({"type":"error","error":{"type":"rate_limit_error","message":"no"}})";
    }
    return R"({"error":{"message":"no","type":"rate_limit","code":null}})";
}

/// The agent with its journal, a wall clock that is moved by hand, and a provider on loopback.
class CopilotWorld {
  public:
    CopilotWorld() : model(context_), http_(context_.get_executor(), {.allow_private = {"127.0.0.1:*"}}) {
        const auto& path = folder_.path();
        audit::LogOptions log_options{.dir = path / "audit",
                                      .origin = "test.example/audit",
                                      .key = Ed25519KeyPair::from_secret(std::string(32, '\7')).value(),
                                      .wall_clock = wall};
        log_options.reserve_bytes = 1UL << 16U;
        log_options.allocate_step = 1UL << 18U;
        log_ = audit::Log::open(std::move(log_options)).value();
        blobs_ = std::make_unique<audit::BlobStore>(audit::BlobStore::open(path / "blobs").value());
        auto kept = store::open_sqlite_records(path / "records.db").value();
        auto ahead = store::AheadFile::open(path / "records.ahead", *kept).value();
        records_ = std::make_unique<RecordStore>(std::move(kept), std::move(ahead));
        journal = std::make_unique<Journal>(context_.get_executor(), *log_, *blobs_, *records_);
        journal->on_entry([this](const audit::Entry& entry) { entries.push_back(entry); });
        options.is_enabled = true;
        options.wire.model = "sample-model";
        options.key = secret_key;
        input = flex::test::input_for({10'000, 10'000});
        input.offers = {flex::test::offer("CHEAP", 10'000, 100), flex::test::offer("DEAR", 10'000, 300)};
        flex::PlanInput only_dear = input;
        only_dear.offers = {input.offers[1]};
        plan = flex::make_plan(only_dear).value();
    }
    Copilot& agent() {
        if (!agent_) {
            options.base_url = options.base_url.empty() ? model.url() : options.base_url;
            agent_ = std::make_unique<Copilot>(
                Copilot::Parts{context_.get_executor(), http_, *journal, wall, [] { return 0.0; }}, options);
        }
        return *agent_;
    }
    /// Runs until the work has ended; a test that hangs fails by its deadline.
    template <class T>
    T run(Awaitable<T> work) {
        std::optional<T> result;
        asio::co_spawn(context_, std::move(work), [&result](std::exception_ptr fault, T value) {
            HEADROOM_ASSERT(!fault);
            result = std::move(value);
        });
        const SteadyTime until = steady_now() + seconds{60};
        context_.restart();
        while (!result && steady_now() < until) {
            context_.run_one_for(milliseconds{50});
            context_.restart();
        }
        context_.poll();  // who listens to the log is told behind those who wait for it
        HEADROOM_ASSERT(result.has_value());
        return std::move(*result);
    }
    [[nodiscard]] asio::any_io_executor executor() { return context_.get_executor(); }
    Considered consider() {
        return run(agent().consider({.base = input, .book = book, .facts = {}}, plan, rules));
    }
    [[nodiscard]] std::string blob(const audit::Entry& entry, const char* name) const {
        return journal->get_blob(json::Value(entry.body).text(std::string("/") + name + "/sha256"))
            .value_or("");
    }

  private:
    test::Folder folder_;
    asio::io_context context_;

  public:
    ManualWallClock wall{market_test::wall_start};
    FakeModel model;
    CopilotOptions options;
    std::unique_ptr<Journal> journal;
    std::vector<audit::Entry> entries;
    flex::PlanInput input;
    flex::FlexPlan plan;
    std::vector<knowledge::RuleRef> rules;
    std::shared_ptr<const flex::RuleBook> book;

  private:
    net::HttpClient http_;
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<RecordStore> records_;
    std::unique_ptr<Copilot> agent_;
};

}  // namespace headroom::agents::copilot_test
