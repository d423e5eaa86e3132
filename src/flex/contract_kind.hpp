#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headroom::flex {

/// framework: terms agreed for later orders. availability: armed ahead, fired by activation. spot: bought to
/// run.
enum class ContractKind : std::uint8_t { framework, availability, spot };
[[nodiscard]] std::string_view to_string(ContractKind kind);
[[nodiscard]] std::optional<ContractKind> parse_contract_kind(std::string_view text);

}  // namespace headroom::flex
