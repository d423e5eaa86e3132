#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

namespace headroom {

namespace asio = boost::asio;
template <class T>
using Awaitable = asio::awaitable<T>;

/// Waits for a callback that may come from any thread: `start` is given a function object to call once with
/// the value; the coroutine goes on, on its own executor. Never drop the function object uncalled.
template <class T, class Start>
Awaitable<T> await_callback(Start start) {
    auto executor = co_await asio::this_coro::executor;
    auto initiate = [executor, start = std::move(start)](auto handler) mutable {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        start([executor, shared](T value) mutable {
            asio::post(executor,
                       [shared, value = std::move(value)]() mutable { (*shared)(std::move(value)); });
        });
    };
    T value = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(std::move(initiate),
                                                                                    asio::use_awaitable);
    co_return value;
}

/// A thread of its own for a library that blocks (SQLite, files). Jobs run in the order given. The queue is
/// unbounded on purpose: its callers are coroutines that wait, so its length is bounded by theirs.
class Worker {
  public:
    explicit Worker(std::string name);
    ~Worker();  ///< runs what is queued, then joins
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void post(std::function<void()> job);
    /// Jobs queued or running. A job is counted until after it has handed its result on.
    [[nodiscard]] std::size_t pending() const { return pending_.load(std::memory_order_acquire); }

    /// Runs `job` on the worker; the coroutine goes on, on its own executor, with what it returned. A
    /// Result<T> or value type.
    template <class Job>
    Awaitable<std::invoke_result_t<Job>> run(Job job) {
        using T = std::invoke_result_t<Job>;
        auto start = [this, job = std::move(job)](auto done) mutable {
            post([job = std::move(job), done = std::move(done)]() mutable { done(job()); });
        };
        T value = co_await await_callback<T>(std::move(start));
        co_return value;
    }

  private:
    std::string name_;
    std::atomic<std::size_t> pending_{0};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool stopping_ = false;
    std::thread thread_;
};

/// Coroutines wait for it to be rung, or for a time of the steady clock; all on one thread. Who waits looks
/// at what it waited for again: a ring before the wait is lost.
class Bell {
  public:
    explicit Bell(asio::any_io_executor executor);  ///< only `ring` ends a wait
    Bell(asio::any_io_executor executor, milliseconds after);
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    /// To all who wait now.
    void ring();
    [[nodiscard]] Awaitable<void> wait();

  private:
    asio::steady_timer timer_;
};

/// One value that a coroutine waits for, set at most once, on one thread; `wait` also ends at a domain
/// deadline. The first of value and deadline wins; a later `set` answers false.
template <class T>
class Slot {
  public:
    Slot(asio::any_io_executor executor, DomainClock& clock) : clock_(clock), bell_(std::move(executor)) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() { clock_.cancel(deadline_); }

    bool set(T value) {
        if (value_ || closed_) {
            return false;
        }
        value_ = std::move(value);
        bell_.ring();
        return true;
    }
    [[nodiscard]] bool is_set() const { return value_.has_value(); }

    /// The value, or nothing once `deadline` has passed.
    Awaitable<std::optional<T>> wait(UtcTime deadline) {
        if (!value_) {
            deadline_ = clock_.at(deadline, [this] {
                closed_ = !value_.has_value();
                bell_.ring();
            });
            while (!value_ && !closed_) {
                co_await bell_.wait();
            }
            clock_.cancel(deadline_);
        }
        co_return std::move(value_);
    }

  private:
    DomainClock& clock_;
    Bell bell_;
    DomainClock::TimerId deadline_ = 0;
    std::optional<T> value_;
    bool closed_ = false;
};

/// Goes on at `when` of domain time.
Awaitable<void> wait_until(DomainClock& clock, UtcTime when);

/// So long by the steady clock, on the coroutine's own executor.
Awaitable<void> pause(milliseconds length);

/// A domain clock that is the system's; timers run on `context`.
[[nodiscard]] std::unique_ptr<DomainClock> make_system_clock(asio::io_context& context);

/// Starts a coroutine that nobody waits for. An exception that leaves it is our own bug and stops the
/// process.
void spawn(const asio::any_io_executor& executor, Awaitable<void> work);

}  // namespace headroom
