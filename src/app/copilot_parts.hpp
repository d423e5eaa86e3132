#pragma once

#include "core/result.hpp"
#include "desk/knowledge.hpp"

#include <filesystem>
#include <memory>

namespace headroom::app {

/// The rulebooks of a control room.
struct CopilotParts {
    std::unique_ptr<desk::KnowledgeDesk> knowledge;
};

/// Errors: as those of the file `knowledge.db`.
[[nodiscard]] Result<CopilotParts> open_copilot(const std::filesystem::path& data_dir);

}  // namespace headroom::app
