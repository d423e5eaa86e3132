#include "core/settings_services.hpp"

#include "core/settings_tree.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace headroom {

namespace {

template <std::size_t N>
bool is_any_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

void check_llm(const LlmSettings& settings, SettingsTree& tree) {
    if (!is_any_of<4>(settings.format, {"openai-chat", "openai-responses", "gemini", "anthropic"})) {
        tree.add_fault("/llm/format", "must be openai-chat, openai-responses, gemini or anthropic");
    }
    const std::string& url = settings.url;
    const bool is_http = url.starts_with("http://") || url.starts_with("https://");
    if (!url.empty() && (!is_http || url.ends_with('/') || url.find_first_of("?# ") != std::string::npos)) {
        tree.add_fault("/llm/url", "must begin with http:// or https:// and not end in /");
    }
    if (!is_any_of<2>(settings.tokens_field, {"max_tokens", "max_completion_tokens"})) {
        tree.add_fault("/llm/tokens_field", "must be max_tokens or max_completion_tokens");
    }
    if (!is_any_of<2>(settings.share, {"figures", "names"})) {
        tree.add_fault("/llm/share", "must be figures or names");
    }
    if (settings.enabled && settings.model.empty()) {
        tree.add_fault("/llm/model", "is needed once a model is enabled");
    }
}

}  // namespace headroom
