#include "agents/sources/intake.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace headroom::agents {
namespace {

/// A topic of garbage must not fill the disk with complaints.
constexpr auto tell_every = seconds{30};

telemetry::JsonDecoderOptions decoder_options(const IntakeOptions& options, UtcTime now) {
    telemetry::JsonDecoderOptions out;
    out.now = now;
    out.future_tolerance = options.future_tolerance;
    out.source = options.source;
    out.unknown_points_allowed = options.unknown_points_allowed;
    return out;
}

void add(SourceCounts& to, const SourceCounts& from) {
    to.messages += from.messages;
    to.bytes += from.bytes;
    to.readings += from.readings;
    to.unreadable += from.unreadable;
    to.accepted += from.accepted;
    to.duplicates += from.duplicates;
    to.conflicts += from.conflicts;
    for (std::size_t i = 0; i < to.quarantined.size(); ++i) {
        to.quarantined[i] += from.quarantined[i];
    }
}

constexpr std::size_t index_of(telemetry::Quarantine reason) {
    return static_cast<std::size_t>(reason);
}

}  // namespace

std::uint64_t SourceCounts::quarantined_total() const {
    return std::accumulate(quarantined.begin(), quarantined.end(), std::uint64_t{0});
}

Intake::Intake(telemetry::PointRegistry& registry, ReadingsSink sink, std::function<UtcTime()> now,
               IntakeOptions options)
    : registry_(registry),
      sink_(std::move(sink)),
      now_(std::move(now)),
      options_(std::move(options)),
      decoder_(registry, decoder_options(options_, now_())) {
    readings_.reserve(2 * batch_readings);
}

void Intake::take(std::string_view payload, const telemetry::DecodeContext& context) {
    begin();
    next_.messages += 1;
    next_.bytes += payload.size();
    const std::size_t before = readings_.size();
    const Result<void> decoded = decoder_.decode(payload, options_.format, context, readings_);
    if (!decoded) {
        next_.unreadable += 1;
        next_.quarantined[index_of(telemetry::Quarantine::malformed)] += 1;
        tell(decoded.error().message);
        return;
    }
    if (!context.point_id.empty()) {
        refuse_other_feeders(before, context.point_id);
    }
    if (options_.counts_missing) {
        count_missing(before);
    }
    if (readings_.size() >= batch_readings) {
        hand_over();
    }
}

void Intake::begin() {
    if (is_empty_) {
        is_empty_ = false;
        received_ = steady_now();
        decoder_.reset(now_());
    }
}

void Intake::hand_over() {
    note_senders();
    feeder_.feed(readings_, received_);
    received_ = steady_now();
}

void Intake::refuse(std::string_view why) {
    begin();
    next_.messages += 1;
    next_.unreadable += 1;
    next_.quarantined[index_of(telemetry::Quarantine::malformed)] += 1;
    tell(std::string(why));
}

void Intake::refuse_other_feeders(std::size_t from, std::string_view feeder) {
    const auto first = readings_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto kept = std::remove_if(first, readings_.end(), [&](const telemetry::Reading& reading) {
        return registry_.key(reading.point).point_id != feeder;
    });
    const auto refused = static_cast<std::uint64_t>(readings_.end() - kept);
    if (refused > 0) {
        readings_.erase(kept, readings_.end());
        next_.quarantined[index_of(telemetry::Quarantine::unknown_point)] += refused;
        tell("a message about " + std::string(feeder) + " holds readings of another feeder");
    }
}

void Intake::count_missing(std::size_t from) {
    for (std::size_t i = from; i < readings_.size(); ++i) {
        const telemetry::Reading& reading = readings_[i];
        if (reading.seq == 0) {
            continue;
        }
        if (reading.source >= windows_.size()) {
            windows_.resize(std::size_t{reading.source} + 1);
        }
        missing_ += windows_[reading.source].take(reading.seq);
    }
}

void Intake::note_senders() {
    if (!options_.on_change || !sink_.expect_changes_only) {
        return;
    }
    for (const telemetry::Reading& reading : readings_) {
        if (reading.source >= noted_.size()) {
            noted_.resize(std::size_t{reading.source} + 1);
        }
        if (!noted_[reading.source]) {
            noted_[reading.source] = true;
            sink_.expect_changes_only(reading.source);
        }
    }
}

void Intake::flush() {
    if (is_empty_) {
        return;
    }
    is_empty_ = true;
    const telemetry::DecodeReport& report = decoder_.report();
    next_.readings += report.received;
    for (std::size_t i = 0; i < next_.quarantined.size(); ++i) {
        next_.quarantined[i] += report.quarantined[i];
        if (next_.quarantined[i] > 0) {
            sink_.count_quarantined(static_cast<telemetry::Quarantine>(i), next_.quarantined[i]);
        }
    }
    if (!report.errors.empty()) {
        tell(report.errors.front().detail);
    }
    monitor::IngestCount count = feeder_.wait();
    if (!readings_.empty()) {
        note_senders();
        add(count, sink_.ingest(readings_, received_));
        readings_.clear();
    }
    next_.accepted += count.accepted;
    next_.duplicates += count.duplicates;
    next_.conflicts += count.conflicts;
    for (std::size_t i = 0; i < next_.quarantined.size(); ++i) {
        next_.quarantined[i] += count.quarantined[i];
    }
    const std::lock_guard lock(mutex_);
    add(counts_, next_);
    counts_.missing = static_cast<std::uint64_t>(std::max<std::int64_t>(0, missing_));
    next_ = {};
}

SourceCounts Intake::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void Intake::restore(const SourceCounts& counts) {
    const std::lock_guard lock(mutex_);
    counts_ = counts;
    missing_ = static_cast<std::int64_t>(counts.missing);
}

void Intake::tell(const std::string& detail) {
    const SteadyTime now = steady_now();
    if (told_ != SteadyTime{} && now - told_ < tell_every) {
        return;
    }
    told_ = now;
    log::warn("readings are not taken", {{"source", options_.source}, {"detail", detail.substr(0, 300)}});
}

}  // namespace headroom::agents
