#pragma once

#include "core/result.hpp"
#include "telemetry/csv_survey.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::app {

/// What the first way through a file of readings leaves behind: the readings themselves as long as they are
/// not too many, whether they are in the order of time, and each point's active power to take limits from.
class ReplayFirstPass {
  public:
    ReplayFirstPass(std::uint64_t readings_held_max, bool keeps_history)
        : readings_held_max_(readings_held_max), keeps_history_(keeps_history) {}

    /// Errors: `invalid` when there are more readings than can be held and they are not in the order of time.
    Result<telemetry::Going> take(const std::vector<telemetry::Reading>& readings,
                                  const telemetry::PointRegistry& registry, const std::string& file_name);

    /// Whether all readings are in memory; if not, they are in the order of time in the file.
    [[nodiscard]] bool is_held() const { return is_held_; }
    /// In the order of time; those of one time in the order of the file.
    [[nodiscard]] const std::vector<telemetry::Reading>& sorted();
    /// Active power in kW; of a very long file every second, fourth … value. nullptr when there is none.
    [[nodiscard]] const std::vector<double>* history(telemetry::PointRef point) const;

  private:
    void remember(const telemetry::Reading& reading);
    void thin();

    std::uint64_t readings_held_max_;
    bool keeps_history_;
    bool is_sorted_ = true;
    bool is_held_ = true;
    UtcTime newest_{};
    std::uint64_t count_ = 0;
    std::vector<telemetry::Reading> held_;
    std::vector<std::vector<double>> histories_;  // by point
    std::vector<std::uint64_t> seen_;             // by point
    std::uint64_t stride_ = 1;
    std::size_t remembered_ = 0;
};

}  // namespace headroom::app
