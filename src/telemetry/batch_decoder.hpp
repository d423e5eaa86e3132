#pragma once

#include "core/result.hpp"
#include "telemetry/cbor_decoder.hpp"
#include "telemetry/decode_context.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/json_decoder.hpp"
#include "telemetry/reading.hpp"
#include "telemetry/wire_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::telemetry {

/// How the readings of a message are written (docs/formats/readings.md).
enum class WireFormat : std::uint8_t { detect, json, ndjson, binary, cbor };

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
    void reset(UtcTime now) {
        json_.reset(now);
        held_.clear();
    }

    // Bodies that come in pieces.
    /// The time goes on while a body comes.
    void set_now(UtcTime now);
    /// Appends the readings that are complete with this piece of lines or of compact batches; other forms are
    /// kept until `finish`, up to `document_bytes_max`.
    /// Errors: `invalid` as for `decode`, also for a document that is too long; what came out before stands.
    Result<void> feed(std::string_view piece, WireFormat format, std::vector<Reading>& out);
    Result<void> finish(WireFormat format, std::vector<Reading>& out);
    static constexpr std::size_t document_bytes_max = 16UL * 1024 * 1024;
    /// Bytes kept for what is not complete yet.
    [[nodiscard]] std::size_t held_bytes() const { return held_.size(); }

  private:
    Result<void> feed_batches(std::vector<Reading>& out);

    JsonDecoder json_;
    WireBatchDecoder binary_{json_.builder(), json_.shared_report()};
    CborDecoder cbor_{json_.builder(), json_.shared_report()};
    std::string held_;
};

/// The form of a message by its first bytes.
[[nodiscard]] WireFormat detect_format(std::string_view payload);

}  // namespace headroom::telemetry
