#pragma once

#include "telemetry/batch_decoder.hpp"
#include "telemetry/reading.hpp"

#include <span>
#include <string>

namespace headroom::telemetry {

struct EncodeOptions {
    /// Each reading says its source, by the registry's name made an id. Otherwise the receiver's default
    /// stands.
    bool with_source = false;
};

/// Appends the readings as one message in the form asked for (`detect` writes JSON), so that the decoder of
/// that form reads them back to the bit, times to the millisecond. JSON and lines take the short form where
/// it says everything; lines end with a break each. Non-finite values are our own bug.
void encode_batch(std::span<const Reading> readings, const PointRegistry& registry, WireFormat format,
                  const EncodeOptions& options, std::string& out);

/// "2026-11-20T17:00:00Z", with milliseconds where there are any.
void append_time(std::string& out, UtcTime time);

}  // namespace headroom::telemetry
