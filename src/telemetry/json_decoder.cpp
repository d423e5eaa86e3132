#include "telemetry/json_decoder.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"
#include "telemetry/validate.hpp"

#include <simdjson.h>

#include <cstring>
#include <optional>
#include <utility>

namespace headroom::telemetry {
namespace {

namespace ondemand = simdjson::ondemand;

/// simdjson reads up to this many bytes behind the text.
constexpr std::size_t padding = simdjson::SIMDJSON_PADDING;
constexpr std::size_t nesting_max = 32;

/// Why a reading is not taken: the member it is about, and a sentence.
struct Fault {
    Quarantine reason = Quarantine::malformed;
    std::string_view member;  // a literal; empty for the reading as a whole
    std::string detail;
};

/// The members of a reading as they stood in the text.
struct Members {
    std::optional<std::string_view> id;
    std::optional<std::string_view> start;
    std::optional<std::string_view> end;
    std::optional<std::string_view> source;
    std::optional<grid::Quantity> quantity;
    std::optional<grid::Phase> phase;
    std::optional<Quality> quality;
    std::optional<double> value;
    std::uint64_t seq = 0;
    std::string_view value_member = "value";
    std::string_view start_member = "interval_start";
};

std::string_view token_of(ondemand::value& value) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) {
        token.remove_suffix(1);
    }
    return token;
}

bool is_broken_document(simdjson::error_code code) {
    return code != simdjson::SUCCESS && code != simdjson::INCORRECT_TYPE && code != simdjson::NUMBER_ERROR &&
           code != simdjson::STRING_ERROR && code != simdjson::NUMBER_OUT_OF_RANGE;
}

}  // namespace

class JsonDecoder::Reader {
  public:
    Reader(PointRegistry& registry, JsonDecoderOptions options)
        : registry_(registry),
          options_(std::move(options)),
          default_source_(registry.intern_source(options_.source)),
          parser_(16UL * 1024 * 1024) {}

    Result<void> decode(std::string_view document, std::vector<Reading>& out);
    void feed(std::string_view chunk, std::vector<Reading>& out);
    void finish(std::vector<Reading>& out);
    void reset(UtcTime now);
    [[nodiscard]] const DecodeReport& report() const { return report_; }

  private:
    /// One object, or the code of a text that is no JSON. A fault of the reading itself is in `fault_`.
    simdjson::error_code read_object(ondemand::object object, Reading& reading);
    simdjson::error_code read_member(ondemand::field& field, Members& members);
    simdjson::error_code read_text(ondemand::value value, std::string_view member,
                                   std::optional<std::string_view>& out);
    simdjson::error_code read_number(ondemand::value value, std::string_view member, Members& members);
    template <class T, class Parse>
    simdjson::error_code read_word(ondemand::value value, std::string_view member, Parse parse,
                                   std::optional<T>& out);
    void resolve(const Members& members, Reading& reading);
    bool resolve_point(const Members& members, Reading& reading);
    std::optional<UtcTime> time_of(std::string_view text, std::string_view member);
    void refuse(Quarantine reason, std::string_view member, std::string detail);

    void take_line(std::string_view line, std::vector<Reading>& out);
    void quarantine_line(Fault fault);
    std::string_view padded(std::string_view text);

    PointRegistry& registry_;
    JsonDecoderOptions options_;
    std::uint16_t default_source_;
    ondemand::parser parser_;
    std::vector<char> buffer_;
    DecodeReport report_;
    std::optional<Fault> fault_;  // of the reading at hand

    std::string line_;  // of which the line break has not come yet
    bool line_is_too_long_ = false;
    std::uint64_t line_number_ = 1;
    std::string last_time_text_;  // neighbours share their time
    UtcTime last_time_{};
};

void JsonDecoder::Reader::refuse(Quarantine reason, std::string_view member, std::string detail) {
    if (!fault_) {
        fault_ = Fault{reason, member, std::move(detail)};
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
                                                      Members& members) {
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

simdjson::error_code JsonDecoder::Reader::read_member(ondemand::field& field, Members& members) {
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
    Members members;
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

bool JsonDecoder::Reader::resolve_point(const Members& members, Reading& reading) {
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

void JsonDecoder::Reader::resolve(const Members& members, Reading& reading) {
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

std::string_view JsonDecoder::Reader::padded(std::string_view text) {
    if (buffer_.size() < text.size() + padding) {
        buffer_.resize(text.size() + text.size() / 2 + padding);
    }
    std::memcpy(buffer_.data(), text.data(), text.size());
    std::memset(buffer_.data() + text.size(), 0, padding);
    return {buffer_.data(), text.size()};
}

Result<void> JsonDecoder::Reader::decode(std::string_view document, std::vector<Reading>& out) {
    const std::size_t out_before = out.size();
    const DecodeReport report_before = report_;
    const auto fail = [&]() -> Result<void> {
        out.resize(out_before);
        report_ = report_before;
        // The fast reader does not say where; the strict one does, and it refuses more.
        const Result<json::Value> strict =
            json::parse(document, json::ParseLimits{.bytes = document.size(), .depth = nesting_max});
        return strict ? Error{Errc::invalid, "the text is not one JSON object or array"} : strict.error();
    };
    if (document.empty()) {
        return fail();
    }
    const std::string_view text = padded(document);
    ondemand::document parsed;
    if (parser_.iterate(text.data(), text.size(), buffer_.size()).get(parsed) != simdjson::SUCCESS) {
        return fail();
    }
    const auto take = [&](ondemand::object object, std::optional<std::uint64_t> index) {
        Reading reading;
        const simdjson::error_code code = read_object(object, reading);
        if (code != simdjson::SUCCESS) {
            return code;
        }
        report_.received += 1;
        if (!fault_) {
            out.push_back(reading);
        } else {
            std::string at = index ? "/" + std::to_string(*index) : "";
            if (!fault_->member.empty()) {
                at += '/';
                at += fault_->member;
            }
            report_.quarantine({.pointer = std::move(at),
                                .line = 0,
                                .reason = fault_->reason,
                                .detail = std::move(fault_->detail)});
        }
        return simdjson::SUCCESS;
    };
    ondemand::json_type type{};
    if (parsed.type().get(type) != simdjson::SUCCESS) {
        return fail();
    }
    if (type == ondemand::json_type::object) {
        ondemand::object object;
        if (parsed.get_object().get(object) != simdjson::SUCCESS ||
            take(object, std::nullopt) != simdjson::SUCCESS) {
            return fail();
        }
    } else if (type == ondemand::json_type::array) {
        ondemand::array array;
        if (parsed.get_array().get(array) != simdjson::SUCCESS) {
            return fail();
        }
        std::uint64_t index = 0;
        for (simdjson::simdjson_result<ondemand::value> entry : array) {
            ondemand::value value;
            if (std::move(entry).get(value) != simdjson::SUCCESS) {
                return fail();
            }
            ondemand::object object;
            const simdjson::error_code code = value.get_object().get(object);
            if (is_broken_document(code)) {
                return fail();
            }
            if (code != simdjson::SUCCESS) {
                report_.received += 1;
                report_.quarantine({.pointer = "/" + std::to_string(index),
                                    .line = 0,
                                    .reason = Quarantine::malformed,
                                    .detail = "a reading must be an object"});
            } else if (take(object, index) != simdjson::SUCCESS) {
                return fail();
            }
            index += 1;
        }
    } else {
        return fail();
    }
    // Anything behind the document makes it none.
    return parsed.current_location().error() == simdjson::OUT_OF_BOUNDS ? Result<void>() : fail();
}

void JsonDecoder::Reader::quarantine_line(Fault fault) {
    report_.quarantine(
        {.pointer = "", .line = line_number_, .reason = fault.reason, .detail = std::move(fault.detail)});
}

void JsonDecoder::Reader::take_line(std::string_view line, std::vector<Reading>& out) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
        return;
    }
    report_.received += 1;
    const std::string_view text = padded(line);
    ondemand::document parsed;
    ondemand::object object;
    Reading reading;
    if (parser_.iterate(text.data(), text.size(), buffer_.size()).get(parsed) != simdjson::SUCCESS ||
        parsed.get_object().get(object) != simdjson::SUCCESS ||
        read_object(object, reading) != simdjson::SUCCESS ||
        parsed.current_location().error() != simdjson::OUT_OF_BOUNDS) {
        return quarantine_line(
            {Quarantine::malformed, "", "the line is not one JSON object: " + quoted(line)});
    }
    if (fault_) {
        return quarantine_line(std::move(*fault_));
    }
    out.push_back(reading);
}

void JsonDecoder::Reader::feed(std::string_view chunk, std::vector<Reading>& out) {
    while (!chunk.empty()) {
        const std::size_t end = chunk.find('\n');
        const std::string_view part = chunk.substr(0, end);
        if (line_.size() + part.size() > line_bytes_max) {
            line_is_too_long_ = true;
            line_.clear();
        }
        if (end == std::string_view::npos) {
            if (!line_is_too_long_) {
                line_.append(part);
            }
            return;
        }
        if (line_is_too_long_) {
            report_.received += 1;
            quarantine_line({Quarantine::malformed, "",
                             "the line is longer than " + std::to_string(line_bytes_max) + " bytes"});
        } else if (line_.empty()) {
            take_line(part, out);
        } else {
            line_.append(part);
            take_line(line_, out);
        }
        line_.clear();
        line_is_too_long_ = false;
        line_number_ += 1;
        chunk.remove_prefix(end + 1);
    }
}

void JsonDecoder::Reader::finish(std::vector<Reading>& out) {
    if (!line_.empty() || line_is_too_long_) {
        feed("\n", out);
    }
}

void JsonDecoder::Reader::reset(UtcTime now) {
    options_.now = now;
    report_ = {};
    line_.clear();
    line_is_too_long_ = false;
    line_number_ = 1;
}

JsonDecoder::JsonDecoder(PointRegistry& registry, JsonDecoderOptions options)
    : reader_(std::make_unique<Reader>(registry, std::move(options))) {}
JsonDecoder::~JsonDecoder() = default;
JsonDecoder::JsonDecoder(JsonDecoder&&) noexcept = default;
JsonDecoder& JsonDecoder::operator=(JsonDecoder&&) noexcept = default;

Result<void> JsonDecoder::decode(std::string_view document, std::vector<Reading>& out) {
    return reader_->decode(document, out);
}
void JsonDecoder::feed(std::string_view chunk, std::vector<Reading>& out) {
    reader_->feed(chunk, out);
}
void JsonDecoder::finish(std::vector<Reading>& out) {
    reader_->finish(out);
}
const DecodeReport& JsonDecoder::report() const {
    return reader_->report();
}
void JsonDecoder::reset(UtcTime now) {
    reader_->reset(now);
}

}  // namespace headroom::telemetry
