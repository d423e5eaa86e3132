#pragma once

#include "flex/flex_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::flex {

// Inside of make_plan: the overload as a covering problem in whole numbers. Relief and need are counted in
// microwatts, so that shares in ppm stay exact; a power is in whole watts; a slot is a half-hour.

/// Products of powers, prices and shares, which 64 bits do not hold.
using Wide = __int128;

/// Half-hours [begin, end) by number; empty when begin == end.
struct Run {
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t length() const { return end - begin; }
    [[nodiscard]] bool holds(std::size_t slot) const { return begin <= slot && slot < end; }
    bool operator==(const Run&) const = default;
};

/// An offer that can help.
struct Candidate {
    std::size_t offer = 0;             ///< index into PlanInput::offers
    std::int64_t relief_uw_per_w = 0;  ///< expected relief on the limit's phase, > 0
    std::int64_t reliability_ppm = 0;
    std::int64_t price = 0;           ///< µ£/MWh by which it is chosen: what is paid, and `weight`
    std::int64_t weight = 0;          ///< µ£/MWh that count and are not paid: rotation, carbon
    std::vector<std::int64_t> cap_w;  ///< by slot; 0 = not usable there
    std::int64_t supply_w = 0;        ///< largest sum of powers over the slots, by energy and run
    std::size_t run_max = 0;          ///< slots; all of them when not limited
    std::size_t run_min = 1;          ///< more than 1 makes it a block: one power through one run
    std::string programme;            ///< under which it is used; empty where there are none
    std::int64_t rebound_ppm = 0;     ///< of its last power, as load after release
    std::size_t rebound_slots = 0;    ///< so long
    /// Utilisation and availability together, µ£/MWh.
    [[nodiscard]] std::int64_t paid() const { return price - weight; }
    [[nodiscard]] bool is_block() const { return run_min > 1; }
    /// Run or block: it needs a window of its own.
    [[nodiscard]] bool has_runs(std::size_t slots) const { return is_block() || run_max < slots; }
};

struct Problem {
    std::size_t slots = 0;
    std::vector<std::int64_t> need_w;
    std::vector<std::int64_t> target_uw;  ///< the need and the margin
    std::vector<Candidate> candidates;    ///< by (provider, id)
    std::vector<std::size_t> by_price;    ///< candidates, cheapest relief first
    std::int64_t unserved_price = 0;      ///< µ£/MWh
    std::int64_t cost_max = 0;            ///< µ£
    std::vector<std::string> left_out;
    /// By half-hour from the need's start on and beyond its end: load that may come back where nothing is
    /// wanted. Empty: rebound is not looked at.
    std::vector<std::int64_t> room_uw;
    [[nodiscard]] bool has_rebound() const;
};

/// Power per candidate and slot, [candidate * slots + slot].
struct Cover {
    std::vector<std::int64_t> power_w;
    std::int64_t cost = 0;            ///< µ£ of what is bought
    std::int64_t weight_cost = 0;     ///< µ£ that count and are not paid
    std::int64_t unserved_cost = 0;   ///< µ£: what is left of the target, at the unserved price
    std::int64_t rebound_over_w = 0;  ///< largest load that comes back beyond the room for it
    std::int64_t shortfall_peak = 0;  ///< W of the need, without margin
    std::int64_t shortfall_wh = 0;
    std::size_t lines = 0;
    [[nodiscard]] std::int64_t objective() const { return cost + weight_cost + unserved_cost; }
};

/// Errors: `invalid` for an input that contradicts itself or is out of bounds.
[[nodiscard]] Result<void> check_input(const PlanInput& input);

/// What is wrong with the input, as an error.
[[nodiscard]] Error invalid_input(std::string message);
/// How an offer is named in errors: its number and its provider.
[[nodiscard]] std::string offer_name(const Offer& offer);

/// Checks the input and finds out what each offer can do. Errors: `invalid`.
[[nodiscard]] Result<Problem> make_problem(const PlanInput& input);

/// One power through the run of a block: its least free power there, within its energy.
[[nodiscard]] std::int64_t block_power(const Candidate& candidate, Run run);

/// Price of an expected relief is `candidate.price` by `relief_uw_per_w`: whether `a` is cheaper than `b`.
[[nodiscard]] bool is_cheaper(const Candidate& a, const Candidate& b);
/// Whether relief by this candidate costs less than leaving the need uncovered.
[[nodiscard]] bool is_worth_buying(const Problem& problem, const Candidate& candidate);

/// µ£ of one candidate's powers: utilisation and availability, each rounded once as in PlanLine::cost.
[[nodiscard]] std::int64_t line_cost(const Offer& offer, std::int64_t sum_w);

/// What `cover` brings back after each release, µW by half-hour as `room_uw`.
[[nodiscard]] std::vector<std::int64_t> rebound_of(const Problem& problem, const Cover& cover);

/// Brings costs and shortfalls of `cover` up to its powers.
void evaluate(const Problem& problem, const PlanInput& input, Cover& cover);

/// Need, lines, relief, shortfalls and cost of `plan` as `cover`, which has been evaluated, has them.
void fill_plan(const PlanInput& input, const Problem& problem, const Cover& cover, FlexPlan& plan);

/// Takes candidates one after the other in `order`, each filling what is left. Within the budget.
[[nodiscard]] Cover fill_in_order(const Problem& problem, const PlanInput& input,
                                  const std::vector<std::size_t>& order);

struct Search {
    Cover best;
    std::int64_t bound = 0;  ///< no plan has a lower objective
    std::int64_t work = 0;   ///< units used, see PlanRules::node_budget
    bool complete = false;   ///< the whole tree was searched
};

/// Branch and bound over the windows of offers with runs; the relaxation without runs is solved exactly.
/// Begins with `incumbent`, a feasible cover.
[[nodiscard]] Search search(const Problem& problem, const PlanInput& input, Cover incumbent,
                            std::int64_t work_budget);

}  // namespace headroom::flex
