#include "api/challenge_door.hpp"

#include "api/operation.hpp"

#include <utility>

namespace headroom::api {
namespace {

constexpr std::size_t challenge_bytes_max = 64UL * 1024;

}  // namespace

void add_challenges(net::HttpServer& server, std::function<agents::ChallengeAnswers*()> answers) {
    net::RouteOptions options =
        Operation("peer", "Challenge of the network's registry")
            .about(
                "A registry that was asked to list our key calls here: the challenge is decrypted only when "
                "the registry has signed it. beckn.registry_url names the registry.")
            .answers_like(200, "The challenge in the clear.", R"({"answer":"5f0c…"})")
            .fails({400, 401, 404, 413, 503})
            .options();
    options.max_body = challenge_bytes_max;
    server.route(
        "POST", "/beckn/on_subscribe",
        [answers = std::move(answers)](net::Request request) -> Awaitable<net::Response> {
            agents::ChallengeAnswers* const known = answers();
            if (known == nullptr) {
                co_return net::problem(404, "Not Found",
                                       "no registry is configured here: beckn.registry_url is empty");
            }
            co_return co_await known->on_subscribe(std::move(request));
        },
        std::move(options));
}

}  // namespace headroom::api
