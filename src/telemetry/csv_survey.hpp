#pragma once

#include "core/result.hpp"
#include "telemetry/csv_decoder.hpp"
#include "telemetry/data_quality.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

namespace headroom::telemetry {

/// Whether a reader of a file wants more of it.
enum class Going : std::uint8_t { on, stop };

/// Reads the file from front to back and hands over its readings, a few thousand at a time and in the file's
/// order. It ends with the file, when `take` says stop, or with its error, which is answered. The decoder's
/// report and places are the caller's to read. Blocking. Errors: those of `FileReader` and `CsvDecoder`.
[[nodiscard]] Result<void> read_csv_file(
    const std::filesystem::path& file, CsvDecoder& decoder,
    const std::function<Result<Going>(const std::vector<Reading>&)>& take);

/// What has to be known of the whole file before its first reading can be understood.
struct CsvSurvey {
    CsvFormat format = CsvFormat::own;
    CsvOptions options;             ///< with which to decode it
    std::vector<Finding> findings;  ///< kinds "sign" and "quantity"
};

/// Looks through a file. Files whose format settles everything are read up to their header only; the SCADA
/// formats wholly, for the sign of their power and for sites that publish nothing but apparent power.
/// Blocking, bounded memory. Errors: those of `read_csv_file`.
[[nodiscard]] Result<CsvSurvey> survey_csv(const std::filesystem::path& file);

}  // namespace headroom::telemetry
