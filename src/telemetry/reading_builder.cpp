#include "telemetry/reading_builder.hpp"

#include "core/ids.hpp"
#include "telemetry/validate.hpp"

#include <utility>

namespace headroom::telemetry {

DecodeError error_at(const ReadingPlace& place, ReadingFault fault) {
    DecodeError error{.pointer = "",
                      .line = 0,
                      .reason = fault.reason,
                      .detail = std::move(fault.detail),
                      .ahead = fault.ahead};
    if (place.kind == ReadingPlace::Kind::line) {
        error.line = place.number;
        return error;
    }
    if (place.kind == ReadingPlace::Kind::entry) {
        error.pointer = "/" + std::to_string(place.number);
    }
    if (!fault.member.empty()) {
        error.pointer += '/';
        error.pointer += fault.member;
    }
    return error;
}

ReadingBuilder::ReadingBuilder(PointRegistry& registry, JsonDecoderOptions options)
    : registry_(registry),
      options_(std::move(options)),
      default_source_(registry.intern_source(options_.source)) {}

void ReadingBuilder::refuse(Quarantine reason, std::string_view member, std::string detail) {
    if (!fault_) {
        fault_ = ReadingFault{reason, member, std::move(detail)};
    }
}

std::optional<UtcTime> ReadingBuilder::time_of(std::string_view text, std::string_view member) {
    if (text == last_time_text_ && !text.empty()) {
        return last_time_;
    }
    const TimeReading read = read_time(text);
    if (read.fault) {
        refuse(*read.fault, member,
               std::string(member) + " is " + quoted(text) +
                   (*read.fault == Quarantine::no_zone ? ", a time without a zone; add Z or an offset"
                                                       : ", no time such as 2026-11-20T17:00:00Z"));
        return std::nullopt;
    }
    last_time_text_.assign(text);
    last_time_ = read.time;
    return read.time;
}

std::uint16_t ReadingBuilder::source_of(std::string_view name) {
    if (name != last_source_name_ || name.empty()) {
        last_source_ = registry_.intern_source(name);
        last_source_name_.assign(name);
    }
    return last_source_;
}

std::optional<UtcTime> ReadingBuilder::start_of(const ReadingMembers& members) {
    return members.start_time ? members.start_time : time_of(*members.start, members.start_member);
}

bool ReadingBuilder::resolve_time(const ReadingMembers& members, Reading& reading) {
    const std::optional<UtcTime> start = start_of(members);
    const bool has_end = members.end || members.end_time;
    const std::optional<UtcTime> end = members.end_time ? members.end_time
                                       : members.end    ? time_of(*members.end, "interval_end")
                                                        : start;
    if (!start || !end) {
        return false;
    }
    reading.interval_start = *start;
    reading.interval_end = *end;
    if (const auto reason = check_interval(*start, *end, options_.now, options_.future_tolerance)) {
        refuse(*reason, has_end ? "interval_end" : members.start_member,
               *reason == Quarantine::future
                   ? format_utc(*end) + " is ahead of the clock, which says " + format_utc(options_.now)
                   : "the interval from " + format_utc(*start) + " to " + format_utc(*end) +
                         " is turned round or longer than 25 hours");
        if (fault_ && *reason == Quarantine::future) {
            fault_->ahead = *end - options_.now;
        }
        return false;
    }
    return true;
}

bool ReadingBuilder::resolve_point(std::string_view id, grid::Quantity quantity, grid::Phase phase,
                                   Reading& reading) {
    reading.point = registry_.find(id, quantity, phase);
    if (reading.point != no_point) {
        return true;
    }
    if (!options_.unknown_points_allowed) {
        refuse(Quarantine::unknown_point, "",
               quoted(id) + " with " + std::string(grid::to_string(quantity)) + " on " +
                   std::string(grid::to_string(phase)) + " is no point of this network");
        return false;
    }
    if (!is_valid_id(id)) {
        refuse(Quarantine::malformed, "",
               quoted(id) + " is no id: 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit");
        return false;
    }
    if (registry_.size() >= options_.points_max) {
        refuse(Quarantine::unknown_point, "",
               quoted(id) + " would be one point more than the " + std::to_string(options_.points_max) +
                   " that are kept");
        return false;
    }
    reading.point = registry_.intern({std::string(id), quantity, phase});
    return true;
}

void ReadingBuilder::resolve(const ReadingMembers& members, Reading& reading) {
    const bool is_of_context = !members.id && !context_.point_id.empty();
    if (!members.id && !is_of_context) {
        return refuse(Quarantine::malformed, "", "feeder (or feeder_id, point_id) is missing");
    }
    if (!members.start && !members.start_time) {
        return refuse(Quarantine::malformed, "", "ts (or timestamp, interval_start) is missing");
    }
    if (!members.value) {
        return refuse(Quarantine::malformed, "", "kw (or value) is missing");
    }
    const grid::Quantity quantity = members.quantity.value_or(grid::Quantity::p_kw);
    if (members.value_member == "kw" && quantity != grid::Quantity::p_kw) {
        return refuse(Quarantine::malformed, "quantity",
                      "quantity is " + std::string(grid::to_string(quantity)) + ", but the value is in kw");
    }
    if (!resolve_time(members, reading)) {
        return;
    }
    reading.value = *members.value;
    if (const auto reason = check_value(quantity, reading.value)) {
        return refuse(*reason, members.value_member, explain_value(quantity, reading.value));
    }
    const grid::Phase phase = members.phase.value_or(is_of_context ? context_.phase : grid::Phase::sum);
    if (!resolve_point(is_of_context ? context_.point_id : *members.id, quantity, phase, reading)) {
        return;
    }
    reading.seq = members.seq;
    reading.quality = members.quality.value_or(Quality::measured);
    reading.source = default_source_;
    if (members.source) {
        if (!is_valid_id(*members.source)) {
            return refuse(Quarantine::malformed, "source",
                          "source is " + quoted(*members.source) + ", no id");
        }
        reading.source = source_of(*members.source);
    }
}

}  // namespace headroom::telemetry
