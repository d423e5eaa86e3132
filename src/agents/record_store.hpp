#pragma once

#include "agents/reservation_book.hpp"
#include "core/async.hpp"
#include "store/ahead_file.hpp"
#include "store/followed_records.hpp"
#include "store/records.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace headroom::agents {

/// The record store behind its own thread, for coroutines. Calls run in the order made; those about
/// reservations, which no other call touches and somebody waits for, go before the others. What nobody waits
/// for is written a little later, together with what follows it, and at the latest ahead of the next read.
class RecordStore {
  public:
    /// `ahead` may be missing: then `keep` waits for the store.
    explicit RecordStore(std::unique_ptr<store::Records> records,
                         std::unique_ptr<store::AheadFile> ahead = nullptr)
        : records_(std::move(records)), ahead_(std::move(ahead)), followed_(*records_, ahead_.get()) {}

    Awaitable<Result<void>> write(store::Batch batch);
    /// Process-durable when it is answered, which is at once: the batch stands in the file ahead of the store
    /// and the store follows. For records that no audit entry makes again, and for these only by `keep` and
    /// `note`, so that a restart finds them in their order. One thread.
    /// Errors: `unavailable` when neither takes it.
    Awaitable<Result<void>> keep(store::Batch batch) { return followed_.keep(std::move(batch)); }
    /// The same where nobody waits; a failure is logged.
    void note(store::Batch batch) { followed_.note(std::move(batch)); }
    Awaitable<Result<store::Record>> get(std::string kind, std::string id);
    Awaitable<Result<std::vector<store::Record>>> list(std::string kind, std::string after,
                                                       std::size_t limit);
    Awaitable<Result<std::vector<store::Record>>> list_by_state(std::string kind, std::string state);
    Awaitable<Result<std::vector<store::Record>>> list_by_corr(std::string corr);
    Awaitable<Result<void>> reserve(std::vector<store::Reservation> wanted, std::vector<Watts> offered,
                                    UtcTime now);
    Awaitable<Result<void>> release(std::string contract);
    /// What is reserved of each of `ders`; from memory where that is known, so that a plan does not wait.
    using Reserved = std::map<std::string, std::vector<store::Reservation>>;
    Awaitable<Result<Reserved>> reserved(std::vector<std::string> ders, UtcTime now);
    Awaitable<Result<std::uint64_t>> next_number(std::string name);

    /// Runs several reads and writes as one job on the store's thread: `job(store::Records&)`.
    template <class Job>
    auto run(Job job) {
        return followed_.run(std::move(job));
    }

    /// The same before what waits there: for reservations only.
    template <class Job>
    Awaitable<std::invoke_result_t<Job, store::Records&>> run_first(Job job) {
        return followed_.run_first(std::move(job));
    }

    /// Runs a job on the store's thread, after what was asked before it; nobody waits. For projections.
    void post(std::function<void(store::Records&)> job) { followed_.post(std::move(job)); }
    /// Nothing is queued or running. Whoever asks is waiting for that.
    [[nodiscard]] bool idle() { return followed_.idle(); }

    /// For start-up and shut-down, before coroutines run.
    [[nodiscard]] store::Records& direct() { return *records_; }

  private:
    std::unique_ptr<store::Records> records_;
    std::unique_ptr<store::AheadFile> ahead_;
    ReservationBook book_;  ///< of the thread whose coroutines reserve
    store::FollowedRecords followed_;
};

}  // namespace headroom::agents
