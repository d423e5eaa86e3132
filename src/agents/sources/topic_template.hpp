#pragma once

#include "core/result.hpp"
#include "grid/quantity.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

/// What a topic says about the readings on it; the view is into the topic.
struct TopicNames {
    std::string_view feeder;  ///< empty: the payload names it
    grid::Phase phase = grid::Phase::sum;
};

/// How topics are built: levels of text with `{feeder}` and `{phase}`, each once and a level of its own, and
/// MQTT's own wildcards: "readings/{feeder}/{phase}", "headroom/v1/readings/#".
class TopicTemplate {
  public:
    /// Errors: `invalid`, naming what is wrong with the template.
    [[nodiscard]] static Result<TopicTemplate> parse(std::string_view text);

    /// What to subscribe to: "readings/+/+".
    [[nodiscard]] std::string filter() const;
    /// What `topic` says; nothing when it does not fit, or its feeder is no id or its phase no phase. No
    /// allocation.
    [[nodiscard]] std::optional<TopicNames> match(std::string_view topic) const;
    /// The topic of a feeder's phase. Errors: `invalid` for a template with wildcards, which names no single
    /// topic.
    [[nodiscard]] Result<std::string> topic_of(std::string_view feeder, grid::Phase phase) const;

    [[nodiscard]] bool names_feeder() const;
    [[nodiscard]] bool names_phase() const;

  private:
    enum class Kind { text, feeder, phase, any, rest };
    struct Level {
        Kind kind = Kind::text;
        std::string text;
    };
    [[nodiscard]] bool has(Kind kind) const;

    std::vector<Level> levels_;
};

}  // namespace headroom::agents
