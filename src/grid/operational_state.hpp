#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::grid {

/// Not normal: no new dispatch except by a named person. Isolated or permit: nothing in either direction.
enum class OperationalState { normal, abnormal, outage, isolated, permit, restoring };
[[nodiscard]] std::string_view to_string(OperationalState state);
[[nodiscard]] std::optional<OperationalState> parse_operational_state(std::string_view text);

struct StateEntry {
    OperationalState state = OperationalState::normal;
    UtcTime since{};
    std::string source;  ///< system or document the state was taken from
    std::string person;  ///< who set it; empty for a feed
    bool held_by_engineer =
        false;  ///< a control engineer has taken the element: Headroom sends nothing until handed back
};

/// The state of each element that is or was not normal.
class OperationalStates {
  public:
    void set(const std::string& element, StateEntry entry) { entries_[element] = std::move(entry); }
    [[nodiscard]] StateEntry of(const std::string& element) const;
    [[nodiscard]] const std::map<std::string, StateEntry>& entries() const { return entries_; }

  private:
    std::map<std::string, StateEntry> entries_;
};

}  // namespace headroom::grid
