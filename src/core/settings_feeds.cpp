#include "core/settings_feeds.hpp"

#include "core/settings_tree.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace headroom {

void check_feeds(const FeedsSettings& settings, SettingsTree& tree) {
    const std::array<std::pair<const char*, const std::string*>, 6> urls{
        {{"open_meteo_url", &settings.open_meteo_url},
         {"openweathermap_url", &settings.openweathermap_url},
         {"carbon_url", &settings.carbon_url},
         {"elexon_url", &settings.elexon_url},
         {"octopus_url", &settings.octopus_url},
         {"ukpn_url", &settings.ukpn_url}}};
    const auto check = [&tree](const std::string& name, const std::string& url) {
        const bool is_http = url.starts_with("http://") || url.starts_with("https://");
        if (!is_http || url.ends_with('/') || url.find_first_of("?# ") != std::string::npos) {
            tree.add_fault("/feeds/" + name, "must begin with http:// or https:// and not end in /");
        }
    };
    for (const auto& [name, url] : urls) {
        check(name, *url);
    }
    check("neso_url", settings.neso_url);
    if (std::string_view("ABCDEFGHJKLMNP").find(settings.octopus_gsp_group) == std::string_view::npos) {
        tree.add_fault("/feeds/octopus_gsp_group", "must be a letter from A to P, but I and O");
    }
}

}  // namespace headroom
