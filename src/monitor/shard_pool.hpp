#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace headroom::monitor {

/// Threads that do one job together and wait for each other: fork, join. The caller is the first of them.
/// One caller at a time. Jobs throw nothing.
class ShardPool {
  public:
    /// Starts `threads` − 1 threads; 1 starts none.
    explicit ShardPool(std::size_t threads);
    ~ShardPool();
    ShardPool(const ShardPool&) = delete;
    ShardPool& operator=(const ShardPool&) = delete;

    [[nodiscard]] std::size_t size() const { return workers_.size() + 1; }
    /// job(0) … job(size − 1), each on a thread of its own, job(0) on the caller's; returns when all are
    /// done.
    void run(const std::function<void(std::size_t)>& job);

  private:
    void work(std::size_t index);

    std::atomic<std::uint32_t> round_{0};
    std::atomic<std::uint32_t> pending_{0};
    std::atomic<bool> is_over_{false};
    const std::function<void(std::size_t)>* job_ = nullptr;
    std::vector<std::thread> workers_;
};

}  // namespace headroom::monitor
