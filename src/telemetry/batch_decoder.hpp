#pragma once

#include "core/result.hpp"
#include "telemetry/decode_context.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/json_decoder.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace headroom::telemetry {

/// How the readings of a message are written (docs/formats/readings.md).
enum class WireFormat : std::uint8_t { detect, json, ndjson, binary };

/// Reads whole messages of a broker or a body: whatever form they have, out come readings.
///
/// One thread; made once and used again, it keeps its buffers.
class BatchDecoder {
  public:
    BatchDecoder(PointRegistry& registry, JsonDecoderOptions options);

    /// Appends the readings of one message. `detect` goes by its first bytes. A reading that cannot be taken
    /// is quarantined and told in `report`; the others go on. Errors: `invalid` when the message as a whole
    /// cannot be read; nothing of it is appended or counted.
    Result<void> decode(std::string_view payload, WireFormat format, const DecodeContext& context,
                        std::vector<Reading>& out);

    /// Of all messages since `reset`.
    [[nodiscard]] const DecodeReport& report() const { return json_.report(); }
    /// Forgets the report and takes a new domain time.
    void reset(UtcTime now) { json_.reset(now); }

  private:
    JsonDecoder json_;
};

/// The form of a message by its first bytes.
[[nodiscard]] WireFormat detect_format(std::string_view payload);

}  // namespace headroom::telemetry
