#pragma once

#include "core/json.hpp"

#include <iosfwd>

namespace headroom::app {

// A plan in sentences: as POST and GET /api/v1/plans answer it, or as `headroom plan --json` wrote it.

/// What it is, what it costs, who is asked.
void print_plan(std::ostream& out, const json::Value& plan);
/// Why it is so: reasons, limits, refused offers, other ways, reserves, rules, ladder, the co-pilot's word.
void print_why(std::ostream& out, const json::Value& plan);
/// One line each.
void print_plans(std::ostream& out, const json::Array& plans);

/// What `b` does differently from `a`: `{same, cost_change_gbp, changes:[{der_id, before_kw, after_kw}]}`.
[[nodiscard]] json::Object plan_difference(const json::Value& a, const json::Value& b);
void print_difference(std::ostream& out, const json::Value& a, const json::Value& b,
                      const json::Object& difference);

}  // namespace headroom::app
