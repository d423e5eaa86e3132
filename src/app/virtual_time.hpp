#pragma once

#include "core/async.hpp"
#include "core/clock.hpp"

#include <functional>

namespace headroom::app {

/// Drives a virtual clock together with an io_context: time moves only when no handler is ready, no thread
/// has work and nothing is in flight, so the same seed gives the same decisions however fast the machine is.
class VirtualTime {
  public:
    /// `idle` answers whether every part outside the io_context is at rest.
    VirtualTime(asio::io_context& context, VirtualClock& clock, std::function<bool()> idle);

    /// Runs handlers until only the clock could make something happen. A peer that owes an answer and has not
    /// moved for ten seconds of wall time is given up with a warning, so that a lost message cannot stop time
    /// for ever.
    void settle();
    /// Moves the clock to `to`, timer by timer, settling after each instant.
    void advance_to(UtcTime to);
    /// Runs handlers for so long on the wall clock (pacing), or until `stop` says so.
    void run_for(std::chrono::steady_clock::duration span, const std::function<bool()>& stop);

  private:
    asio::io_context& context_;
    VirtualClock& clock_;
    std::function<bool()> idle_;
};

}  // namespace headroom::app
