#pragma once

#include "core/digest.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace headroom::audit {

/// The signing key in `path` (the seed as 64 hexadecimal digits and a newline); a new one, mode 0600, when
/// there is no such file. Errors: `denied` when group or others may use the file, with the remedy; `invalid`
/// for another content; `unavailable` when the disk fails.
[[nodiscard]] Result<Ed25519KeyPair> load_or_create_key(const std::filesystem::path& path);

/// Keeps a key that came from elsewhere in `path`, as `load_or_create_key` keeps its own. A file that holds
/// it already is left alone. Errors: `conflict` when another key is there; else as above.
[[nodiscard]] Result<void> keep_key(const std::filesystem::path& path, const Ed25519KeyPair& key);

}  // namespace headroom::audit
