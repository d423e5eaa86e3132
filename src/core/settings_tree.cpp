#include "core/settings_tree.hpp"

#include "core/toml.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace headroom {
namespace {

constexpr std::string_view variable_prefix = "HEADROOM_";
constexpr std::string_view variable_separator = "__";
constexpr std::string_view file_suffix = "_file";

std::string joined(const std::string& parent, std::string_view name) {
    return parent.empty() ? std::string(name) : parent + "." + std::string(name);
}

bool is_number(std::string_view name) {
    return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Takes the first name off a dotted key; nothing once no name is left. "a." holds the two names "a" and "".
std::optional<std::string_view> take_name(std::optional<std::string_view>& key) {
    if (!key) {
        return std::nullopt;
    }
    const std::string_view whole = *key;
    const std::size_t dot = whole.find('.');
    key = dot == std::string_view::npos ? std::nullopt : std::optional(whole.substr(dot + 1));
    return whole.substr(0, dot);
}

/// What the schema says of a dotted key, or nullptr. A number is an entry of a list.
const json::Value* schema_at(const json::Value& schema, std::string_view key) {
    const json::Value* here = &schema;
    std::optional<std::string_view> rest = key;
    while (const std::optional<std::string_view> name = take_name(rest)) {
        if (const json::Value* properties = here->get("properties")) {
            here = properties->get(*name);
        } else {
            here = is_number(*name) ? here->get("items") : nullptr;
        }
        if (here == nullptr) {
            return nullptr;
        }
    }
    return here;
}

bool names_a_list_entry(std::string_view key) {
    std::optional<std::string_view> rest = key;
    while (const std::optional<std::string_view> name = take_name(rest)) {
        if (is_number(*name)) {
            return true;
        }
    }
    return false;
}

std::vector<std::string> names_below(const json::Value* schema) {
    std::vector<std::string> names;
    const json::Value* properties = schema != nullptr ? schema->get("properties") : nullptr;
    if (properties != nullptr) {
        for (const auto& [name, inner] : properties->as_object()->members()) {
            names.push_back(name.str());
        }
    }
    return names;
}

void collect_annotated(const json::Value& schema, const std::string& key, std::string_view annotation,
                       std::vector<std::string>& keys) {
    if (schema.get(annotation) != nullptr) {
        keys.push_back(key);
    }
    for (const std::string& name : names_below(&schema)) {
        collect_annotated(*schema.get("properties")->get(name), joined(key, name), annotation, keys);
    }
}

void collect_origins(const json::Value& value, const std::string& key, const std::string& where,
                     std::map<std::string, std::string>& origins) {
    const json::Object* object = value.as_object();
    if (object == nullptr) {
        origins[key] = where;
        return;
    }
    for (const auto& [name, member] : object->members()) {
        collect_origins(member, joined(key, name), where, origins);
    }
}

/// Turns a TOML document into values, each with its line, and reports the keys that the schema does not know.
class TomlWalk {
  public:
    struct Found {
        std::string key;
        json::Value value;
        std::string where;
    };
    struct Unknown {
        std::string key;
        std::string where;
    };

    TomlWalk(const json::Value& schema, std::string name) : schema_(schema), name_(std::move(name)) {}

    void walk(const toml::table& table, const std::string& key) {
        for (const auto& [name, node] : table) {
            const std::string inner = joined(key, name.str());
            const std::string where = position(name.source());
            // A dot inside a quoted name would look like a deeper key.
            if (!is_known(inner, name.str())) {
                unknown.push_back({inner, where});
            } else if (const toml::table* below = node.as_table();
                       below != nullptr && schema_at(schema_, inner)->get("properties") != nullptr) {
                walk(*below, inner);
            } else {
                found.push_back({inner, value_of(node, inner), where});
            }
        }
    }

    [[nodiscard]] std::string position(const toml::source_region& source) const {
        return name_ + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
    }

    std::vector<Found> found;
    std::vector<Unknown> unknown;
    std::map<std::string, std::string> entry_positions;

  private:
    /// An empty name or one with a dot in it (both only in quotes) would be taken for another key.
    [[nodiscard]] bool is_known(const std::string& key, std::string_view last_name) const {
        return !last_name.empty() && last_name.find('.') == std::string_view::npos &&
               schema_at(schema_, key) != nullptr;
    }

    json::Value value_of(const toml::node& node, const std::string& key) {
        entry_positions[key] = position(node.source());
        if (const toml::table* table = node.as_table()) {
            json::Object object;
            for (const auto& [name, inner] : *table) {
                const std::string inner_key = joined(key, name.str());
                const json::Value* schema = schema_at(schema_, key);
                if (schema != nullptr && schema->get("properties") != nullptr &&
                    !is_known(inner_key, name.str())) {
                    unknown.push_back({inner_key, position(name.source())});
                } else {
                    object.set(std::string(name.str()), value_of(inner, inner_key));
                }
            }
            return json::Value(std::move(object));
        }
        if (const toml::array* list = node.as_array()) {
            json::Array array;
            for (const toml::node& entry : *list) {
                array.push_back(value_of(entry, key + "." + std::to_string(array.size())));
            }
            return json::Value(std::move(array));
        }
        if (const auto* text = node.as_string()) {
            return json::Value(text->get());
        }
        if (const auto* whole = node.as_integer()) {
            return json::Value(whole->get());
        }
        if (const auto* number = node.as_floating_point()) {
            return json::Value(number->get());
        }
        if (const auto* flag = node.as_boolean()) {
            return json::Value(flag->get());
        }
        return json::Value();  // dates and times: no setting is one, so the reader says what it wants instead
    }

    const json::Value& schema_;
    std::string name_;
};

/// The words of an environment variable or flag as the type that the schema wants; text where it does not
/// fit, so that the reader's fault names the type.
json::Value typed(const json::Value& schema, std::string_view text) {
    const std::string type = schema.text("/type");
    if (type == "string") {
        return json::Value(text);
    }
    const Result<json::Value> parsed = json::parse(text);
    return parsed ? *parsed : json::Value(text);
}

std::string as_dotted(std::string_view pointer) {
    std::string key(pointer.substr(pointer.empty() ? 0 : 1));
    std::replace(key.begin(), key.end(), '/', '.');
    return key;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::string SettingsFault::sentence() const {
    return where + ": " + (key.empty() ? "" : key + " ") + message;
}

SettingsTree::SettingsTree(json::Value schema, json::Object defaults)
    : schema_(std::move(schema)), values_(std::move(defaults)) {
    collect_origins(values_, "", "default", origins_);
}

std::string SettingsTree::unknown_key(const std::string& key) const {
    const std::size_t dot = key.rfind('.');
    const std::string parent = dot == std::string::npos ? "" : key.substr(0, dot);
    const std::string name = key.substr(dot == std::string::npos ? 0 : dot + 1);

    std::string nearest;
    std::size_t nearest_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
    constexpr std::size_t longest_name_compared = 64;
    if (name.size() <= longest_name_compared) {
        for (const std::string& candidate :
             names_below(parent.empty() ? &schema_ : schema_at(schema_, parent))) {
            const std::size_t distance = edit_distance(name, candidate);
            if (distance < nearest_distance && distance < candidate.size()) {
                nearest = joined(parent, candidate);
                nearest_distance = distance;
            }
        }
    }
    if (nearest.empty()) {  // perhaps the right name in the wrong section
        for (const std::string& section : names_below(&schema_)) {
            if (schema_at(schema_, joined(section, name)) != nullptr) {
                nearest = joined(section, name);
            }
        }
    }
    return nearest.empty() ? "is not a setting" : "is not a setting; did you mean " + nearest + "?";
}

std::vector<std::string> SettingsTree::keys_with(std::string_view annotation) const {
    std::vector<std::string> keys;
    collect_annotated(schema_, "", annotation, keys);
    return keys;
}

std::string SettingsTree::text_at(std::string_view key) const {
    const json::Value* here = &values_;
    std::optional<std::string_view> rest = key;
    while (const std::optional<std::string_view> name = take_name(rest)) {
        here = here != nullptr ? here->get(*name) : nullptr;
    }
    const std::string* text = here != nullptr ? here->as_string() : nullptr;
    return text != nullptr ? *text : std::string();
}

void SettingsTree::take_back_twin(const std::string& key, bool is_empty, const std::string& where) {
    const bool is_file = key.ends_with(file_suffix);
    const std::string secret = is_file ? key.substr(0, key.size() - file_suffix.size()) : key;
    const json::Value* schema = schema_at(schema_, secret);
    const std::string twin = is_file ? secret : secret + std::string(file_suffix);
    if (schema == nullptr || schema->get("writeOnly") == nullptr || schema_at(schema_, twin) == nullptr) {
        return;
    }
    const auto set_before = layers_.find(twin);
    if (set_before == layers_.end() || text_at(twin).empty()) {
        return;
    }
    if (is_empty && (is_file || set_before->second == layer_)) {
        return;  // naming no file, or spelling a default out beside it, takes nothing back
    }
    if (set_before->second == layer_) {
        faults_.push_back({where, key, "is set beside " + twin + ": give one of the two"});
        return;
    }
    layers_.erase(set_before);
    put(twin, json::Value(std::string()), where);
}

void SettingsTree::resolve_secret(const std::string& key, std::string text) {
    const std::string file_key = key + std::string(file_suffix);
    put(key, json::Value(std::move(text)),
        "file " + text_at(file_key) + " (" + file_key + ", " + origins_.at(file_key) + ")");
}

void SettingsTree::set(const std::string& key, json::Value value, const std::string& where) {
    const std::string* text = value.as_string();
    take_back_twin(key, text != nullptr && text->empty(), where);
    layers_[key] = layer_;
    put(key, std::move(value), where);
}

void SettingsTree::put(const std::string& key, json::Value value, const std::string& where) {
    json::Value* here = &values_;
    std::string_view rest = key;
    for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
        const std::string_view name = rest.substr(0, dot);
        here = here->as_object()->find(name);  // a section: the defaults hold every one
        HEADROOM_ASSERT(here != nullptr && here->is_object());
        rest.remove_prefix(dot + 1);
    }
    here->as_object()->set(std::string(rest), std::move(value));
    // What an earlier layer said about entries below this key is gone with them.
    const std::string below = key + ".";
    std::erase_if(origins_, [&](const auto& origin) { return origin.first.starts_with(below); });
    origins_[key] = where;
}

void SettingsTree::add_toml(std::string_view text, const std::string& name) {
    ++layer_;
    toml::table table;
    try {
        table = toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        const toml::source_position at = error.source().begin;
        faults_.push_back({name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column), "",
                           "no TOML: " + std::string(error.description())});
        return;
    }
    TomlWalk walk(schema_, name);
    walk.walk(table, "");
    for (const TomlWalk::Unknown& unknown : walk.unknown) {
        faults_.push_back({unknown.where, unknown.key, unknown_key(unknown.key)});
    }
    for (TomlWalk::Found& found : walk.found) {
        const bool is_section = schema_at(schema_, found.key)->get("properties") != nullptr;
        if (is_section) {
            faults_.push_back({found.where, found.key, "is a section: write [" + found.key + "]"});
        } else {
            set(found.key, std::move(found.value), found.where);
        }
    }
    for (const auto& [key, where] : walk.entry_positions) {
        // Only what lies below a list: the rest stands at its own name already.
        if (!origins_.contains(key) && schema_at(schema_, key) != nullptr) {
            origins_[key] = where;
        }
    }
}

void SettingsTree::add_text(const std::string& key, std::string_view text, const std::string& where) {
    const json::Value* schema = schema_at(schema_, key);
    if (schema == nullptr) {
        faults_.push_back({where, key, unknown_key(key)});
    } else if (schema->get("properties") != nullptr) {
        faults_.push_back({where, key, "is a section: name one of its settings"});
    } else if (names_a_list_entry(key)) {
        faults_.push_back({where, key, "is an entry of a list: give the whole list as JSON"});
    } else {
        set(key, typed(*schema, text), where);
    }
}

void SettingsTree::add_plain(const std::vector<SettingsVariable>& variables,
                             const std::map<std::string, std::string, std::less<>>& keys) {
    ++layer_;
    for (const SettingsVariable& variable : variables) {
        const auto key = keys.find(variable.name);
        if (key != keys.end() && !variable.text.empty()) {
            add_text(key->second, variable.text, variable.where);
        }
    }
}

void SettingsTree::add_variables(const std::vector<SettingsVariable>& variables) {
    ++layer_;
    for (const auto& [variable, text, where] : variables) {
        if (!variable.starts_with(variable_prefix)) {
            continue;
        }
        std::string key = variable.substr(variable_prefix.size());
        std::transform(key.begin(), key.end(), key.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        const std::size_t separator = key.find(variable_separator);
        if (separator != std::string::npos) {
            key.replace(separator, variable_separator.size(), ".");
            add_text(key, text, where);
            continue;
        }
        // Other programs may own HEADROOM_… names; but one that only lacks an underscore is meant for us.
        for (const std::string& section : names_below(&schema_)) {
            if (key.starts_with(section + "_") &&
                schema_at(schema_, section + "." + key.substr(section.size() + 1)) != nullptr) {
                std::string meant = variable;
                meant.insert(variable_prefix.size() + section.size(), "_");
                faults_.push_back({where, "", "sets nothing; did you mean " + meant + "?"});
            }
        }
    }
}

void SettingsTree::add_flags(const std::vector<std::string>& flags) {
    ++layer_;
    for (const std::string& flag : flags) {
        const std::size_t equals = flag.find('=');
        if (equals == std::string::npos) {
            faults_.push_back({"flag " + flag, "", "is not of the form section.key=value"});
        } else {
            const std::string key = flag.substr(0, equals);
            add_text(key, std::string_view(flag).substr(equals + 1), "flag " + key);
        }
    }
}

void SettingsTree::add_fault(const std::string& pointer, std::string message) {
    const std::string key = as_dotted(pointer);
    // The value itself, or else what it lies in.
    for (std::string near = key; !near.empty();
         near.resize(std::max<std::size_t>(near.rfind('.') + 1, 1) - 1)) {
        const auto origin = origins_.find(near);
        if (origin != origins_.end()) {
            faults_.push_back({origin->second, key, std::move(message)});
            return;
        }
    }
    faults_.push_back({"settings", key, std::move(message)});
}

}  // namespace headroom
