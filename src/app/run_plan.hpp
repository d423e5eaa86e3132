#pragma once

#include "app/run_status.hpp"

#include <filesystem>
#include <string>

namespace headroom::app {

struct PlanCommand {
    std::filesystem::path file;   ///< of explain and diff also a plan's id: "plan/ID"
    std::filesystem::path other;  ///< of diff
    std::filesystem::path rules;  ///< the operator's; empty: none
    StatusCommand server;         ///< where plans are known by their ids
    bool is_json = false;
};
/// `headroom plan FILE`: plans the request in FILE; the plan on stdout, faults on stderr. Answers the exit
/// code: 0 also for a part cover.
int run_plan(const PlanCommand& command);
/// `headroom explain plan FILE` or `headroom explain plan/ID`: the plan of a request, one that was written by
/// `headroom plan --json`, or one of a running server, in sentences.
int run_explain_plan(const PlanCommand& command);
/// `headroom diff plan A B` or `headroom diff plan/A plan/B`: what two plans do differently; 1 when they
/// differ.
int run_diff_plan(const PlanCommand& command);

/// `headroom rules test FILE`: whether the file is sound, and what stands in it; 1 and every fault when not.
int run_rules_test(const PlanCommand& command);

}  // namespace headroom::app
