#include "core/settings_doc.hpp"

#include "core/reflect_schema.hpp"

#include <functional>
#include <utility>

namespace headroom {
namespace {

/// Calls `visit` with each section: its name, its schema, its defaults.
void for_each_section(const std::function<void(const std::string& name, const json::Value& schema,
                                               const json::Value& defaults)>& visit) {
    const json::Value schema(json_schema<Settings>());
    const json::Value defaults = to_json(Settings{});
    for (const auto& [name, section] : schema.get("properties")->as_object()->members()) {
        visit(name.str(), section, *defaults.get(name));
    }
}

std::string number_text(const json::Value* value) {
    return value != nullptr ? json::write(*value) : std::string();
}

std::string range_text(const std::string& least, const std::string& most, const std::string& what) {
    const std::string tail = what.empty() ? "" : " " + what;
    if (!least.empty() && !most.empty()) {
        return least + " to " + most + tail;
    }
    if (!most.empty()) {
        return "at most " + most + tail;
    }
    return least.empty() ? "" : "at least " + least + tail;
}

/// What the schema allows, in words: "1 to 86400 s", "shadow, propose or act".
std::string bounds_text(const json::Value& schema) {
    if (const json::Value* words = schema.get("enum")) {
        std::string text;
        const json::Array& list = *words->as_array();
        for (std::size_t i = 0; i < list.size(); ++i) {
            text += (i == 0 ? "" : i + 1 == list.size() ? " or " : ", ") + *list[i].as_string();
        }
        return text;
    }
    const std::string type = schema.text("/type");
    if (type == "string") {
        return range_text(number_text(schema.get("minLength")), number_text(schema.get("maxLength")),
                          "characters");
    }
    if (type == "array") {
        return range_text(number_text(schema.get("minItems")), number_text(schema.get("maxItems")),
                          "entries");
    }
    return range_text(number_text(schema.get("minimum")), number_text(schema.get("maximum")),
                      schema.text("/x-unit"));
}

std::string remarks(const json::Value& schema) {
    std::string text;
    if (schema.get("writeOnly") != nullptr) {
        text += " Secret: never shown.";
    }
    if (schema.get("x-unused") != nullptr) {
        text += " Accepted, not used yet.";
    }
    return text;
}

/// An entry of a list as an inline table of TOML, with the examples of its fields.
std::string example_entry(const json::Value& items) {
    std::string text = "{";
    for (const auto& [name, field] : items.get("properties")->as_object()->members()) {
        const json::Value* examples = field.get("examples");
        text += (text.size() > 1 ? ", " : "") + name + " = " +
                (examples != nullptr ? json::write((*examples->as_array())[0]) : std::string("\"…\""));
    }
    return text + "}";
}

void append_key(std::string& out, const json::Key& name, const json::Value& schema,
                const json::Value& value) {
    const std::string bounds = bounds_text(schema);
    out += "\n# " + schema.text("/description") + remarks(schema) + "\n";
    if (!bounds.empty()) {
        out += "#   " + bounds + "\n";
    }
    if (const json::Value* items = schema.get("items"); items != nullptr && items->get("properties")) {
        out += "#   for example: " + name + " = [" + example_entry(*items) + "]\n";
    }
    out += "# " + name + " = " + json::write(value) + "\n";
}

std::string variable_of(const std::string& key) {
    std::string variable = "HEADROOM_";
    for (const char c : key) {
        if (c == '.') {
            variable += "__";
        } else {
            variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return variable;
}

void append_row(std::string& out, const std::string& key, const json::Value& schema,
                const json::Value& value) {
    std::string names = "`" + variable_of(key) + "`";
    for (const PlainSettingName& plain : plain_setting_names) {
        if (plain.key == key) {
            names += ", `" + std::string(plain.variable) + "`";
        }
    }
    out += "| `" + key + "` | `" + json::write(value) + "` | " + bounds_text(schema) + " | " +
           schema.text("/description") + remarks(schema) + " | " + names + " |\n";
}

}  // namespace

std::vector<ShownSetting> shown_settings(const LoadedSettings& loaded) {
    std::vector<ShownSetting> shown;
    const json::Value values = to_json(loaded.settings);
    for_each_section([&](const std::string& section, const json::Value& schema, const json::Value&) {
        for (const auto& [name, field] : schema.get("properties")->as_object()->members()) {
            ShownSetting setting;
            setting.key = section + "." + name;
            setting.value = *values.get(section)->get(name);
            setting.origin = loaded.origins.at(setting.key);
            setting.is_secret = field.get("writeOnly") != nullptr;
            setting.is_used = field.get("x-unused") == nullptr;
            const std::string* text = setting.value.as_string();
            if (setting.is_secret && (text == nullptr || !text->empty())) {
                setting.value = json::Value(std::string(secret_mask));
            }
            shown.push_back(std::move(setting));
        }
    });
    return shown;
}

json::Object settings_schema() {
    json::Object schema = json_schema<Settings>();
    schema.set("title", "Settings of Headroom");
    return schema;
}

std::string settings_template() {
    std::string out =
        "# Settings of Headroom " HEADROOM_VERSION
        ", made by headroom init. Every key stands here with its default;\n"
        "# take the # away in front of a key to change it. `headroom config check` tells what is wrong,\n"
        "# `headroom config show --origin` where each value in force came from.\n";
    for_each_section([&](const std::string& section, const json::Value& schema, const json::Value& defaults) {
        out += "\n# " + schema.text("/description") + "\n[" + section + "]\n";
        for (const auto& [name, field] : schema.get("properties")->as_object()->members()) {
            append_key(out, name, field, *defaults.get(name));
        }
    });
    return out;
}

std::string settings_markdown() {
    std::string out =
        "# Settings\n\n"
        "Made by `scripts/make_docs` from the table in `src/core/settings.hpp`; do not edit. How settings "
        "are "
        "given stands in\n[setup.md](setup.md#settings), the `.env` file in "
        "[formats/env-file.md](formats/env-file.md).\n\n"
        "The strongest source wins:\n\n"
        "1. a flag (`--port 9000`, `--set server.port=9000`)\n"
        "2. the environment as `HEADROOM_SECTION__KEY`\n"
        "3. the environment under a plain name that is in use elsewhere (`PORT`); an empty one counts as not "
        "set\n"
        "4. `.env` in the working directory, or the file given with `--env-file`\n"
        "5. the file given with `--config`\n"
        "6. `~/.config/headroom/config.toml` (`$XDG_CONFIG_HOME` is respected)\n"
        "7. `/etc/headroom/config.toml`\n"
        "8. the default\n\n"
        "A secret is never shown again. Each has a twin `…_file` that names a file holding it; of the two "
        "the "
        "stronger source\nwins, and both in one source is an error.\n";
    for_each_section([&](const std::string& section, const json::Value& schema, const json::Value& defaults) {
        out += "\n## " + section + "\n\n" + schema.text("/description") +
               "\n\n| key | default | allowed | what it does | environment |\n|---|---|---|---|---|\n";
        for (const auto& [name, field] : schema.get("properties")->as_object()->members()) {
            append_row(out, section + "." + name, field, *defaults.get(name));
        }
    });
    return out;
}

}  // namespace headroom
