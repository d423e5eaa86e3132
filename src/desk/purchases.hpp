#pragma once

#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/json.hpp"
#include "desk/desk.hpp"
#include "flex/offer.hpp"
#include "grid/network.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::desk {

/// Relief that somebody orders by an action: an item of POST /beckn/execute.
struct PurchaseAction {
    std::string asset;        ///< a feeder of ours, or an asset that providers know
    std::string action_type;  ///< dispatch_battery_discharge, reduce_ev_load, …
    std::string justification;
    std::optional<UtcTime> target;  ///< domain time from when; nothing: now
    Watts power{};                  ///< 0: as much as there is
    std::int64_t half_hours = 2;
};
/// The class of resource that an action asks for; nothing for an unknown word.
[[nodiscard]] std::optional<grid::DerClass> class_of_action(std::string_view action_type);
/// The action that asks for a class; nothing for a class that none does.
[[nodiscard]] std::string_view action_of_class(grid::DerClass der_class);

/// Carries one action out. At a feeder of ours it is an event with everything that belongs to one: plan,
/// authority, contracts, instructions to devices, watch, settlement. Elsewhere it is a purchase of the
/// cheapest offers there that nobody has yet; their providers deliver by themselves.
/// Answers an entry for each contract, or one that says how far it came and what hindered it: `{asset_id,
/// service_type, provider, status, …}`. Nothing is bought in shadow mode or under a stop.
Awaitable<json::Array> carry_out(Desk& desk, PurchaseAction action, Caller caller);

/// The offer to take: of the class, for the whole time from `from` to `to`, the cheapest; among equals the
/// first by (provider, id). Pure.
[[nodiscard]] std::optional<flex::Offer> cheapest_offer(const std::vector<flex::Offer>& offers,
                                                        grid::DerClass der_class, UtcTime from, UtcTime to);

}  // namespace headroom::desk
