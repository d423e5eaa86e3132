#pragma once

#include "core/reflect.hpp"
#include "desk/parts.hpp"

#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct EnvelopeAnswer {
    std::string envelope_id = {};
    std::string asset = {};
    std::string limit_kind = {};
    std::string product = {};
    std::string der_class = {};
    double power_max_kw = 0.0;
    double cost_max_gbp = 0.0;
    UtcTime from{};
    UtcTime until{};
    std::string granted_by = {};
    bool revoked = false;
};

struct AuthorityAnswer {
    std::string level = {};
    std::vector<EnvelopeAnswer> envelopes = {};
};

[[nodiscard]] EnvelopeAnswer envelope_answer(const grid::AuthorityEnvelope& envelope);
[[nodiscard]] AuthorityAnswer authority_answer(const Parts& parts);
/// Whether it may be granted. Errors: `invalid` naming the member, `not_found` for an unknown asset.
[[nodiscard]] Result<void> check_envelope(const Parts& parts, const grid::AuthorityEnvelope& envelope);
/// Errors: `not_found`.
[[nodiscard]] Result<void> check_granted(const Parts& parts, const std::string& id);

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::EnvelopeAnswer> {
    using T = desk::EnvelopeAnswer;
    static constexpr std::string_view name = "Envelope";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("envelope_id", &T::envelope_id, "Its id."),
        field("asset", &T::asset, "Feeder, or substation for all feeders below it; empty: every feeder."),
        field("limit_kind", &T::limit_kind, "Kind of limit; empty: any."),
        field("product", &T::product, "armed, spot or week_ahead; empty: armed and spot."),
        field("der_class", &T::der_class, "Class of resource; empty: any."),
        field("power_max_kw", &T::power_max_kw, "Per event.", {.unit = "kW"}),
        field("cost_max_gbp", &T::cost_max_gbp, "Per event.", {.unit = "GBP"}),
        field("from", &T::from, "Domain time."), field("until", &T::until, "Domain time, half-open."),
        field("granted_by", &T::granted_by, "Who granted it."), field("revoked", &T::revoked, "Taken back."));
};

template <>
struct Fields<desk::AuthorityAnswer> {
    using T = desk::AuthorityAnswer;
    static constexpr std::string_view name = "Authority";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("level", &T::level, "shadow, propose or act: nothing goes above it.", {.example = R"("act")"}),
        field("envelopes", &T::envelopes, "What was granted, taken back ones included."));
};

}  // namespace headroom
