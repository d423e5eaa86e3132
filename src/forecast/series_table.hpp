#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace headroom::forecast {

/// Reads times, Unix seconds; a text that was read before is only looked up.
class TableTimes {
  public:
    /// Errors: `invalid`, a sentence with the text.
    [[nodiscard]] Result<std::int64_t> read(std::string_view text);

  private:
    std::unordered_map<std::string, std::int64_t> known_;
    std::string key_;
};

using TakeFields = std::function<Result<void>(std::span<const std::string_view>)>;

/// Reads a CSV file, plain or gzip, with a heading: `header` is given its names, `row` every other row with
/// as many fields. Errors: those of the file; what `header` and `row` answer, with file and line in front;
/// `invalid` for a file without a heading or a row of another width.
[[nodiscard]] Result<void> read_table(const std::filesystem::path& file, const TakeFields& header,
                                      const TakeFields& row);

}  // namespace headroom::forecast
