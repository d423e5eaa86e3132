#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "telemetry/decode_context.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::telemetry {

struct JsonDecoderOptions {
    /// Domain time, against which readings of the future are refused.
    UtcTime now{};
    milliseconds future_tolerance{minutes{2}};
    /// Of readings that do not name theirs.
    std::string source = "http";
    /// Points are made as they are read, at most `points_max` of them.
    bool unknown_points_allowed = false;
    std::size_t points_max = 2'000'000;
};

class ReadingBuilder;

/// An NDJSON line may be this long.
inline constexpr std::size_t line_bytes_max = 64UL * 1024;

/// Reads readings as JSON (docs/formats/readings.md), in the full form or the shorthand `{feeder, ts, kw}`:
/// one object, an array, or NDJSON in chunks of any size. A reading that cannot be taken is quarantined and
/// told in `report`; the others go on. What the reading's members beyond the known ones say is passed over.
///
/// Texts of the usual shape (docs/formats/readings.md) are read by a short cut (`json_usual.hpp`), all others
/// by simdjson on-demand, with the same result for every text. One thread; made once and used again, it keeps
/// its buffers.
class JsonDecoder {
  public:
    JsonDecoder(PointRegistry& registry, JsonDecoderOptions options);
    ~JsonDecoder();
    JsonDecoder(JsonDecoder&&) noexcept;
    JsonDecoder& operator=(JsonDecoder&&) noexcept;

    /// Appends the readings of one document, an object or an array. Errors: `invalid` when the text is no
    /// JSON; nothing is appended then and nothing counted.
    Result<void> decode(std::string_view document, std::vector<Reading>& out,
                        const DecodeContext& context = {});

    /// Appends the readings of the lines that end in this chunk of NDJSON.
    void feed(std::string_view chunk, std::vector<Reading>& out, const DecodeContext& context = {});
    /// Appends the reading of the last line, when it has no line break.
    void finish(std::vector<Reading>& out, const DecodeContext& context = {});

    [[nodiscard]] const DecodeReport& report() const;
    /// For decoders of other forms that share its rules and its report.
    [[nodiscard]] DecodeReport& shared_report();
    [[nodiscard]] ReadingBuilder& builder();
    /// Forgets the report and any half line, and takes a new domain time: for the next body.
    void reset(UtcTime now);
    /// Leaves the short cut for texts of the usual shape alone from now on: to compare with it.
    void read_generally_only();

  private:
    class Reader;
    std::unique_ptr<Reader> reader_;
};

}  // namespace headroom::telemetry
