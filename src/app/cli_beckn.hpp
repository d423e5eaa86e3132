#pragma once

#include "app/beckn_self.hpp"
#include "app/cli_parts.hpp"

#include <cstdint>

namespace headroom::app {

// The commands below `headroom beckn`; each adds itself to the group.

/// Who we are and where answers reach us: shared by every command that speaks to another participant itself.
void add_self_options(CLI::App& command, BecknSelf& self, std::int64_t ttl_s_max, std::int64_t wait_s_max);

/// `headroom beckn keygen`
void add_beckn_keygen(CLI::App& group, Action& action);
/// `headroom beckn serve-bpp`
void add_beckn_serve_bpp(CLI::App& group, Action& action);
/// `headroom beckn doctor`
void add_beckn_doctor(CLI::App& group, Action& action);
/// `headroom beckn registry` and `headroom beckn subscribe`
void add_beckn_registry(CLI::App& group, Action& action);
void add_beckn_subscribe(CLI::App& group, Action& action);
/// `headroom beckn discover`, select, init, confirm, status, update, cancel, track, support, rating
void add_beckn_verbs(CLI::App& group, Action& action);
/// `headroom beckn publish`
void add_beckn_publish(CLI::App& group, Action& action);
/// `headroom beckn capture`
void add_beckn_capture(CLI::App& group, Action& action);
/// `headroom beckn settle`
void add_beckn_settle(CLI::App& group, Action& action);
/// `headroom beckn need …` and `headroom beckn bid`
void add_beckn_need(CLI::App& group, Action& action);
void add_beckn_bid(CLI::App& group, Action& action);
/// `headroom beckn export`
void add_beckn_export(CLI::App& group, Action& action);

}  // namespace headroom::app
