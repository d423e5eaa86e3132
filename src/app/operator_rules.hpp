#pragma once

#include "core/async.hpp"
#include "core/result.hpp"
#include "core/settings_services.hpp"
#include "flex/rules.hpp"
#include "flex/week_ahead_rules.hpp"
#include "grid/authority.hpp"
#include "grid/network.hpp"

#include <memory>
#include <string>
#include <vector>

namespace headroom::agents {
class FlexOrchestration;
}

namespace headroom::app {

/// What the settings' rules file says.
struct OperatorRules {
    std::shared_ptr<const flex::RuleBook> book;      ///< nothing: no file is named
    std::vector<grid::AuthorityEnvelope> envelopes;  ///< what Headroom may do by itself
    flex::WeekAheadRules week_ahead = {};
};
/// Errors: of the file, and of rules that cannot be or contradict each other.
[[nodiscard]] Result<OperatorRules> operator_rules(const RulesSettings& settings);

/// What has to be granted and taken back for the file's envelopes to stand.
struct EnvelopeChanges {
    std::vector<grid::AuthorityEnvelope> grant;
    std::vector<std::string> revoke;      ///< ids
    std::vector<std::string> left_alone;  ///< ids that a person has granted by other means
};
/// An envelope of the same version of the book stands as it is, taken back by a person or not: only another
/// version grants it anew. One that no file grants any more is taken back; those that people granted by other
/// means are theirs. `name` is the book's id@version. Pure.
[[nodiscard]] EnvelopeChanges envelope_changes(const std::vector<grid::AuthorityEnvelope>& standing,
                                               const std::vector<grid::AuthorityEnvelope>& wanted,
                                               const std::string& name);
/// Grants and takes back, each with its entry in the log. Errors: `invalid` for an asset that the network
/// does not have; of the log.
Awaitable<Result<void>> keep_envelopes(agents::FlexOrchestration& orchestration, const grid::Network& network,
                                       OperatorRules rules);

}  // namespace headroom::app
