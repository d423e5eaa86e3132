#pragma once

#include "core/json.hpp"
#include "core/reflect_json.hpp"
#include "core/result.hpp"
#include "scenario/scenario.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::scenario {

inline constexpr std::size_t scenario_bytes_max = 256UL * 1024;

/// Reads a scenario out of a file: TOML, or JSON when it begins with '{'. `id` names it unless it names
/// itself; `file` is what faults call the text. Pure. Grammar: docs/formats/scenario.md.
/// Errors: `invalid`; for TOML one line per fault with the file's line and key, for JSON the pointers.
[[nodiscard]] Result<Scenario> read_scenario(std::string_view text, const std::string& id,
                                             const std::string& file);

/// The scenario as the HTTP contract writes it: `{location, event_type, start_date, duration_hours,
/// weather?}`; other members are passed over, and our own ones (`levers`, `lost_elements`, `title`) taken.
/// Times need a zone; a date alone is that day of the London clock. Adds a fault for everything that does
/// not fit.
[[nodiscard]] std::optional<Scenario> scenario_of_request(const json::Value& body,
                                                          std::vector<Fault>& faults);
/// The other way round, with the levers as `weather`.
[[nodiscard]] json::Object request_of(const Scenario& scenario);

/// Our own words for events, and those that others use: "cold_wave", "loss_of_feeder". Nothing for none.
[[nodiscard]] std::optional<Event> event_of(std::string_view word);

/// What no field's bounds say: a minimum above a maximum, an element that is lost although none is named.
/// Adds faults under `pointer`.
void check_scenario(const Scenario& scenario, std::vector<Fault>& faults);

/// A scenario that is listed by id.
struct ListedScenario {
    Scenario scenario;
    bool is_built_in = false;
    std::string file;  ///< where the user's stands; empty for built-in ones
};

/// The scenarios that are built into the program, by id.
[[nodiscard]] const std::vector<ListedScenario>& predefined_scenarios();
/// Texts of the built-in files, by name without ".toml".
[[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> predefined_texts();

}  // namespace headroom::scenario
