#pragma once

#include "core/async.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace headroom::store {

/// About the length of a conversation about one contract: its records go into one transaction.
inline constexpr std::chrono::milliseconds follow_linger{10};

/// The thread of a store that blocks. Jobs run in the order given, but for those that somebody waits for and
/// no other touches, which go first, and with patience for those that nobody waits for: they stay until
/// something else is to be done or `linger` is over, so that one transaction takes many of them and the
/// thread is free when it is needed.
///
/// The queue is unbounded on purpose: what grows it waits, or stands in a file of bounded length.
class StoreThread {
  public:
    explicit StoreThread(std::chrono::steady_clock::duration linger);
    ~StoreThread();  ///< runs what is queued, then joins
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    using Job = std::function<void()>;
    void post(Job job);
    void post_first(Job job);
    void post_later(Job job);

    /// Runs `job` in its turn; the coroutine goes on, on its own executor, with what it returned.
    template <class Work>
    Awaitable<std::invoke_result_t<Work>> run(Work work) {
        return wait_for(std::move(work), &StoreThread::post);
    }
    /// The same before what waits here.
    template <class Work>
    Awaitable<std::invoke_result_t<Work>> run_first(Work work) {
        return wait_for(std::move(work), &StoreThread::post_first);
    }

    /// Blocks until everything that was posted has run: then this is idle, if nobody else posts. Not from a
    /// job.
    void drain();

    /// Nothing is queued or running. Whoever asks is waiting for that: patience ends.
    [[nodiscard]] bool idle();

  private:
    template <class Work>
    Awaitable<std::invoke_result_t<Work>> wait_for(Work work, void (StoreThread::*put)(Job)) {
        using T = std::invoke_result_t<Work>;
        auto start = [this, put, work = std::move(work)](auto done) mutable {
            (this->*put)([work = std::move(work), done = std::move(done)]() mutable { done(work()); });
        };
        T value = co_await await_callback<T>(std::move(start));
        co_return value;
    }
    void serve();

    const std::chrono::steady_clock::duration linger_;
    std::atomic<std::size_t> pending_{0};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable has_run_;
    std::uint64_t given_ = 0;  ///< to `jobs_`, since the start
    std::uint64_t ran_ = 0;    ///< of these
    std::deque<Job> first_;
    std::deque<Job> jobs_;
    bool is_called_ = false;                       ///< `jobs_` is to be run, up to its end
    std::chrono::steady_clock::time_point due_{};  ///< of the oldest that may wait
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace headroom::store
