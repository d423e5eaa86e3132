#pragma once

#include "beckn/envelope.hpp"
#include "beckn/signature_verify.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// Whose id the signer's must be: bpp_id for callbacks and for catalogs that are published, else bap_id.
/// Empty when the context names nobody there.
[[nodiscard]] std::string_view sender_of(const Context& context);

/// The key's subscriber must be the context's sender. A catalog may also come from a discovery service, which
/// speaks for many and names none; `discovery_services` are the subscribers that may do so.
/// Answers what is wrong, and nothing when it is right.
[[nodiscard]] std::optional<std::string> check_identity(const Context& context, std::string_view subscriber,
                                                        std::span<const std::string> discovery_services = {});

/// What a sender is told whose signature or identity was refused: the same words whichever rule he broke.
struct SignatureRefusal {
    int status = 401;
    std::string header_name;  ///< "WWW-Authenticate", or "Proxy-Authenticate" for a gateway's signature
    std::string header_value;
    MessageError error;  ///< for the NACK of the sender's dialect
};
[[nodiscard]] SignatureRefusal refusal_of(const SignatureVerdict& verdict, std::string_view realm);

}  // namespace headroom::beckn
