#pragma once

#include "app/commands.hpp"
#include "core/result.hpp"
#include "sim/story.hpp"

#include <optional>
#include <string>

namespace headroom::app {

/// The story of that name: built in, "none" for a plain day, or a file (a path, or a name under
/// data/stories). Errors: `invalid` with every fault of the file, `not_found` with the names there are.
[[nodiscard]] Result<sim::Story> find_story(const std::string& name);

/// Resolves `command.story`; sizes, seed and hours of the command become the story's. Nothing to do when the
/// command names no story. Errors: those of `find_story`.
[[nodiscard]] Result<void> take_story(DemoCommand& command);

}  // namespace headroom::app
