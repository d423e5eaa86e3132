#include "app/backtest_shared.hpp"

#include "app/commands.hpp"

#include <fstream>
#include <iostream>
#include <utility>
#include <vector>

namespace headroom::app {

Result<BacktestReadings> read_backtest(const BacktestCommand& command) {
    std::vector<forecast::SeriesFile> files;
    for (const std::filesystem::path& file : {command.history, command.truth}) {
        Result<forecast::SeriesFile> read = forecast::read_series_file(file);
        if (!read) {
            return read.error();
        }
        files.push_back(std::move(*read));
    }
    Result<forecast::Panel> panel = forecast::make_panel(files);
    if (!panel) {
        return panel.error();
    }
    return BacktestReadings{.panel = std::move(*panel), .truth = std::move(files.back())};
}

std::optional<int> end_backtest(const Result<json::Object>& done, bool is_json) {
    if (!done) {
        std::cerr << "headroom backtest: " << done.error().message << "\n";
        return exit_code_of(done.error());
    }
    if (is_json) {
        std::cout << json::write(json::Value(*done)) << "\n";
        return 0;
    }
    return std::nullopt;
}

Result<void> write_text(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text << std::flush;
    if (!out) {
        return Error{Errc::unavailable, file.string() + " cannot be written"};
    }
    return {};
}

}  // namespace headroom::app
