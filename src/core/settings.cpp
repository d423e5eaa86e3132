#include "core/settings.hpp"

#include "core/digest.hpp"
#include "core/reflect_schema.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

namespace headroom {
namespace {

constexpr std::size_t file_bytes_max = 1024UL * 1024;

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return text.starts_with(beginning); });
}

/// What one field alone cannot say.
void check_together(const Settings& settings, SettingsTree& tree) {
    const std::string& broker = settings.mqtt.url;
    if (!broker.empty() && !starts_with_any(broker, {"mqtt://", "mqtts://"})) {
        tree.add_fault("/mqtt/url", "must begin with mqtt:// or mqtts://");
    }
    if (settings.mqtt.prefix.find_first_of("#+") != std::string::npos ||
        settings.mqtt.prefix.ends_with('/')) {
        tree.add_fault("/mqtt/prefix", "must not hold # or + or end in /");
    }

    const BecknSettings& beckn = settings.beckn;
    if (!beckn.providers.empty()) {
        if (beckn.subscriber_id.empty()) {
            tree.add_fault("/beckn/subscriber_id", "is needed to sign what providers are asked");
        }
        if (beckn.key_id.empty()) {
            tree.add_fault("/beckn/key_id", "is needed to sign what providers are asked");
        }
    }
    std::set<std::string> ids;
    for (std::size_t i = 0; i < beckn.providers.size(); ++i) {
        const ProviderSettings& provider = beckn.providers[i];
        const std::string pointer = "/beckn/providers/" + std::to_string(i);
        if (!ids.insert(provider.id.value).second) {
            tree.add_fault(pointer + "/id", "stands twice: " + provider.id.value);
        }
        if (!starts_with_any(provider.url, {"http://", "https://"})) {
            tree.add_fault(pointer + "/url", "must begin with http:// or https://");
        }
        const Result<std::string> key = from_base64(provider.public_key);
        if (!key || key->size() != Ed25519PublicKey{}.size()) {
            tree.add_fault(pointer + "/public_key", "must be 32 bytes in base64");
        }
    }

    const RiskSettings& risk = settings.risk;
    if (risk.live_persistence > risk.live_window) {
        tree.add_fault("/risk/live_persistence", "is more than live_window, so it could never be met");
    }
}

SettingsTree make_tree() {
    const json::Value defaults = to_json(Settings{});
    return {json::Value(json_schema<Settings>()), *defaults.as_object()};
}

SettingsCheck finish(SettingsTree& tree, const SettingsSources& sources) {
    tree.add_environment(sources.environment);
    tree.add_flags(sources.flags);

    std::vector<Fault> faults;
    std::optional<Settings> settings = read_json<Settings>(tree.values(), faults);
    for (Fault& fault : faults) {
        tree.add_fault(fault.pointer, std::move(fault.detail));
    }
    if (settings) {
        check_together(*settings, tree);
    }
    if (!tree.faults().empty()) {
        return {std::nullopt, tree.faults()};
    }
    return {LoadedSettings{std::move(*settings), tree.origins()}, {}};
}

/// The file's text, or why there is none.
Result<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return Error{Errc::not_found, "cannot be opened", ""};
    }
    std::string text(file_bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad() || (in.fail() && !in.eof())) {
        return Error{Errc::unavailable, "cannot be read", ""};
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > file_bytes_max) {
        return Error{Errc::invalid, "is longer than " + std::to_string(file_bytes_max) + " bytes", ""};
    }
    return text;
}

}  // namespace

std::string_view to_string(StartLevel level) {
    switch (level) {
        case StartLevel::shadow:
            return "shadow";
        case StartLevel::propose:
            return "propose";
        case StartLevel::act:
            return "act";
    }
    HEADROOM_ASSERT(false && "a StartLevel outside its enumeration");
    return "shadow";
}

SettingsCheck check_settings_text(std::string_view toml, const std::string& name,
                                  const SettingsSources& sources) {
    SettingsTree tree = make_tree();
    tree.add_toml(toml, name);
    return finish(tree, sources);
}

SettingsCheck check_settings(const SettingsSources& sources) {
    if (!sources.file) {
        SettingsTree tree = make_tree();
        return finish(tree, sources);
    }
    const Result<std::string> text = read_file(*sources.file);
    if (!text) {
        return {std::nullopt, {{sources.file->string(), "", text.error().message}}};
    }
    return check_settings_text(*text, sources.file->string(), sources);
}

Result<LoadedSettings> load_settings(const SettingsSources& sources) {
    SettingsCheck check = check_settings(sources);
    if (check.loaded) {
        return std::move(*check.loaded);
    }
    std::string message;
    for (const SettingsFault& fault : check.faults) {
        message += (message.empty() ? "" : "\n") + fault.sentence();
    }
    return Error{Errc::invalid, std::move(message), ""};
}

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

}  // namespace headroom
