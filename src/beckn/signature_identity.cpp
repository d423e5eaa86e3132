#include "beckn/signature_identity.hpp"

#include <algorithm>

namespace headroom::beckn {

std::string_view sender_of(const Context& context) {
    // A publisher stands where a provider stands and the discovery service opposite; where only one of the
    // two places is filled, as in examples of 2.0.0-rc1, it is the sender's.
    if (context.action == Action::catalog_publish) {
        return context.bpp_id.empty() ? context.bap_id : context.bpp_id;
    }
    if (context.action == Action::on_catalog_publish) {
        return context.bap_id.empty() ? context.bpp_id : context.bap_id;
    }
    return is_callback(context.action) ? context.bpp_id : context.bap_id;
}

std::optional<std::string> check_identity(const Context& context, std::string_view subscriber,
                                          std::span<const std::string> discovery_services) {
    const bool may_be_discovery =
        context.action == Action::on_search || context.action == Action::on_catalog_publish;
    if (may_be_discovery && std::find(discovery_services.begin(), discovery_services.end(), subscriber) !=
                                discovery_services.end()) {
        return std::nullopt;
    }
    const std::string_view sender = sender_of(context);
    if (sender.empty()) {
        return "the context names no sender for " + std::string(to_string(context.action));
    }
    if (sender != subscriber) {
        return "the key belongs to " + std::string(subscriber) + ", the context's sender is " +
               std::string(sender);
    }
    return std::nullopt;
}

SignatureRefusal refusal_of(const SignatureVerdict& verdict, std::string_view realm) {
    return {.header_name = verdict.is_gateway ? "Proxy-Authenticate" : "WWW-Authenticate",
            .header_value = challenge(realm),
            .error = make_error(ErrorCode::aut_signature_invalid, "the signature was refused")};
}

}  // namespace headroom::beckn
