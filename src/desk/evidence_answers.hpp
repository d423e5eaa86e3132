#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct MessageAnswer {
    std::string action = {};
    std::string provider = {};
    std::string direction = {};
    UtcTime at{};
    std::optional<double> latency_ms = {};
    std::string signature = {};
    std::string outcome = {};
    std::string message_id = {};
    std::string sha256 = {};
    std::int64_t seq = 0;
};

struct SearchProviderAnswer {
    std::string provider = {};
    bool answered = false;
    double latency_ms = 0.0;
    std::string fault = {};
    std::int64_t round = 0;
};

struct AuditLineAnswer {
    std::int64_t seq = 0;
    std::string type = {};
    UtcTime at{};
    std::string outcome = {};
    std::string actor = {};
    std::string text = {};
};

struct AlarmAnswer {
    UtcTime at{};
    std::string kind = {};
    std::string detail = {};
};

struct ReplayPartAnswer {
    std::string name = {};
    bool same = false;
    std::string sha256_logged = {};
    std::string sha256_replayed = {};
    std::int64_t seq = 0;
    std::string detail = {};
};

struct ReplayAnswer {
    std::string event_id = {};
    bool same = false;
    UtcTime at{};
    std::vector<ReplayPartAnswer> parts = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::MessageAnswer> {
    using T = desk::MessageAnswer;
    static constexpr std::string_view name = "Message";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("action", &T::action, "search, on_search, select …"),
        field("provider", &T::provider, "The other side."),
        field("direction", &T::direction, "sent or received."),
        field("at", &T::at, "Wall time at which the log took it."),
        field("latency_ms", &T::latency_ms,
              "Sent: until the acknowledgement; received: since our request. Null when not known.",
              {.unit = "ms"}),
        field("signature", &T::signature, "ours, verified or refused."),
        field("outcome", &T::outcome, "ACK, or what went wrong."),
        field("message_id", &T::message_id, "Beckn message id."),
        field("sha256", &T::sha256, "Of the bytes as they crossed the wire."),
        field("seq", &T::seq, "Audit entry."));
};

template <>
struct Fields<desk::SearchProviderAnswer> {
    using T = desk::SearchProviderAnswer;
    static constexpr std::string_view name = "SearchProvider";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("provider", &T::provider, "Who was asked."),
        field("answered", &T::answered, "Within the window."),
        field("latency_ms", &T::latency_ms, "Until the answer, or until the window closed.", {.unit = "ms"}),
        field("fault", &T::fault, "Why it was left out, or what was wrong; empty when nothing was."),
        field("round", &T::round, "Planning round of the search."));
};

template <>
struct Fields<desk::AuditLineAnswer> {
    using T = desk::AuditLineAnswer;
    static constexpr std::string_view name = "AuditLine";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("seq", &T::seq, "Index in the log."),
        field("type", &T::type, "Kind of entry (docs/formats/audit.md)."), field("at", &T::at, "Wall time."),
        field("outcome", &T::outcome, "ok, denied, error or timeout."),
        field("actor", &T::actor, "kind:id of who did it."),
        field("text", &T::text, "In a sentence; empty where there is none."));
};

template <>
struct Fields<desk::AlarmAnswer> {
    using T = desk::AlarmAnswer;
    static constexpr std::string_view name = "Alarm";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(field("at", &T::at, "Wall time."),
                                              field("kind", &T::kind, "shortfall, no_flexibility, guard …"),
                                              field("detail", &T::detail, "What is wrong."));
};

template <>
struct Fields<desk::ReplayPartAnswer> {
    using T = desk::ReplayPartAnswer;
    static constexpr std::string_view name = "ReplayPart";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("name", &T::name, "raise, plan, order, guard or settlement."),
                    field("same", &T::same, "Byte for byte."),
                    field("sha256_logged", &T::sha256_logged, "As it was decided."),
                    field("sha256_replayed", &T::sha256_replayed, "As it comes out now."),
                    field("seq", &T::seq, "Audit entry of the decision."),
                    field("detail", &T::detail, "What was decided, or why it differs."));
};

template <>
struct Fields<desk::ReplayAnswer> {
    using T = desk::ReplayAnswer;
    static constexpr std::string_view name = "Replay";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(field("event_id", &T::event_id, "The event."),
                                              field("same", &T::same, "Every decision came out the same."),
                                              field("at", &T::at, "Wall time of the replay."),
                                              field("parts", &T::parts, "One per decision."));
};

}  // namespace headroom
