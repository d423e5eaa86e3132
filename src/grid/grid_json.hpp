#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "grid/authority.hpp"
#include "grid/network.hpp"
#include "grid/operational_state.hpp"

namespace headroom::grid {

/// Elements as the doors show them; places and ratings are decimal numbers. Empty texts stand as "".
[[nodiscard]] json::Value to_json(const Substation& substation);
[[nodiscard]] json::Value to_json(const Feeder& feeder);
[[nodiscard]] json::Value to_json(const Der& der);
[[nodiscard]] json::Value to_json(const Tie& tie);

/// What enters decisions, in whole numbers only, so that it may stand in the audit log. A limit's value is
/// `value_milli`, thousandths of its unit (watts, for kW); reading back gives the same limit.
[[nodiscard]] json::Value to_json(const Limit& limit);
[[nodiscard]] json::Value to_json(const StateEntry& entry);
/// A selector that means "any" is left out (`limit_kind`, `der_class`) or "" (`asset`, `product`).
[[nodiscard]] json::Value to_json(const AuthorityEnvelope& envelope);

/// Errors, all three: `invalid` with the pointer of the first member that is missing, unknown or out of its
/// bounds.
[[nodiscard]] Result<Limit> limit_from_json(const json::Value& value);
[[nodiscard]] Result<StateEntry> state_entry_from_json(const json::Value& value);
[[nodiscard]] Result<AuthorityEnvelope> authority_envelope_from_json(const json::Value& value);

}  // namespace headroom::grid
