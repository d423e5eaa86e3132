#pragma once

#include "telemetry/json_decoder.hpp"
#include "telemetry/reading_builder.hpp"
#include "telemetry/usual_batch.hpp"
#include "telemetry/usual_layout.hpp"

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::telemetry {

namespace ondemand = simdjson::ondemand;

/// Whether the text is no JSON from here on; otherwise only a value is not what was asked for.
[[nodiscard]] inline bool is_broken_document(simdjson::error_code code) {
    return code != simdjson::SUCCESS && code != simdjson::INCORRECT_TYPE && code != simdjson::NUMBER_ERROR &&
           code != simdjson::STRING_ERROR && code != simdjson::NUMBER_OUT_OF_RANGE;
}

/// The decoder itself, with the parser and its buffers.
class JsonDecoder::Reader {
  public:
    Reader(PointRegistry& registry, JsonDecoderOptions options)
        : builder_(registry, std::move(options)), parser_(16UL * 1024 * 1024) {}

    Result<void> decode(std::string_view document, std::vector<Reading>& out);
    void feed(std::string_view chunk, std::vector<Reading>& out);
    void finish(std::vector<Reading>& out);
    void reset(UtcTime now);
    void read_generally_only() { is_general_only_ = true; }
    void set_context(const DecodeContext& context) { builder_.set_context(context); }
    [[nodiscard]] const DecodeReport& report() const { return report_; }
    [[nodiscard]] DecodeReport& shared_report() { return report_; }
    [[nodiscard]] ReadingBuilder& builder() { return builder_; }

  private:
    /// One object, or the code of a text that is no JSON. A fault of the reading itself is in the builder.
    simdjson::error_code read_object(ondemand::object object, Reading& reading);
    simdjson::error_code read_member(ondemand::field& field, ReadingMembers& members);
    simdjson::error_code read_text(ondemand::value value, std::string_view member,
                                   std::optional<std::string_view>& out);
    simdjson::error_code read_number(ondemand::value value, std::string_view member, ReadingMembers& members);
    template <class T, class Parse>
    simdjson::error_code read_word(ondemand::value value, std::string_view member, Parse parse,
                                   std::optional<T>& out);
    void refuse(Quarantine reason, std::string_view member, std::string detail) {
        builder_.refuse(reason, member, std::move(detail));
    }

    /// How far the report had come, to go back to when what was told since does not count.
    struct Mark {
        std::uint64_t received = 0;
        std::array<std::uint64_t, quarantine_reasons> quarantined{};
        std::size_t errors = 0;
    };
    [[nodiscard]] Mark mark() const { return {report_.received, report_.quarantined, report_.errors.size()}; }
    void go_back_to(const Mark& mark);

    // json_decoder_usual.cpp
    class UsualText;
    bool decode_usual(std::string_view document, std::vector<Reading>& out);
    bool take_usual(std::string_view document, std::vector<Reading>& out);
    Result<void> decode_generally(std::string_view document, std::vector<Reading>& out);
    simdjson::error_code take_object(ondemand::object object, ReadingPlace place, std::vector<Reading>& out);
    simdjson::error_code take_entries(ondemand::document& parsed, std::vector<Reading>& out);

    /// Whole lines of a text that goes on behind them; all of them are taken.
    void take_lines(std::string_view lines, std::vector<Reading>& out);
    const char* read_line(const char* at, const char* behind);
    void take_line(std::string_view line, std::vector<Reading>& out);
    void take_line_generally(std::string_view line, std::vector<Reading>& out);
    bool refuse_long_line(std::size_t bytes);
    void quarantine_line(ReadingFault fault);
    std::string_view padded(std::string_view text);

    ReadingBuilder builder_;
    ondemand::parser parser_;
    std::vector<char> buffer_;
    DecodeReport report_;
    UsualBatch usual_{builder_, report_};
    UsualLayout document_layout_;  // of the last object that was read without it
    UsualLayout line_layout_;      // likewise: lines have no breaks in them
    bool is_general_only_ = false;

    std::string line_;        // of which the line break has not come yet
    std::string spare_line_;  // a line with something behind it
    bool line_is_too_long_ = false;
    std::uint64_t line_number_ = 1;
};

}  // namespace headroom::telemetry
