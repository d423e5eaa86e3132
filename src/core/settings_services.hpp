#pragma once

#include "core/reflect_json.hpp"

#include <string>

namespace headroom {

// Settings of services outside: language models, a database. Each secret has a twin `…_file`
// that names a file holding it.

struct LlmSettings {
    std::string google_api_key;
    std::string google_api_key_file;
    std::string openai_api_key;
    std::string openai_api_key_file;
};

struct StoreSettings {
    std::string database_url;
    std::string database_url_file;
};

/// Longest secret taken, in characters.
inline constexpr int secret_length_max = 512;

namespace settings_detail {

constexpr FieldOptions unused_secret(int maximum = secret_length_max) {
    return {.maximum = static_cast<double>(maximum), .required = false, .secret = true, .unused = true};
}
constexpr FieldOptions secret_file() {
    return {.maximum = 4'096, .required = false, .example = "\"/run/secrets/key\""};
}

}  // namespace settings_detail

template <>
struct Fields<LlmSettings> {
    static constexpr std::string_view name = "LlmSettings";
    static constexpr auto table = std::make_tuple(
        field("google_api_key", &LlmSettings::google_api_key, "Key of Google's Gemini API.",
              settings_detail::unused_secret()),
        field("google_api_key_file", &LlmSettings::google_api_key_file,
              "File that holds google_api_key, instead of the key itself.", settings_detail::secret_file()),
        field("openai_api_key", &LlmSettings::openai_api_key, "Key of an OpenAI-compatible API.",
              settings_detail::unused_secret()),
        field("openai_api_key_file", &LlmSettings::openai_api_key_file,
              "File that holds openai_api_key, instead of the key itself.", settings_detail::secret_file()));
};
template <>
struct Fields<StoreSettings> {
    static constexpr std::string_view name = "StoreSettings";
    static constexpr auto table = std::make_tuple(
        field("database_url", &StoreSettings::database_url,
              "Database for records. Only empty is supported yet: records are kept in SQLite under data.dir.",
              {.maximum = 2'048, .required = false, .secret = true}),
        field("database_url_file", &StoreSettings::database_url_file,
              "File that holds database_url, instead of the URL itself.", settings_detail::secret_file()));
};

}  // namespace headroom
