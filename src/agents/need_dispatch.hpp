#pragma once

#include "agents/dispatch.hpp"
#include "agents/need_devices.hpp"
#include "beckn/need_board.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "grid/operational_state.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headroom::agents {

struct NeedDispatchOptions {
    milliseconds validity = minutes{10};    ///< of a setpoint, which then expires by itself
    milliseconds renew_every = minutes{5};  ///< before that, while the slot lasts
};

/// Instructs the devices of ours that contracts of own needs are carried out with: slot by slot, renewed
/// while a slot lasts, released at the end or when the contract ends before. Everything goes through the
/// dispatch agent: guard, durable intent, send, acknowledgement. A device that does not follow is told again
/// with the next renewal; what it did not deliver its meter shows at the settlement. After a restart
/// everything that should run is told once more. One io_context thread.
class NeedDispatch {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        DispatchAgent& dispatch;
        std::function<const beckn::NeedBoard*()> board;  ///< nothing before it has been read
        std::function<const grid::Network&()> network;
        std::function<grid::StateEntry(const std::string& asset)> state;
        std::function<std::optional<double>(const std::string& der)> der_load_kw;
        MayUse may_use;
    };
    explicit NeedDispatch(Parts parts, NeedDispatchOptions options = {});
    ~NeedDispatch();
    NeedDispatch(const NeedDispatch&) = delete;
    NeedDispatch& operator=(const NeedDispatch&) = delete;

    /// The board may have changed: looks at what is to be told now, and when next.
    void look();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::agents
