#pragma once

#include "core/json.hpp"

#include <cstddef>
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

/// Values laid over one another: defaults, then a file, then the environment, then flags. Each value
/// remembers where it came from. Which keys there are and what they hold comes from a JSON Schema
/// (reflect_schema.hpp), so the tree knows no struct.
class SettingsTree {
  public:
    /// `defaults` holds every key of `schema`.
    SettingsTree(json::Value schema, json::Object defaults);

    /// Lays a TOML text over the tree; `name` is what faults call it.
    void add_toml(std::string_view text, const std::string& name);
    /// `HEADROOM_SECTION__KEY`; other variables are passed over. A list or table is given as JSON text.
    void add_environment(const std::map<std::string, std::string>& variables);
    /// Each "section.key=value".
    void add_flags(const std::vector<std::string>& flags);
    /// A fault in the value at `pointer`, found by whoever read the values.
    void add_fault(const std::string& pointer, std::string message);

    [[nodiscard]] const json::Value& values() const { return values_; }
    /// Where each value came from, by its dotted key; a list is one value unless a file spells out its
    /// entries.
    [[nodiscard]] const std::map<std::string, std::string>& origins() const { return origins_; }
    [[nodiscard]] const std::vector<SettingsFault>& faults() const { return faults_; }

  private:
    void add_text(const std::string& key, std::string_view text, const std::string& where);
    void set(const std::string& key, json::Value value, const std::string& where);
    [[nodiscard]] std::string unknown_key(const std::string& key) const;

    json::Value schema_;
    json::Value values_;
    std::map<std::string, std::string> origins_;
    std::vector<SettingsFault> faults_;
};

/// How many single-character insertions, removals and replacements lie between two words.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace headroom
