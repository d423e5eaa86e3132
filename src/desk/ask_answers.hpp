#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// What an answer rests on.
struct CitationAnswer {
    std::string kind = {};
    std::string label = {};
    std::string path = {};
    std::optional<std::int64_t> seq = {};
};

struct AskAnswer {
    std::string question = {};
    std::string text = {};
    std::string answered_by = {};
    std::string verdict = {};
    bool sourced = false;
    std::vector<CitationAnswer> citations = {};
    std::vector<std::string> unsourced = {};
    std::string model = {};
    double latency_ms = 0.0;
    std::vector<std::int64_t> exchanges = {};
};

struct CopilotAnswer {
    std::string state = {};
    std::string format = {};
    std::string model = {};
    std::string share = {};
    std::string last_fault = {};
    std::optional<UtcTime> open_until = {};
    std::int64_t tokens_today = 0;
    std::int64_t tokens_per_day = 0;
    std::int64_t requests = 0;
    std::int64_t failures = 0;
    double last_latency_ms = 0.0;
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::CitationAnswer> {
    using T = desk::CitationAnswer;
    static constexpr std::string_view name = "Citation";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("kind", &T::kind, "query: of the desk. entry: of the audit log. passage: of a rulebook."),
        field("label", &T::label, "In words.", {.example = R"("feeder LV-017")"}),
        field("path", &T::path, "Where the same can be read.", {.example = R"("/api/v1/feeders/LV-017")"}),
        field("seq", &T::seq, "Of an entry: its number in the audit log."));
};

template <>
struct Fields<desk::AskAnswer> {
    using T = desk::AskAnswer;
    static constexpr std::string_view name = "AskAnswer";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("question", &T::question, "As it was asked."),
        field("text", &T::text, "Plain text, to be shown as such."),
        field("answered_by", &T::answered_by,
              "model: its words, every figure held against the desk's. desk: Headroom's own words. nobody: "
              "see text."),
        field("verdict", &T::verdict,
              "answered, unsourced, figures_refused, not_understood, or why no model answered: llm_disabled, "
              "llm_breaker_open, llm_budget, llm_timeout, llm_unavailable, llm_schema."),
        field("sourced", &T::sourced,
              "Whether the answer rests on what it cites; without a source it says so."),
        field("citations", &T::citations, "Queries, audit entries and passages that were used."),
        field("unsourced", &T::unsourced,
              "Figures of the model that nothing cited has; such an answer is not shown."),
        field("model", &T::model, "As it calls itself; empty without one."),
        field("latency_ms", &T::latency_ms, "From question to answer.", {.unit = "ms"}),
        field("exchanges", &T::exchanges, "Audit entries of the exchanges with the model."));
};

template <>
struct Fields<desk::CopilotAnswer> {
    using T = desk::CopilotAnswer;
    static constexpr std::string_view name = "Copilot";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("state", &T::state,
              "off: no model is asked. ok. breaker: left alone until open_until. probing: one request is "
              "out. spent: "
              "the day's tokens are used up.",
              {.example = R"("off")"}),
        field("format", &T::format, "What the server speaks.", {.example = R"("openai-chat")"}),
        field("model", &T::model, "As it is configured."),
        field("share", &T::share, "What may leave the site: figures or names.", {.example = R"("figures")"}),
        field("last_fault", &T::last_fault, "Of the newest failure; empty after a success."),
        field("open_until", &T::open_until, "Of the breaker, wall time."),
        field("tokens_today", &T::tokens_today, "Used in this UTC day.", {.unit = "tokens"}),
        field("tokens_per_day", &T::tokens_per_day, "At most.", {.unit = "tokens"}),
        field("requests", &T::requests, "Sent since start, tries included."),
        field("failures", &T::failures, "Requests without an answer that could be read."),
        field("last_latency_ms", &T::last_latency_ms, "Of the newest request.", {.unit = "ms"}));
};

}  // namespace headroom
