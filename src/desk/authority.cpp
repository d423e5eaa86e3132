#include "desk/authority.hpp"

#include "core/ids.hpp"
#include "desk/amounts.hpp"
#include "grid/envelope_product.hpp"

#include <algorithm>

namespace headroom::desk {

EnvelopeAnswer envelope_answer(const grid::AuthorityEnvelope& envelope) {
    return {.envelope_id = envelope.id,
            .asset = envelope.asset,
            .limit_kind = envelope.limit_kind ? std::string(grid::to_string(*envelope.limit_kind)) : "",
            .product = envelope.product,
            .der_class = envelope.der_class ? std::string(grid::to_string(*envelope.der_class)) : "",
            .power_max_kw = kw_of(envelope.power_max),
            .cost_max_gbp = gbp_of(envelope.cost_max.value),
            .from = envelope.from,
            .until = envelope.until,
            .granted_by = envelope.granted_by,
            .revoked = envelope.revoked};
}

AuthorityAnswer authority_answer(const Parts& parts) {
    AuthorityAnswer out;
    out.level = grid::to_string(parts.orchestration.options().authority);
    for (const grid::AuthorityEnvelope& envelope : parts.orchestration.envelopes()) {
        out.envelopes.push_back(envelope_answer(envelope));
    }
    return out;
}

Result<void> check_envelope(const Parts& parts, const grid::AuthorityEnvelope& envelope) {
    if (!is_valid_id(envelope.id)) {
        return Error{Errc::invalid,
                     "an id has 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit", "/id"};
    }
    if (!envelope.asset.empty() && parts.network.feeder(envelope.asset) == nullptr &&
        parts.network.substation(envelope.asset) == nullptr) {
        return Error{Errc::invalid, "no feeder or substation " + envelope.asset, "/asset"};
    }
    if (!grid::is_envelope_product(envelope.product)) {
        return Error{Errc::invalid, "product must be armed, spot, week_ahead or empty", "/product"};
    }
    if (envelope.until <= envelope.from) {
        return Error{Errc::invalid, "until must be later than from", "/until"};
    }
    return {};
}

Result<void> check_granted(const Parts& parts, const std::string& id) {
    const std::vector<grid::AuthorityEnvelope>& all = parts.orchestration.envelopes();
    const bool is_known =
        std::any_of(all.begin(), all.end(), [&](const grid::AuthorityEnvelope& one) { return one.id == id; });
    return is_known ? Result<void>{} : Result<void>(Error{Errc::not_found, "no authority envelope " + id});
}

}  // namespace headroom::desk
