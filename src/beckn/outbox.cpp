#include "beckn/outbox.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <array>

namespace headroom::beckn {

namespace {

constexpr std::array<std::string_view, 8> outbox_words{"kept",   "sending", "accepted",    "answered",
                                                       "closed", "refused", "unreachable", "expired"};
constexpr std::int64_t backoff_doublings_max = 6;

milliseconds backoff_before(std::int64_t send, const OutboxRules& rules) {
    const std::int64_t doublings = std::min(std::max<std::int64_t>(0, send - 2), backoff_doublings_max);
    return rules.backoff * (std::int64_t{1} << doublings);
}

OutboxEffect send_again(OutboxEntry& entry, const OutboxRules& rules) {
    if (entry.sends >= rules.sends_max) {
        entry.state = OutboxState::unreachable;
        return {};
    }
    ++entry.sends;
    return {.send = true, .after = backoff_before(entry.sends, rules)};
}

}  // namespace

std::string_view to_string(OutboxState state) {
    return outbox_words[static_cast<std::size_t>(state)];
}

std::optional<OutboxState> parse_outbox_state(std::string_view text) {
    const auto* const found = std::find(outbox_words.begin(), outbox_words.end(), text);
    if (found == outbox_words.end()) {
        return std::nullopt;
    }
    return static_cast<OutboxState>(found - outbox_words.begin());
}

std::pair<OutboxEntry, OutboxEffect> step(OutboxEntry entry, OutboxEvent event, const Ack& ack,
                                          const OutboxRules& rules) {
    OutboxEffect effect;
    const bool is_open = entry.state == OutboxState::kept || entry.state == OutboxState::sending;
    switch (event) {
        case OutboxEvent::start:
            if (is_open) {
                // A restart counts anew: what was sent before the crash is not known.
                entry.sends = 1;
                entry.state = OutboxState::sending;
                effect.send = true;
            }
            break;
        case OutboxEvent::answer:
            if (entry.state != OutboxState::sending) {
                break;
            }
            entry.error = ack.error;
            switch (ack.kind) {
                case AckKind::accepted:
                    entry.state = OutboxState::accepted;
                    break;
                case AckKind::closed:
                    entry.state = OutboxState::closed;
                    break;
                case AckKind::refused:
                    entry.state = OutboxState::refused;
                    break;
                case AckKind::failed:
                    effect = send_again(entry, rules);
                    break;
            }
            break;
        case OutboxEvent::callback:
            // The answer itself proves that the peer has the request, whatever became of its ACK.
            if (!is_settled(entry.state) || entry.state == OutboxState::unreachable) {
                entry.state = OutboxState::answered;
            }
            break;
        case OutboxEvent::deadline:
            if (!is_settled(entry.state)) {
                entry.state = OutboxState::expired;
            }
            break;
    }
    return {std::move(entry), effect};
}

}  // namespace headroom::beckn
