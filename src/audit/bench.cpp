#include "audit/bench.hpp"

#include "audit/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <vector>

namespace headroom::audit {

namespace {

namespace fs = std::filesystem;

constexpr int throughput_runs = 3;
constexpr std::size_t sync_write_bytes = 256;
constexpr std::size_t drafts_per_append = 32;

/// A folder that is gone when this is.
class Scratch {
  public:
    explicit Scratch(const fs::path& parent) : path_(parent / ("bench-audit-" + std::to_string(::getpid()))) {
        std::error_code ignored;
        fs::create_directories(path_, ignored);  // the first file shows whether it worked
    }
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

json::Object result(std::string_view name, std::string_view unit, std::vector<double> values) {
    std::ranges::sort(values);
    json::Object object;
    object.set("name", name)
        .set("value", values[values.size() / 2])
        .set("unit", unit)
        .set("min", values.front())
        .set("max", values.back())
        .set("runs", values.size());
    return object;
}

Result<std::vector<double>> measure_syncs(const fs::path& path, double seconds) {
    const Result<File> file = open_file(path, O_RDWR | O_CREAT);
    if (!file) {
        return file.error();
    }
    constexpr std::uint64_t space = 8UL << 20U;
    FileOps& files = system_files();
    if (const int fault = files.allocate(file->descriptor(), 0, space); fault != 0) {
        return file_error("reserving", path, fault);
    }
    if (const int fault = files.sync(file->descriptor()); fault != 0) {
        return file_error("syncing", path, fault);
    }
    const std::string record(sync_write_bytes, 'r');
    std::vector<double> times;
    const SteadyTime begun = steady_now();
    for (std::uint64_t offset = 0; offset + record.size() <= space; offset += record.size()) {
        const SteadyTime start = steady_now();
        if (const int fault = write_all(files, file->descriptor(), record, offset); fault != 0) {
            return file_error("writing", path, fault);
        }
        if (const int fault = files.sync_data(file->descriptor()); fault != 0) {
            return file_error("syncing", path, fault);
        }
        times.push_back(milliseconds_between(start, steady_now()));
        if (milliseconds_between(begun, steady_now()) >= seconds * 1000.0) {
            break;
        }
    }
    return times;
}

/// Counts what is in flight, so that the producer stays just below the queue's bound.
class InFlightGate {
  public:
    void enter(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ + count <= limit; });
        waiting_ += count;
    }
    void leave(std::size_t count, const Result<Committed>& committed) {
        const std::scoped_lock lock(mutex_);
        waiting_ -= count;
        if (!committed && !fault_) {
            fault_ = committed.error();
        }
        changed_.notify_one();
    }
    std::optional<Error> drain() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ == 0; });
        return fault_;
    }

  private:
    static constexpr std::size_t limit = 8000;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t waiting_ = 0;
    std::optional<Error> fault_;
};

Draft sample_draft(std::int64_t number) {
    json::Object body;
    body.set("attempt", 1)
        .set("der", "bess-77")
        .set("expires", "2026-11-20T17:05:00.000Z")
        .set("fence", number)
        .set("protocol", "mqtt")
        .set("setpoint_w", -180000)
        .set("start", "2026-11-20T17:00:00.000Z");
    return {.type = "dispatch.order.intent",
            .actor = {.id = "core", .kind = "system", .ip = {}, .via = {}},
            .body = std::move(body),
            .corr = "ev-20261120-abcdefgh"};
}

Result<double> measure_throughput(const fs::path& dir, double seconds) {
    const std::unique_ptr<WallClock> clock = make_system_wall_clock();
    Result<std::unique_ptr<Log>> log = Log::open({.dir = dir,
                                                  .origin = "bench.example/audit",
                                                  .key = Ed25519KeyPair::generate(),
                                                  .wall_clock = *clock});
    if (!log) {
        return log.error();
    }
    InFlightGate gate;
    const SteadyTime begun = steady_now();
    std::int64_t number = 0;
    while (milliseconds_between(begun, steady_now()) < seconds * 1000.0) {
        gate.enter(drafts_per_append);
        std::vector<Draft> drafts;
        drafts.reserve(drafts_per_append);
        for (std::size_t i = 0; i < drafts_per_append; ++i) {
            drafts.push_back(sample_draft(number++));
        }
        (*log)->append(std::move(drafts), [&gate](const Result<Committed>& committed) {
            gate.leave(drafts_per_append, committed);
        });
    }
    if (std::optional<Error> fault = gate.drain()) {
        return *fault;
    }
    const double elapsed = milliseconds_between(begun, steady_now());
    if (auto closed = (*log)->seal_and_close(); !closed) {
        return closed.error();
    }
    return static_cast<double>(number) * 1000.0 / elapsed;
}

}  // namespace

Result<json::Object> bench_audit(const fs::path& dir, double seconds) {
    const Scratch scratch(dir);
    Result<std::vector<double>> syncs = measure_syncs(scratch.path() / "syncs", seconds / 4);
    if (!syncs) {
        return syncs.error();
    }
    std::vector<double> sorted = *syncs;
    std::ranges::sort(sorted);
    const double p99 = sorted[std::min(sorted.size() - 1, sorted.size() * 99 / 100)];
    std::vector<double> rates;
    for (int run = 0; run < throughput_runs; ++run) {
        const fs::path log_dir = scratch.path() / ("log-" + std::to_string(run));
        const Result<double> rate = measure_throughput(log_dir, seconds / 4);
        if (!rate) {
            return rate.error();
        }
        rates.push_back(*rate);
        std::error_code ignored;
        fs::remove_all(log_dir, ignored);
    }
    json::Object worst = result("audit.fdatasync_ms_p99", "ms", sorted);
    worst.set("value", p99);
    json::Array results;
    results.emplace_back(result("audit.fdatasync_ms_p50", "ms", sorted));
    results.emplace_back(std::move(worst));
    results.emplace_back(result("audit.entries_per_s", "1/s", rates));
    json::Object answer;
    answer.set("results", std::move(results));
    return answer;
}

}  // namespace headroom::audit
