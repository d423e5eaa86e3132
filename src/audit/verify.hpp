#pragma once

#include "audit/note.hpp"
#include "audit/tree.hpp"
#include "core/json.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace headroom::audit {

/// What a verification found, as the exit code of `headroom audit verify`.
enum class VerifyCode {
    ok = 0,
    mismatch = 1,      ///< a root, hash or content is not what it should be
    usage = 2,         ///< the question was wrong
    signature = 3,     ///< a checkpoint is not signed by the key
    inconsistent = 4,  ///< the log does not extend the older checkpoint
    missing = 5,       ///< something that was committed to is gone
    format = 6,        ///< bytes that the format does not allow
};
[[nodiscard]] std::string_view to_string(VerifyCode code);

struct VerifyRequest {
    std::filesystem::path dir;      ///< `<data>/audit`
    std::vector<VerifierKey> keys;  ///< trusted keys; empty: the directory's own `vkey`, which proves less
    std::optional<std::string> older_note = std::nullopt;  ///< a checkpoint that was kept elsewhere
};

struct VerifyReport {
    VerifyCode code = VerifyCode::ok;
    std::string message;       ///< the first fault, a sentence; empty when ok
    std::string segment;       ///< file in which the first fault is, when it is in one
    std::uint64_t offset = 0;  ///< in that file
    std::uint64_t index = 0;   ///< of the entry at fault, or the next expected
    std::string origin;
    std::uint64_t entries = 0;
    std::uint64_t segments = 0;
    std::uint64_t checkpoints = 0;  ///< that were checked, the older one among them
    Hash root{};
    bool is_sealed = false;
    std::vector<std::string> warnings;
};

/// Checks a log's directory from its bytes alone: every header, record, trailer and leaf, all hashes and
/// roots, every stored checkpoint, and that the log extends the older checkpoint. Never writes, memory grows
/// only with the number of checkpoints; a server may have the log open.
[[nodiscard]] VerifyReport verify(const VerifyRequest& request);

[[nodiscard]] json::Object to_json(const VerifyReport& report);

}  // namespace headroom::audit
