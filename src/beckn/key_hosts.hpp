#pragma once

#include "core/result.hpp"

#include <set>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// Whether `url` is `base` or an address below it.
[[nodiscard]] bool is_below(std::string_view url, std::string_view base);

/// Hosts that may be called: those of participants that a registry or our own settings name, and those that
/// somebody wrote on a list. An address inside a message (bap_uri, bpp_uri, a reference, a policy) makes no
/// host callable.
class KeyHosts {
  public:
    /// The host and port of a participant's registered address. Errors: `invalid` for no http(s) address.
    Result<void> add_registered(std::string_view url);
    /// "host:port", or "host:*" for every port.
    void allow(std::string_view target) { allowed_.emplace(target); }

    /// Errors: `invalid` for no http(s) address, `denied` for a host that is neither registered nor allowed.
    [[nodiscard]] Result<void> check(std::string_view url) const;

  private:
    std::set<std::string, std::less<>> allowed_;
};

}  // namespace headroom::beckn
