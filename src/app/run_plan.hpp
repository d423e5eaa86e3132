#pragma once

#include <filesystem>
#include <string>

namespace headroom::app {

struct PlanCommand {
    std::filesystem::path file;
    std::filesystem::path other;  ///< of diff
    std::filesystem::path rules;  ///< the operator's; empty: none
    bool is_json = false;
};
/// `headroom plan FILE`: plans the request in FILE; the plan on stdout, faults on stderr. Answers the exit
/// code: 0 also for a part cover.
int run_plan(const PlanCommand& command);
/// `headroom explain plan FILE`: the plan of a request, or one that was written by `headroom plan --json`, in
/// sentences.
int run_explain_plan(const PlanCommand& command);
/// `headroom diff plan A B`: what two plans do differently; 1 when they differ.
int run_diff_plan(const PlanCommand& command);

/// `headroom rules test FILE`: whether the file is sound, and what stands in it; 1 and every fault when not.
int run_rules_test(const PlanCommand& command);

}  // namespace headroom::app
