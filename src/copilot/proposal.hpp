#pragma once

#include "copilot/chat.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::copilot {

inline constexpr std::size_t actions_max = 400;
inline constexpr std::size_t summary_bytes_max = 600;
inline constexpr std::size_t justification_bytes_max = 1'500;

/// One use of an offer in one half-hour, in the prompt's own names.
struct ProposedAction {
    std::string offer;      ///< "offer-3"
    std::int64_t slot = 0;  ///< from 1
    double power_kw = 0.0;  ///< change in the offer's direction

    bool operator==(const ProposedAction&) const = default;
};

/// What a model proposes: choices among what it was given, and words. It carries no authority.
struct Proposal {
    std::string event;
    std::vector<ProposedAction> actions;
    std::string summary;
    std::string justification;

    bool operator==(const Proposal&) const = default;
};

/// The function through which a plan is proposed, with its JSON Schema.
[[nodiscard]] Tool proposal_tool();

/// Reads the arguments of that function by its schema: every member there, of its kind and in its bounds, and
/// none besides. Errors: `invalid` with the pointer.
[[nodiscard]] Result<Proposal> proposal_from_json(const json::Value& value);

/// The proposal in an answer: of its one call, or, with servers that cannot be made to call, of its text when
/// that is JSON and nothing else. Errors: `invalid`.
[[nodiscard]] Result<Proposal> proposal_of(const Turn& turn);

}  // namespace headroom::copilot
