#include "desk/scenario_files.hpp"

#include "core/ids.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::size_t files_max = 500;

std::vector<std::filesystem::path> files_in(const std::filesystem::path& dir,
                                            std::vector<std::string>& faults) {
    std::vector<std::filesystem::path> out;
    std::error_code fault;
    std::filesystem::directory_iterator files(dir, fault);
    for (; !fault && files != std::filesystem::directory_iterator(); files.increment(fault)) {
        const std::filesystem::path& path = files->path();
        if (path.extension() == ".toml" || path.extension() == ".json") {
            out.push_back(path);
        }
    }
    if (fault) {
        faults.push_back("the folder " + dir.string() + " cannot be read: " + fault.message());
    }
    std::sort(out.begin(), out.end());
    if (out.size() > files_max) {
        faults.push_back(dir.string() + " holds more than " + std::to_string(files_max) + " scenarios");
        out.resize(files_max);
    }
    return out;
}

}  // namespace

Result<scenario::Scenario> read_scenario_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text(scenario::scenario_bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in && !in.eof()) {
        return Error{Errc::invalid, path.string() + " cannot be read"};
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    return scenario::read_scenario(text, to_id(path.stem().string()), path.string());
}

ScenarioShelf read_scenario_shelf(const std::filesystem::path& dir) {
    ScenarioShelf out;
    for (const scenario::ListedScenario& built_in : scenario::predefined_scenarios()) {
        out.scenarios.emplace(built_in.scenario.id, built_in);
    }
    if (dir.empty()) {
        return out;
    }
    for (const std::filesystem::path& path : files_in(dir, out.faults)) {
        Result<scenario::Scenario> read = read_scenario_file(path);
        if (!read) {
            out.faults.push_back(read.error().message);
            continue;
        }
        const std::string id = read->id;
        const auto known = out.scenarios.find(id);
        if (known != out.scenarios.end() && !known->second.is_built_in) {
            out.faults.push_back(path.string() + ": there is another scenario " + id);
            continue;
        }
        out.scenarios.insert_or_assign(
            id, scenario::ListedScenario{
                    .scenario = std::move(*read), .is_built_in = false, .file = path.string()});
    }
    return out;
}

}  // namespace headroom::desk
