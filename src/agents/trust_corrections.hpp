#pragma once

#include "agents/trust_incident.hpp"
#include "store/series.hpp"
#include "telemetry/reading.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace headroom::agents {

/// The declared corrections of meters, applied to readings as they come in. Nothing is changed silently: a
/// correction is an operator's, stands in the audit log, and the half-hours as the meter had them are kept as
/// series `KEY/raw`. Any thread; a batch costs one look when there is no correction, no lock at all.
class TrustCorrections {
  public:
    explicit TrustCorrections(telemetry::PointRegistry& registry) : registry_(registry) {}

    /// These are in force from the next batch on. Power and reactive power are mapped.
    void set(const std::vector<MeterCorrection>& corrections);

    /// The batch as it is to be taken: itself when no correction touches it, otherwise `scratch`. The
    /// positions stay.
    [[nodiscard]] std::span<const telemetry::Reading> apply(std::span<const telemetry::Reading> readings,
                                                            std::vector<telemetry::Reading>& scratch);
    /// Raw half-hours that have ended.
    [[nodiscard]] std::vector<store::SeriesBlock> collect(UtcTime now);

  private:
    struct Target {
        telemetry::PointRef point = telemetry::no_point;
        double factor = 1.0;
    };
    using Map = std::unordered_map<telemetry::PointRef, Target>;  // by the point that the meter names
    struct RawSum {
        UtcTime period{};
        double sum = 0.0;
        std::uint32_t count = 0;
    };
    void keep_raw(const telemetry::Reading& reading);

    telemetry::PointRegistry& registry_;
    std::atomic<bool> is_any_{false};
    std::mutex mutex_;
    std::shared_ptr<const Map> map_;  // under `mutex_`; whoever took it keeps it
    std::unordered_map<telemetry::PointRef, RawSum> raw_;
    std::vector<store::SeriesBlock> ended_;
};

/// `kw` by phase as the correction has it.
[[nodiscard]] std::array<double, 3> corrected(const MeterCorrection& correction,
                                              const std::array<double, 3>& kw);

}  // namespace headroom::agents
