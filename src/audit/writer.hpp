#pragma once

#include "audit/log.hpp"
#include "audit/log_index.hpp"
#include "audit/restore.hpp"
#include "audit/segment_file.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace headroom::audit {

/// The drafts of one `append`.
struct Group {
    std::vector<PreparedDraft> drafts;
    std::shared_ptr<const std::vector<Draft>> waiting =
        nullptr;  ///< not prepared yet, and stands for `drafts`
    std::size_t bytes = 0;
    bool is_stopping = false;  ///< all of them may pass on a full disk
    AppendDone done;

    [[nodiscard]] std::size_t size() const { return waiting != nullptr ? waiting->size() : drafts.size(); }
};

/// The writing half of the log: batches, segments, checkpoints and what happens when the disk says no. All
/// methods belong to the writer's thread, but for the few that are marked.
class Writer {
  public:
    Writer(const LogOptions& options, FileOps& files, Restored restored);

    /// Writes `log.recovered` and `log.open`. Errors: `unavailable` when the disk fails; a full disk is none.
    [[nodiscard]] Result<void> open();
    /// Writes the groups as one batch and answers every one of them.
    void commit(std::vector<Group> groups);
    /// Whatever is due by the clocks: ticks, checkpoints, looking whether the disk has space again.
    void housekeep(bool is_asked);
    /// When `housekeep` has something to do next.
    [[nodiscard]] SteadyTime next_due() const;
    /// Signs what is durable and keeps it under `checkpoints/`.
    [[nodiscard]] Result<SignedCheckpoint> give_checkpoint();
    /// `log.seal`, trailer, last checkpoint.
    [[nodiscard]] Result<void> seal();

    // From any thread:
    [[nodiscard]] LogState state() const { return state_.load(std::memory_order_acquire); }
    void close() { state_.store(LogState::closed, std::memory_order_release); }
    [[nodiscard]] std::uint64_t durable_size() const { return durable_size_.load(std::memory_order_acquire); }
    [[nodiscard]] const LogIndex& index() const { return *index_; }
    [[nodiscard]] std::optional<SignedCheckpoint> latest_checkpoint() const;
    [[nodiscard]] std::uint64_t batches() const { return batches_.load(std::memory_order_relaxed); }
    [[nodiscard]] double last_commit_ms() const { return last_commit_ms_.load(std::memory_order_relaxed); }
    /// The answer to an entry that cannot be taken in the present state.
    [[nodiscard]] Error refusal() const;

  private:
    [[nodiscard]] PreparedDraft own_entry(std::string type, json::Object body) const;
    [[nodiscard]] std::vector<PreparedDraft> own_entries_due(UtcTime now);
    [[nodiscard]] PreparedDraft clock_step(UtcTime now) const;
    WriteOutcome write(const std::vector<PreparedDraft>& own, const std::vector<Group>& groups, UtcTime now,
                       std::uint64_t& first_seq);
    void encode(const PreparedDraft& draft, std::string_view ts);
    WriteOutcome ensure_segment(UtcTime now);
    WriteOutcome begin_segment(SegmentFile next, UtcTime now);
    static void answer(std::vector<Group>& groups, const Error& error);
    static void answer(std::vector<Group>& groups, std::uint64_t first_seq, UtcTime ts);
    void refuse_starting(std::vector<Group>& groups) const;
    void commit_on_reserve(std::vector<Group> groups, UtcTime now);
    void fail(const std::string& message);
    void enter_read_only(const std::string& message);
    void leave_read_only();
    [[nodiscard]] int make_reserve();
    void release_reserve();
    [[nodiscard]] bool is_checkpoint_due(SteadyTime now) const;
    Result<void> sign();

    const LogOptions& options_;
    FileOps& files_;
    std::unique_ptr<LogIndex> index_;
    SegmentFile segment_;
    UtcTime last_ts_{};
    std::uint64_t size_ = 0;
    std::vector<PreparedDraft> pending_;  // own entries that wait for space

    // One batch, kept to reuse its memory.
    std::string batch_;
    std::vector<IndexedEntry> batch_entries_;

    UtcTime last_tick_{};
    SteadyTime last_tick_steady_{};
    SteadyTime last_signed_steady_{};
    SteadyTime last_space_check_{};
    SteadyTime zeros_wanted_{};  // since when few are left
    bool has_reserve_ = false;
    std::string message_;  // why it failed or is read_only

    std::atomic<LogState> state_{LogState::running};
    std::atomic<std::uint64_t> durable_size_{0};
    std::atomic<std::uint64_t> batches_{0};
    std::atomic<double> last_commit_ms_{0.0};
    mutable std::mutex checkpoint_mutex_;
    std::optional<SignedCheckpoint> checkpoint_;
    mutable std::mutex message_mutex_;
};

}  // namespace headroom::audit
