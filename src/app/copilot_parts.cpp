#include "app/copilot_parts.hpp"

#include <utility>

namespace headroom::app {

Result<CopilotParts> open_copilot(const std::filesystem::path& data_dir) {
    Result<std::unique_ptr<knowledge::Library>> library = knowledge::Library::open(data_dir / "knowledge.db");
    if (!library) {
        return library.error();
    }
    CopilotParts parts;
    parts.knowledge = std::make_unique<desk::KnowledgeDesk>(std::move(*library));
    return parts;
}

}  // namespace headroom::app
