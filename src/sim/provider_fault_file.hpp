#pragma once

#include "core/result.hpp"
#include "sim/catalogue.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::sim {

/// One rule of a fault file and whom it is about.
struct ListedFault {
    std::string provider;  ///< empty: every one
    FaultRule rule;
    bool operator==(const ListedFault&) const = default;
};

/// What goes wrong in a run (docs/formats/beckn-provider.md).
struct FaultFile {
    std::optional<std::uint64_t> seed;
    FaultSizes sizes;
    std::vector<ListedFault> faults;
    bool operator==(const FaultFile&) const = default;
};

/// Reads a fault file; `file` is what faults call the text. Pure.
/// Errors: `invalid`, one line per fault, with the file's line and the key.
[[nodiscard]] Result<FaultFile> read_fault_file(std::string_view toml, const std::string& file);

/// Gives each provider its rules. Errors: `invalid` for a provider that is not there.
[[nodiscard]] Result<void> apply_faults(const FaultFile& file, std::vector<ProviderSpec>& providers);

}  // namespace headroom::sim
