#pragma once

#include "forecast/ensemble.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace headroom::forecast {

/// The model as text, docs/formats/model.md. The same model gives the same bytes.
[[nodiscard]] std::string write_model(const Ensemble& ensemble);
/// Errors: `unsupported` for another version; `corrupt` when the checksum does not fit, something is missing,
/// a tree leads astray or answers its probe rows otherwise than when it was written. The message says which.
[[nodiscard]] Result<Ensemble> read_model(std::string_view text);

/// Writes beside the file, then renames: a reader sees the old model or the new one. Errors: `unavailable`.
[[nodiscard]] Result<void> save_model(const Ensemble& ensemble, const std::filesystem::path& file);
/// Errors: as `read_model`; `not_found`.
[[nodiscard]] Result<Ensemble> load_model(const std::filesystem::path& file);

}  // namespace headroom::forecast
