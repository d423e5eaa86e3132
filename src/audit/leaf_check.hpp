#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string_view>

namespace headroom::audit {

/// What the log itself needs to know of a leaf, without building a JSON tree. The texts lie in the leaf, as
/// they stand between their quotes (escapes are not undone).
struct LeafView {
    std::uint64_t seq = 0;
    UtcTime ts{};
    std::string_view type;
    std::string_view outcome;
    std::string_view corr;  ///< empty when there is none
    std::string_view caus;  ///< empty when there is none
};

/// Checks in one pass, without allocation, that `leaf` is a canonical entry as docs/formats/audit.md has it.
///
/// Shares no code with the writer or with core/json, so that the verifier does not repeat their mistakes;
/// a fuzzer holds them together.
/// Errors: `invalid` with the byte offset.
[[nodiscard]] Result<LeafView> check_leaf(std::string_view leaf);

/// Reads `2026-11-20T16:50:00.000Z`, exactly. Errors: `invalid`.
[[nodiscard]] Result<UtcTime> parse_leaf_time(std::string_view text);

}  // namespace headroom::audit
