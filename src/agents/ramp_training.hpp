#pragma once

#include "agents/journal.hpp"
#include "agents/series_store.hpp"
#include "core/async.hpp"
#include "forecast/ramp_models.hpp"
#include "forecast/ramp_training.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/point_registry.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace headroom::agents {

struct RampTrainingOptions {
    int history_days = 14;               ///< so far back it looks: minutes are kept so long
    int held_days = 2;                   ///< newest days that are kept for the trial
    int days_min = 7;                    ///< so long a point must have been known before them
    std::size_t readings_max = 600'000;  ///< of all points together; fewer points are learnt from beyond
    forecast::RampOptions train{.rows_max = 100'000};
};

/// Stored minutes as readings of `cadence_s`, [from, to) on its grid: each slot the mean of its minutes. A
/// half-hour that stands in one of `marks` with anything but 0 is not known: trust kept it apart, or somebody
/// had asked for something in it and the load did not change by itself. Pure.
[[nodiscard]] forecast::GridSeries readings_of(const store::SeriesBlock& minutes,
                                               std::span<const store::SeriesBlock> marks, UtcTime from,
                                               UtcTime to, std::int64_t cadence_s);

/// Keeps the ramp models fresh, one for each distance of readings: learns a challenger from the stored
/// minutes, compares it with the model that serves on readings that neither has seen, and swaps only when it
/// wins. Every swap and every refusal is an entry of the audit log, durable before the swap. Lives on the io
/// thread; the learning runs on the worker that is lent.
class RampTraining {
  public:
    struct Parts {
        DomainClock& clock;
        Journal& journal;
        SeriesStore& series;
        const telemetry::PointRegistry& registry;
        const monitor::Monitor& monitor;
    };
    /// Reads the models of the folder; what cannot serve is told in the log.
    RampTraining(Parts parts, std::filesystem::path folder, RampTrainingOptions options);

    /// What serves now. On the io thread; what it answers may be kept and used on any.
    [[nodiscard]] std::shared_ptr<const forecast::RampModels> models() const { return models_; }

    /// Learns from some of `points`, one distance of readings after the other. Answers what became of it, one
    /// sentence for each; empty when no point's readings are known by the minute or more coarsely.
    Awaitable<std::string> learn(UtcTime now, std::string origin, std::vector<telemetry::PointKey> points,
                                 Worker& worker, const std::atomic<bool>& is_stopping);

    /// Where the model that was learnt from readings so far apart is kept: "nightly-60s.ramp".
    [[nodiscard]] static std::string file_name(std::int64_t cadence_s);

  private:
    Awaitable<std::string> learn_one(UtcTime now, std::string origin, std::int64_t cadence_s,
                                     std::vector<std::string> points, Worker& worker,
                                     const std::atomic<bool>& is_stopping);
    Awaitable<forecast::Panel> read(UtcTime from, UtcTime to, std::int64_t cadence_s,
                                    const std::vector<std::string>& points,
                                    const std::atomic<bool>& is_stopping);
    Awaitable<Result<void>> put_in_force(forecast::RampChallenge challenge, const std::string& origin,
                                         std::size_t series);
    void note_refusal(const forecast::RampChallenge& challenge, const std::string& origin);

    Parts parts_;
    std::filesystem::path folder_;
    RampTrainingOptions options_;
    std::shared_ptr<const forecast::RampModels> models_;
};

}  // namespace headroom::agents
