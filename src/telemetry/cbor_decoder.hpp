#pragma once

#include "core/result.hpp"
#include "telemetry/cbor_reader.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/reading_builder.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::telemetry {

/// Reads readings as CBOR (docs/formats/readings.md): a map or an array of maps with the members of the JSON
/// forms, of known or unknown length. Times are text, or numbers under tag 1. One thread.
class CborDecoder {
  public:
    CborDecoder(ReadingBuilder& builder, DecodeReport& report) : builder_(builder), report_(report) {}

    /// Appends the readings of one document. Errors: `invalid` when it is not well-formed, no map or array,
    /// or followed by something; nothing is appended then and nothing counted.
    Result<void> decode(std::string_view document, std::vector<Reading>& out);

  private:
    void read_entries(CborReader& reader, const CborReader::Head& head, std::vector<Reading>& out);
    void read_map(CborReader& reader, const CborReader::Head& head, ReadingPlace place,
                  std::vector<Reading>& out);
    void read_member(CborReader& reader, std::string_view name, ReadingMembers& members);
    void read_optional_member(CborReader& reader, std::string_view name, ReadingMembers& members);
    void read_time(CborReader& reader, std::string_view member, std::string& room,
                   std::optional<std::string_view>& text, std::optional<UtcTime>& time);
    void read_text(CborReader& reader, std::string_view member, std::string& room,
                   std::optional<std::string_view>& out);
    template <class T, class Parse>
    void read_word(CborReader& reader, std::string_view member, Parse parse, std::optional<T>& out);

    ReadingBuilder& builder_;
    DecodeReport& report_;
    struct Rooms {
        std::string name, id, start, end, source, word;
    };
    Rooms rooms_;  // of texts that came in pieces
};

}  // namespace headroom::telemetry
