#pragma once

#include "app/run_backtest.hpp"
#include "core/json.hpp"
#include "forecast/series_panel.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace headroom::app {

/// What every kind of back-test reads: history and truth on one panel, and the truth for itself.
struct BacktestReadings {
    forecast::Panel panel;
    forecast::SeriesFile truth;
};
/// Errors: those of the files, with line and column; those of a panel.
[[nodiscard]] Result<BacktestReadings> read_backtest(const BacktestCommand& command);

/// Writes `file` anew. Errors: `unavailable` when it cannot be written.
[[nodiscard]] Result<void> write_text(const std::filesystem::path& file, const std::string& text);
/// Says the fault, or prints `done` as JSON where that was asked for. The exit code when nothing is left to
/// be said.
[[nodiscard]] std::optional<int> end_backtest(const Result<json::Object>& done, bool is_json);

}  // namespace headroom::app
