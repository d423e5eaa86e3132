#pragma once

#include "agents/event_record.hpp"
#include "beckn/need_board.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "flex/programme.hpp"
#include "grid/network.hpp"

#include <functional>
#include <optional>
#include <string>

namespace headroom::agents {

/// The largest change that `peer`, by its subscriber id, may use of a DER at that time; nothing when it is
/// not his to use: whoever names a meter in a contract has not shown that it is his.
using MayUse = std::function<std::optional<Watts>(const std::string& der, const std::string& peer, UtcTime)>;

/// By the site's consent: the DER is enrolled by that provider, and eligible then. `subscriber_of` gives a
/// provider's name in the network, empty when it has none; an enrolment may name either.
[[nodiscard]] MayUse may_use_by(std::function<const flex::ProgrammeBook&()> book,
                                std::function<std::string(const std::string& provider)> subscriber_of);

/// The part of an order of an own need that our devices carry out: an event of its own with an assignment for
/// each of the order's meters that is a DER below the need's feeder, gives turn-down and may be used by the
/// order's peer at its first slot. No assignments where none is. Pure.
///
/// The awarded power is divided among all of the order's meters alike; what falls to DERs of ours is divided
/// among them by the power they have, none beyond it. The remainder is the peer's to deliver.
[[nodiscard]] EventRecord devices_of(const beckn::PublishedNeed& need, const beckn::NeedOrder& order,
                                     const grid::Network& network, const MayUse& may_use);

}  // namespace headroom::agents
