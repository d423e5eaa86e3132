#pragma once

#include "flex/rules.hpp"
#include "flex/week_ahead_rules.hpp"
#include "grid/new_envelope.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace headroom::flex {

/// The whole of a rules file: the book that plans are judged by, and the authority that goes with it.
struct RuleFile : RuleBook {
    std::vector<grid::NewEnvelope> envelopes = {};  ///< what Headroom may do by itself
    WeekAheadRules week_ahead = {};
};

/// Reads a TOML file. Errors: as `read_rules`, and of envelopes that cannot be or have one id, naming them.
[[nodiscard]] Result<RuleFile> read_rule_file(std::string_view text, const std::string& file);
/// As a JSON object with the file's members.
[[nodiscard]] json::Value to_json(const RuleFile& file);
/// The envelopes as authority is asked by; of a file that was read. `granted_by` is left empty.
[[nodiscard]] std::vector<grid::AuthorityEnvelope> envelopes_of(const RuleFile& file);

}  // namespace headroom::flex
