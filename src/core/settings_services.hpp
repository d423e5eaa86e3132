#pragma once

#include "core/reflect_json.hpp"

#include <cstdint>
#include <string>

namespace headroom {

// Settings of services outside: language models, a database. Each secret has a twin `…_file`
// that names a file holding it.

/// How a language model is asked. Nothing is asked unless it is enabled.
struct LlmSettings {
    bool enabled = false;
    std::string format = "openai-chat";
    std::string url;
    std::string model;
    std::int64_t budget_ms = 20'000;
    std::int64_t output_tokens_max = 2'048;
    std::string tokens_field = "max_tokens";
    bool send_temperature = true;
    std::int64_t tokens_per_day = 1'000'000;
    std::string share = "figures";
    std::string google_api_key;
    std::string google_api_key_file;
    std::string openai_api_key;
    std::string openai_api_key_file;
    std::string anthropic_api_key;
    std::string anthropic_api_key_file;
};

class SettingsTree;
/// Adds a fault for a format, a URL or a class of data that there is not, and for a model that is enabled
/// without a name.
void check_llm(const LlmSettings& settings, SettingsTree& tree);

/// What scenarios are run over.
struct ScenarioSettings {
    std::string assets_file;
    std::string dir;
};

/// The operator's rules for plans.
struct RulesSettings {
    std::string file;
};

struct StoreSettings {
    std::string database_url;
    std::string database_url_file;
};

/// Longest secret taken, in characters.
inline constexpr int secret_length_max = 512;

namespace settings_detail {

constexpr FieldOptions unused_secret() {
    return {
        .maximum = static_cast<double>(secret_length_max), .required = false, .secret = true, .unused = true};
}
constexpr FieldOptions service_secret() {
    return {.maximum = static_cast<double>(secret_length_max), .required = false, .secret = true};
}
constexpr FieldOptions secret_file() {
    return {.maximum = 4'096, .required = false, .example = "\"/run/secrets/key\""};
}

}  // namespace settings_detail

template <>
struct Fields<LlmSettings> {
    static constexpr std::string_view name = "LlmSettings";
    static constexpr auto table = field_table(
        field("enabled", &LlmSettings::enabled,
              "Whether a model is asked at all. Without one every plan and answer is Headroom's own.",
              {.required = false}),
        field("format", &LlmSettings::format,
              "What the server speaks: openai-chat, openai-responses, gemini or anthropic.",
              {.minimum = 1, .maximum = 32, .required = false}),
        field("url", &LlmSettings::url,
              "Base URL of the server; empty for the service that the format comes from.",
              {.maximum = 1'024, .required = false, .example = "\"http://127.0.0.1:11434/v1\""}),
        field("model", &LlmSettings::model, "Name of the model, as the server knows it.",
              {.maximum = 256, .required = false, .example = "\"llama3.1:8b\""}),
        field("budget_ms", &LlmSettings::budget_ms,
              "Time for one question in all, tries and rounds included.",
              {.unit = "ms", .minimum = 100, .maximum = 600'000, .required = false}),
        field("output_tokens_max", &LlmSettings::output_tokens_max, "Longest answer asked for.",
              {.unit = "tokens", .minimum = 64, .maximum = 65'536, .required = false}),
        field("tokens_field", &LlmSettings::tokens_field,
              "Name under which the server takes output_tokens_max: max_tokens or max_completion_tokens.",
              {.minimum = 1, .maximum = 64, .required = false}),
        field("send_temperature", &LlmSettings::send_temperature,
              "Whether temperature 0 and a seed are sent; some models refuse them.", {.required = false}),
        field("tokens_per_day", &LlmSettings::tokens_per_day,
              "After so many tokens in a UTC day nothing more is asked.",
              {.unit = "tokens", .minimum = 0, .maximum = 1'000'000'000'000, .required = false}),
        field("share", &LlmSettings::share,
              "What may leave the site: figures under pseudonymous ids, or names as well.",
              {.minimum = 1, .maximum = 16, .required = false}),
        field("google_api_key", &LlmSettings::google_api_key, "Key of Google's Gemini API.",
              settings_detail::service_secret()),
        field("google_api_key_file", &LlmSettings::google_api_key_file,
              "File that holds google_api_key, instead of the key itself.", settings_detail::secret_file()),
        field("openai_api_key", &LlmSettings::openai_api_key, "Key of an OpenAI-compatible API.",
              settings_detail::service_secret()),
        field("openai_api_key_file", &LlmSettings::openai_api_key_file,
              "File that holds openai_api_key, instead of the key itself.", settings_detail::secret_file()),
        field("anthropic_api_key", &LlmSettings::anthropic_api_key, "Key of Anthropic's API.",
              settings_detail::service_secret()),
        field("anthropic_api_key_file", &LlmSettings::anthropic_api_key_file,
              "File that holds anthropic_api_key, instead of the key itself.",
              settings_detail::secret_file()));
};
template <>
struct Fields<ScenarioSettings> {
    static constexpr std::string_view name = "ScenarioSettings";
    static constexpr auto table = field_table(
        field("assets_file", &ScenarioSettings::assets_file,
              "Assets that scenarios project; empty for the illustrative London set that is built in.",
              {.maximum = 4'096, .required = false, .example = "\"assets.json\""}),
        field("dir", &ScenarioSettings::dir, "Folder of scenario files, listed beside the built-in ones.",
              {.maximum = 4'096, .required = false, .example = "\"scenarios\""}));
};
template <>
struct Fields<RulesSettings> {
    static constexpr std::string_view name = "RulesSettings";
    static constexpr auto table = field_table(
        field("file", &RulesSettings::file,
              "The operator's rules: who may be asked, when, at what price. Empty for the built-in ones.",
              {.maximum = 4'096, .required = false, .example = "\"rules.toml\""}));
};
template <>
struct Fields<StoreSettings> {
    static constexpr std::string_view name = "StoreSettings";
    static constexpr auto table = field_table(
        field("database_url", &StoreSettings::database_url,
              "Database for records. Only empty is supported yet: records are kept in SQLite under data.dir.",
              {.maximum = 2'048, .required = false, .secret = true}),
        field("database_url_file", &StoreSettings::database_url_file,
              "File that holds database_url, instead of the URL itself.", settings_detail::secret_file()));
};

}  // namespace headroom
