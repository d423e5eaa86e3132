#include "grid/new_envelope.hpp"

#include <cmath>

namespace headroom::grid {

Result<AuthorityEnvelope> envelope_of(const NewEnvelope& written) {
    AuthorityEnvelope envelope;
    envelope.id = written.id;
    envelope.asset = written.asset;
    envelope.product = written.product;
    envelope.power_max = Watts{std::llround(written.power_max_kw * 1000.0)};
    envelope.cost_max = MicroPounds{std::llround(written.cost_max_gbp * 1e6)};
    envelope.from = written.from;
    envelope.until = written.until;
    if (!written.limit_kind.empty() && !(envelope.limit_kind = parse_limit_kind(written.limit_kind))) {
        return Error{Errc::invalid, "'" + written.limit_kind + "' is no kind of limit", "/limit_kind"};
    }
    if (!written.der_class.empty() && !(envelope.der_class = parse_der_class(written.der_class))) {
        return Error{Errc::invalid, "der_class must be " + der_class_words(), "/der_class"};
    }
    return envelope;
}

}  // namespace headroom::grid
