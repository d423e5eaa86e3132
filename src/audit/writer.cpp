#include "audit/writer.hpp"

#include "core/log.hpp"

#include <algorithm>

namespace headroom::audit {

namespace {

constexpr std::string_view software = "headroom/" HEADROOM_VERSION;

std::string_view state_prefix(LogState state) {
    switch (state) {
        case LogState::read_only:
            return "audit_read_only: ";
        case LogState::closed:
            return "audit_closed: ";
        case LogState::running:
        case LogState::failed:
            break;
    }
    return "audit_unavailable: ";
}

}  // namespace

Writer::Writer(const LogOptions& options, FileOps& files, Restored restored)
    : options_(options),
      files_(files),
      index_(std::move(restored.index)),
      segment_(std::move(restored.segment)),
      last_ts_(restored.last_ts),
      size_(index_->size()),
      checkpoint_(std::move(restored.checkpoint)) {
    durable_size_.store(size_, std::memory_order_release);
    if (restored.dropped) {
        json::Object body;
        body.set("dropped_bytes", restored.dropped->bytes)
            .set("dropped_sha256", restored.dropped->sha256)
            .set("next_seq", size_);
        pending_.push_back(own_entry("log.recovered", std::move(body)));
    }
    json::Object body;
    body.set("epoch", restored.opened + 1)
        .set("instance", options.instance)
        .set("origin", options.origin)
        .set("software", software);
    pending_.push_back(own_entry("log.open", std::move(body)));
    last_tick_ = options.wall_clock.now();
    last_tick_steady_ = last_signed_steady_ = last_space_check_ = zeros_wanted_ = steady_now();
}

Result<void> Writer::open() {
    if (const int fault = make_reserve(); is_full(fault)) {
        enter_read_only("there is no space for the reserve of " + std::to_string(options_.reserve_bytes) +
                        " bytes");
    } else if (fault != 0) {
        return file_error("reserving", options_.dir / "reserve", fault);
    }
    commit({});
    if (state() == LogState::failed) {
        return refusal();
    }
    return {};
}

PreparedDraft Writer::own_entry(std::string type, json::Object body) const {
    Result<PreparedDraft> prepared = prepare({.type = std::move(type),
                                              .actor = {.id = "core", .kind = "system", .ip = {}, .via = {}},
                                              .body = std::move(body)});
    HEADROOM_ASSERT(prepared.has_value());
    return std::move(*prepared);
}

std::vector<PreparedDraft> Writer::own_entries_due(UtcTime now) {
    std::vector<PreparedDraft> due = pending_;
    const bool is_tick_due = now - last_tick_ >= options_.tick_interval ||
                             steady_now() - last_tick_steady_ >= options_.tick_interval;
    if (is_tick_due) {
        const ClockQuality quality = options_.clock_quality();
        json::Object body;
        if (quality.ntp_offset_us) {
            body.set("ntp_offset_us", *quality.ntp_offset_us);
        }
        body.set("source", quality.source);
        due.push_back(own_entry("clock.tick", std::move(body)));
    }
    return due;
}

PreparedDraft Writer::clock_step(UtcTime now) const {
    json::Object body;
    body.set("from", format_utc(last_ts_))
        .set("step_ms", static_cast<std::int64_t>((now - last_ts_).count()))
        .set("to", format_utc(now));
    return own_entry("clock.step", std::move(body));
}

void Writer::encode(const PreparedDraft& draft, std::string_view ts) {
    const std::size_t at = begin_record(batch_);
    append_leaf(batch_, draft, size_ + batch_entries_.size(), ts);
    end_record(batch_, at, size_ + batch_entries_.size(), static_cast<std::uint16_t>(batch_entries_.size()));
    batch_entries_.push_back({.leaf = leaf_hash(std::string_view(batch_).substr(at + record_overhead)),
                              .offset = segment_.end() + at,
                              .corr = draft.corr});
}

WriteOutcome Writer::write(const std::vector<PreparedDraft>& own, const std::vector<Group>& groups,
                           UtcTime now, std::uint64_t& first_seq) {
    const SteadyTime begun = steady_now();
    if (WriteOutcome ready = ensure_segment(now); !ready.is_done()) {
        return ready;
    }
    batch_.clear();
    batch_entries_.clear();
    const std::string ts = format_utc(now);
    const bool has_stepped = size_ > 0 && now < last_ts_ - clock_tolerance;
    const PreparedDraft step = has_stepped ? clock_step(now) : PreparedDraft{};
    if (has_stepped) {
        encode(step, ts);
    }
    for (const PreparedDraft& draft : own) {
        encode(draft, ts);
    }
    first_seq = size_ + batch_entries_.size();
    for (const Group& group : groups) {
        for (const PreparedDraft& draft : group.drafts) {
            encode(draft, ts);
        }
    }
    const bool had_zeros = !segment_.wants_zeros();
    if (WriteOutcome written = segment_.append(batch_, batch_entries_.size()); !written.is_done()) {
        return written;
    }
    if (had_zeros && segment_.wants_zeros()) {
        zeros_wanted_ = steady_now();  // written in a pause, like everything that is due by the clock
    }
    index_->append(batch_entries_);
    size_ += batch_entries_.size();
    last_ts_ = now;
    durable_size_.store(size_, std::memory_order_release);
    batches_.fetch_add(1, std::memory_order_relaxed);
    last_commit_ms_.store(milliseconds_between(begun, steady_now()), std::memory_order_relaxed);
    return {};
}

void Writer::commit(std::vector<Group> groups) {
    if (state() == LogState::failed) {
        answer(groups, refusal());
        return;
    }
    const UtcTime now = options_.wall_clock.now();
    if (state() == LogState::read_only) {
        commit_on_reserve(std::move(groups), now);
        return;
    }
    const std::vector<PreparedDraft> own = own_entries_due(now);
    if (own.empty() && groups.empty()) {
        return;
    }
    std::uint64_t first_seq = 0;
    const WriteOutcome outcome = write(own, groups, now, first_seq);
    switch (outcome.kind) {
        case WriteOutcome::Kind::done:
            if (own.size() > pending_.size()) {  // the tick among them
                last_tick_ = now;
                last_tick_steady_ = steady_now();
            }
            pending_.clear();
            answer(groups, first_seq, now);
            return;
        case WriteOutcome::Kind::full:
            enter_read_only(outcome.message);
            commit_on_reserve(std::move(groups), now);
            return;
        case WriteOutcome::Kind::failed:
            fail(outcome.message);
            answer(groups, refusal());
            return;
    }
}

void Writer::refuse_starting(std::vector<Group>& groups) const {
    const auto starting = std::stable_partition(groups.begin(), groups.end(),
                                                [](const Group& group) { return group.is_stopping; });
    std::vector<Group> refused(std::make_move_iterator(starting), std::make_move_iterator(groups.end()));
    groups.erase(starting, groups.end());
    answer(refused, refusal());
}

void Writer::commit_on_reserve(std::vector<Group> groups, UtcTime now) {
    refuse_starting(groups);
    if (groups.empty()) {
        return;
    }
    std::uint64_t first_seq = 0;
    WriteOutcome outcome = write({}, groups, now, first_seq);
    if (outcome.kind == WriteOutcome::Kind::full && has_reserve_) {
        release_reserve();
        if (segment_.is_open()) {
            const std::uint64_t taken = segment_.reserve(options_.reserve_bytes);
            log::warn("the audit log has taken over its reserve", {{"bytes", taken}});
        }
        outcome = write({}, groups, now, first_seq);
    }
    switch (outcome.kind) {
        case WriteOutcome::Kind::done:
            answer(groups, first_seq, now);
            return;
        case WriteOutcome::Kind::full:
            answer(groups, refusal());
            return;
        case WriteOutcome::Kind::failed:
            fail(outcome.message);
            answer(groups, refusal());
            return;
    }
}

WriteOutcome Writer::ensure_segment(UtcTime now) {
    const bool is_old =
        segment_.is_open() && segment_.count() > 0 &&
        (segment_.end() >= options_.segment_bytes || now - segment_.created() >= options_.segment_age);
    if (segment_.is_open() && (!is_old || state() != LogState::running)) {
        return {};
    }
    SegmentFile next;
    if (WriteOutcome prepared = next.prepare(files_, options_.dir / "seg", options_.allocate_step);
        !prepared.is_done()) {
        // Without space for the next one the present segment simply grows on.
        const bool can_go_on = prepared.kind == WriteOutcome::Kind::full && segment_.is_open();
        return can_go_on ? WriteOutcome{} : prepared;
    }
    if (segment_.is_open()) {
        if (WriteOutcome sealed = segment_.seal(index_->root()); !sealed.is_done()) {
            next.discard();
            return sealed.kind == WriteOutcome::Kind::full ? WriteOutcome{} : sealed;
        }
    }
    return begin_segment(std::move(next), now);
}

WriteOutcome Writer::begin_segment(SegmentFile next, UtcTime now) {
    const SegmentHeader header{.first_index = size_,
                               .before = index_->frontier(),
                               .log_id = log_id_of(options_.origin),
                               .created = now};
    if (WriteOutcome begun = next.begin(header); !begun.is_done()) {
        return begun;
    }
    segment_ = std::move(next);
    zeros_wanted_ = steady_now();
    index_->begin_segment(size_);
    return {};
}

void Writer::answer(std::vector<Group>& groups, const Error& error) {
    for (Group& group : groups) {
        group.done(error);
    }
}

void Writer::answer(std::vector<Group>& groups, std::uint64_t first_seq, UtcTime ts) {
    for (Group& group : groups) {
        group.done(Committed{.first_seq = first_seq, .count = group.drafts.size(), .ts = ts});
        first_seq += group.drafts.size();
    }
}

Error Writer::refusal() const {
    const std::scoped_lock lock(message_mutex_);
    const LogState now = state();
    return Error{
        Errc::unavailable,
        std::string(state_prefix(now)) + (now == LogState::closed ? "the audit log is closed" : message_),
        ""};
}

void Writer::fail(const std::string& message) {
    {
        const std::scoped_lock lock(message_mutex_);
        message_ = message;
        state_.store(LogState::failed, std::memory_order_release);
    }
    log::error("the audit log has failed; nothing new is accepted until a restart has read it back",
               {{"reason", message}});
}

void Writer::enter_read_only(const std::string& message) {
    {
        const std::scoped_lock lock(message_mutex_);
        message_ = message;
        state_.store(LogState::read_only, std::memory_order_release);
    }
    last_space_check_ = steady_now();
    log::error("the disk of the audit log is full; only entries that end an action are taken",
               {{"reason", message}});
}

}  // namespace headroom::audit
