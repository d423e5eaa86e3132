#include "grid/authority.hpp"

#include "grid/envelope_product.hpp"
#include "grid/words.hpp"

#include <algorithm>
#include <cstdint>

namespace headroom::grid {
namespace {

constexpr Words<AuthorityLevel, 3> levels{
    {{AuthorityLevel::shadow, "shadow"}, {AuthorityLevel::propose, "propose"}, {AuthorityLevel::act, "act"}}};

/// An exact decimal: 12500 thousandths are "12.5".
std::string decimal(std::int64_t value, std::size_t places) {
    const bool is_negative = value < 0;
    std::string digits = std::to_string(value);
    digits.erase(0, is_negative ? 1 : 0);
    if (digits.size() <= places) {
        digits.insert(0, places + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - places, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) {
        digits.pop_back();
    }
    return (is_negative ? "-" : "") + digits;
}
std::string in_kw(Watts power) {
    return decimal(power.value, 3) + " kW";
}
std::string in_pounds(MicroPounds amount) {
    return "GBP " + decimal(amount.value, 6);
}

/// Why this envelope does not cover the question; empty when it does.
std::string why_not_covered(const AuthorityEnvelope& envelope, const Network& network,
                            const AuthorityQuestion& question) {
    if (envelope.revoked) {
        return "is revoked";
    }
    if (!envelope.asset.empty() && envelope.asset != question.feeder &&
        !network.is_below(question.feeder, envelope.asset)) {
        return "is for " + envelope.asset;
    }
    if (question.at < envelope.from) {
        return "begins at " + format_utc(envelope.from);
    }
    if (question.at >= envelope.until) {
        return "ended at " + format_utc(envelope.until);
    }
    if (envelope.limit_kind && *envelope.limit_kind != question.limit_kind) {
        return "is for " + std::string(to_string(*envelope.limit_kind)) + " limits, not " +
               std::string(to_string(question.limit_kind));
    }
    if (envelope.product.empty() && question.product == week_ahead_product) {
        return "does not name the product week_ahead";
    }
    if (!envelope.product.empty() && envelope.product != question.product) {
        return "is for the product " + envelope.product + ", not " + question.product;
    }
    if (envelope.der_class) {
        const std::string only = "is for " + std::string(to_string(*envelope.der_class)) + " only";
        if (question.der_classes.empty()) {
            return only;
        }
        for (const DerClass der_class : question.der_classes) {
            if (der_class != *envelope.der_class) {
                return only + ", not " + std::string(to_string(der_class));
            }
        }
    }
    if (question.power > envelope.power_max) {
        return "allows " + in_kw(envelope.power_max) + ", not " + in_kw(question.power);
    }
    if (question.cost > envelope.cost_max) {
        return "allows " + in_pounds(envelope.cost_max) + ", not " + in_pounds(question.cost);
    }
    return {};
}

/// Faults that leave the decision to a person, joined; empty when there is none.
std::string why_a_person_decides(const Network& network, const AuthorityQuestion& question) {
    std::vector<std::string> reasons;
    if (network.feeder(question.feeder) == nullptr) {
        reasons.push_back("it is not in the network");
    }
    if (!question.limit_verified) {
        reasons.emplace_back("its limit is not verified");
    }
    if (question.state.state != OperationalState::normal) {
        reasons.push_back("its state is " + std::string(to_string(question.state.state)) + " since " +
                          format_utc(question.state.since));
    }
    if (!question.data_fresh) {
        reasons.push_back("its data is not fresh" +
                          (question.data_detail.empty() ? "" : " (" + question.data_detail + ")"));
    }
    if (question.power < Watts{0} || question.cost < MicroPounds{0}) {
        reasons.push_back("the plan's power " + in_kw(question.power) + " or cost " +
                          in_pounds(question.cost) + " is below zero");
    }
    std::string joined;
    for (const std::string& reason : reasons) {
        joined += (joined.empty() ? "" : "; ") + reason;
    }
    return joined;
}

/// Why nothing may be sent, not even with an approval; empty when that is not so.
std::string why_nothing_is_sent(const StateEntry& state) {
    if (state.held_by_engineer) {
        return "it is held by " + (state.person.empty() ? "a control engineer" : state.person) + " since " +
               format_utc(state.since);
    }
    if (state.state == OperationalState::isolated || state.state == OperationalState::permit) {
        return "its state is " + std::string(to_string(state.state)) + " since " + format_utc(state.since);
    }
    return {};
}

}  // namespace

std::string_view to_string(AuthorityLevel level) {
    return word_of(levels, level);
}
std::optional<AuthorityLevel> parse_authority_level(std::string_view text) {
    return value_of(levels, text);
}

AuthorityAnswer authorise(AuthorityLevel configured, const std::vector<AuthorityEnvelope>& envelopes,
                          const Network& network, const AuthorityQuestion& question) {
    const std::string on_feeder = "feeder " + question.feeder + ": ";
    if (configured == AuthorityLevel::shadow) {
        return {AuthorityLevel::shadow, "", on_feeder + "the level set for this installation is shadow"};
    }
    if (const std::string reason = why_nothing_is_sent(question.state); !reason.empty()) {
        return {AuthorityLevel::shadow, "", on_feeder + "nothing is sent, " + reason};
    }
    if (const std::string reason = why_a_person_decides(network, question); !reason.empty()) {
        return {AuthorityLevel::propose, "", on_feeder + "a person decides, " + reason};
    }
    if (configured == AuthorityLevel::propose) {
        return {AuthorityLevel::propose, "", on_feeder + "the level set for this installation is propose"};
    }

    std::string refusals;
    constexpr std::size_t refusals_told_max = 5;
    std::size_t refused = 0;
    for (const AuthorityEnvelope& envelope : envelopes) {
        const std::string reason = why_not_covered(envelope, network, question);
        if (reason.empty()) {
            return {AuthorityLevel::act, envelope.id,
                    on_feeder + "envelope " + envelope.id + " of " + envelope.granted_by + " allows " +
                        in_kw(question.power) + " for " + in_pounds(question.cost) + " until " +
                        format_utc(envelope.until)};
        }
        if (refused < refusals_told_max) {
            refusals += (refused == 0 ? ": " : "; ") + envelope.id + " " + reason;
        }
        ++refused;
    }
    if (refused > refusals_told_max) {
        refusals += "; and " + std::to_string(refused - refusals_told_max) + " more";
    }
    return {AuthorityLevel::propose, "", on_feeder + "a person decides, no envelope covers this" + refusals};
}

}  // namespace headroom::grid
