#include "app/broker_url.hpp"

#include <string_view>

namespace headroom::app {

Result<std::pair<std::string, std::uint16_t>> broker_of(const std::string& url) {
    constexpr std::string_view scheme = "mqtt://";
    if (!url.starts_with(scheme)) {
        return Error{Errc::invalid, "mqtt.url must begin with mqtt://, it is '" + url + "'", "/mqtt/url"};
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
        return Error{Errc::invalid, "mqtt.url names no host and port: '" + url + "'", "/mqtt/url"};
    }
    return std::pair{host, static_cast<std::uint16_t>(port)};
}

}  // namespace headroom::app
