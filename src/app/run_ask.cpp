#include "app/run_ask.hpp"

#include "app/complaint.hpp"
#include "app/desk_server.hpp"

#include <fmt/format.h>

#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

constexpr int exit_unsourced = 1;

void print_answer(const json::Value& answer) {
    std::cout << answer.text("/text") << "\n";
    for (const json::Value& citation : list_of(answer, "citations")) {
        std::cout << fmt::format("  [{}] {}  {}\n", citation.text("/kind"), citation.text("/label"),
                                 citation.text("/path"));
    }
    const std::string by = answer.text("/answered_by");
    if (by == "model") {
        std::cout << fmt::format("  worded by {} ({}); figures held against the desk's\n",
                                 answer.text("/model"), answer.text("/verdict"));
    }
    if (!answer.boolean("/sourced")) {
        std::cout << "  without a source\n";
    }
}

}  // namespace

int run_ask(const AskCommand& command) {
    const Result<DeskServer> server = DeskServer::find(command.server);
    if (!server) {
        std::cerr << "headroom ask: " << server.error().message << "\n";
        return exit_no_answer;
    }
    const Result<DeskReply> reply =
        server->ask("POST", "/api/v1/ask", json::Object{{"question", command.question}});
    if (!reply || !reply->is_done()) {
        std::cerr << "headroom ask: " << (reply ? reply->refusal() : reply.error().message) << "\n";
        return reply ? exit_unsourced : exit_no_answer;
    }
    if (command.server.is_json) {
        std::cout << json::write(reply->body) << "\n";
    } else {
        print_answer(reply->body);
    }
    return reply->body.boolean("/sourced") ? 0 : exit_unsourced;
}

}  // namespace headroom::app
