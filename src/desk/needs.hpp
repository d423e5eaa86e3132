#pragma once

#include "agents/need_market.hpp"
#include "core/reflect.hpp"
#include "grid/network.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// What a person writes of a need: kW and pounds instead of whole watts and micro-pounds.
struct NeedTerms {
    std::string need_id = {};
    std::string feeder_id = {};
    std::string rule = "fixed_price";
    UtcTime start{};
    std::int64_t slot_minutes = 30;
    std::vector<double> requested_kw = {};
    std::vector<double> prices_gbp_per_kwh = {};     ///< one for each slot, or one for all
    std::vector<double> shortfall_gbp_per_kwh = {};  ///< the same
    double ceiling_gbp_per_kwh = 0.0;
    std::string baseline_method = "high5of10";
    std::optional<UtcTime> opens = {};
    std::optional<UtcTime> gate = {};
    std::int64_t next_round_minutes = 0;
    std::string reason = {};
};
/// Errors: `invalid` with the pointer of the member.
[[nodiscard]] Result<beckn::PublishedNeed> need_of(const NeedTerms& terms, const grid::Network& network,
                                                   UtcTime now);

/// One aggregator's conversation or order.
struct NeedOrderAnswer {
    std::string transaction_id = {};
    std::string order_id = {};
    std::string aggregator = {};
    std::string seller = {};
    std::string step = {};
    std::int64_t meters = 0;
    std::vector<double> offered_kw = {};  ///< the most of each slot's steps
    std::vector<double> awarded_kw = {};
    double cost_gbp = 0.0;  ///< when everything is delivered
    std::string because = {};
    std::optional<double> seller_gbp = {};          ///< as settled
    std::optional<double> seller_gbp_by_us = {};    ///< by our meters
    std::optional<double> seller_gbp_by_them = {};  ///< by the aggregator's evidence
};

struct NeedRoundAnswer {
    std::int64_t round = 0;
    UtcTime at{};
    std::int64_t bids = 0;
    std::vector<double> cleared_kw = {};
    std::vector<double> prices_gbp_per_kwh = {};
};

struct NeedAnswer {
    std::string need_id = {};
    std::string feeder_id = {};
    std::string rule = {};
    std::string state = {};
    UtcTime start{};
    std::int64_t slot_minutes = 0;
    std::vector<double> requested_kw = {};
    std::vector<double> still_wanted_kw = {};
    std::vector<double> prices_gbp_per_kwh = {};
    std::vector<double> shortfall_gbp_per_kwh = {};
    std::optional<double> ceiling_gbp_per_kwh = {};
    std::string baseline_method = {};
    UtcTime opens{};
    UtcTime gate{};
    std::int64_t round = 0;
    std::string because = {};
    std::vector<NeedRoundAnswer> clearings = {};
    std::vector<NeedOrderAnswer> orders = {};
};
[[nodiscard]] NeedAnswer need_answer(const beckn::NeedBoard& board, const beckn::PublishedNeed& need);
/// By id. `state` empty: all.
[[nodiscard]] std::vector<NeedAnswer> need_answers(const beckn::NeedBoard& board, const std::string& state);

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::NeedTerms> {
    using T = desk::NeedTerms;
    static constexpr std::string_view name = "NeedTerms";
    static constexpr auto table = field_table(
        field("need_id", &T::need_id, "Its id; left out: made from feeder and start.",
              {.maximum = 64, .required = false}),
        field("feeder_id", &T::feeder_id, "Where less load is wanted.", {.minimum = 1, .maximum = 64}),
        field("rule", &T::rule, "fixed_price, or pay_as_clear with step bids.",
              {.maximum = 16, .required = false}),
        field("start", &T::start, "Begin of the first slot."),
        field("slot_minutes", &T::slot_minutes,
              "Length of a slot; only half-hours are measured by our own meters.",
              {.unit = "min", .minimum = 1, .maximum = 1440, .required = false}),
        field("requested_kw", &T::requested_kw, "Wanted in each slot.",
              {.unit = "kW", .minimum = 1, .maximum = 96, .example = "[60,40]"}),
        field("prices_gbp_per_kwh", &T::prices_gbp_per_kwh,
              "Fixed price: what is paid, one for each slot or one for all.",
              {.unit = "£/kWh", .maximum = 96, .required = false, .example = "[0.3]"}),
        field("shortfall_gbp_per_kwh", &T::shortfall_gbp_per_kwh,
              "Charged for what was promised and not delivered, one for each slot or one for all.",
              {.unit = "£/kWh", .maximum = 96, .required = false, .example = "[0.1]"}),
        field("ceiling_gbp_per_kwh", &T::ceiling_gbp_per_kwh, "Pay as clear: no step above it is taken.",
              {.unit = "£/kWh", .minimum = 0, .maximum = 100, .required = false}),
        field("baseline_method", &T::baseline_method, "Settlement profile: high5of10, mid8of10 or bl01.",
              {.maximum = 32, .required = false}),
        field("opens", &T::opens, "Bids are taken from then on; left out: now.", {.required = false}),
        field("gate", &T::gate, "Until when bids are taken; left out: an hour before the first slot.",
              {.required = false}),
        field("next_round_minutes", &T::next_round_minutes,
              "Pay as clear: what a clearing leaves open is wanted again for so long; 0: no further round.",
              {.unit = "min", .minimum = 0, .maximum = 1440, .required = false}),
        field("reason", &T::reason, "Why, in a sentence.", {.minimum = 1, .maximum = 1000}));
};

template <>
struct Fields<desk::NeedOrderAnswer> {
    using T = desk::NeedOrderAnswer;
    static constexpr std::string_view name = "NeedOrder";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("transaction_id", &T::transaction_id, "Beckn transaction, and the contract's."),
        field("order_id", &T::order_id, "The contract's id on the wire."),
        field("aggregator", &T::aggregator, "Who came.", {.example = R"("aggregator.example")"}),
        field("seller", &T::seller, "In whose name."),
        field("step", &T::step, "selected, inited, bidding, contracted, completed or cancelled."),
        field("meters", &T::meters, "How many meters were named."),
        field("offered_kw", &T::offered_kw, "The most that is offered in each slot.", {.unit = "kW"}),
        field("awarded_kw", &T::awarded_kw, "What is contracted in each slot; empty: nothing.",
              {.unit = "kW"}),
        field("cost_gbp", &T::cost_gbp, "When all of it is delivered.", {.unit = "£"}),
        field("because", &T::because, "Why it was cancelled."),
        field("seller_gbp", &T::seller_gbp, "What the seller receives, as settled; null before that.",
              {.unit = "£"}),
        field("seller_gbp_by_us", &T::seller_gbp_by_us,
              "The same by our own meters; null when they cannot say.", {.unit = "£"}),
        field("seller_gbp_by_them", &T::seller_gbp_by_them,
              "The same by the aggregator's evidence; null without.", {.unit = "£"}));
};

template <>
struct Fields<desk::NeedRoundAnswer> {
    using T = desk::NeedRoundAnswer;
    static constexpr std::string_view name = "NeedClearing";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("round", &T::round, "Counted from 1."), field("at", &T::at, "When."),
                    field("bids", &T::bids, "That stood."),
                    field("cleared_kw", &T::cleared_kw, "Awarded in each slot.", {.unit = "kW"}),
                    field("prices_gbp_per_kwh", &T::prices_gbp_per_kwh,
                          "Of the last step taken, paid to all; 0 where nothing was.", {.unit = "£/kWh"}));
};

template <>
struct Fields<desk::NeedAnswer> {
    using T = desk::NeedAnswer;
    static constexpr std::string_view name = "Need";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("need_id", &T::need_id, "Its id.", {.example = R"("need-20270114-LV-001")"}),
        field("feeder_id", &T::feeder_id, "Where."), field("rule", &T::rule, "fixed_price or pay_as_clear."),
        field("state", &T::state, "open, closed or withdrawn.", {.example = R"("open")"}),
        field("start", &T::start, "Begin of the first slot."),
        field("slot_minutes", &T::slot_minutes, "Length of a slot.", {.unit = "min"}),
        field("requested_kw", &T::requested_kw, "As published.", {.unit = "kW"}),
        field("still_wanted_kw", &T::still_wanted_kw, "What no contract covers.", {.unit = "kW"}),
        field("prices_gbp_per_kwh", &T::prices_gbp_per_kwh, "By slot, under a fixed price.",
              {.unit = "£/kWh"}),
        field("shortfall_gbp_per_kwh", &T::shortfall_gbp_per_kwh, "By slot.", {.unit = "£/kWh"}),
        field("ceiling_gbp_per_kwh", &T::ceiling_gbp_per_kwh, "Pay as clear; null otherwise.",
              {.unit = "£/kWh"}),
        field("baseline_method", &T::baseline_method, "Settlement profile."),
        field("opens", &T::opens, "Bids are taken from then …"), field("gate", &T::gate, "… until then."),
        field("round", &T::round, "Of clearing, counted from 1."),
        field("because", &T::because, "Why it is not open any more."),
        field("clearings", &T::clearings, "Oldest first."),
        field("orders", &T::orders, "Conversations and contracts, by transaction."));
};

}  // namespace headroom
