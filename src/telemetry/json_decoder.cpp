#include "telemetry/json_decoder.hpp"

#include "core/json.hpp"
#include "telemetry/json_reader.hpp"
#include "telemetry/validate.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace headroom::telemetry {
namespace {

/// simdjson reads up to this many bytes behind the text, and the short cut.
constexpr std::size_t padding = std::max<std::size_t>(simdjson::SIMDJSON_PADDING, usual_padding);
constexpr std::size_t nesting_max = 32;

}  // namespace

std::string_view JsonDecoder::Reader::padded(std::string_view text) {
    // What the short cut may look at without using it needs only be there.
    const std::size_t wanted = text.size() + padding + UsualLayout::reach_max;
    if (buffer_.size() < wanted) {
        buffer_.resize(wanted + text.size() / 2);
    }
    std::memcpy(buffer_.data(), text.data(), text.size());
    std::memset(buffer_.data() + text.size(), 0, padding);
    return {buffer_.data(), text.size()};
}

void JsonDecoder::Reader::go_back_to(const Mark& mark) {
    report_.received = mark.received;
    report_.quarantined = mark.quarantined;
    report_.errors.resize(std::min(report_.errors.size(), mark.errors));
}

Result<void> JsonDecoder::Reader::decode(std::string_view document, std::vector<Reading>& out) {
    if (!is_general_only_ && document.size() <= parser_.max_capacity() && decode_usual(document, out)) {
        return {};
    }
    return decode_generally(document, out);
}

simdjson::error_code JsonDecoder::Reader::take_object(ondemand::object object, ReadingPlace place,
                                                      std::vector<Reading>& out) {
    Reading reading;
    if (const simdjson::error_code code = read_object(object, reading)) {
        return code;
    }
    report_.received += 1;
    if (builder_.fault()) {
        report_.quarantine(error_at(place, std::move(*builder_.fault())));
    } else {
        out.push_back(reading);
    }
    return simdjson::SUCCESS;
}

simdjson::error_code JsonDecoder::Reader::take_entries(ondemand::document& parsed,
                                                       std::vector<Reading>& out) {
    ondemand::array array;
    if (const simdjson::error_code code = parsed.get_array().get(array)) {
        return code;
    }
    ReadingPlace place{.kind = ReadingPlace::Kind::entry};
    for (simdjson::simdjson_result<ondemand::value> entry : array) {
        ondemand::value value;
        if (const simdjson::error_code code = std::move(entry).get(value)) {
            return code;
        }
        ondemand::object object;
        const simdjson::error_code code = value.get_object().get(object);
        if (is_broken_document(code)) {
            return code;
        }
        if (code != simdjson::SUCCESS) {
            report_.received += 1;
            report_.quarantine(error_at(place, {Quarantine::malformed, "", "a reading must be an object"}));
        } else if (const simdjson::error_code fault = take_object(object, place, out)) {
            return fault;
        }
        place.number += 1;
    }
    return simdjson::SUCCESS;
}

Result<void> JsonDecoder::Reader::decode_generally(std::string_view document, std::vector<Reading>& out) {
    const std::string_view text = padded(document);
    const std::size_t out_before = out.size();
    const Mark report_before = mark();
    const auto fail = [&]() -> Result<void> {
        out.resize(out_before);
        go_back_to(report_before);
        // The fast reader does not say where; the strict one does, and it refuses more.
        const Result<json::Value> strict =
            json::parse(document, json::ParseLimits{.bytes = document.size(), .depth = nesting_max});
        return strict ? Error{Errc::invalid, "the text is not one JSON object or array"} : strict.error();
    };
    ondemand::document parsed;
    ondemand::json_type type{};
    if (document.empty() ||
        parser_.iterate(text.data(), text.size(), buffer_.size()).get(parsed) != simdjson::SUCCESS ||
        parsed.type().get(type) != simdjson::SUCCESS) {
        return fail();
    }
    if (type == ondemand::json_type::object) {
        ondemand::object object;
        if (parsed.get_object().get(object) != simdjson::SUCCESS ||
            take_object(object, {}, out) != simdjson::SUCCESS) {
            return fail();
        }
    } else if (type != ondemand::json_type::array || take_entries(parsed, out) != simdjson::SUCCESS) {
        return fail();
    }
    // Anything behind the document makes it none.
    return parsed.current_location().error() == simdjson::OUT_OF_BOUNDS ? Result<void>() : fail();
}

void JsonDecoder::Reader::quarantine_line(ReadingFault fault) {
    report_.quarantine({.pointer = "",
                        .line = line_number_,
                        .reason = fault.reason,
                        .detail = std::move(fault.detail),
                        .ahead = fault.ahead});
}

/// True when the line at hand was too long and is told so.
bool JsonDecoder::Reader::refuse_long_line(std::size_t bytes) {
    if (bytes <= line_bytes_max) {
        return false;
    }
    report_.received += 1;
    quarantine_line(
        {Quarantine::malformed, "", "the line is longer than " + std::to_string(line_bytes_max) + " bytes"});
    return true;
}

void JsonDecoder::Reader::take_line_generally(std::string_view line, std::vector<Reading>& out) {
    if (refuse_long_line(line.size()) || line.find_first_not_of(" \t\r") == std::string_view::npos) {
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
    if (builder_.fault()) {
        return quarantine_line(std::move(*builder_.fault()));
    }
    out.push_back(reading);
}

/// The object at the begin of a line; null when it is not usual. There is something behind `behind`.
const char* JsonDecoder::Reader::read_line(const char* at, const char* behind) {
    UsualReading& out = usual_.next();
    const bool has_room = behind - at + static_cast<std::ptrdiff_t>(usual_padding) >=
                          static_cast<std::ptrdiff_t>(line_layout_.reach());
    if (line_layout_.is_known() && has_room) {
        if (const char* const end = line_layout_.read(at, out)) {
            return end;
        }
    }
    const char* const end = read_usual_object(at, Blank::no_break, out);
    if (end != nullptr) {
        line_layout_.learn(at, Blank::no_break);
    }
    return end;
}

void JsonDecoder::Reader::take_lines(std::string_view lines, std::vector<Reading>& out) {
    const char* at = lines.data();
    const char* const behind = at + lines.size();
    const auto skip_blank = [](const char* from) {
        while (*from == ' ' || *from == '\t' || *from == '\r') {
            ++from;
        }
        return from;
    };
    for (; at != behind; ++line_number_) {
        const char* end = is_general_only_ ? nullptr : read_line(skip_blank(at), behind);
        if (end != nullptr && *(end = skip_blank(end)) == '\n' &&
            end - at <= static_cast<std::ptrdiff_t>(line_bytes_max)) {
            report_.received += 1;
            usual_.take({ReadingPlace::Kind::line, line_number_}, out);
        } else {
            usual_.drain(out);
            end = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(behind - at)));
            take_line_generally({at, static_cast<std::size_t>(end - at)}, out);
        }
        at = end + 1;
    }
    usual_.drain(out);
}

/// One line without its break, with nothing known of what lies behind it.
void JsonDecoder::Reader::take_line(std::string_view line, std::vector<Reading>& out) {
    spare_line_.assign(line);
    spare_line_ += '\n';
    const std::size_t size = spare_line_.size();
    spare_line_.append(usual_padding, '\0');
    take_lines(std::string_view(spare_line_).substr(0, size), out);
}

void JsonDecoder::Reader::feed(std::string_view chunk, std::vector<Reading>& out) {
    while (!chunk.empty()) {
        if (line_.empty() && !line_is_too_long_ && chunk.size() > usual_padding) {
            // Lines are read where they are as long as enough text lies behind them.
            const std::size_t last = chunk.rfind('\n', chunk.size() - usual_padding - 1);
            if (last != std::string_view::npos) {
                take_lines(chunk.substr(0, last + 1), out);
                chunk.remove_prefix(last + 1);
                continue;
            }
        }
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
            static_cast<void>(refuse_long_line(line_bytes_max + 1));
            line_number_ += 1;
        } else if (line_.empty()) {
            take_line(part, out);
        } else {
            line_.append(part);
            take_line(line_, out);
        }
        line_.clear();
        line_is_too_long_ = false;
        chunk.remove_prefix(end + 1);
    }
}

void JsonDecoder::Reader::finish(std::vector<Reading>& out) {
    if (!line_.empty() || line_is_too_long_) {
        feed("\n", out);
    }
}

void JsonDecoder::Reader::reset(UtcTime now) {
    builder_.set_now(now);
    report_ = {};
    line_.clear();
    line_is_too_long_ = false;
    line_number_ = 1;
}

void JsonDecoder::read_generally_only() {
    reader_->read_generally_only();
}

JsonDecoder::JsonDecoder(PointRegistry& registry, JsonDecoderOptions options)
    : reader_(std::make_unique<Reader>(registry, std::move(options))) {}
JsonDecoder::~JsonDecoder() = default;
JsonDecoder::JsonDecoder(JsonDecoder&&) noexcept = default;
JsonDecoder& JsonDecoder::operator=(JsonDecoder&&) noexcept = default;

Result<void> JsonDecoder::decode(std::string_view document, std::vector<Reading>& out,
                                 const DecodeContext& context) {
    reader_->set_context(context);
    return reader_->decode(document, out);
}
void JsonDecoder::feed(std::string_view chunk, std::vector<Reading>& out, const DecodeContext& context) {
    reader_->set_context(context);
    reader_->feed(chunk, out);
}
void JsonDecoder::finish(std::vector<Reading>& out, const DecodeContext& context) {
    reader_->set_context(context);
    reader_->finish(out);
}
const DecodeReport& JsonDecoder::report() const {
    return reader_->report();
}
DecodeReport& JsonDecoder::shared_report() {
    return reader_->shared_report();
}
ReadingBuilder& JsonDecoder::builder() {
    return reader_->builder();
}
void JsonDecoder::reset(UtcTime now) {
    reader_->reset(now);
}

}  // namespace headroom::telemetry
