#include "sim/provider_faults.hpp"

#include "beckn/decimal.hpp"
#include "core/random.hpp"

#include <array>

namespace headroom::sim {

using beckn::Action;

namespace {

constexpr std::int64_t certain_ppm = 1'000'000;
constexpr std::array<std::string_view, fault_kinds> fault_words{
    "delay",
    "drop",
    "duplicate",
    "reorder",
    "late",
    "wrong_message_id",
    "bad_signature",
    "expired_signature",
    "skewed_clock",
    "partial_commitment",
    "quote_change",
    "quote_expiry",
    "nack",
    "no_callback_202",
    "no_callback_409",
    "server_error",
    "timeout",
    "bad_items",
    "huge_catalogue",
    "paged_telemetry",
    "unsolicited_cancel",
    "unsolicited_update",
    "under_delivery",
    "crash",
};

std::string all_words() {
    std::string text;
    for (const std::string_view word : fault_words) {
        text += text.empty() ? "" : ", ";
        text += word;
    }
    return text;
}

}  // namespace

std::string_view to_string(FaultKind kind) {
    return fault_words[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> parse_fault_kind(std::string_view text) {
    for (std::size_t i = 0; i < fault_words.size(); ++i) {
        if (fault_words[i] == text) {
            return static_cast<FaultKind>(i);
        }
    }
    return std::nullopt;
}

bool concerns(FaultKind kind, Action request) {
    switch (kind) {
        case FaultKind::partial_commitment:
        case FaultKind::unsolicited_cancel:
        case FaultKind::unsolicited_update:
        case FaultKind::crash:
            return request == Action::confirm;
        case FaultKind::quote_change:
            return request == Action::init;
        case FaultKind::quote_expiry:
            return request == Action::select || request == Action::init;
        case FaultKind::bad_items:
        case FaultKind::huge_catalogue:
            return request == Action::search;
        case FaultKind::paged_telemetry:
        case FaultKind::under_delivery:
            return request == Action::status;
        default:
            return true;
    }
}

DrawnFaults draw_faults(const std::vector<FaultRule>& rules, std::uint64_t seed, std::string_view provider,
                        std::string_view transaction, Action request) {
    DrawnFaults drawn;
    if (rules.empty()) {
        return drawn;
    }
    std::string name(provider);
    name += '\n';
    name += transaction;
    drawn.seed_ = seed;
    drawn.entity_ = Random::key(name);
    drawn.step_ = static_cast<std::uint64_t>(request);
    const Random random(seed);
    for (const FaultRule& rule : rules) {
        const bool is_meant = concerns(rule.kind, request) && rule.action.value_or(request) == request;
        // Streams of kinds are even, those of `between` odd.
        const std::uint64_t stream = 2 * static_cast<std::uint64_t>(rule.kind);
        if (is_meant && random.below(static_cast<std::uint64_t>(certain_ppm), drawn.entity_, drawn.step_,
                                     stream) < static_cast<std::uint64_t>(rule.chance_ppm)) {
            drawn.add(rule.kind);
        }
    }
    return drawn;
}

std::int64_t DrawnFaults::between(FaultKind kind, std::int64_t low, std::int64_t high) const {
    if (high <= low) {
        return low;
    }
    const std::uint64_t stream = 2 * static_cast<std::uint64_t>(kind) + 1;
    const auto count = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(Random(seed_).below(count, entity_, step_, stream));
}

Result<std::vector<FaultRule>> parse_fault_rule(std::string_view text) {
    const std::string whole(text);
    FaultRule rule;
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
        const Result<std::int64_t> chance =
            beckn::parse_decimal(text.substr(equals + 1), beckn::share_decimals);
        if (!chance || *chance < 0 || *chance > certain_ppm) {
            return Error{Errc::invalid, "fault '" + whole + "': its chance must be a number from 0 to 1"};
        }
        rule.chance_ppm = *chance;
        text = text.substr(0, equals);
    }
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        rule.action = beckn::parse_action(text.substr(0, colon));
        if (!rule.action || beckn::is_callback(*rule.action)) {
            return Error{Errc::invalid, "fault '" + whole + "': '" + std::string(text.substr(0, colon)) +
                                            "' is no request, such as confirm"};
        }
        text = text.substr(colon + 1);
    }
    std::vector<FaultRule> rules;
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        rule.kind = static_cast<FaultKind>(i);
        if (text == "all" || text == fault_words[i]) {
            rules.push_back(rule);
        }
    }
    if (rules.empty()) {
        return Error{Errc::invalid,
                     "fault '" + whole + "': there is no such fault; there are all, " + all_words()};
    }
    return rules;
}

}  // namespace headroom::sim
