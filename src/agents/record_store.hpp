#pragma once

#include "core/async.hpp"
#include "store/records.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headroom::agents {

/// The record store behind its own thread, for coroutines. Calls run in the order made.
class RecordStore {
  public:
    explicit RecordStore(std::unique_ptr<store::Records> records)
        : records_(std::move(records)), worker_("records") {}

    Awaitable<Result<void>> write(store::Batch batch);
    Awaitable<Result<store::Record>> get(std::string kind, std::string id);
    Awaitable<Result<std::vector<store::Record>>> list(std::string kind, std::string after,
                                                       std::size_t limit);
    Awaitable<Result<std::vector<store::Record>>> list_by_state(std::string kind, std::string state);
    Awaitable<Result<std::vector<store::Record>>> list_by_corr(std::string corr);
    Awaitable<Result<void>> reserve(std::vector<store::Reservation> wanted, std::vector<Watts> offered,
                                    UtcTime now);
    Awaitable<Result<void>> release(std::string contract);
    Awaitable<Result<std::vector<store::Reservation>>> reservations(std::string der, UtcTime now);
    Awaitable<Result<std::uint64_t>> next_number(std::string name);

    /// Runs several reads and writes as one job on the store's thread: `job(store::Records&)`.
    template <class Job>
    auto run(Job job) {
        auto bound = [this, job = std::move(job)] { return job(*records_); };
        return worker_.run(std::move(bound));
    }

    /// Runs a job on the store's thread, after what was asked before it; nobody waits. For projections.
    void post(std::function<void(store::Records&)> job) {
        worker_.post([this, job = std::move(job)] { job(*records_); });
    }
    /// Nothing is queued or running.
    [[nodiscard]] bool idle() const { return worker_.pending() == 0; }

    /// For start-up and shut-down, before coroutines run.
    [[nodiscard]] store::Records& direct() { return *records_; }

  private:
    std::unique_ptr<store::Records> records_;
    Worker worker_;
};

}  // namespace headroom::agents
