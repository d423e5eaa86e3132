#include "telemetry/json_decoder.hpp"

#include "core/json.hpp"
#include "telemetry/json_reader.hpp"
#include "telemetry/validate.hpp"

#include <cstring>
#include <optional>
#include <utility>

namespace headroom::telemetry {
namespace {

/// simdjson reads up to this many bytes behind the text.
constexpr std::size_t padding = simdjson::SIMDJSON_PADDING;
constexpr std::size_t nesting_max = 32;

}  // namespace

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
        if (std::optional<ReadingFault>& fault = builder_.fault()) {
            std::string at = index ? "/" + std::to_string(*index) : "";
            if (!fault->member.empty()) {
                at += '/';
                at += fault->member;
            }
            report_.quarantine({.pointer = std::move(at),
                                .line = 0,
                                .reason = fault->reason,
                                .detail = std::move(fault->detail)});
        } else {
            out.push_back(reading);
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

void JsonDecoder::Reader::quarantine_line(ReadingFault fault) {
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
    if (builder_.fault()) {
        return quarantine_line(std::move(*builder_.fault()));
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
    builder_.set_now(now);
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
void JsonDecoder::reset(UtcTime now) {
    reader_->reset(now);
}

}  // namespace headroom::telemetry
