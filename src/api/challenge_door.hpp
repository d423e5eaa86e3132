#pragma once

#include "agents/challenge_answers.hpp"
#include "net/http_server.hpp"

#include <functional>

namespace headroom::api {

/// POST /beckn/on_subscribe: the challenge of the network's registry. `answers` gives nothing where no
/// registry is configured (404) and is looked at, at each request.
void add_challenges(net::HttpServer& server, std::function<agents::ChallengeAnswers*()> answers);

}  // namespace headroom::api
