#pragma once

#include "contingency/shelf_network.hpp"
#include "contingency/shelf_state.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/reading.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// What the control room knows of each element, in the shape that the shelf plans from. Keeps the handles of
/// points and how long each load has been outside its band. One thread.
class ContingencyView {
  public:
    ContingencyView(const contingency::ShelfNetwork& network, const telemetry::PointRegistry& registry,
                    const monitor::Monitor& monitor, std::size_t quantile);

    /// The element's load by phase, from its own points' forecasts; where there is none, the newest reading
    /// stands for the hours to come. Nothing when it has no points with readings.
    [[nodiscard]] std::optional<contingency::ElementLoad> load(std::size_t element, UtcTime start);
    /// By how much its newest reading is outside the forecast's band, after three looks in a row; 0 = within.
    /// What `load` saw last.
    [[nodiscard]] std::int64_t over_band_w(std::size_t element) const;
    /// Whether its newest reading is above its limit.
    [[nodiscard]] bool is_over_limit(std::size_t element) const { return is_over_[element]; }
    /// What the DER takes now; nothing when it is not metered.
    [[nodiscard]] std::optional<double> der_kw(const std::string& der) const;

  private:
    struct PhaseRow {
        contingency::PeriodWatts median{};
        contingency::PeriodWatts high{};
        bool is_known = false;
    };
    void find_points();
    [[nodiscard]] PhaseRow row(telemetry::PointRef point, UtcTime start, std::int64_t& over_w, bool& is_over);

    const contingency::ShelfNetwork& network_;
    const telemetry::PointRegistry& registry_;
    const monitor::Monitor& monitor_;
    std::size_t quantile_;
    std::size_t registry_size_ = 0;
    std::vector<std::array<telemetry::PointRef, contingency::phase_count>> points_;
    std::vector<std::int64_t> over_w_;     // of the last look
    std::vector<std::uint8_t> looks_out_;  // in a row
    std::vector<bool> is_over_;
};

}  // namespace headroom::agents
