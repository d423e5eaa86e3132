#include "api/knowledge_door.hpp"

#include "api/answer.hpp"
#include "desk/knowledge.hpp"

#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;
constexpr std::int64_t id_max = 9'007'199'254'740'991;

Error no_rulebooks() {
    return {Errc::unavailable, "this process keeps no rulebooks"};
}

Awaitable<net::Response> documents(Shared door, net::Request request) {
    const Result<desk::PageRequest> page = page_of(request);
    if (!page) {
        co_return net::problem_of(page.error(), request.path);
    }
    desk::KnowledgeDesk* const knowledge = door->desk().parts().knowledge;
    if (knowledge == nullptr) {
        co_return net::problem_of(no_rulebooks(), request.path);
    }
    Result<std::vector<desk::DocumentAnswer>> all = co_await knowledge->documents();
    if (!all) {
        co_return net::problem_of(all.error(), request.path);
    }
    co_return respond_list(request, "documents", desk::page_of_list(std::move(*all), *page));
}

Awaitable<net::Response> search(Shared door, net::Request request) {
    const Result<std::int64_t> limit =
        number_parameter(request, "limit", 1, static_cast<std::int64_t>(knowledge::hits_max), 10);
    knowledge::SearchQuery query{.text = request.parameter("q").value_or(""),
                                 .document = request.parameter("document").value_or("")};
    if (!limit || query.text.empty() || query.text.size() > 1'000) {
        const Error missing{Errc::invalid, "q is needed: a question of 1 to 1000 bytes", "/q"};
        co_return net::problem_of(limit ? missing : limit.error(), request.path);
    }
    query.limit = static_cast<std::size_t>(*limit);
    desk::KnowledgeDesk* const knowledge = door->desk().parts().knowledge;
    if (knowledge == nullptr) {
        co_return net::problem_of(no_rulebooks(), request.path);
    }
    Result<std::vector<desk::PassageHitAnswer>> hits = co_await knowledge->search(std::move(query));
    if (!hits) {
        co_return net::problem_of(hits.error(), request.path);
    }
    const Result<desk::Page<desk::PassageHitAnswer>> page =
        desk::Page<desk::PassageHitAnswer>{.items = std::move(*hits), .next = {}};
    co_return respond_list(request, "passages", page);
}

Awaitable<net::Response> passage(Shared door, net::Request request) {
    const std::string text = request.path_parameter("id");
    std::int64_t id = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (fault != std::errc{} || end != text.data() + text.size() || id < 1 || id > id_max) {
        const Error unknown{Errc::not_found, "no passage " + text};
        co_return net::problem_of(unknown, request.path);
    }
    desk::KnowledgeDesk* const knowledge = door->desk().parts().knowledge;
    if (knowledge == nullptr) {
        co_return net::problem_of(no_rulebooks(), request.path);
    }
    const Result<desk::PassageAnswer> found = co_await knowledge->passage(id);
    co_return respond(request, found);
}

}  // namespace

void add_knowledge(net::HttpServer& server, const Shared& door) {
    const auto get = [&](const char* pattern, auto handler, const Operation& operation) {
        server.route(
            "GET", pattern,
            [door, handler](net::Request request) { return handler(door, std::move(request)); },
            operation.options());
    };
    get("/api/v1/knowledge/documents", documents,
        Operation("viewer", "Rulebooks that are indexed on this site")
            .about("Taken in by `headroom knowledge add`. Plans cite passages of these and of nothing else.")
            .paged()
            .answers_list<desk::DocumentAnswer>("documents")
            .fails({422}));
    get("/api/v1/knowledge/search", search,
        Operation("viewer", "Passages that answer a question")
            .about("Passages with every word of the question; where there are none, those with at least half "
                   "of them. Empty when nothing fits.")
            .query("q", "The question.", text_schema(1'000), "notice period")
            .query("document", "Only in this document.", text_schema(96))
            .query("limit", "Passages wanted.",
                   number_schema(1, static_cast<std::int64_t>(knowledge::hits_max)))
            .answers_list<desk::PassageHitAnswer>("passages")
            .fails({404, 422}));
    get("/api/v1/knowledge/passages/{id}", passage,
        Operation("viewer", "One passage, whole")
            .path("id", "Its number in the index.", "1")
            .answers<desk::PassageAnswer>("The passage.")
            .fails({404}));
}

}  // namespace headroom::api
