#pragma once

#include "telemetry/json_decoder.hpp"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::telemetry {

namespace ondemand = simdjson::ondemand;

/// Why a reading is not taken: the member it is about, and a sentence.
struct ReadingFault {
    Quarantine reason = Quarantine::malformed;
    std::string_view member;  // a literal; empty for the reading as a whole
    std::string detail;
};

/// The members of a reading as they stood in the text.
struct ReadingMembers {
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

/// Whether the text is no JSON from here on; otherwise only a value is not what was asked for.
[[nodiscard]] inline bool is_broken_document(simdjson::error_code code) {
    return code != simdjson::SUCCESS && code != simdjson::INCORRECT_TYPE && code != simdjson::NUMBER_ERROR &&
           code != simdjson::STRING_ERROR && code != simdjson::NUMBER_OUT_OF_RANGE;
}

/// The decoder itself, with the parser and its buffers.
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
    simdjson::error_code read_member(ondemand::field& field, ReadingMembers& members);
    simdjson::error_code read_text(ondemand::value value, std::string_view member,
                                   std::optional<std::string_view>& out);
    simdjson::error_code read_number(ondemand::value value, std::string_view member, ReadingMembers& members);
    template <class T, class Parse>
    simdjson::error_code read_word(ondemand::value value, std::string_view member, Parse parse,
                                   std::optional<T>& out);
    void resolve(const ReadingMembers& members, Reading& reading);
    bool resolve_point(const ReadingMembers& members, Reading& reading);
    std::optional<UtcTime> time_of(std::string_view text, std::string_view member);
    void refuse(Quarantine reason, std::string_view member, std::string detail);

    void take_line(std::string_view line, std::vector<Reading>& out);
    void quarantine_line(ReadingFault fault);
    std::string_view padded(std::string_view text);

    PointRegistry& registry_;
    JsonDecoderOptions options_;
    std::uint16_t default_source_;
    ondemand::parser parser_;
    std::vector<char> buffer_;
    DecodeReport report_;
    std::optional<ReadingFault> fault_;  // of the reading at hand

    std::string line_;  // of which the line break has not come yet
    bool line_is_too_long_ = false;
    std::uint64_t line_number_ = 1;
    std::string last_time_text_;  // neighbours share their time
    UtcTime last_time_{};
};

}  // namespace headroom::telemetry
