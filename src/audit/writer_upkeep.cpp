// What the writer does by the clock: checkpoints, ticks, looking for space, sealing.
#include "audit/segment_file.hpp"
#include "audit/writer.hpp"
#include "core/log.hpp"

#include <fcntl.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace headroom::audit {

namespace {

// Two files are synced per checkpoint, so a busy log signs at most this often.
constexpr milliseconds checkpoint_gap{50};
constexpr milliseconds longest_wait = minutes{10};
constexpr std::uintmax_t free_bytes_min = 1UL << 20U;  // below this a disk counts as full once it has been

/// `checkpoints/0000000000000007`
std::filesystem::path given_path(const std::filesystem::path& dir, std::uint64_t size) {
    return dir / "checkpoints" / std::filesystem::path(segment_name(size)).stem();
}

}  // namespace

ClockQuality kernel_clock_quality() {
    timex state{};
    const int status = ::adjtimex(&state);
    if (status < 0 || status == TIME_ERROR) {
        return {.source = "unsynchronised", .ntp_offset_us = std::nullopt};
    }
    const auto offset = static_cast<std::int64_t>(state.offset);
    return {.source = "ntp", .ntp_offset_us = (state.status & STA_NANO) != 0 ? offset / 1000 : offset};
}

std::optional<SignedCheckpoint> Writer::latest_checkpoint() const {
    const std::scoped_lock lock(checkpoint_mutex_);
    return checkpoint_;
}

bool Writer::is_checkpoint_due(SteadyTime now) const {
    const std::uint64_t signed_size = checkpoint_ ? checkpoint_->checkpoint.size : 0;
    if (size_ == signed_size || state() == LogState::failed) {
        return false;
    }
    const auto since = now - last_signed_steady_;
    return since >= options_.checkpoint_interval ||
           (size_ - signed_size >= options_.checkpoint_entries && since >= checkpoint_gap);
}

SteadyTime Writer::next_due() const {
    const SteadyTime now = steady_now();
    SteadyTime due = now + longest_wait;
    if (state() == LogState::failed || state() == LogState::closed) {
        return due;
    }
    if (state() == LogState::read_only) {
        return last_space_check_ + options_.checkpoint_interval;
    }
    if (!checkpoint_ || checkpoint_->checkpoint.size < size_) {
        due = std::min(due, last_signed_steady_ + options_.checkpoint_interval);
    }
    if (checkpoint_ && size_ - checkpoint_->checkpoint.size >= options_.checkpoint_entries) {
        due = std::min(due, last_signed_steady_ + checkpoint_gap);
    }
    if (segment_.wants_zeros()) {
        due = std::min(due, zeros_wanted_);
    }
    return std::min(due, last_tick_steady_ + options_.tick_interval);
}

void Writer::housekeep(bool is_asked) {
    if (state() == LogState::read_only &&
        (is_asked || steady_now() - last_space_check_ >= options_.checkpoint_interval)) {
        leave_read_only();
    }
    if (state() == LogState::running) {
        commit({});
    }
    if (is_checkpoint_due(steady_now())) {
        if (auto done = sign(); !done) {
            log::warn("no checkpoint could be kept", {{"reason", done.error().message}});
        }
    }
    if (state() == LogState::running && segment_.wants_zeros()) {
        const WriteOutcome zeroed = segment_.zero_ahead();
        if (zeroed.kind == WriteOutcome::Kind::failed) {
            fail(zeroed.message);  // as for any sync: nobody knows what is on the disk
        }
    }
}

// Precondition: the checkpoint that was signed last is a prefix of what is signed now.
Result<void> Writer::sign() {
    const Checkpoint next{.origin = options_.origin, .size = size_, .root = index_->root()};
    if (checkpoint_) {
        const Checkpoint& last = checkpoint_->checkpoint;
        HEADROOM_ASSERT(last.size <= next.size && *index_->root_at(last.size) == last.root);
    }
    SignedCheckpoint made = sign_checkpoint(next, options_.key);
    last_signed_steady_ = steady_now();
    const std::filesystem::path path = options_.dir / "checkpoint";
    bool is_sync_fault = false;
    if (const int fault = replace_file(files_, path, made.note, is_sync_fault); fault != 0) {
        const Error error = file_error("writing", path, fault);
        if (is_sync_fault) {
            fail(error.message);
            return refusal();
        }
        if (is_full(fault) && state() == LogState::running) {
            enter_read_only(error.message);
        }
        return Error{Errc::unavailable, error.message, ""};
    }
    const std::scoped_lock lock(checkpoint_mutex_);
    checkpoint_ = std::move(made);
    return {};
}

Result<SignedCheckpoint> Writer::give_checkpoint() {
    if (state() == LogState::failed) {
        return refusal();
    }
    if (!checkpoint_ || checkpoint_->checkpoint.size < size_) {
        if (auto done = sign(); !done) {
            return done.error();
        }
    }
    const std::filesystem::path path = given_path(options_.dir, checkpoint_->checkpoint.size);
    if (std::error_code ignored; std::filesystem::exists(path, ignored)) {
        return *checkpoint_;
    }
    bool is_sync_fault = false;
    if (const int fault = replace_file(files_, path, checkpoint_->note, is_sync_fault); fault != 0) {
        const Error error = file_error("writing", path, fault);
        if (is_sync_fault) {
            fail(error.message);
            return refusal();
        }
        return Error{Errc::unavailable, error.message, ""};
    }
    return *checkpoint_;
}

int Writer::make_reserve() {
    if (options_.reserve_bytes == 0) {
        return 0;
    }
    const std::filesystem::path path = options_.dir / "reserve";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0) {
        return errno;
    }
    const File owner(descriptor);
    const int fault = files_.allocate(descriptor, 0, options_.reserve_bytes);
    if (fault == EOPNOTSUPP || fault == EINVAL) {
        log::warn("the file system of the audit log cannot reserve space; ext4 or XFS can");
        return 0;
    }
    has_reserve_ = fault == 0;
    return fault;
}

// Whether it gave space shows the next write.
void Writer::release_reserve() {
    has_reserve_ = false;
    const std::filesystem::path path = options_.dir / "reserve";
    if (const Result<File> file = open_file(path, O_RDWR);
        file && files_.truncate(file->descriptor(), 0) != 0) {
        log::warn("the reserve of the audit log could not be emptied");
    }
    ::unlink(path.c_str());
}

void Writer::leave_read_only() {
    last_space_check_ = steady_now();
    // Reserve and segment may hold their space while nothing else finds any: checkpoints, records, blobs.
    std::error_code fault;
    const std::filesystem::space_info space = std::filesystem::space(options_.dir, fault);
    if (!fault && space.available < free_bytes_min) {
        return;
    }
    if (make_reserve() != 0) {
        return;
    }
    if (segment_.is_open() && !segment_.reserve_step().is_done()) {
        return;
    }
    state_.store(LogState::running, std::memory_order_release);
    log::info("the disk of the audit log has space again; everything is taken");
}

Result<void> Writer::seal() {
    if (state() == LogState::failed) {
        return refusal();
    }
    json::Object body;
    body.set("entries", size_ + 1);
    std::vector<PreparedDraft> last = pending_;
    last.push_back(own_entry("log.seal", std::move(body)));
    std::uint64_t first_seq = 0;
    if (const WriteOutcome written = write(last, {}, options_.wall_clock.now(), first_seq);
        !written.is_done()) {
        return Error{Errc::unavailable, "the audit log is left unsealed: " + written.message, ""};
    }
    if (const WriteOutcome sealed = segment_.seal(index_->root()); !sealed.is_done()) {
        return Error{Errc::unavailable, "the audit log is left unsealed: " + sealed.message, ""};
    }
    return sign();
}

}  // namespace headroom::audit
