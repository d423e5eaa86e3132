#pragma once

#include "app/run_status.hpp"
#include "core/json.hpp"

#include <string>
#include <vector>

namespace headroom::app {

struct TrustDeskCommand {
    StatusCommand server;
    std::string incident;  ///< whose proposal is applied
    std::string meter;     ///< or a correction of one's own: the meter …
    std::string kind;
    std::vector<double> factor;
    std::vector<std::int64_t> order;
    std::string id;  ///< of the correction that is taken back
    std::string reason;
    bool is_dry_run = false;
};

/// `headroom trust report`: exit 0 when nothing is in doubt, 1 when something is, 2 without an answer.
int run_trust_report(const TrustDeskCommand& command);
/// `headroom trust corrections list|apply|revert`: exit 0 done, 1 refused, 2 without an answer.
int run_corrections_list(const TrustDeskCommand& command);
int run_correction_apply(const TrustDeskCommand& command);
int run_correction_revert(const TrustDeskCommand& command);

/// The report as lines of text, of what `GET /api/v1/trust` answered.
[[nodiscard]] std::string trust_report_text(const json::Value& trust);

}  // namespace headroom::app
