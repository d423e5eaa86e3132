#include "core/async.hpp"

#include "core/log.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace headroom {
namespace {

/// The longest sleep before the system clock is looked at again: how late a timer can be after the clock was
/// set forward.
constexpr std::chrono::milliseconds recheck = seconds{1};

class SystemClock final : public DomainClock {
  public:
    explicit SystemClock(asio::io_context& context) : state_(std::make_shared<State>(context)) {}
    SystemClock(const SystemClock&) = delete;
    SystemClock& operator=(const SystemClock&) = delete;
    ~SystemClock() override {
        state_->timers.clear();
        state_->wake.cancel();
    }

    [[nodiscard]] UtcTime now() const override { return system_now(); }

    TimerId at(UtcTime when, std::function<void()> action) override {
        const TimerId id = ++state_->last_id;
        state_->timers.emplace(std::pair{when, id}, std::move(action));
        state_->instants.emplace(id, when);
        arm(state_);
        return id;
    }

    void cancel(TimerId timer) override {
        const auto instant = state_->instants.find(timer);
        if (instant == state_->instants.end()) {
            return;
        }
        state_->timers.erase({instant->second, timer});
        state_->instants.erase(instant);
        if (state_->timers.empty()) {
            state_->wake.cancel();  // nothing to wait for: let the context come to its end
        }
    }

  private:
    struct State {
        explicit State(asio::io_context& context) : wake(context) {}
        asio::steady_timer wake;
        std::map<std::pair<UtcTime, TimerId>, std::function<void()>> timers;
        std::unordered_map<TimerId, UtcTime> instants;
        TimerId last_id = 0;
    };

    static UtcTime system_now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

    /// The wait holds the state weakly: a handler that is already queued outlives the clock without touching
    /// it.
    static void arm(const std::shared_ptr<State>& state) {
        if (state->timers.empty()) {
            return;
        }
        const UtcTime next = state->timers.begin()->first.first;
        const UtcTime now = system_now();
        // Compared before subtracting: a far-away instant must not overflow.
        const milliseconds sleep = next >= now + recheck ? recheck : std::max(next - now, milliseconds{0});
        state->wake.expires_after(sleep);
        state->wake.async_wait([weak = std::weak_ptr<State>(state)](const boost::system::error_code& fault) {
            const std::shared_ptr<State> alive = weak.lock();
            if (!fault && alive) {
                run_due(alive);
                arm(alive);
            }
        });
    }

    static void run_due(const std::shared_ptr<State>& state) {
        const UtcTime now = system_now();
        // Only what was set before this round: an action that sets a timer for "now" runs soon, but lets
        // others in between.
        const TimerId newest = state->last_id;
        auto next = state->timers.begin();
        while (next != state->timers.end() && next->first.first <= now) {
            const auto [when, id] = next->first;
            if (id > newest) {
                ++next;
                continue;
            }
            auto node = state->timers.extract(next);
            state->instants.erase(id);
            node.mapped()();
            next = state->timers.upper_bound({when, id});
        }
    }

    std::shared_ptr<State> state_;
};

/// What a sleeping coroutine and its domain timer share; the timer's side is weak, so either may go first.
struct Sleep {
    explicit Sleep(const asio::any_io_executor& executor) : wake(executor) {}
    Bell wake;
    bool over = false;
};

}  // namespace

Worker::Worker(std::string name) : name_(std::move(name)) {
    thread_ = std::thread([this] {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (jobs_.empty()) {
                return;
            }
            std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
            job = nullptr;  // what the job holds is let go here, not under the lock
            pending_.fetch_sub(1, std::memory_order_release);
            lock.lock();
        }
    });
}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Worker::post(std::function<void()> job) {
    pending_.fetch_add(1, std::memory_order_acq_rel);
    {
        const std::lock_guard lock(mutex_);
        HEADROOM_ASSERT(!stopping_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
}

Awaitable<void> wait_until(DomainClock& clock, UtcTime when) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto sleep = std::make_shared<Sleep>(executor);
    clock.at(when, [weak = std::weak_ptr<Sleep>(sleep)] {
        if (const std::shared_ptr<Sleep> asleep = weak.lock()) {
            asleep->over = true;
            asleep->wake.ring();
        }
    });
    while (!sleep->over) {
        co_await sleep->wake.wait();
    }
}

Bell::Bell(asio::any_io_executor executor)
    : timer_(std::move(executor), std::chrono::steady_clock::time_point::max()) {}

Bell::Bell(asio::any_io_executor executor, milliseconds after) : timer_(std::move(executor), after) {}

void Bell::ring() {
    timer_.cancel();
}

Awaitable<void> Bell::wait() {
    auto token = asio::as_tuple(asio::use_awaitable);
    co_await timer_.async_wait(token);
}

Awaitable<void> pause(milliseconds length) {
    Bell bell(co_await asio::this_coro::executor, length);
    co_await bell.wait();
}

std::unique_ptr<DomainClock> make_system_clock(asio::io_context& context) {
    return std::make_unique<SystemClock>(context);
}

void spawn(const asio::any_io_executor& executor, Awaitable<void> work) {
    asio::co_spawn(executor, std::move(work), [](const std::exception_ptr& fault) {
        if (!fault) {
            return;
        }
        try {
            std::rethrow_exception(fault);
        } catch (const boost::system::system_error& error) {
            if (error.code() == asio::error::operation_aborted) {
                return;  // shutdown cancels; a cancelled operation is no fault
            }
            log::error("a coroutine ended with an exception", {{"what", error.what()}});
        } catch (const std::exception& error) {
            log::error("a coroutine ended with an exception", {{"what", error.what()}});
        }
        HEADROOM_ASSERT(false && "an exception left a spawned coroutine");
    });
}

}  // namespace headroom
