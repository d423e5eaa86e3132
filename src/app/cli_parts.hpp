#pragma once

#include "core/settings.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace headroom::app {

inline constexpr int exit_usage = 2;

/// Collects what a parsed subcommand wants done; run once, after parsing; answers the exit code.
using Action = std::function<int()>;

/// Flags that every command which reads settings shares.
struct SettingsFlags {
    std::string file;
    std::string env_file;
    std::vector<std::string> overrides;

    void add_to(CLI::App& command);
    [[nodiscard]] SettingsSources sources() const;
};

struct StatusCommand;
/// Where a running server is, who asks, and in what form: shared by every command that talks to one.
void add_server_options(CLI::App& command, StatusCommand& options);

/// `headroom config check|show|schema` and `headroom init`
void add_config(CLI::App& app, Action& action);
/// `headroom user …` and `headroom key …`
void add_identity(CLI::App& app, Action& action);
/// `headroom produce`
void add_produce(CLI::App& app, Action& action);
/// `headroom status`
void add_status(CLI::App& app, Action& action);
/// `headroom ingest`
void add_ingest(CLI::App& app, Action& action);
/// `headroom quality`
void add_quality(CLI::App& app, Action& action);
/// `headroom models`
void add_models(CLI::App& app, Action& action);
/// `headroom feeds`
void add_feeds(CLI::App& app, Action& action);
/// `headroom ask`
void add_ask(CLI::App& app, Action& action);
/// `headroom knowledge`
void add_knowledge(CLI::App& app, Action& action);
/// `headroom scenario`
void add_scenario(CLI::App& app, Action& action);
/// `headroom programmes`
void add_programmes(CLI::App& app, Action& action);
void add_openapi(CLI::App& app, Action& action);
/// `headroom trust score`
void add_trust(CLI::App& app, Action& action);
/// `report` and `corrections`, below `trust`.
void add_trust_desk(CLI::App& trust, Action& action);
/// `headroom train`, `headroom forecast` and `headroom backtest`
void add_forecast(CLI::App& app, Action& action);
/// `headroom rehearse`
void add_rehearse(CLI::App& app, Action& action);
/// `headroom beckn …`
void add_beckn(CLI::App& app, Action& action);
/// `headroom version`, `headroom completion`, `headroom help`
void add_help(CLI::App& app, Action& action);

}  // namespace headroom::app
