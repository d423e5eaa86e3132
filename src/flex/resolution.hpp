#pragma once

#include <cstdint>

namespace headroom::flex {

/// A whole divisor of `common`: the coarsest of which `most` has at least `steps`, among those that are a
/// digit and a power of ten smaller than `common`; 1 where none is. Of ten times both it is ten times as
/// large, wherever there is one. Preconditions: `most` ≥ 0, `steps` > 0.
[[nodiscard]] std::int64_t coarsest_unit(std::int64_t common, std::int64_t most, std::int64_t steps);

}  // namespace headroom::flex
