#pragma once

#include "core/json.hpp"
#include "core/time.hpp"
#include "telemetry/reading.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace headroom::telemetry {

/// So many faults are told in full; the others are only counted.
inline constexpr std::size_t decode_errors_max = 100;

/// Where a reading could not be taken, and why.
struct DecodeError {
    std::string pointer;     ///< JSON Pointer in a document; empty when it stands in a line
    std::uint64_t line = 0;  ///< from 1, of NDJSON or CSV; 0 in a document
    Quarantine reason = Quarantine::malformed;
    std::string detail;     ///< names the field and the value
    milliseconds ahead{0};  ///< of `future`: so far its end is ahead of the clock
};

/// What became of the readings of one body or file while they were decoded.
struct DecodeReport {
    std::uint64_t received = 0;  ///< elements, lines or cells that should be readings
    std::array<std::uint64_t, quarantine_reasons> quarantined{};
    std::vector<DecodeError> errors;  ///< the first `decode_errors_max`

    void quarantine(DecodeError error);
    [[nodiscard]] std::uint64_t quarantined_total() const;
};

/// `{reason: n}` of the reasons that occurred.
[[nodiscard]] json::Object quarantined_json(std::span<const std::uint64_t, quarantine_reasons> counts);

/// What was done with the readings that could be decoded.
struct IngestTotals {
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t conflicts = 0;
    std::array<std::uint64_t, quarantine_reasons> quarantined{};
};

/// The answer to a sender: `{received, accepted, duplicates, conflicts, quarantined:{reason:n},
/// errors:[{pointer|line, reason, detail}]}`.
[[nodiscard]] json::Object receipt_json(const DecodeReport& report, const IngestTotals& totals);

}  // namespace headroom::telemetry
