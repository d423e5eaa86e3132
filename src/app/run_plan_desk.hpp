#pragma once

#include "app/run_status.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>

namespace headroom::app {

/// `headroom plan list | show | approve | reject`, asked of a running server.
struct PlanDeskCommand {
    StatusCommand server;
    std::string plan;  ///< id, with or without "plan/"
    std::string event;
    std::string feeder;
    std::string state;
    std::string kind;
    std::string since;
    std::int64_t limit = 50;
    std::string reason;
    std::string sha256;  ///< of the plan that was looked at; empty: it is shown and asked about
    bool is_yes = false;
    bool is_proposal = false;
    bool is_dry_run = false;
};

// Exit: 0 done, 1 the server refused or it was not confirmed, 2 no answer or wrong use.
int run_plan_list(const PlanDeskCommand& command);
int run_plan_show(const PlanDeskCommand& command);
int run_plan_approve(const PlanDeskCommand& command);
int run_plan_reject(const PlanDeskCommand& command);

/// Whether `text` is meant as a plan's id: "plan/ID", "P-…" or "<event_id>.<round>".
[[nodiscard]] bool is_plan_id(const std::string& text);
/// The plan of that id, of a running server. Errors: `not_found`, `denied`, and those of the client.
[[nodiscard]] Result<json::Value> plan_by_id(const StatusCommand& server, const std::string& text);

}  // namespace headroom::app
