#include "beckn/key_hosts.hpp"

#include "net/url.hpp"

namespace headroom::beckn {
namespace {

Result<net::Url> web_address(std::string_view url) {
    Result<net::Url> parsed = net::parse_url(url);
    if (parsed && parsed->scheme != "http" && parsed->scheme != "https") {
        return Error{Errc::invalid, "the address is no http or https address", ""};
    }
    return parsed;
}

}  // namespace

bool is_below(std::string_view url, std::string_view base) {
    while (base.ends_with('/')) {
        base.remove_suffix(1);
    }
    return url == base || (url.starts_with(base) && url[base.size()] == '/');
}

Result<void> KeyHosts::add_registered(std::string_view url) {
    const Result<net::Url> parsed = web_address(url);
    if (!parsed) {
        return parsed.error();
    }
    allowed_.insert(parsed->authority());
    return {};
}

Result<void> KeyHosts::check(std::string_view url) const {
    const Result<net::Url> parsed = web_address(url);
    if (!parsed) {
        return parsed.error();
    }
    const std::string authority = parsed->authority();
    const std::string any_port = authority.substr(0, authority.rfind(':')) + ":*";
    if (!allowed_.contains(authority) && !allowed_.contains(any_port)) {
        return Error{Errc::denied, "the host " + authority + " is neither registered nor allowed", ""};
    }
    return {};
}

}  // namespace headroom::beckn
