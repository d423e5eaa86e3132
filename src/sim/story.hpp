#pragma once

#include "core/result.hpp"
#include "core/settings_tree.hpp"
#include "core/time.hpp"
#include "sim/world_plan.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::sim {

/// A provider whose answers take so long, in domain time.
struct SlowProvider {
    std::string provider;
    milliseconds answer_delay{0};
    bool operator==(const SlowProvider&) const = default;
};

/// A simulated day with injected faults: parameters and faults, never outcomes (docs/formats/story.md). What
/// becomes of it is decided by the engine.
struct Story {
    std::string name;   ///< "cold_thursday"
    std::string title;  ///< "A cold Thursday"
    std::string summary;
    WorldOptions world;   ///< begins at `world.start`, so that the recent past is there when the story starts
    UtcTime start{};      ///< from here on overloads are raised and time is shown
    UtcTime end{};        ///< of the evening; nothing is raised from then on
    double speed = 60.0;  ///< domain seconds per second
    milliseconds fire_lead{minutes{2}};  ///< armed capacity is fired so long before its window, plus notice
    std::vector<SlowProvider> slow_providers;
};

/// The story, or everything that is wrong with the text; never both.
struct StoryCheck {
    std::optional<Story> story;
    std::vector<SettingsFault> faults;
};
/// Reads a story file. `name` is what the story is called, `file` what faults call the text. Pure.
[[nodiscard]] StoryCheck check_story(std::string_view toml, const std::string& name, const std::string& file);
/// The same. Errors: `invalid`, one line per fault.
[[nodiscard]] Result<Story> read_story(std::string_view toml, const std::string& name,
                                       const std::string& file);

/// The same world on a plain day: nothing is loaded beyond 80 %, nobody is slow or silent.
[[nodiscard]] Story plain_day(Story story);

/// Text of a story that is built into the program; nothing when there is none of that name.
[[nodiscard]] std::optional<std::string_view> built_in_story(std::string_view name);
[[nodiscard]] std::vector<std::string> built_in_stories();

}  // namespace headroom::sim
