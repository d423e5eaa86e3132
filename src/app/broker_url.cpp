#include "app/broker_url.hpp"

#include <string_view>

namespace headroom::app {

Result<std::pair<std::string, std::uint16_t>> broker_of(const std::string& url, const std::string& setting) {
    const std::size_t dot = setting.find('.');
    const std::string pointer = "/" + setting.substr(0, dot) + "/" + setting.substr(dot + 1);
    constexpr std::string_view scheme = "mqtt://";
    if (!url.starts_with(scheme)) {
        return Error{Errc::invalid, setting + " must begin with mqtt://, it is '" + url + "'", pointer};
    }
    const std::string rest = url.substr(scheme.size());
    const std::size_t colon = rest.rfind(':');
    const std::string host = rest.substr(0, colon);
    int port = 1883;
    if (colon != std::string::npos) {
        const std::string digits = rest.substr(colon + 1);
        const bool is_number = !digits.empty() && digits.size() <= 5 &&
                               digits.find_first_not_of("0123456789") == std::string::npos;
        port = is_number ? std::stoi(digits) : 0;
    }
    if (host.empty() || port < 1 || port > 65535) {
        return Error{Errc::invalid, setting + " names no host and port: '" + url + "'", pointer};
    }
    return std::pair{host, static_cast<std::uint16_t>(port)};
}

}  // namespace headroom::app
