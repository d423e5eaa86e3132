#pragma once

#include "agents/journal.hpp"
#include "core/async.hpp"

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace headroom::desk {

/// One entry of the log as the live channels send it: `{seq, at, type, data}`.
struct LiveEntry {
    std::uint64_t seq = 0;
    std::shared_ptr<const std::string> json;  ///< shared by all readers
};

/// The audit log as a stream that has no gaps and no doubles: every reader has a position and asks for what
/// stands there. While somebody reads along, the newest entries are kept in memory as they become durable;
/// everything else, entries that the log writes by itself included, is read from the log off the io thread.
/// One io_context thread.
class LiveLog {
  public:
    /// A reader further behind is sent to reload instead of being told everything.
    static constexpr std::uint64_t behind_max = 10'000;
    /// Entries read at a time.
    static constexpr std::size_t batch_max = 256;

    LiveLog(agents::Journal& journal, Worker& worker);
    LiveLog(const LiveLog&) = delete;
    LiveLog& operator=(const LiveLog&) = delete;

    /// Number of the next entry that will be durable.
    [[nodiscard]] std::uint64_t end() const;
    /// The entries from `next` on, `batch_max` at most; none when nothing is there yet. Errors: as
    /// `audit::Log::read`.
    Awaitable<Result<std::vector<LiveEntry>>> read(std::uint64_t next);

    /// A reader waits with one of these; made and destroyed on the io thread.
    class Waiter {
      public:
        Waiter(LiveLog& log, const asio::any_io_executor& executor);
        ~Waiter();
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;
        /// Until an entry at `next` may be there, `wake` was called, or `longest` has passed.
        Awaitable<void> wait(std::uint64_t next, milliseconds longest);
        void wake();

      private:
        LiveLog& log_;
        asio::steady_timer timer_;
        bool is_woken_ = false;
        std::list<Waiter*>::iterator place_;
    };

  private:
    void on_entry(const audit::Entry& entry);

    agents::Journal& journal_;
    Worker& worker_;
    std::deque<LiveEntry> recent_;  // neighbours, up to the newest that was heard of
    std::size_t recent_bytes_ = 0;
    std::list<Waiter*> waiters_;
};

/// `{seq, at, type, data:{event_id, feeder_id, state, text, outcome}}`; `text` is empty for entries that tell
/// an operator nothing.
[[nodiscard]] std::string live_json(const audit::Entry& entry);

}  // namespace headroom::desk
