#include "agents/challenge_answers.hpp"

#include "core/log.hpp"

#include <utility>

namespace headroom::agents {
namespace {

constexpr milliseconds asked_again_after = minutes{1};

}  // namespace

ChallengeAnswers::ChallengeAnswers(KeySubscriber::Parts parts, std::string registry_url)
    : parts_(std::move(parts)), registry_url_(std::move(registry_url)) {}

Awaitable<bool> ChallengeAnswers::learn_registry() {
    const UtcTime now = parts_.wall.now();
    if (asked_at_ && now < *asked_at_ + asked_again_after) {
        co_return false;
    }
    asked_at_ = now;
    Result<beckn::PublishedKey> registry = co_await KeySubscriber::ask_registry(parts_.http, registry_url_);
    if (!registry) {
        log::warn("the registry's own keys are not known: its challenge cannot be answered",
                  {{"registry", registry_url_}, {"error", registry.error().message}});
        co_return false;
    }
    subscriber_ = std::make_shared<KeySubscriber>(parts_, registry_url_, std::move(*registry));
    co_return true;
}

Awaitable<net::Response> ChallengeAnswers::on_subscribe(net::Request request) {
    if (!subscriber_) {
        const bool is_known = co_await learn_registry();
        if (!is_known && !subscriber_) {
            co_return net::problem(503, "Service Unavailable", "the registry's own keys are not known");
        }
    }
    const std::shared_ptr<KeySubscriber> subscriber = subscriber_;
    net::Request kept = request;
    net::Response response = co_await subscriber->on_subscribe(std::move(kept));
    if (response.status != 401) {
        co_return response;
    }
    const bool is_newer = co_await learn_registry();
    if (!is_newer) {
        co_return response;
    }
    const std::shared_ptr<KeySubscriber> renewed = subscriber_;
    co_return co_await renewed->on_subscribe(std::move(request));
}

}  // namespace headroom::agents
