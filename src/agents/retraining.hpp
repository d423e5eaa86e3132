#pragma once

#include "agents/journal.hpp"
#include "agents/model_store.hpp"
#include "agents/ramp_training.hpp"
#include "agents/series_store.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/reading.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

struct RetrainingOptions {
    bool is_on = false;            ///< models are loaded and served in any case
    int hour = 2;                  ///< local hour of the region from which a night's training begins
    std::filesystem::path model;   ///< loaded at start and put in front of what is kept; empty for none
    int history_days = 120;        ///< so far back it looks
    std::size_t points_max = 400;  ///< points with a limit that are learnt from, evenly chosen
    forecast::LiveTrainOptions train;
    RampTrainingOptions ramps;
};

/// What it is doing, for people.
struct RetrainingStatus {
    std::string state;  ///< off | waiting | reading | training
    double done = 0.0;  ///< share of the training
    std::string step;
    std::optional<UtcTime> tried_at;  ///< when the last training began
    std::string outcome;              ///< of the last training: "promoted", "refused", "failed" and why
};

/// Keeps the monitor's ensemble fresh: loads the champion at start, learns a challenger each night from the
/// half-hours of the series store, and swaps only when it wins on days that neither has seen. Every swap and
/// every refusal is an entry of the audit log, durable before the swap.
///
/// Lives on the io thread, which only reads in portions and hands over; the learning has a thread of its own
/// that gives way to all others and ends soon after `stop`. What trust keeps apart (`POINT/raw`) is not
/// learnt from; what the operator had bought (`POINT/dispatched`, `POINT/delivered`) is added back. The ramp
/// models are learnt behind it from the stored minutes, compared and swapped likewise. In the simulator,
/// virtual time stands still while `idle` is false, so that a training ends at the instant it began.
class Retraining {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        Journal& journal;
        SeriesStore& series;
        const grid::Network& network;
        monitor::Monitor& monitor;
        const telemetry::PointRegistry& registry;
        ModelStore store;
    };
    Retraining(Parts parts, RetrainingOptions options);
    ~Retraining();
    Retraining(const Retraining&) = delete;
    Retraining& operator=(const Retraining&) = delete;

    /// Serves the model file of the options, or else the champion. Errors: those of the file when one was
    /// named; a champion that cannot be read is told in the log and the simpler methods serve.
    Result<void> start();
    /// Time has passed: begins a training that is due.
    void tick();
    /// Begins no more, and makes the one at work end early.
    void stop();
    /// Neither reading nor learning. Any thread.
    [[nodiscard]] bool idle() const { return !is_busy_.load(std::memory_order_acquire); }

    /// Serves a model that is kept, and keeps it the champion. Errors: `invalid` without a reason;
    /// `not_found`; `conflict` when it serves already; those of the log and of the file.
    Awaitable<Result<void>> promote(std::string id, Caller caller);
    /// Goes back to the champion before. Errors: as `promote`; `conflict` when there is none.
    Awaitable<Result<void>> revert(Caller caller);

    [[nodiscard]] const ModelStore& store() const { return parts_.store; }
    /// Id of the model that serves; empty for none.
    [[nodiscard]] const std::string& serving() const { return serving_; }
    [[nodiscard]] RetrainingStatus status() const;
    [[nodiscard]] std::shared_ptr<const forecast::RampModels> ramps() const { return ramps_.models(); }

  private:
    Awaitable<void> train(UtcTime now, std::string origin);
    /// Answers what became of it.
    Awaitable<std::string> train_loads(UtcTime now, std::string origin);
    [[nodiscard]] std::vector<telemetry::PointKey> points() const;
    void set_step(std::string_view step);
    Awaitable<Result<void>> put_in_force(audit::Draft draft,
                                         std::shared_ptr<const forecast::LiveModel> model);
    void note_refusal(const std::string& origin, const std::string& why,
                      const forecast::LiveTrial* trial = nullptr);
    void end(std::string outcome);

    Parts parts_;
    RetrainingOptions options_;
    RampTraining ramps_;
    std::shared_ptr<const forecast::LiveModel> model_;
    std::string serving_;
    int tried_day_ = -1;  // of the year, by the region's clock
    bool is_first_ = false;
    std::atomic<bool> is_busy_{false};
    std::atomic<bool> is_stopping_{false};
    std::atomic<double> done_{0.0};
    mutable std::mutex mutex_;  // of `step_`
    std::string step_;
    std::string state_ = "waiting";
    std::optional<UtcTime> tried_at_;
    std::string outcome_;
    Worker worker_;  // last: it is joined before what it uses goes
};

}  // namespace headroom::agents
