#include "telemetry/decode_report.hpp"

#include <utility>

namespace headroom::telemetry {

void DecodeReport::quarantine(DecodeError error) {
    quarantined[static_cast<std::size_t>(error.reason)] += 1;
    if (errors.size() < decode_errors_max) {
        errors.push_back(std::move(error));
    }
}

std::uint64_t DecodeReport::quarantined_total() const {
    std::uint64_t total = 0;
    for (const std::uint64_t count : quarantined) {
        total += count;
    }
    return total;
}

json::Object quarantined_json(std::span<const std::uint64_t, quarantine_reasons> counts) {
    json::Object object;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) {
            object.set(std::string(to_string(static_cast<Quarantine>(i))), counts[i]);
        }
    }
    return object;
}

json::Object receipt_json(const DecodeReport& report, const IngestTotals& totals) {
    std::array<std::uint64_t, quarantine_reasons> quarantined = report.quarantined;
    for (std::size_t i = 0; i < quarantined.size(); ++i) {
        quarantined[i] += totals.quarantined[i];
    }
    json::Array errors;
    for (const DecodeError& error : report.errors) {
        json::Object entry;
        if (error.line > 0) {
            entry.set("line", error.line);
        } else {
            entry.set("pointer", error.pointer);
        }
        entry.set("reason", to_string(error.reason));
        entry.set("detail", error.detail);
        errors.emplace_back(std::move(entry));
    }
    return json::Object{{"received", report.received},
                        {"accepted", totals.accepted},
                        {"duplicates", totals.duplicates},
                        {"conflicts", totals.conflicts},
                        {"quarantined", quarantined_json(quarantined)},
                        {"errors", std::move(errors)}};
}

}  // namespace headroom::telemetry
