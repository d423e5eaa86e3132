#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "dispatch/device_memory.hpp"
#include "dispatch/instruction.hpp"
#include "dispatch/presence.hpp"
#include "sim/world.hpp"
#include "store/records.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::sim {

/// The devices' side of the order protocol for every DER of a world: each with its own memory, kept in the
/// record store before an answer leaves, so that a killed process has forgotten nothing it answered. Silent
/// devices do nothing and answer nothing. One thread; the store is used from it, so give the fleet one of its
/// own.
class Fleet {
  public:
    /// World and store outlive the fleet.
    Fleet(World& world, store::Records& records);
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Takes up what a former process kept: the world as of the last `keep_world`, and every order answered
    /// since. False when there is nothing. Errors: `corrupt` for a memory that cannot be read, `invalid` for
    /// the state of another world; those of the store.
    Result<bool> load();
    /// Keeps the world's time and state; call it after a step.
    Result<void> keep_world();

    /// The answer of `der` to an order as it came over the wire; nothing from a silent device, and none to
    /// bytes that are no order. `now` is domain time.
    [[nodiscard]] std::optional<dispatch::Ack> receive(const std::string& der, std::string_view order_payload,
                                                       UtcTime now);
    /// The same for an order that has been read already; `order.der` names the device.
    [[nodiscard]] std::optional<dispatch::Ack> receive(const dispatch::Instruction& order, UtcTime now);

    /// Called with the order id whenever nobody will ever answer it, so that virtual time need not wait.
    void on_silent(std::function<void(const std::string& order_id)> action) {
        on_silent_ = std::move(action);
    }

    /// Every device that has a link, silent ones too, in the world's order.
    [[nodiscard]] std::vector<std::string> ders() const;
    [[nodiscard]] dispatch::DeviceBirth birth(std::size_t device) const;
    /// What the device says of itself at the world's present minute.
    [[nodiscard]] dispatch::DeviceMeasurement measurement(std::size_t device) const;
    /// Devices that follow an order now, in the world's order; silent ones are not among them.
    [[nodiscard]] std::vector<std::size_t> active() const;

    World& world() { return world_; }
    [[nodiscard]] std::uint64_t received() const { return received_; }
    [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

  private:
    void stay_silent(const std::string& order_id);
    [[nodiscard]] Result<void> keep(std::size_t device, const dispatch::DeviceMemory& memory);

    World& world_;
    store::Records& records_;
    std::vector<dispatch::DeviceMemory> memories_;
    std::function<void(const std::string&)> on_silent_;
    std::uint64_t received_ = 0;
    std::uint64_t unreadable_ = 0;
};

}  // namespace headroom::sim
