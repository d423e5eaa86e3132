#pragma once

#include "core/clock.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/reading.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace headroom::agents {

/// Feeds one batch of readings to the monitor on a thread of its own, while its owner decodes the next. One
/// batch at a time: whoever brings another waits until it is in. The thread begins with the first batch.
class Feeder {
  public:
    using Ingest = std::function<monitor::IngestCount(std::span<const telemetry::Reading>, SteadyTime)>;
    explicit Feeder(const Ingest& ingest) : ingest_(ingest) {}
    /// Waits for the batch that is being fed.
    ~Feeder();
    Feeder(const Feeder&) = delete;
    Feeder& operator=(const Feeder&) = delete;

    /// Takes the readings; they come back empty, with memory that was used before.
    void feed(std::vector<telemetry::Reading>& readings, SteadyTime received);
    /// Waits until nothing is being fed, and answers what became of everything since the last call.
    monitor::IngestCount wait();

  private:
    void run();

    const Ingest& ingest_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<telemetry::Reading> feeding_;
    SteadyTime received_{};
    monitor::IngestCount count_;
    bool is_feeding_ = false;
    bool is_stopping_ = false;
    std::thread thread_;
};

/// Adds what became of another batch.
void add(monitor::IngestCount& to, const monitor::IngestCount& from);

}  // namespace headroom::agents
