#pragma once

// Inside of DiscoveryService. Not for other agents.

#include "beckn/envelope.hpp"
#include "beckn/json_filter.hpp"
#include "beckn/key_record.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace headroom::agents {

/// A request to a discovery service while it is looked at, and while its callback is on its way.
struct DiscoveryRequest {
    beckn::Action action = beckn::Action::search;
    std::string raw;
    std::string authorization;
    UtcTime at{};
    beckn::PublishedKey sender = {};  ///< whose signature it is
    beckn::WireVersion version = beckn::WireVersion::v2_lts;
    beckn::Context context = {};

    /// A publisher stands where a provider stands; in 2.0.0-rc1 he may also be where a buyer is.
    [[nodiscard]] bool is_of_bpp() const;
    /// Where the callback goes.
    [[nodiscard]] const std::string& uri() const;
    /// A refusal; `key` of the context, if any, as 2.0.0 writes it.
    [[nodiscard]] beckn::MessageError error(beckn::ErrorCode code, std::string_view sentence,
                                            std::string_view key = {}) const;
};

/// What is wrong with its context: dialect, action, identity, address, times. `ttl` is of those that name
/// none.
[[nodiscard]] std::optional<beckn::MessageError> check(const DiscoveryRequest& request, milliseconds ttl,
                                                       milliseconds skew);

/// What a discover asks of each item beside words; nothing when it asks nothing. Errors, with the pointer of
/// what cannot be evaluated here, for it would be answered with what was not asked for: `invalid` for a
/// JSONPath that cannot be read, `unsupported` for one beyond JsonFilter, for places and for media.
[[nodiscard]] Result<std::optional<beckn::JsonFilter>> filter_of(const DiscoveryRequest& request);

}  // namespace headroom::agents
