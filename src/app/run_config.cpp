#include "app/run_config.hpp"

#include "app/commands.hpp"
#include "core/settings_doc.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <system_error>

namespace headroom::app {
namespace {

void print_faults(const SettingsCheck& check) {
    for (const SettingsFault& fault : check.faults) {
        std::cerr << fault.sentence() << "\n";
    }
}

json::Object check_json(const SettingsCheck& check) {
    json::Array faults;
    for (const SettingsFault& fault : check.faults) {
        faults.emplace_back(
            json::Object{{"where", fault.where}, {"key", fault.key}, {"message", fault.message}});
    }
    json::Array notes;
    if (check.loaded) {
        for (const std::string& note : check.loaded->notes) {
            notes.emplace_back(note);
        }
    }
    return json::Object{
        {"valid", check.faults.empty()}, {"faults", std::move(faults)}, {"notes", std::move(notes)}};
}

json::Object show_json(const std::vector<ShownSetting>& settings) {
    json::Array rows;
    for (const ShownSetting& setting : settings) {
        rows.emplace_back(json::Object{{"key", setting.key},
                                       {"value", setting.value},
                                       {"origin", setting.origin},
                                       {"secret", setting.is_secret},
                                       {"used", setting.is_used}});
    }
    return json::Object{{"settings", std::move(rows)}};
}

void show_text(const std::vector<ShownSetting>& settings, bool with_origin) {
    std::size_t width = 0;
    for (const ShownSetting& setting : settings) {
        width = std::max(width, setting.key.size() + json::write(setting.value).size());
    }
    constexpr std::size_t column_max = 64;
    width = std::min(width, column_max);
    for (const ShownSetting& setting : settings) {
        const std::string value = json::write(setting.value);
        std::cout << setting.key << " = " << value;
        if (with_origin) {
            const std::size_t used = setting.key.size() + value.size();
            std::cout << std::string(used < width ? width - used : 0, ' ') << "  # " << setting.origin;
        }
        std::cout << "\n";
    }
}

void complain_init(const std::filesystem::path& path, int errno_value) {
    std::cerr << "headroom init: cannot write " << path.string() << ": "
              << std::generic_category().message(errno_value)
              << ". Remedy: name another FILE, in a folder that is there and that this user may write\n";
}

}  // namespace

int run_config_check(const SettingsSources& sources, bool is_json) {
    const SettingsCheck check = check_settings(sources);
    if (is_json) {
        std::cout << json::write(check_json(check)) << "\n";
        return check.faults.empty() ? 0 : 1;
    }
    print_faults(check);
    if (!check.loaded) {
        return 1;
    }
    for (const std::string& note : check.loaded->notes) {
        std::cout << "note: " << note << "\n";
    }
    std::cout << "the settings are valid\n";
    return 0;
}

int run_config_show(const SettingsSources& sources, bool with_origin, bool is_json) {
    const SettingsCheck check = check_settings(sources);
    if (!check.loaded) {
        print_faults(check);
        return 1;
    }
    const std::vector<ShownSetting> settings = shown_settings(*check.loaded);
    if (is_json) {
        std::cout << json::write(show_json(settings)) << "\n";
    } else {
        show_text(settings, with_origin);
    }
    return 0;
}

int run_config_schema(bool is_markdown) {
    std::cout << (is_markdown ? settings_markdown() : json::write_pretty(settings_schema()));
    return 0;
}

int run_init(const std::filesystem::path& path) {
    // Only the owner and the group read it: keys may be written into it later.
    constexpr mode_t mode = 0640;
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) {
        if (errno == EEXIST) {
            std::cerr
                << "headroom init: " << path.string()
                << " is there already and is left as it is. Remedy: name another FILE, or move it away\n";
        } else {
            complain_init(path, errno);
        }
        return 1;
    }
    const std::string text = settings_template();
    std::string_view rest = text;
    int fault = 0;
    while (!rest.empty() && fault == 0) {
        const ssize_t written = ::write(file, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            fault = errno;
        }
    }
    if (::close(file) != 0 && fault == 0) {
        fault = errno;
    }
    if (fault != 0) {
        ::unlink(path.c_str());
        complain_init(path, fault);
        return 1;
    }
    std::cout << path.string() << " written; next: headroom config check --config " << path.string() << "\n";
    return 0;
}

}  // namespace headroom::app
