#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// Columns of numbers without a gap, all of one length.
struct EvenTable {
    std::vector<std::string> names;
    std::vector<std::vector<double>> columns;
    [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
};
/// Reads a table whose first column is a time and whose others are numbers in every row, as the ETT files
/// are. Errors: those of the file; `invalid` naming line and column.
[[nodiscard]] Result<EvenTable> read_even_table(const std::filesystem::path& file);

/// How a table is cut for the long-horizon comparison. Defaults: ETT hourly, 12, 4 and 4 months of 30 days.
struct WindowProtocol {
    std::size_t train_rows = 8640;
    std::size_t watched_rows = 2880;
    std::size_t test_rows = 2880;
    std::size_t look_back = 336;
    std::size_t horizon = 96;
};

struct WindowScore {
    double mse = 0.0;  ///< over all windows of the test, all steps, all columns, on z-scored values
    double mae = 0.0;
    double watched_mse = 0.0;  ///< on the validation rows, of the penalty that was chosen there
    double penalty = 0.0;      ///< of the mean square of a look-back's value
};

/// A direct linear forecast of the whole horizon from the look-back, the last value subtracted: one ridge
/// regression in closed form over all columns. Its penalty is chosen on the validation rows, the model is
/// from the training rows alone. Windows slide by one; values are z-scored by the training rows. The windows'
/// products are summed along diagonals, so that no window is ever laid out for the fit. Errors: `invalid`
/// when the table is shorter than the protocol, a part is shorter than a window, or a value is not finite.
/// Source: protocol of Zhou et al., Informer (2021); last value subtracted after Zeng et al., NLinear (2023).
[[nodiscard]] Result<WindowScore> score_windows(const EvenTable& table, const WindowProtocol& protocol);

/// Sums of w wᵀ over all windows w of `size` values that slide by one over `values`: `size` × `size`, lower
/// triangle. Precondition: values.size() ≥ size.
[[nodiscard]] std::vector<double> window_products(std::span<const double> values, std::size_t size);

}  // namespace headroom::forecast
