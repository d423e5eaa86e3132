#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct ContractLineAnswer {
    std::string der_id = {};
    std::vector<double> kw = {};
    UtcTime start{};
};

struct ContractAnswer {
    std::string transaction_id = {};
    std::string order_id = {};
    std::string event_id = {};
    std::string provider = {};
    std::string kind = {};
    std::string state = {};
    std::vector<ContractLineAnswer> lines = {};
    double cost_gbp = 0.0;
    std::string failure = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::ContractLineAnswer> {
    using T = desk::ContractLineAnswer;
    static constexpr std::string_view name = "ContractLine";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("der_id", &T::der_id, "The resource."),
                    field("kw", &T::kw, "Committed change in each half-hour.", {.unit = "kW"}),
                    field("start", &T::start, "First half-hour."));
};

template <>
struct Fields<desk::ContractAnswer> {
    using T = desk::ContractAnswer;
    static constexpr std::string_view name = "Contract";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("transaction_id", &T::transaction_id, "Beckn transaction."),
        field("order_id", &T::order_id, "The provider's, from on_confirm."),
        field("event_id", &T::event_id, "The event."), field("provider", &T::provider, "Who promised."),
        field("kind", &T::kind, "framework, availability or spot."),
        field("state", &T::state,
              "requested, quoted, confirming, active, activated, completed, cancelled, failed or unknown."),
        field("lines", &T::lines, "As committed."),
        field("cost_gbp", &T::cost_gbp, "Of its lines as committed.", {.unit = "GBP"}),
        field("failure", &T::failure, "Why failed or cancelled; empty otherwise."));
};

}  // namespace headroom
