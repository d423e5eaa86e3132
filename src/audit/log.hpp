#pragma once

#include "audit/checkpoint.hpp"
#include "audit/entry.hpp"
#include "audit/files.hpp"
#include "audit/tree.hpp"
#include "core/clock.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::audit {

/// How well the wall clock is known, for `clock.tick`.
struct ClockQuality {
    std::string source;                         ///< "ntp", or "unsynchronised"
    std::optional<std::int64_t> ntp_offset_us;  ///< empty when the kernel knows none
};

/// What the kernel's clock discipline says (adjtimex).
[[nodiscard]] ClockQuality kernel_clock_quality();

struct LogOptions {
    std::filesystem::path dir;  ///< `<data>/audit`, made when it is missing
    std::string origin;         ///< the log's name, a key name: "flex.example/control-room/audit-1"
    Ed25519KeyPair key;         ///< signs the checkpoints
    const WallClock& wall_clock;
    std::string instance = "headroom";      ///< of this process, into `log.open`
    FileOps* files = nullptr;               ///< nullptr: the system's
    std::size_t queue_entries = 8192;       ///< waiting entries above which `append` answers `unavailable`
    std::size_t queue_bytes = 64UL << 20U;  ///< the same in bytes
    std::size_t batch_records = 4096;       ///< most records of one sync
    std::size_t batch_bytes = 2UL << 20U;   ///< most bytes of one sync
    std::uint64_t segment_bytes = 64UL << 20U;  ///< a segment is sealed at this size,
    milliseconds segment_age = hours{1};        ///< or at this age
    std::uint64_t allocate_step = 8UL << 20U;   ///< space is reserved in these steps
    std::uint64_t reserve_bytes = 16UL << 20U;  ///< kept for the entries that must pass on a full disk
    milliseconds checkpoint_interval = seconds{1};
    std::uint64_t checkpoint_entries = 4096;
    milliseconds quiet = milliseconds{5};          ///< checkpoints, ticks and zeros wait for such a pause
    milliseconds put_off_max = milliseconds{200};  ///< and this long at most
    milliseconds tick_interval = seconds{50};      ///< silence above 60 s is evidence
    std::function<ClockQuality()> clock_quality = kernel_clock_quality;
};

/// A group of entries that is durable.
struct Committed {
    std::uint64_t first_seq = 0;
    std::uint64_t count = 0;
    UtcTime ts{};
};

enum class LogState {
    running,
    read_only,  ///< the disk is full: only entries of `is_stopping_type` are taken
    failed,     ///< a write or sync failed, which is final for this process
    closed,
};
[[nodiscard]] std::string_view to_string(LogState state);

/// Figures for the health page.
struct LogStatus {
    LogState state = LogState::running;
    std::uint64_t durable_size = 0;
    std::uint64_t checkpoint_size = 0;
    std::uint64_t queued = 0;   ///< entries that wait
    std::uint64_t batches = 0;  ///< syncs of records since `open`
    double last_commit_ms = 0;  ///< write and sync of the last batch
};

using AppendDone = std::function<void(Result<Committed>)>;
/// One group for `Log::append_all`.
struct Append {
    std::shared_ptr<const std::vector<Draft>> drafts;  ///< not changed until `done` is called
    AppendDone done;
};
using CheckpointDone = std::function<void(Result<SignedCheckpoint>)>;

/// The append-only log of what was decided and answered: the truth of decisions.
///
/// One thread writes: it drains what waits, writes it at once, syncs once, and only then answers. Entries
/// that arrive meanwhile make the next batch, so latency is the disk's and throughput the batch's. Every
/// method may be called from any thread but where said otherwise. Source: docs/formats/audit.md,
/// docs/adr/0004-audit.md
class Log {
  public:
    /// Reads the directory back, recovers an unsynced tail, writes `log.open` and starts the writer.
    ///
    /// Errors: `conflict` when another process has the log open or it belongs to another origin or key;
    /// `corrupt` when acknowledged data is damaged or gone (the message then begins with "corrupt" or
    /// "rolled_back"); `invalid` for an origin that is no key name; `unavailable` when the disk fails. A full
    /// disk is no error: the log opens `read_only`.
    [[nodiscard]] static Result<std::unique_ptr<Log>> open(LogOptions options);
    /// Writes what waits, then stops without sealing.
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// Puts `drafts` into the log as neighbours, in one batch. `done` is called exactly once: from the
    /// writer's thread when they are durable or were refused there, or from the caller's, before this
    /// returns, when they are refused at once. It must not block or call back into a blocking method of the
    /// log.
    ///
    /// Errors to `done`: `invalid` as `prepare`, or for no drafts or more than the queue can hold;
    /// `unavailable`, its message beginning with audit_queue_full, audit_read_only, audit_unavailable or
    /// audit_closed.
    void append(const std::vector<Draft>& drafts, AppendDone done);
    /// The same for several groups, each taken or refused for itself: the writer sees all of them at once, so
    /// that one sync serves them. It checks and writes them out on its own thread: what is `invalid` by
    /// `prepare` is told from there.
    void append_all(std::vector<Append> appends);
    /// The same, waiting. Never on the io_context's thread or in a `done`.
    [[nodiscard]] Result<Committed> append_wait(std::vector<Draft> drafts);

    /// Errors: `not_found` when it is not durable (yet); `corrupt` when the file does not give it back.
    [[nodiscard]] Result<Entry> read(std::uint64_t seq) const;
    /// The entry's bytes as they were hashed. Errors: as `read`.
    [[nodiscard]] Result<std::string> read_leaf(std::uint64_t seq) const;
    /// Every entry from `from` that is durable now, in order; an error of `each` ends the scan and is
    /// answered.
    [[nodiscard]] Result<void> scan(std::uint64_t from,
                                    const std::function<Result<void>(const Entry&)>& each) const;
    /// Numbers of an event's entries, ascending.
    [[nodiscard]] std::vector<std::uint64_t> find_corr(std::string_view event) const;

    [[nodiscard]] std::uint64_t durable_size() const;
    /// Root of the durable entries.
    [[nodiscard]] Hash root() const;
    /// Errors: as `LeafTree`.
    [[nodiscard]] Result<Proof> inclusion(std::uint64_t index, std::uint64_t size) const;
    [[nodiscard]] Result<Proof> consistency(std::uint64_t from, std::uint64_t to) const;

    /// A checkpoint of everything durable, signed now when the log has grown, kept under `checkpoints/`
    /// before it is answered. Waits for the disk. Errors: `unavailable`.
    [[nodiscard]] Result<SignedCheckpoint> checkpoint();
    /// The same without waiting; `done` as in `append`.
    void checkpoint_async(CheckpointDone done);
    /// The newest checkpoint that was signed; nothing before the first.
    [[nodiscard]] std::optional<SignedCheckpoint> latest_checkpoint() const;
    /// The note of a checkpoint that was given out at `size`. Errors: `not_found`.
    [[nodiscard]] Result<std::string> checkpoint_at(std::uint64_t size) const;
    /// The proof of one entry against the newest checkpoint (C2SP tlog-proof).
    /// Errors: `not_found` when no checkpoint covers it yet.
    [[nodiscard]] Result<std::string> entry_proof(std::uint64_t seq) const;

    [[nodiscard]] LogState state() const;
    [[nodiscard]] LogStatus status() const;
    [[nodiscard]] const VerifierKey& verifier_key() const;
    [[nodiscard]] const std::string& origin() const;

    /// Lets the writer look at its clocks and at the disk now; for clocks that are moved by hand.
    void wake();

    /// Writes what waits and `log.seal`, seals the segment, signs a last checkpoint and stops; later appends
    /// are answered `audit_closed`. Once, not from a `done`. Errors: `unavailable` when the log could not be
    /// sealed; it is closed all the same and nothing that was acknowledged is lost.
    [[nodiscard]] Result<void> seal_and_close();

  private:
    class Engine;
    explicit Log(std::unique_ptr<Engine> engine);

    std::unique_ptr<Engine> engine_;
};

}  // namespace headroom::audit
