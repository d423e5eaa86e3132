#pragma once

#include "core/json.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace headroom {

/// One thing wrong with the settings.
struct SettingsFault {
    std::string where;    ///< "headroom.toml:12:3", "environment HEADROOM_SERVER__PORT", "flag server.port"
    std::string key;      ///< "server.port"; empty when the text as a whole is meant
    std::string message;  ///< "must be from 0 to 65535, it is 70000"
    bool operator==(const SettingsFault&) const = default;
    /// "headroom.toml:12:3: server.port must be …"
    [[nodiscard]] std::string sentence() const;
};

/// One NAME=VALUE from outside and where it stands.
struct SettingsVariable {
    std::string name;
    std::string text;
    std::string where;
};

/// Values laid over one another, layer by layer; each value remembers where it came from. Which keys there
/// are and what they hold comes from a JSON Schema (reflect_schema.hpp), so the tree knows no struct.
///
/// A secret `key` and its twin `key_file` are one choice: setting one in a later layer takes the other back;
/// setting both in one layer is a fault.
class SettingsTree {
  public:
    /// `defaults` holds every key of `schema`.
    SettingsTree(json::Value schema, json::Object defaults);

    /// Lays a TOML text over the tree; `name` is what faults call it.
    void add_toml(std::string_view text, const std::string& name);
    /// `HEADROOM_SECTION__KEY`; other variables are passed over. A list or table is given as JSON text.
    void add_variables(const std::vector<SettingsVariable>& variables);
    /// The variables that `keys` translates into settings; empty ones and others are passed over.
    void add_plain(const std::vector<SettingsVariable>& variables,
                   const std::map<std::string, std::string, std::less<>>& keys);
    /// Each "section.key=value".
    void add_flags(const std::vector<std::string>& flags);
    /// A fault in the value at `pointer`, found by whoever read the values.
    void add_fault(const std::string& pointer, std::string message);
    void add_fault(SettingsFault fault) { faults_.push_back(std::move(fault)); }
    /// Puts the secret `key` in the place of what its file named.
    void resolve_secret(const std::string& key, std::string text);

    [[nodiscard]] const json::Value& values() const { return values_; }
    /// Where each value came from, by its dotted key; a list is one value unless a file spells out its
    /// entries.
    [[nodiscard]] const std::map<std::string, std::string>& origins() const { return origins_; }
    [[nodiscard]] const std::vector<SettingsFault>& faults() const { return faults_; }
    /// The dotted keys whose schema carries `annotation` ("writeOnly", "x-unused").
    [[nodiscard]] std::vector<std::string> keys_with(std::string_view annotation) const;
    /// The text at a dotted key; empty when it holds none.
    [[nodiscard]] std::string text_at(std::string_view key) const;

  private:
    void add_text(const std::string& key, std::string_view text, const std::string& where);
    void set(const std::string& key, json::Value value, const std::string& where);
    void put(const std::string& key, json::Value value, const std::string& where);
    void take_back_twin(const std::string& key, bool is_empty, const std::string& where);
    [[nodiscard]] std::string unknown_key(const std::string& key) const;

    json::Value schema_;
    json::Value values_;
    std::map<std::string, std::string> origins_;
    std::size_t layer_ = 0;                      ///< being laid now; the defaults are 0
    std::map<std::string, std::size_t> layers_;  ///< of keys that were set
    std::vector<SettingsFault> faults_;
};

/// How many single-character insertions, removals and replacements lie between two words.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace headroom
