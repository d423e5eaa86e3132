#include "net/iec104_link.hpp"

#include "net/iec104_asdu.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace headroom::net::iec104 {
namespace {

using Stage = Interrogation::Stage;

std::uint16_t successor(std::uint16_t number) {
    return static_cast<std::uint16_t>((number + 1U) % sequence_modulus);
}

/// How many steps lead from `from` to `to`, counting round.
std::size_t distance(std::uint16_t from, std::uint16_t to) {
    return (static_cast<std::size_t>(to) + sequence_modulus - from) % sequence_modulus;
}

std::string in_seconds(milliseconds time) {
    return fmt::format("{:g} s", static_cast<double>(time.count()) / 1000.0);
}

/// The work of one step; what it changes is in `link`, what it causes in `effects`.
class Step {
  public:
    Step(Link& link, LinkEffects& effects, SteadyTime now, const LinkRules& rules)
        : link_(link), effects_(effects), now_(now), rules_(rules) {}

    void operator()(const link_event::Connected&) {
        link_ = Link{};
        link_.phase = Link::Phase::starting;
        link_.heard_at = now_;
        for (const std::uint16_t address : rules_.common_addresses) {
            link_.interrogations.push_back({.common_address = address});
        }
        ask(Control::startdt_act);
    }

    void operator()(const link_event::Arrived& arrived) {
        link_.heard_at = now_;
        std::visit([this](const auto& frame) { take(frame); }, arrived.frame);
    }

    void operator()(const link_event::TimePassed&) {
        if (link_.asked && now_ - link_.asked_at >= rules_.t1) {
            return close(fmt::format("{} was not confirmed within t1 = {}", to_string(*link_.asked),
                                     in_seconds(rules_.t1)));
        }
        if (!link_.sent_at.empty() && now_ - link_.sent_at.front() >= rules_.t1) {
            return close(
                fmt::format("what we sent was not acknowledged within t1 = {}", in_seconds(rules_.t1)));
        }
        if (link_.unacknowledged > 0 && now_ - link_.owed_since >= rules_.t2) {
            acknowledge();
        }
        if (!link_.asked && now_ - link_.heard_at >= rules_.t3) {
            ask(Control::testfr_act);
        }
        for (Interrogation& one : link_.interrogations) {
            watch(one);
        }
        interrogate();
    }

    void operator()(const link_event::Stop&) {
        if (link_.unacknowledged > 0) {
            acknowledge();
        }
        append_frame(effects_.send, UFrame{Control::stopdt_act});
        close("stopped by us");
    }

  private:
    void close(std::string why) {
        link_.phase = Link::Phase::closed;
        effects_.close = std::move(why);
    }

    void ask(Control control) {
        append_frame(effects_.send, UFrame{control});
        link_.asked = control;
        link_.asked_at = now_;
    }

    void acknowledge() {
        append_frame(effects_.send, SFrame{link_.next_receive});
        link_.unacknowledged = 0;
    }

    void take(const UFrame& frame) {
        switch (frame.control) {
            case Control::testfr_act:
                append_frame(effects_.send, UFrame{Control::testfr_con});
                return;
            case Control::testfr_con:
                if (link_.asked == Control::testfr_act) {
                    link_.asked.reset();
                }
                return;
            case Control::startdt_con:
                if (link_.phase == Link::Phase::starting) {
                    begin();
                }
                return;
            case Control::startdt_act:
            case Control::stopdt_act:
            case Control::stopdt_con:
                return close(
                    fmt::format("the station sent {}, which is not its part", to_string(frame.control)));
        }
    }

    void take(const SFrame& frame) { take_acknowledgement(frame.receive); }

    void take(const IFrame& frame) {
        if (link_.phase != Link::Phase::running) {
            return close("the station sent information before it confirmed STARTDT");
        }
        if (frame.send != link_.next_receive) {
            return close(fmt::format("sequence: the station sent {} where {} was due", frame.send,
                                     link_.next_receive));
        }
        if (!take_acknowledgement(frame.receive)) {
            return;
        }
        link_.next_receive = successor(link_.next_receive);
        link_.owed_since = link_.unacknowledged == 0 ? now_ : link_.owed_since;
        ++link_.unacknowledged;
        effects_.deliver = true;
        if (const Result<AsduHeader> header = read_asdu_header(frame.asdu)) {
            follow(*header);
        }
        interrogate();
        if (link_.unacknowledged >= rules_.w) {
            acknowledge();
        }
    }

    bool take_acknowledgement(std::uint16_t number) {
        const std::size_t steps = distance(link_.acknowledged, number);
        if (steps > distance(link_.acknowledged, link_.next_send)) {
            close(fmt::format("sequence: the station acknowledged {}, and we sent up to {}", number,
                              link_.next_send));
            return false;
        }
        link_.acknowledged = number;
        link_.sent_at.erase(link_.sent_at.begin(),
                            link_.sent_at.begin() + static_cast<std::ptrdiff_t>(steps));
        interrogate();
        return true;
    }

    void begin() {
        link_.phase = Link::Phase::running;
        link_.asked.reset();
        effects_.started = true;
        for (Interrogation& one : link_.interrogations) {
            one.stage = Stage::due;
        }
        interrogate();
    }

    /// Sends the interrogations that are due, as far as the window of k allows.
    void interrogate() {
        for (Interrogation& one : link_.interrogations) {
            if (link_.phase != Link::Phase::running || link_.sent_at.size() >= rules_.k) {
                return;
            }
            if (one.stage != Stage::due) {
                continue;
            }
            const std::string asdu = station_interrogation(one.common_address, rules_.originator);
            append_frame(effects_.send, IFrame{link_.next_send, link_.next_receive, asdu});
            link_.next_send = successor(link_.next_send);
            link_.sent_at.push_back(now_);
            link_.unacknowledged = 0;  // an I frame acknowledges too
            one.stage = Stage::asked;
            one.asked_at = one.at = now_;
        }
    }

    /// One interrogation as time passes: it falls due, or it was never answered.
    void watch(Interrogation& one) {
        if (one.stage == Stage::idle && now_ >= one.at) {
            one.stage = Stage::due;
        } else if ((one.stage == Stage::asked || one.stage == Stage::confirmed) &&
                   now_ - one.at >= rules_.interrogation_within) {
            fail(one, one.stage == Stage::asked ? "was not answered" : "did not end");
        }
    }

    void rest(Interrogation& one) {
        one.stage = Stage::idle;
        one.at = rules_.interrogate_every > milliseconds{0} ? one.asked_at + rules_.interrogate_every
                                                            : SteadyTime::max();
    }

    void fail(Interrogation& one, std::string_view why) {
        effects_.notes.push_back(
            fmt::format("the interrogation of common address {} {}", one.common_address, why));
        ++effects_.interrogations_failed;
        rest(one);
    }

    /// What an ASDU means for the interrogations.
    void follow(const AsduHeader& header) {
        const auto found = std::find_if(
            link_.interrogations.begin(), link_.interrogations.end(),
            [&](const Interrogation& one) { return one.common_address == header.common_address; });
        if (found == link_.interrogations.end()) {
            return;
        }
        if (header.type == static_cast<std::uint8_t>(TypeId::end_of_initialisation)) {
            found->stage = Stage::due;  // what it said before its restart no longer holds
        } else if (header.type == static_cast<std::uint8_t>(TypeId::interrogation)) {
            answered(*found, header);
        } else if (found->stage == Stage::confirmed) {
            found->at = now_;  // it is being answered
        }
    }

    void answered(Interrogation& one, const AsduHeader& header) {
        if (one.stage != Stage::asked && one.stage != Stage::confirmed) {
            return;
        }
        if (header.is_negative || header.cause >= static_cast<std::uint8_t>(Cause::unknown_type)) {
            fail(one, fmt::format("was refused with cause {}", header.cause));
        } else if (header.cause == static_cast<std::uint8_t>(Cause::activation_con)) {
            one.stage = Stage::confirmed;
            one.at = now_;
        } else if (header.cause == static_cast<std::uint8_t>(Cause::activation_end)) {
            ++effects_.interrogations_ended;
            rest(one);
        }
    }

    Link& link_;
    LinkEffects& effects_;
    SteadyTime now_;
    const LinkRules& rules_;
};

}  // namespace

std::pair<Link, LinkEffects> step(Link link, const LinkEvent& event, SteadyTime now, const LinkRules& rules) {
    HEADROOM_ASSERT(rules.k > 0 && rules.w > 0);
    LinkEffects effects;
    if (link.phase != Link::Phase::closed || std::holds_alternative<link_event::Connected>(event)) {
        std::visit(Step(link, effects, now, rules), event);
    }
    return {std::move(link), std::move(effects)};
}

SteadyTime next_due(const Link& link, const LinkRules& rules) {
    if (link.phase == Link::Phase::closed) {
        return SteadyTime::max();
    }
    SteadyTime due = link.asked ? link.asked_at + rules.t1 : link.heard_at + rules.t3;
    if (!link.sent_at.empty()) {
        due = std::min(due, link.sent_at.front() + rules.t1);
    }
    if (link.unacknowledged > 0) {
        due = std::min(due, link.owed_since + rules.t2);
    }
    for (const Interrogation& one : link.interrogations) {
        if (one.stage == Stage::idle) {
            due = std::min(due, one.at);
        } else if (one.stage != Stage::due) {  // what is due waits for the window
            due = std::min(due, one.at + rules.interrogation_within);
        }
    }
    return due;
}

}  // namespace headroom::net::iec104
