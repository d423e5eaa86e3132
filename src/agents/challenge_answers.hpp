#pragma once

#include "agents/key_registry.hpp"

#include <memory>
#include <optional>
#include <string>

namespace headroom::agents {

/// Answers the challenges of somebody else's registry while the process serves: whoever asked it to list our
/// key, it calls our /on_subscribe. The registry's own keys are asked for at its address, which our settings
/// name, when the first challenge comes; and anew, at most once a minute, when a challenge does not verify:
/// registries change their keys too. One io_context thread.
class ChallengeAnswers {
  public:
    ChallengeAnswers(KeySubscriber::Parts parts, std::string registry_url);

    /// Serves POST …/on_subscribe: {challenge} → {answer}; 401 for what the registry has not signed, 503
    /// while its keys are not known.
    Awaitable<net::Response> on_subscribe(net::Request request);

  private:
    /// Whether the registry told its keys; false too when it was asked less than a minute ago.
    Awaitable<bool> learn_registry();

    KeySubscriber::Parts parts_;
    std::string registry_url_;
    std::shared_ptr<KeySubscriber> subscriber_;  // a challenge may still be read when the next one takes over
    std::optional<UtcTime> asked_at_;            // wall time
};

}  // namespace headroom::agents
