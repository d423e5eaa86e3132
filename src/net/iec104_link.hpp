#pragma once

#include "core/clock.hpp"
#include "net/iec104_wire.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace headroom::net::iec104 {

/// How the controlling station keeps a connection. Names and defaults are the standard's (IEC 60870-5-104
/// clause 9.6); t2 is shorter than t1.
struct LinkRules {
    milliseconds t1 = seconds{15};  ///< what we sent is to be acknowledged or confirmed within
    milliseconds t2 = seconds{10};  ///< what arrived is acknowledged within
    milliseconds t3 = seconds{20};  ///< after so long a silence the link is tested
    std::size_t k = 12;             ///< I frames of ours without acknowledgement at most
    std::size_t w = 8;              ///< I frames of the station after which we acknowledge at the latest
    std::vector<std::uint16_t> common_addresses;      ///< interrogated after STARTDT, each by itself
    milliseconds interrogate_every = minutes{15};     ///< 0: only at connect and after an initialisation
    milliseconds interrogation_within = seconds{60};  ///< then it counts as unanswered
    std::uint8_t originator = 0;
};

/// A station interrogation of one common address.
struct Interrogation {
    enum class Stage : std::uint8_t { idle, due, asked, confirmed };
    std::uint16_t common_address = 0;
    Stage stage = Stage::idle;
    SteadyTime at = SteadyTime::max();  ///< idle: when it is due; asked, confirmed: when that was
    SteadyTime asked_at{};
};

/// One connection as the standard sees it, from its beginning to its end.
struct Link {
    enum class Phase : std::uint8_t { closed, starting, running };
    Phase phase = Phase::closed;
    std::uint16_t next_send = 0;      ///< V(S)
    std::uint16_t next_receive = 0;   ///< V(R)
    std::uint16_t acknowledged = 0;   ///< the station has everything before it
    std::vector<SteadyTime> sent_at;  ///< of our I frames without acknowledgement, oldest first
    std::size_t unacknowledged = 0;   ///< I frames of the station that we owe an acknowledgement
    SteadyTime owed_since{};          ///< since the oldest of them came
    std::optional<Control> asked;     ///< STARTDT or TESTFR that is to be confirmed
    SteadyTime asked_at{};
    SteadyTime heard_at{};
    std::vector<Interrogation> interrogations;
};

namespace link_event {
struct Connected {};  ///< the TCP connection stands
struct Arrived {
    Frame frame;
};
struct TimePassed {};
struct Stop {};  ///< we go: everything is acknowledged, then STOPDT
}  // namespace link_event
using LinkEvent =
    std::variant<link_event::Connected, link_event::Arrived, link_event::TimePassed, link_event::Stop>;

/// What follows from a step, in this order: hand the ASDU on, send, close.
struct LinkEffects {
    bool deliver = false;              ///< the ASDU of the frame that arrived is in order
    std::string send;                  ///< whole frames
    std::optional<std::string> close;  ///< why; the link is over
    bool started = false;              ///< STARTDT was confirmed
    std::vector<std::string> notes;    ///< for the log: interrogations refused or unanswered
    std::size_t interrogations_ended = 0;
    std::size_t interrogations_failed = 0;
};

/// One step of the link. Pure: the same link, event and time give the same answer. A wrong sequence number, a
/// frame of the wrong side and a missed time end it; a new connection begins with a new `Link`.
[[nodiscard]] std::pair<Link, LinkEffects> step(Link link, const LinkEvent& event, SteadyTime now,
                                                const LinkRules& rules);

/// When `TimePassed` is due next, whatever arrives until then; `SteadyTime::max()` for a closed link.
[[nodiscard]] SteadyTime next_due(const Link& link, const LinkRules& rules);

}  // namespace headroom::net::iec104
