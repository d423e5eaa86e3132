#include "store/store_thread.hpp"

#include <utility>

namespace headroom::store {

StoreThread::StoreThread(std::chrono::steady_clock::duration linger) : linger_(linger) {
    thread_ = std::thread([this] { serve(); });
}

StoreThread::~StoreThread() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void StoreThread::serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto is_due = [this] { return is_called_ || is_stopping_ || !first_.empty(); };
        if (jobs_.empty()) {
            wake_.wait(lock, [&] { return is_due() || !jobs_.empty(); });
        }
        if (!is_due()) {
            is_called_ = !wake_.wait_until(lock, due_, is_due) || is_called_;
        }
        const bool is_in_turn = first_.empty();
        std::deque<Job>& queue = is_in_turn ? jobs_ : first_;
        if (queue.empty()) {
            if (is_stopping_) {
                return;
            }
            continue;
        }
        Job job = std::move(queue.front());
        queue.pop_front();
        is_called_ = is_called_ && !jobs_.empty();
        lock.unlock();
        job();
        job = nullptr;  // what the job holds is let go here, not under the lock
        pending_.fetch_sub(1, std::memory_order_release);
        lock.lock();
        if (is_in_turn) {
            ++ran_;
            has_run_.notify_all();
        }
    }
}

void StoreThread::post(Job job) {
    pending_.fetch_add(1, std::memory_order_acq_rel);
    {
        const std::lock_guard lock(mutex_);
        HEADROOM_ASSERT(!is_stopping_);
        jobs_.push_back(std::move(job));
        ++given_;
        is_called_ = true;
    }
    wake_.notify_one();
}

void StoreThread::post_first(Job job) {
    pending_.fetch_add(1, std::memory_order_acq_rel);
    {
        const std::lock_guard lock(mutex_);
        HEADROOM_ASSERT(!is_stopping_);
        first_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void StoreThread::post_later(Job job) {
    pending_.fetch_add(1, std::memory_order_acq_rel);
    bool is_oldest = false;
    {
        const std::lock_guard lock(mutex_);
        HEADROOM_ASSERT(!is_stopping_);
        is_oldest = jobs_.empty();
        if (is_oldest) {
            due_ = std::chrono::steady_clock::now() + linger_;
        }
        jobs_.push_back(std::move(job));
        ++given_;
    }
    if (is_oldest) {
        wake_.notify_one();
    }
}

void StoreThread::drain() {
    post([] {});  // behind all that waits, also that of `first_`
    std::unique_lock lock(mutex_);
    // Not told by the job itself: it counts as pending for a moment more.
    has_run_.wait(lock, [this, last = given_] { return ran_ >= last; });
}

bool StoreThread::idle() {
    if (pending_.load(std::memory_order_acquire) == 0) {
        return true;
    }
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.empty() || std::exchange(is_called_, true)) {
            return false;
        }
    }
    wake_.notify_one();
    return false;
}

}  // namespace headroom::store
