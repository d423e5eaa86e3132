#pragma once

// Shared by what is bought at a feeder, at other assets and of computing power.

#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/json.hpp"
#include "desk/desk.hpp"
#include "desk/parts.hpp"
#include "desk/purchases.hpp"

#include <optional>
#include <string>

namespace headroom::desk {

/// Nothing is bought at that level.
[[nodiscard]] bool is_shadow(const Parts& parts);
/// The messages of a purchase, as they went; of one provider, or of all when it is empty.
[[nodiscard]] json::Array timeline(const Parts& parts, const EventId& event, const std::string& provider);

/// How far a purchase came, by the last answer that was taken.
[[nodiscard]] std::string reached(const Parts& parts, const EventId& event);
[[nodiscard]] json::Object entry_for(const PurchaseAction& action, std::string status);
/// An entry that says why nothing was bought.
[[nodiscard]] json::Object hindered(const PurchaseAction& action, std::string why);
[[nodiscard]] json::Array only(json::Object entry);

/// One after the other, where the operator's rules count what was spent; held until the purchase is written
/// down.
Awaitable<std::optional<agents::Turns::Turn>> purchase_turn(Desk& desk);

/// `carry_out` at a feeder of ours: an event with everything that belongs to one.
Awaitable<json::Array> buy_by_event(Desk& desk, PurchaseAction action, grid::DerClass der_class,
                                    Caller caller);
/// `carry_out` elsewhere: the cheapest offers there that nobody has yet, under the operator's rules.
Awaitable<json::Array> buy_by_offers(Desk& desk, PurchaseAction action, grid::DerClass der_class,
                                     Caller caller);

}  // namespace headroom::desk
