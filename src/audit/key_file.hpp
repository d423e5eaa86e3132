#pragma once

#include "core/digest.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace headroom::audit {

/// The signing key in `path` (the seed as 64 hexadecimal digits and a newline); a new one, mode 0600, when
/// there is no such file. Errors: `denied` when group or others may use the file, with the remedy; `invalid`
/// for another content; `unavailable` when the disk fails.
[[nodiscard]] Result<Ed25519KeyPair> load_or_create_key(const std::filesystem::path& path);

}  // namespace headroom::audit
