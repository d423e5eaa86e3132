#include "app/copilot_parts.hpp"

#include "agents/copilot_events.hpp"
#include "net/url.hpp"

#include <random>
#include <utility>

namespace headroom::app {
namespace {

const std::string& api_key_of(const LlmSettings& settings, copilot::WireFormat format) {
    switch (format) {
        case copilot::WireFormat::gemini:
            return settings.google_api_key;
        case copilot::WireFormat::anthropic:
            return settings.anthropic_api_key;
        case copilot::WireFormat::openai_chat:
        case copilot::WireFormat::openai_responses:
            return settings.openai_api_key;
    }
    HEADROOM_ASSERT(false);
    return settings.openai_api_key;
}

}  // namespace

agents::CopilotOptions copilot_options(const LlmSettings& settings) {
    agents::CopilotOptions options;
    options.is_enabled = settings.enabled;
    options.wire.format =
        copilot::parse_wire_format(settings.format).value_or(copilot::WireFormat::openai_chat);
    options.wire.model = settings.model;
    options.wire.output_tokens_max = settings.output_tokens_max;
    options.wire.tokens_field = settings.tokens_field;
    options.wire.send_temperature = settings.send_temperature;
    options.base_url = settings.url;
    options.key = api_key_of(settings, options.wire.format);
    options.budget = milliseconds{settings.budget_ms};
    options.tokens_per_day = settings.tokens_per_day;
    options.share = settings.share == "names" ? copilot::Share::names : copilot::Share::figures;
    return options;
}

Result<CopilotParts> open_copilot(const std::filesystem::path& data_dir, const LlmSettings& settings,
                                  const CopilotFeeds& feeds) {
    Result<std::unique_ptr<knowledge::Library>> library = knowledge::Library::open(data_dir / "knowledge.db");
    if (!library) {
        return library.error();
    }
    CopilotParts parts;
    parts.knowledge = std::make_unique<desk::KnowledgeDesk>(std::move(*library));
    parts.citations = std::make_unique<desk::RuleCitations>(
        desk::RuleCitations::Parts{feeds.executor, feeds.journal, *parts.knowledge});
    if (settings.enabled) {
        // Whoever names a server of his own network in the settings means it.
        if (const Result<net::Url> url = net::parse_url(settings.url)) {
            feeds.http.allow_private(url->authority());
        }
    }
    auto jitter = [random = std::mt19937_64(std::random_device()())]() mutable {
        return std::uniform_real_distribution<>(0.0, 1.0)(random);
    };
    parts.copilot = std::make_unique<agents::Copilot>(
        agents::Copilot::Parts{feeds.executor, feeds.http, feeds.journal, feeds.wall, std::move(jitter)},
        copilot_options(settings));
    // Kept by the journal that it follows.
    auto events = std::make_shared<agents::CopilotEvents>(
        agents::CopilotEvents::Parts{feeds.executor, feeds.journal, *parts.copilot});
    feeds.journal.on_entry([events](const audit::Entry& entry) { events->take(entry); });
    return parts;
}

void refresh_copilot_metrics(Metrics& metrics, agents::Copilot& copilot) {
    const agents::CopilotStatus status = copilot.status();
    const auto show = [&metrics](const char* name, const char* help, double value,
                                 Metrics::Labels labels = {}) {
        metrics.gauge(name, help, std::move(labels)).set(value);
    };
    for (const char* state : {"off", "ok", "breaker", "probing", "spent"}) {
        show("headroom_copilot_state", "1 for the state that the co-pilot is in.",
             status.state == state ? 1.0 : 0.0, {{"state", state}});
    }
    show("headroom_copilot_requests", "Requests to a language model since start, tries included.",
         static_cast<double>(status.requests));
    show("headroom_copilot_failures", "Of these, without an answer that could be read.",
         static_cast<double>(status.failures));
    show("headroom_copilot_tokens", "Tokens since start.", static_cast<double>(status.prompt_tokens),
         {{"direction", "prompt"}});
    show("headroom_copilot_tokens", "Tokens since start.", static_cast<double>(status.output_tokens),
         {{"direction", "output"}});
    show("headroom_copilot_tokens_today", "Tokens of this UTC day.",
         static_cast<double>(status.tokens_today));
    show("headroom_copilot_latency_seconds", "Of the newest request.", status.last_latency_ms / 1000.0);
    for (const auto& [verdict, count] : status.verdicts) {
        show("headroom_copilot_verdicts", "What came of asking, by verdict.", static_cast<double>(count),
             {{"verdict", verdict}});
    }
    for (const auto& [guard, count] : status.refusals) {
        show("headroom_copilot_refusals", "Proposals that a guard refused.", static_cast<double>(count),
             {{"guard", guard}});
    }
    for (const auto& [name, left] : status.limits) {
        show("headroom_copilot_provider_limit", "What the provider says is left.", left, {{"limit", name}});
    }
}

}  // namespace headroom::app
