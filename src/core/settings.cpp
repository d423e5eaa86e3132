#include "core/settings.hpp"

#include "core/async.hpp"
#include "core/digest.hpp"
#include "core/env_file.hpp"
#include "core/reflect_schema.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace headroom {
namespace {

constexpr std::size_t file_bytes_max = 1024UL * 1024;
constexpr std::size_t secret_file_bytes_max = 8UL * 1024;

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return text.starts_with(beginning); });
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

void check_host(const std::string& host, SettingsTree& tree) {
    boost::system::error_code fault;
    static_cast<void>(asio::ip::make_address(host, fault));
    if (fault && !host.empty()) {
        tree.add_fault("/server/host", "is no IP address to listen on; use 127.0.0.1 or 0.0.0.0");
    }
}

void check_broker(const std::string& url, SettingsTree& tree) {
    if (url.empty()) {
        return;
    }
    if (url.starts_with("mqtts://")) {
        tree.add_fault("/mqtt/url",
                       "cannot be mqtts:// yet: give the mqtt:// address of a broker on this computer, which "
                       "may bridge to others over TLS");
    } else if (!url.starts_with("mqtt://")) {
        tree.add_fault("/mqtt/url", "must begin with mqtt://, as in mqtt://127.0.0.1:1883");
    } else if (url.find('@') != std::string::npos) {
        tree.add_fault("/mqtt/url", "must not hold a user or a password: they are not supported yet");
    }
}

/// The URL itself may hold a password, so that only its scheme is said.
void check_database(const std::string& url, SettingsTree& tree) {
    if (url.empty()) {
        return;
    }
    const std::size_t colon = url.find(':');
    const bool is_scheme =
        colon != std::string::npos && colon > 0 && colon <= 32 &&
        std::all_of(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                   c == '-' || c == '.';
        });
    tree.add_fault(
        "/store/database_url",
        (is_scheme ? "has the scheme " + url.substr(0, colon) + ", which" : "has no scheme and") +
            " is not supported yet: records are kept in SQLite under data.dir. Remedy: unset it; "
            "where DATABASE_URL is meant for another program, start with --set store.database_url=");
}

/// "https://host[:port]": no path, no wildcard, and not "null".
bool is_origin(std::string_view text) {
    const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
    return scheme > 0 && text.size() > scheme && text.find_first_of("/*? #@", scheme) == std::string::npos;
}

void check_door(const ServerSettings& server, SettingsTree& tree) {
    if (!std::all_of(server.cors_origins.begin(), server.cors_origins.end(), is_origin)) {
        tree.add_fault("/server/cors_origins",
                       "must hold origins such as https://screens.example, without a path or wildcard");
    }
    const bool has_port_or_path =
        std::any_of(server.names.begin(), server.names.end(), [](const std::string& name) {
            return name.empty() || name.find_first_of("/: ") != std::string::npos;
        });
    if (has_port_or_path) {
        tree.add_fault("/server/names", "must hold host names without scheme, port or path");
    }
}

/// What one field alone cannot say.
void check_together(const Settings& settings, SettingsTree& tree) {
    check_door(settings.server, tree);
    check_host(settings.server.host, tree);
    check_broker(settings.mqtt.url, tree);
    check_database(settings.store.database_url, tree);
    if (settings.mqtt.prefix.find_first_of("#+") != std::string::npos ||
        settings.mqtt.prefix.ends_with('/')) {
        tree.add_fault("/mqtt/prefix", "must not hold # or + or end in /");
    }

    check_iec104(settings.iec104, tree);
    check_feeds(settings.feeds, tree);
    check_llm(settings.llm, tree);

    const BecknSettings& beckn = settings.beckn;
    if (!beckn.providers.empty()) {
        if (beckn.subscriber_id.empty()) {
            tree.add_fault("/beckn/subscriber_id", "is needed to sign what providers are asked");
        }
        if (beckn.key_id.empty()) {
            tree.add_fault("/beckn/key_id", "is needed to sign what providers are asked");
        }
    }
    if (!beckn.registry_url.empty() && !starts_with_any(beckn.registry_url, {"http://", "https://"})) {
        tree.add_fault("/beckn/registry_url", "must begin with http:// or https://");
    }
    if (!is_one_of(beckn.registry_kind, {"lookup", "dedi"})) {
        tree.add_fault("/beckn/registry_kind", "must be lookup or dedi");
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
        if (!is_one_of(provider.dialect, {"0.9", "1.1", "2.0-rc1", "2.0"})) {
            tree.add_fault(pointer + "/dialect", "must be 0.9, 1.1, 2.0-rc1 or 2.0");
        }
        if (!is_one_of(provider.signature, {"", "beckn-006", "onix-1.8", "nfh-004"})) {
            tree.add_fault(pointer + "/signature", "must be beckn-006, onix-1.8 or nfh-004");
        }
        if (!is_one_of(provider.sells, {"flexibility", "computing", "search"})) {
            tree.add_fault(pointer + "/sells", "must be flexibility, computing or search");
        }
        if (provider.sells == "search" && beckn.registry_url.empty() && beckn.key_file.empty()) {
            tree.add_fault(pointer + "/sells",
                           "search needs registry_url or key_file: who answers is known there only");
        }
        const bool may_be_empty = !beckn.registry_url.empty() || !beckn.key_file.empty();
        const Result<std::string> key = from_base64(provider.public_key);
        const bool is_left_out = provider.public_key.empty() && may_be_empty;
        if (!is_left_out && (!key || key->size() != Ed25519PublicKey{}.size())) {
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

/// Lays what `read` makes of the file's text over the tree. A file that is not there is a fault when it was
/// named, and nothing otherwise.
void add_file(SettingsTree& tree, const SettingsSources& sources, const std::filesystem::path& path,
              bool is_named, std::size_t bytes_max,
              const std::function<void(std::string_view text, const std::string& name)>& read) {
    const Result<std::string> text = sources.read_file(path, bytes_max);
    if (text) {
        read(*text, path.string());
    } else if (is_named || text.error().code != Errc::not_found) {
        tree.add_fault(SettingsFault{path.string(), "", text.error().message});
    }
}

const std::map<std::string, std::string, std::less<>>& plain_keys() {
    static const std::map<std::string, std::string, std::less<>> keys = [] {
        std::map<std::string, std::string, std::less<>> made;
        for (const PlainSettingName& name : plain_setting_names) {
            made.emplace(name.variable, name.key);
        }
        return made;
    }();
    return keys;
}

void add_env_text(SettingsTree& tree, std::string_view text, const std::string& name) {
    const EnvFile file = read_env_text(text);
    for (const EnvFault& fault : file.faults) {
        tree.add_fault(SettingsFault{
            name + ":" + std::to_string(fault.line) + ":" + std::to_string(fault.column), "", fault.message});
    }
    std::vector<SettingsVariable> variables;
    for (const EnvLine& line : file.lines) {
        variables.push_back({line.name, line.value, name + ":" + std::to_string(line.line)});
    }
    tree.add_plain(variables, plain_keys());
    tree.add_variables(variables);
}

void add_environment(SettingsTree& tree, const std::map<std::string, std::string>& environment) {
    std::vector<SettingsVariable> variables;
    for (const auto& [name, text] : environment) {
        variables.push_back({name, text, "environment " + name});
    }
    tree.add_plain(variables, plain_keys());
    tree.add_variables(variables);
}

/// Reads the files that `…_file` settings name and puts what they hold in the secrets' place.
void resolve_secrets(SettingsTree& tree, const SettingsSources& sources) {
    for (const std::string& key : tree.keys_with("writeOnly")) {
        const std::string path = tree.text_at(key + "_file");
        if (path.empty()) {
            continue;
        }
        const auto complain = [&](const std::string& message) {
            const std::string file_key = key + "_file";
            tree.add_fault(SettingsFault{tree.origins().at(file_key), file_key, message});
        };
        Result<std::string> secret = sources.read_file(path, secret_file_bytes_max);
        if (!secret) {
            complain("names " + path + ", which " + secret.error().message);
            continue;
        }
        while (secret->ends_with('\n') || secret->ends_with('\r')) {
            secret->pop_back();
        }
        if (secret->empty()) {
            complain("names " + path + ", which is empty");
        } else {
            tree.resolve_secret(key, std::move(*secret));
        }
    }
}

void check_secrets(SettingsTree& tree) {
    for (const std::string& key : tree.keys_with("writeOnly")) {
        const std::string text = tree.text_at(key);
        if (std::any_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
            tree.add_fault(SettingsFault{tree.origins().at(key), key, "holds a control character"});
        }
    }
}

std::vector<std::string> notes_on(const SettingsTree& tree) {
    std::vector<std::string> notes;
    for (const std::string& key : tree.keys_with("x-unused")) {
        if (!tree.text_at(key).empty()) {
            notes.push_back(key + " (" + tree.origins().at(key) +
                            ") is accepted, not used yet: no part of this version reads it");
        }
    }
    return notes;
}

SettingsCheck finish(SettingsTree& tree, const SettingsSources& sources) {
    if (const auto& named = sources.env_file ? sources.env_file : sources.usual_env_file) {
        add_file(tree, sources, *named, sources.env_file.has_value(), env_file_bytes_max,
                 [&tree](std::string_view text, const std::string& name) { add_env_text(tree, text, name); });
    }
    add_environment(tree, sources.environment);
    tree.add_flags(sources.flags);
    resolve_secrets(tree, sources);

    std::vector<Fault> faults;
    std::optional<Settings> settings = read_json<Settings>(tree.values(), faults);
    for (Fault& fault : faults) {
        tree.add_fault(fault.pointer, std::move(fault.detail));
    }
    check_secrets(tree);
    if (settings) {
        check_together(*settings, tree);
    }
    if (!tree.faults().empty()) {
        return {std::nullopt, tree.faults()};
    }
    return {LoadedSettings{std::move(*settings), tree.origins(), notes_on(tree)}, {}};
}

void add_user_files(SettingsTree& tree, const SettingsSources& sources) {
    for (const std::filesystem::path& path : sources.user_files) {
        add_file(tree, sources, path, false, file_bytes_max,
                 [&tree](std::string_view text, const std::string& name) { tree.add_toml(text, name); });
    }
}

}  // namespace

std::string_view to_string(PartialChoice choice) {
    switch (choice) {
        case PartialChoice::keep:
            return "keep";
        case PartialChoice::top_up:
            return "top_up";
        case PartialChoice::compensate:
            return "compensate";
    }
    HEADROOM_ASSERT(false && "a PartialChoice outside its enumeration");
    return "";
}

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
    add_user_files(tree, sources);
    tree.add_toml(toml, name);
    return finish(tree, sources);
}

SettingsCheck check_settings(const SettingsSources& sources) {
    SettingsTree tree = make_tree();
    add_user_files(tree, sources);
    if (sources.file) {
        add_file(tree, sources, *sources.file, true, file_bytes_max,
                 [&tree](std::string_view text, const std::string& name) { tree.add_toml(text, name); });
    }
    return finish(tree, sources);
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

}  // namespace headroom
