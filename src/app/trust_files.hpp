#pragma once

#include "core/csv.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace headroom::app {

/// What a command that works for a while is told about: rows read so far.
using Progress = std::function<void(std::uint64_t)>;

/// Calls `take` with every row of a CSV file, plain or gzip, the header too (it is the first). Ends with the
/// first error, which names the file. Holds one row at a time. Errors: those of the file, of its form, and of
/// `take`.
[[nodiscard]] Result<void> for_each_csv_row(const std::filesystem::path& file,
                                            const std::function<Result<void>(const CsvRow&)>& take,
                                            const Progress& progress);

/// Writes a file whole or not at all: beside its place, then renamed. Errors: `unavailable`, with the file
/// and what the system says.
[[nodiscard]] Result<void> write_whole(const std::filesystem::path& file, std::string_view text);

/// "FILE line N: why"
[[nodiscard]] Error row_error(const std::filesystem::path& file, const CsvRow& row, std::string_view why);

}  // namespace headroom::app
