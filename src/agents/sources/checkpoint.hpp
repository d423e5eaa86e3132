#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "monitor/monitor.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::agents {

using monitor::SourcePosition;

/// Ties the monitor's state to the places up to which the sources have been read, so that after a crash state
/// and places are of one instant and what came later is read again.
///
/// A checkpoint is taken between batches: it waits for those that are being taken in, keeps new ones out,
/// makes durable what the readings have led to, and copies the state and the positions. Then the sources go
/// on while the copy is written; once it is durable they commit to their brokers what is in it, and no more.
/// Every member on any thread.
class Checkpoints {
  public:
    struct Parts {
        /// Everything that readings taken in so far have led to is on the disk, or has been handed to who is
        /// answerable for it. Blocking.
        std::function<Result<void>()> settle;
        /// Writes the state durably. `note` comes back with it at a restore. Calls `copied` once what is
        /// read later cannot get into it any more; a save that fails may have called it, or not.
        std::function<Result<void>(std::span<const SourcePosition>, const std::string& note,
                                   const std::function<void()>& copied)>
            save;
        std::function<std::string()> note;
    };
    struct Counts {
        std::uint64_t taken = 0;
        std::uint64_t failed = 0;
        double last_ms = 0.0;  ///< for how long sources stood still
    };

    Checkpoints(Parts parts, milliseconds every);
    /// As `stop`.
    ~Checkpoints();
    Checkpoints(const Checkpoints&) = delete;
    Checkpoints& operator=(const Checkpoints&) = delete;

    /// Takes one regularly, on a thread of its own.
    void start();
    /// Ends the thread; takes none.
    void stop();
    /// Takes one now; blocks. Not while the caller has a batch open. Errors: those of the parts; nothing was
    /// written then, and no position may be committed.
    Result<void> take(const std::string& why);

    /// While one lives, no checkpoint is taken. Short: one batch of readings and its positions.
    class Batch {
      public:
        explicit Batch(Checkpoints& owner) : owner_(owner) { owner_.enter(); }
        ~Batch() { owner_.leave(); }
        Batch(const Batch&) = delete;
        Batch& operator=(const Batch&) = delete;
        void advance(const std::string& source, const std::string& partition, std::int64_t next_offset) {
            owner_.advance(source, partition, next_offset);
        }

      private:
        Checkpoints& owner_;
    };

    /// Positions of a state that was restored; before any source begins.
    void restore(std::span<const SourcePosition> positions);
    /// Where to begin with a partition, when the state has it up to there; once after `restore` or `release`.
    std::optional<std::int64_t> take_start(const std::string& source, const std::string& partition);
    /// The partition is no longer read here. What the state has of it stays known: when it comes back, it is
    /// read on from there, unless the group has come further.
    void release(const std::string& source, const std::string& partition);
    /// The positions of `source` in the newest checkpoint, when that is newer than `known`, which is set to
    /// it.
    std::optional<std::vector<SourcePosition>> saved_since(const std::string& source,
                                                           std::uint64_t& known) const;
    [[nodiscard]] Counts counts() const;

  private:
    using Key = std::pair<std::string, std::string>;
    void enter();
    void leave();
    void advance(const std::string& source, const std::string& partition, std::int64_t next_offset);
    /// Lets the sources go on, with the time they stood still since `begun`.
    void open(SteadyTime begun);
    Result<std::vector<SourcePosition>> write(SteadyTime begun);
    void run();

    const Parts parts_;
    const milliseconds every_;
    std::mutex taking_;  // one checkpoint at a time

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int batches_ = 0;
    bool is_closed_ = false;  // a checkpoint is being taken
    bool is_stopping_ = false;
    std::map<Key, std::int64_t> positions_;
    std::map<Key, std::int64_t> starts_;
    std::vector<SourcePosition> saved_;
    Counts counts_;

    std::thread thread_;
};

}  // namespace headroom::agents
