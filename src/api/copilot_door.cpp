#include "api/copilot_door.hpp"

#include "api/answer.hpp"
#include "api/bodies.hpp"
#include "desk/ask.hpp"

#include <utility>

namespace headroom::api {

struct QuestionBody {
    std::string question = {};
};

}  // namespace headroom::api

namespace headroom {

template <>
struct Fields<api::QuestionBody> {
    using T = api::QuestionBody;
    static constexpr std::string_view name = "Question";
    static constexpr auto table =
        field_table(field("question", &T::question, "In words.",
                          {.minimum = 1, .maximum = static_cast<double>(desk::question_bytes_max)}));
};

}  // namespace headroom

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;
using SharedAsk = std::shared_ptr<std::unique_ptr<desk::AskDesk>>;

Awaitable<net::Response> state(Shared door, net::Request) {
    co_return net::json_response(200, to_json(desk::copilot_answer(door->desk().parts().copilot)));
}

Awaitable<net::Response> ask(Shared door, SharedAsk asker, net::Request request) {
    Body<QuestionBody> body = read_body<QuestionBody>(request);
    if (!body.value) {
        co_return std::move(body.refused);
    }
    if (!*asker) {
        *asker = std::make_unique<desk::AskDesk>(door->desk());
    }
    Caller caller = caller_of(request, "question");
    Result<desk::AskAnswer> answer =
        co_await (*asker)->ask(std::move(body.value->question), std::move(caller));
    co_return respond(request, answer);
}

}  // namespace

void add_copilot(net::HttpServer& server, const Shared& door) {
    server.route(
        "GET", "/api/v1/copilot", [door](net::Request request) { return state(door, std::move(request)); },
        Operation("viewer", "State of the co-pilot")
            .about("A language model is asked only when llm.enabled is set. It decides nothing.")
            .answers<desk::CopilotAnswer>("Its state.")
            .options());
    const auto asker = std::make_shared<std::unique_ptr<desk::AskDesk>>();
    server.route(
        "POST", "/api/v1/ask",
        [door, asker](net::Request request) { return ask(door, asker, std::move(request)); },
        Operation("operator", "Ask about the state of the room, in words")
            .about("Changes nothing. With a model: its answer, every figure held against the queries that it "
                   "cites. "
                   "Without one: Headroom's own words for a fixed family of questions.")
            .takes<QuestionBody>(R"({"question":"Which feeders are tightest?"})")
            .answers<desk::AskAnswer>("The answer, with what it rests on.")
            .fails({400, 422})
            .options());
}

}  // namespace headroom::api
