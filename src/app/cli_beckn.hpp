#pragma once

#include "app/cli_parts.hpp"

namespace headroom::app {

// The commands below `headroom beckn`; each adds itself to the group.

/// `headroom beckn keygen`
void add_beckn_keygen(CLI::App& group, Action& action);
/// `headroom beckn serve-bpp`
void add_beckn_serve_bpp(CLI::App& group, Action& action);
/// `headroom beckn doctor`
void add_beckn_doctor(CLI::App& group, Action& action);
/// `headroom beckn registry` and `headroom beckn subscribe`
void add_beckn_registry(CLI::App& group, Action& action);
void add_beckn_subscribe(CLI::App& group, Action& action);
/// `headroom beckn discover`, select, init, confirm, status, update, cancel
void add_beckn_verbs(CLI::App& group, Action& action);
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
