#include "grid/operational_state.hpp"

#include "grid/words.hpp"

namespace headroom::grid {
namespace {

constexpr Words<OperationalState, 6> states{{{OperationalState::normal, "normal"},
                                             {OperationalState::abnormal, "abnormal"},
                                             {OperationalState::outage, "outage"},
                                             {OperationalState::isolated, "isolated"},
                                             {OperationalState::permit, "permit"},
                                             {OperationalState::restoring, "restoring"}}};

}  // namespace

std::string_view to_string(OperationalState state) {
    return word_of(states, state);
}
std::optional<OperationalState> parse_operational_state(std::string_view text) {
    return value_of(states, text);
}

StateEntry OperationalStates::of(const std::string& element) const {
    const auto found = entries_.find(element);
    return found == entries_.end() ? StateEntry{} : found->second;
}

}  // namespace headroom::grid
