#pragma once

#include "desk/scenario_answers.hpp"
#include "desk/scenario_results.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace headroom::app {

/// Loading in percent over time as a line of characters, `columns` wide, each the highest of its part: blank
/// for nothing, ▁ to ▇ up to 100 %, █ above.
[[nodiscard]] std::string loading_line(std::span<const float> load_kw, std::span<const float> rating_kw,
                                       std::size_t columns);

/// What a run found, for a terminal: its head, and the first `lines` risks with their loading over time.
[[nodiscard]] std::string result_text(const desk::FinishedRun& run, std::size_t lines);

/// Two runs side by side: sums, and the `lines` assets whose loading differs most.
[[nodiscard]] std::string diff_text(const desk::ScenarioDiffAnswer& diff, const desk::FinishedRun& run,
                                    const desk::FinishedRun& other, std::size_t lines);

}  // namespace headroom::app
