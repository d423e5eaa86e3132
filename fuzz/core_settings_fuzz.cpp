// Reads any bytes as a settings file; after a zero byte, what follows is a flag. Holds: there are settings or
// there are faults, never both and never neither, and every fault says where.

#include "core/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace headroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t zero = text.find('\0');
    SettingsSources sources;
    sources.read_file = [](const std::filesystem::path&, std::size_t) -> Result<std::string> {
        return std::string("from-a-file\n");  // whatever a `…_file` names: nothing is read while fuzzing
    };
    if (zero != std::string_view::npos) {
        const std::string flag(text.substr(zero + 1));
        sources.flags.push_back(flag);
        sources.environment.emplace("HEADROOM_" + flag.substr(0, flag.find('=')),
                                    flag.substr(flag.find('=') + 1));
    }
    const SettingsCheck check = check_settings_text(text.substr(0, zero), "fuzz.toml", sources);
    HEADROOM_ASSERT(check.loaded.has_value() == check.faults.empty());
    for (const SettingsFault& fault : check.faults) {
        HEADROOM_ASSERT(!fault.where.empty() && !fault.message.empty());
    }
    if (check.loaded) {
        HEADROOM_ASSERT(check.loaded->settings.server.port >= 0 &&
                        check.loaded->settings.server.port <= 65'535);
        HEADROOM_ASSERT(check.loaded->origins.contains("server.port"));
    }
    return 0;
}
