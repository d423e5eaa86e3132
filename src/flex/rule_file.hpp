#pragma once

#include "flex/rules.hpp"
#include "grid/authority.hpp"

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace headroom::flex {

/// What Headroom may do by itself, as the operator's rules file says it (grid/authority.hpp).
struct RuleEnvelope {
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

/// The whole of a rules file: the book that plans are judged by, and the authority that goes with it.
struct RuleFile : RuleBook {
    std::vector<RuleEnvelope> envelopes = {};
};

/// Reads a TOML file. Errors: as `read_rules`, and of envelopes that cannot be or have one id, naming them.
[[nodiscard]] Result<RuleFile> read_rule_file(std::string_view text, const std::string& file);
/// As a JSON object with the file's members.
[[nodiscard]] json::Value to_json(const RuleFile& file);
/// The envelopes as authority is asked by; of a file that was read. `granted_by` is left empty.
[[nodiscard]] std::vector<grid::AuthorityEnvelope> envelopes_of(const RuleFile& file);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::RuleEnvelope> {
    using T = flex::RuleEnvelope;
    static constexpr std::string_view name = "RuleEnvelope";
    static constexpr auto table = std::make_tuple(
        field("id", &T::id, "Its name.", {.minimum = 1, .maximum = 64}),
        field("asset", &T::asset, "Feeder, or substation for all feeders below it; left out: every feeder.",
              {.maximum = 64, .required = false}),
        field("limit_kind", &T::limit_kind, "Kind of limit; left out: any.",
              {.maximum = 32, .required = false}),
        field("product", &T::product, "armed or spot; left out: both.", {.maximum = 16, .required = false}),
        field("der_class", &T::der_class, "Class of resource; left out: any.",
              {.maximum = 32, .required = false}),
        field("power_max_kw", &T::power_max_kw, "Per event.",
              {.unit = "kW", .minimum = 0.001, .maximum = 1e6}),
        field("cost_max_gbp", &T::cost_max_gbp, "Per event.", {.unit = "GBP", .minimum = 0, .maximum = 1e7}),
        field("from", &T::from, "Domain time."), field("until", &T::until, "Domain time, half-open."),
        field("reason", &T::reason, "Why.", {.minimum = 1, .maximum = 500}));
};
}  // namespace headroom
