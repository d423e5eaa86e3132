#include "monitor/shard_pool.hpp"

namespace headroom::monitor {

ShardPool::ShardPool(std::size_t threads) {
    for (std::size_t i = 1; i < threads; ++i) {
        workers_.emplace_back([this, i] { work(i); });
    }
}

ShardPool::~ShardPool() {
    is_over_.store(true, std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    for (std::thread& worker : workers_) {
        worker.join();
    }
}

void ShardPool::run(const std::function<void(std::size_t)>& job) {
    if (workers_.empty()) {
        return job(0);
    }
    job_ = &job;
    pending_.store(static_cast<std::uint32_t>(workers_.size()), std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    job(0);
    for (std::uint32_t left = pending_.load(std::memory_order_acquire); left != 0;
         left = pending_.load(std::memory_order_acquire)) {
        pending_.wait(left, std::memory_order_acquire);
    }
}

void ShardPool::work(std::size_t index) {
    for (std::uint32_t seen = 0;;) {
        round_.wait(seen, std::memory_order_acquire);
        const std::uint32_t now = round_.load(std::memory_order_acquire);
        if (now == seen) {
            continue;
        }
        seen = now;
        if (is_over_.load(std::memory_order_relaxed)) {
            return;
        }
        (*job_)(index);
        if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            pending_.notify_one();
        }
    }
}

}  // namespace headroom::monitor
