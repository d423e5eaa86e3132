#include "telemetry/json_reader.hpp"

#include "core/ids.hpp"
#include "telemetry/validate.hpp"

#include <utility>

namespace headroom::telemetry {
namespace {

std::string_view token_of(ondemand::value& value) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) {
        token.remove_suffix(1);
    }
    return token;
}

}  // namespace

void JsonDecoder::Reader::refuse(Quarantine reason, std::string_view member, std::string detail) {
    if (!fault_) {
        fault_ = ReadingFault{reason, member, std::move(detail)};
    }
}

simdjson::error_code JsonDecoder::Reader::read_text(ondemand::value value, std::string_view member,
                                                    std::optional<std::string_view>& out) {
    if (out) {
        refuse(Quarantine::malformed, member, std::string(member) + " stands twice, or under two names");
    }
    std::string_view text;
    const simdjson::error_code code = value.get_string().get(text);
    if (code == simdjson::SUCCESS) {
        out = text;
        return code;
    }
    if (!is_broken_document(code)) {
        refuse(Quarantine::malformed, member,
               std::string(member) + " must be text, not " + quoted(token_of(value)));
    }
    return code;
}

simdjson::error_code JsonDecoder::Reader::read_number(ondemand::value value, std::string_view member,
                                                      ReadingMembers& members) {
    if (members.value) {
        refuse(Quarantine::malformed, member, "the value stands twice, or under two names");
    }
    members.value_member = member;
    double number = 0.0;
    const simdjson::error_code code = value.get_double().get(number);
    if (code == simdjson::SUCCESS) {
        members.value = number;
        return code;
    }
    if (!is_broken_document(code)) {
        const std::string_view token = token_of(value);
        const bool is_number_like = token.find_first_of("0123456789NIi") == 0 ||
                                    (token.size() > 1 && (token[0] == '-' || token[0] == '+')) ||
                                    token.starts_with("nan");
        refuse(is_number_like ? Quarantine::not_finite : Quarantine::malformed, member,
               std::string(member) + " must be a finite number, not " + quoted(token));
    }
    return code;
}

template <class T, class Parse>
simdjson::error_code JsonDecoder::Reader::read_word(ondemand::value value, std::string_view member,
                                                    Parse parse, std::optional<T>& out) {
    std::optional<std::string_view> text;
    const simdjson::error_code code = read_text(value, member, text);
    if (!text) {
        return code;
    }
    if (out) {
        refuse(Quarantine::malformed, member, std::string(member) + " stands twice");
    }
    out = parse(*text);
    if (!out) {
        refuse(Quarantine::malformed, member,
               std::string(member) + " is " + quoted(*text) + ", which is not a word known here");
    }
    return code;
}

simdjson::error_code JsonDecoder::Reader::read_member(ondemand::field& field, ReadingMembers& members) {
    std::string_view key;
    if (const simdjson::error_code code = field.unescaped_key().get(key)) {
        return code;
    }
    ondemand::value value = field.value();
    if (key == "feeder" || key == "feeder_id" || key == "point_id") {
        return read_text(value,
                         key == "feeder"      ? "feeder"
                         : key == "feeder_id" ? "feeder_id"
                                              : "point_id",
                         members.id);
    }
    if (key == "ts" || key == "timestamp" || key == "interval_start") {
        members.start_member = key == "ts" ? "ts" : key == "timestamp" ? "timestamp" : "interval_start";
        return read_text(value, members.start_member, members.start);
    }
    if (key == "kw") {
        return read_number(value, "kw", members);
    }
    if (key == "value") {
        return read_number(value, "value", members);
    }
    // Optional members: null is the same as nothing.
    if (key == "phase" || key == "quantity" || key == "quality" || key == "interval_end" || key == "source" ||
        key == "seq") {
        ondemand::json_type type{};
        if (const simdjson::error_code code = value.type().get(type)) {
            return code == simdjson::TAPE_ERROR ? simdjson::INCORRECT_TYPE : code;
        }
        if (type == ondemand::json_type::null) {
            return simdjson::SUCCESS;
        }
    }
    if (key == "phase") {
        return read_word(value, "phase", grid::parse_phase, members.phase);
    }
    if (key == "quantity") {
        return read_word(value, "quantity", grid::parse_quantity, members.quantity);
    }
    if (key == "quality") {
        return read_word(value, "quality", parse_quality, members.quality);
    }
    if (key == "interval_end") {
        return read_text(value, "interval_end", members.end);
    }
    if (key == "source") {
        return read_text(value, "source", members.source);
    }
    if (key == "seq") {
        const simdjson::error_code code = value.get_uint64().get(members.seq);
        if (code != simdjson::SUCCESS && !is_broken_document(code)) {
            refuse(Quarantine::malformed, "seq", "seq must be a whole number from 0");
        }
        return code;
    }
    return simdjson::SUCCESS;
}

simdjson::error_code JsonDecoder::Reader::read_object(ondemand::object object, Reading& reading) {
    fault_.reset();
    ReadingMembers members;
    for (simdjson::simdjson_result<ondemand::field> entry : object) {
        ondemand::field field;
        if (const simdjson::error_code code = std::move(entry).get(field)) {
            return code;
        }
        const simdjson::error_code code = read_member(field, members);
        if (is_broken_document(code)) {
            return code;
        }
        if (code != simdjson::SUCCESS) {
            refuse(Quarantine::malformed, "", "a member cannot be read");
        }
    }
    if (!fault_) {
        resolve(members, reading);
    }
    return simdjson::SUCCESS;
}

std::optional<UtcTime> JsonDecoder::Reader::time_of(std::string_view text, std::string_view member) {
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

bool JsonDecoder::Reader::resolve_point(const ReadingMembers& members, Reading& reading) {
    const grid::Quantity quantity = members.quantity.value_or(grid::Quantity::p_kw);
    const grid::Phase phase = members.phase.value_or(grid::Phase::sum);
    reading.point = registry_.find(*members.id, quantity, phase);
    if (reading.point != no_point) {
        return true;
    }
    if (!options_.unknown_points_allowed) {
        refuse(Quarantine::unknown_point, "",
               quoted(*members.id) + " with " + std::string(grid::to_string(quantity)) + " on " +
                   std::string(grid::to_string(phase)) + " is no point of this network");
        return false;
    }
    if (!is_valid_id(*members.id)) {
        refuse(Quarantine::malformed, "",
               quoted(*members.id) + " is no id: 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit");
        return false;
    }
    if (registry_.size() >= options_.points_max) {
        refuse(Quarantine::unknown_point, "",
               quoted(*members.id) + " would be one point more than the " +
                   std::to_string(options_.points_max) + " that are kept");
        return false;
    }
    reading.point = registry_.intern({std::string(*members.id), quantity, phase});
    return true;
}

void JsonDecoder::Reader::resolve(const ReadingMembers& members, Reading& reading) {
    if (!members.id) {
        return refuse(Quarantine::malformed, "", "feeder (or feeder_id, point_id) is missing");
    }
    if (!members.start) {
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
    const std::optional<UtcTime> start = time_of(*members.start, members.start_member);
    const std::optional<UtcTime> end = members.end ? time_of(*members.end, "interval_end") : start;
    if (!start || !end) {
        return;
    }
    reading.interval_start = *start;
    reading.interval_end = *end;
    if (const auto reason = check_interval(*start, *end, options_.now, options_.future_tolerance)) {
        return refuse(
            *reason, members.end ? "interval_end" : members.start_member,
            *reason == Quarantine::future
                ? format_utc(*end) + " is ahead of the clock, which says " + format_utc(options_.now)
                : "the interval from " + format_utc(*start) + " to " + format_utc(*end) +
                      " is turned round or longer than 25 hours");
    }
    reading.value = *members.value;
    if (const auto reason = check_value(quantity, reading.value)) {
        return refuse(*reason, members.value_member, explain_value(quantity, reading.value));
    }
    if (!resolve_point(members, reading)) {
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
        reading.source = registry_.intern_source(*members.source);
    }
}

}  // namespace headroom::telemetry
