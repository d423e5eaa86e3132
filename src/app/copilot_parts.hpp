#pragma once

#include "agents/copilot.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "core/settings_services.hpp"
#include "desk/knowledge.hpp"
#include "desk/rule_citations.hpp"

#include <filesystem>
#include <memory>

namespace headroom::app {

/// The rulebooks of a control room and its co-pilot.
struct CopilotParts {
    std::unique_ptr<desk::KnowledgeDesk> knowledge;
    std::unique_ptr<desk::RuleCitations> citations;
    std::unique_ptr<agents::Copilot> copilot;
};

struct CopilotFeeds {
    asio::any_io_executor executor;
    net::HttpClient& http;
    agents::Journal& journal;
    WallClock& wall;
};

/// All of `feeds` outlives it. Errors: as those of the file `knowledge.db`.
[[nodiscard]] Result<CopilotParts> open_copilot(const std::filesystem::path& data_dir,
                                                const LlmSettings& settings, const CopilotFeeds& feeds);

/// How the settings' words are meant; both were checked with the settings.
[[nodiscard]] agents::CopilotOptions copilot_options(const LlmSettings& settings);

/// Takes over requests, failures, tokens, verdicts and state, for `/metrics`.
void refresh_copilot_metrics(Metrics& metrics, agents::Copilot& copilot);

}  // namespace headroom::app
