#include "trust/verdict.hpp"

#include <array>

namespace headroom::trust {

std::string_view to_string(Doubt doubt) {
    constexpr std::array<std::string_view, doubt_count> words{
        "none", "range", "stuck", "spike", "gap", "duplicate", "conflict", "late", "sign", "balance"};
    return words[static_cast<std::size_t>(doubt)];
}

}  // namespace headroom::trust
