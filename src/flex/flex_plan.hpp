#pragma once

#include "flex/offer.hpp"
#include "flex/programme.hpp"
#include "risk/overload.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::flex {

/// The largest number that a canonical document holds exactly: of energies in Wh and of money in µ£.
inline constexpr std::int64_t amount_max = 9'007'199'254'740'991;
/// The most offers that are planned with.
inline constexpr std::size_t offers_max = 10'000;
/// The most half-hours of a need that are planned for: two days.
inline constexpr std::size_t slots_max = 96;

/// One offer used, with the power asked of it in each half-hour of the plan's grid.
struct PlanLine {
    Offer offer;
    IntervalGrid power_w;   ///< change in the offer's direction, ≥ 0
    WattHours energy{};     ///< sum over the grid
    MicroPounds cost{};     ///< utilisation and availability at the offer's prices
    Watts relief_peak{};    ///< largest relief on the limit's phase
    std::string programme;  ///< under which it is bought; empty where there are none
};

/// A way to deal with the overload, compared with the others in the decision record.
struct Alternative {
    std::string name;  ///< "do_nothing", "cheapest", "most_certain", "greedy" …
    MicroPounds cost{};
    Watts shortfall_peak{};  ///< largest need left uncovered
    WattHours shortfall_energy{};
    std::size_t lines = 0;
    std::string note;
};

/// Operator's rules, all whole numbers; part of the decision's input.
struct PlanRules {
    std::string id = "default";
    std::int64_t version = 1;
    std::int64_t margin_ppm = 50'000;        ///< bought above the need
    std::int64_t reliability_floor_ppm = 0;  ///< offers below are left out
    MicroPounds cost_max{10'000'000'000};    ///< per event
    /// Work units of the branch and bound, so that a replay does as many: a node takes one, and one more for
    /// each 1,000 steps of its relaxation.
    std::int64_t node_budget = 20'000;
    MicroPoundsPerMwh unserved_price{6'000'000'000};  ///< what a MWh left over the limit is worth avoiding
    bool by_reliability = true;                       ///< expected relief counts power × reliability
};

/// Everything the decision depends on. Offers are sorted by (provider, id) before planning.
struct PlanInput {
    risk::Overload overload;
    std::vector<Offer> offers;
    /// Power of an offer's DER already promised elsewhere per half-hour of the need's grid: parallel to
    /// `offers`, may be empty.
    std::vector<std::vector<std::int64_t>> reserved_w;
    /// Feeders below the overload's (a high-voltage one's), sorted: offers on them relieve it too.
    std::vector<std::string> feeders_below;
    PlanRules rules;
    UtcTime now{};  ///< domain time of the decision
    /// Programmes, and the enrolments of the DERs that are offered. With it, only what is enrolled, consented
    /// to, qualified and not suspended is used; without it, nobody has set up a programme and any offer
    /// counts.
    std::optional<ProgrammeBook> programmes;
    ContractKind product = ContractKind::spot;  ///< as what it will be bought, for the programmes' terms
};

struct FlexPlan {
    EventId event;
    std::string feeder;
    std::vector<PlanLine> lines;  ///< sorted by (provider, offer id)
    IntervalGrid need_w;          ///< on the limit's phase
    IntervalGrid relief_w;        ///< planned, on the limit's phase, before margin and reliability
    Watts shortfall_peak{};
    WattHours shortfall_energy{};
    MicroPounds cost{};
    std::vector<Alternative> alternatives;
    std::string chosen;                ///< name of the alternative taken
    std::vector<std::string> reasons;  ///< sentences for the operator, most important first
    std::vector<std::string>
        left_out;  ///< offers not usable, each with why ("OFF-3: on L2, the limit is L1")
    std::int64_t nodes_used = 0;
    std::optional<MicroPounds> bound;  ///< proven lower bound on the cost of any cover, when proven
    std::string rule_set;              ///< id@version
};

/// The share of an offer's power that relieves `phase`: all of it on the same phase, a third of a balanced
/// three-phase DER, everything for a limit on the sum, nothing on another phase. In ppm.
[[nodiscard]] std::int64_t relief_ppm(grid::Phase der_phase, grid::Phase limit_phase);

/// Chooses offers that cover the need at least cost: greedy first, then a branch and bound over half-hours
/// within the node budget. Honours power, energy, notice, duration, availability and what is reserved; relief
/// counts only on the DER's phase. An offer is used in half-hours that begin after its notice, and in the one
/// that runs already as soon as it can. One with a minimum run of more than a half-hour is a block: all its
/// free power, at one level, through one run. A DER that is offered twice for the same time is used once.
/// Pure and deterministic: the same input gives the same bytes.
/// Errors: `invalid` for an input that contradicts itself, or more than 96 half-hours or 10,000 offers.
[[nodiscard]] Result<FlexPlan> make_plan(const PlanInput& input);

[[nodiscard]] json::Value to_json(const PlanLine& line);
[[nodiscard]] Result<PlanLine> plan_line_from_json(const json::Value& value);
[[nodiscard]] json::Value to_json(const PlanRules& rules);
[[nodiscard]] Result<PlanRules> plan_rules_from_json(const json::Value& value);
[[nodiscard]] json::Value to_json(const PlanInput& input);
[[nodiscard]] Result<PlanInput> plan_input_from_json(const json::Value& value);
[[nodiscard]] json::Value to_json(const FlexPlan& plan);
[[nodiscard]] Result<FlexPlan> flex_plan_from_json(const json::Value& value);
/// SHA-256 (hex) of the plan's canonical JSON: what an approval binds to.
[[nodiscard]] std::string plan_sha256(const FlexPlan& plan);
/// The same of what `to_json` has made of it.
[[nodiscard]] std::string plan_sha256(const json::Value& plan);

}  // namespace headroom::flex
