#pragma once

#include "store/ahead_file.hpp"
#include "store/records.hpp"
#include "store/store_thread.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace headroom::store {

/// Records behind a thread of their own, with a file ahead of them: what is kept is process-durable at once,
/// and the store follows, many batches in one transaction. Batches that the store refuses stay in the file
/// and are written before whatever is written next, in their order, here or after a restart.
class FollowedRecords {
  public:
    /// `ahead` is of these records and may be null: then `keep` waits for the store. Both outlive this.
    FollowedRecords(Records& records, AheadFile* ahead)
        : records_(records), ahead_(ahead), thread_(follow_linger) {}

    /// Process-durable when it is answered, which is at once, unless the store has fallen far behind. `batch`
    /// removes nothing. What is written by `keep` and `note` is written by these only, so that a restart
    /// finds it in its order. One thread.
    /// Errors: `unavailable` when neither file nor store takes it.
    Awaitable<Result<void>> keep(Batch batch);
    /// The same where nobody waits; a failure is logged.
    void note(Batch batch);

    /// Runs several reads and writes as one job on the store's thread: `job(Records&)`.
    template <class Job>
    Awaitable<std::invoke_result_t<Job, Records&>> run(Job job) {
        auto bound = [this, job = std::move(job)] { return job(records_); };
        return thread_.run(std::move(bound));
    }
    /// The same before what waits there.
    template <class Job>
    Awaitable<std::invoke_result_t<Job, Records&>> run_first(Job job) {
        auto bound = [this, job = std::move(job)] { return job(records_); };
        return thread_.run_first(std::move(bound));
    }
    /// Runs a job after what was asked before it; nobody waits.
    void post(std::function<void(Records&)> job) {
        thread_.post_later([this, job = std::move(job)] { job(records_); });
    }

    /// Nothing is queued or running. Whoever asks is waiting for that.
    [[nodiscard]] bool idle() { return thread_.idle(); }
    /// Blocks until everything has been written that was given so far; not from a job.
    void drain() { thread_.drain(); }

  private:
    /// Its number in the file ahead; nothing when it has to go to the store itself.
    [[nodiscard]] std::optional<std::uint64_t> put_ahead(const Batch& batch);
    void follow(Batch batch, std::uint64_t number);
    void write_followers();
    Result<void> catch_up_and_write(const Batch& batch);
    Result<void> write_left_over();

    Records& records_;
    AheadFile* ahead_;
    std::atomic<std::size_t> following_{0};  ///< batches in the file that the store does not have yet
    std::atomic<std::size_t> past_file_{0};  ///< jobs that write to the store and not to the file
    std::atomic<bool> is_behind_{false};     ///< the store refused a batch that stands in the file
    std::deque<std::pair<Batch, std::size_t>>
        left_over_;  ///< these, and how many each is; of the store's thread
    std::mutex mutex_;
    std::vector<Batch> to_follow_;
    std::uint64_t last_to_follow_ = 0;  ///< number of the newest of them
    StoreThread thread_;
};

}  // namespace headroom::store
