#pragma once

#include "api/bodies.hpp"
#include "api/operation.hpp"
#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// Approves or rejects what an event waits with, by the hash that was looked at: the newest plan's, or, when
/// `is_proposal`, that of what the co-pilot proposed beside it. With `dry_run`, says whether that may be
/// done.
Awaitable<net::Response> judge(std::shared_ptr<const Door> door, net::Request request, EventId event,
                               JudgementBody judgement, bool approve, bool is_proposal = false);

/// The body, answers and faults of a route that judges.
[[nodiscard]] Operation describe_judgement(Operation operation, bool approve);

}  // namespace headroom::api
