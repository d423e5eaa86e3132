#pragma once

#include "core/reflect.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "grid/authority.hpp"

#include <string>
#include <string_view>
#include <tuple>

namespace headroom::grid {

/// An authority envelope as a person writes it, in a request or in a rules file.
struct NewEnvelope {
    std::string id = {};
    std::string asset = {};
    std::string limit_kind = {};
    std::string product = {};
    std::string der_class = {};
    double power_max_kw = 0.0;
    double cost_max_gbp = 0.0;
    UtcTime from{};
    UtcTime until{};
    std::string reason = {};
};

/// As authority is asked by; who granted it is not said in it. Errors: `invalid` with the pointer of a kind
/// of limit or a class of DERs that there is not.
[[nodiscard]] Result<AuthorityEnvelope> envelope_of(const NewEnvelope& written);

}  // namespace headroom::grid

namespace headroom {

template <>
struct Fields<grid::NewEnvelope> {
    using T = grid::NewEnvelope;
    static constexpr std::string_view name = "NewEnvelope";
    static constexpr auto table = field_table(
        field("id", &T::id, "Its name; one that exists is replaced.", {.minimum = 1, .maximum = 64}),
        field("asset", &T::asset, "Feeder, or substation for all feeders below it; empty: every feeder.",
              {.maximum = 64, .required = false}),
        field("limit_kind", &T::limit_kind, "Kind of limit; empty: any.", {.maximum = 32, .required = false}),
        field("product", &T::product, "armed or spot; empty: both.", {.maximum = 16, .required = false}),
        field("der_class", &T::der_class, "Class of resource; empty: any.",
              {.maximum = 32, .required = false}),
        field("power_max_kw", &T::power_max_kw, "Per event.",
              {.unit = "kW", .minimum = 0.001, .maximum = 1e6}),
        field("cost_max_gbp", &T::cost_max_gbp, "Per event.", {.unit = "GBP", .minimum = 0, .maximum = 1e7}),
        field("from", &T::from, "Domain time."), field("until", &T::until, "Domain time, half-open."),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = 1000}));
};

}  // namespace headroom
