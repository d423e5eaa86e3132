// A plan that somebody else made, held against the operator's rules.
#include "flex/event_breaks.hpp"

#include "core/random.hpp"
#include "core/units.hpp"
#include "flex/event_chance.hpp"
#include "flex/event_permit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace headroom::flex {
namespace {

std::string action_of(const EventPlanInput& input, const std::string& rule) {
    if (rule == "ladder" || rule == "protected_ders" || rule == "probability") {
        return rule;
    }
    if (input.book != nullptr) {
        for (const OperatorRule& each : input.book->rules) {
            if (each.id == rule) {
                return each.action;
            }
        }
    }
    return {};
}

/// Microwatts of expected relief that `plan` takes from offers of turns up to each, by turn and slot.
class ReliefByTurn {
  public:
    ReliefByTurn(const EventPlanInput& input, const Permit& permit, const FlexPlan& plan,
                 const std::vector<std::size_t>& turns)
        : slots_(input.base.overload.need.w.size()), sums_(turns.size() * slots_, 0) {
        for (const PlanLine& line : plan.lines) {
            const std::size_t turn = permit.turn(line.offer).turn;
            const std::int64_t share = relief_ppm(line.offer.phase, input.base.overload.limit.phase);
            const std::int64_t relief =
                input.base.rules.by_reliability ? share * line.offer.reliability_ppm / whole_ppm : share;
            for (std::size_t place = 0; place < turns.size(); ++place) {
                for (std::size_t slot = 0; slot < slots_ && turn <= turns[place]; ++slot) {
                    sums_[place * slots_ + slot] += slot < line.power_w.values.size()
                                                        ? line.power_w.values[slot] * relief
                                                        : std::int64_t{0};
                }
            }
        }
    }
    [[nodiscard]] std::int64_t at(std::size_t place, std::size_t slot) const {
        return sums_[place * slots_ + slot];
    }

  private:
    std::size_t slots_;
    std::vector<std::int64_t> sums_;
};

class Checker {
  public:
    Checker(const EventPlanInput& input, const FlexPlan& proposed, const FlexPlan& standing)
        : input_(input), proposed_(proposed), standing_(standing), permit_(input) {
        allowed_ = permit_.allowed(notes_);
    }

    std::vector<RuleBreak> all() {
        for (const PlanLine& line : proposed_.lines) {
            check_line(line);
        }
        if (!proposed_.lines.empty() && takes_nothing(permit_.ladder(), doing_nothing_in(input_))) {
            add("ladder", nullptr, "nothing needs to be done: the load is within another rating");
        }
        check_budget();
        check_order();
        check_chance();
        return std::move(breaks_);
    }

  private:
    void add(std::string rule, const Offer* offer, std::string detail) {
        std::string action = action_of(input_, rule);
        breaks_.push_back({std::move(rule), std::move(action), offer == nullptr ? "" : offer->provider,
                           offer == nullptr ? "" : offer->id, std::move(detail)});
    }

    void check_line(const PlanLine& line) {
        const auto refused =
            std::find_if(notes_.refused.begin(), notes_.refused.end(), [&line](const EventRefusal& each) {
                return each.provider == line.offer.provider && each.offer == line.offer.id;
            });
        if (refused == notes_.refused.end()) {
            check_hours(line);
            return;
        }
        for (const RuleUse& use : notes_.rules) {
            if (use.is_refused && use.der_id == line.offer.der) {
                add(use.rule, &line.offer, use.detail);
                return;
            }
        }
        add("ladder", &line.offer, refused->reason);
    }

    /// A half-hour that the rules close counts as promised elsewhere: more than what was promised before.
    void check_hours(const PlanLine& line) {
        const std::optional<std::size_t> before = place_of(input_.base.offers, line.offer);
        const std::optional<std::size_t> after = place_of(allowed_.offers, line.offer);
        if (!before || !after || allowed_.reserved_w.empty()) {
            return;
        }
        const std::vector<std::int64_t>& closed = allowed_.reserved_w[*after];
        for (std::size_t slot = 0; slot < closed.size() && slot < line.power_w.values.size(); ++slot) {
            const std::int64_t promised =
                input_.base.reserved_w.empty() || input_.base.reserved_w[*before].empty()
                    ? 0
                    : input_.base.reserved_w[*before][slot];
            if (line.power_w.values[slot] > 0 && closed[slot] > promised) {
                add_hours(line, slot);
                return;
            }
        }
    }

    void add_hours(const PlanLine& line, std::size_t slot) {
        for (const RuleUse& use : notes_.rules) {
            if (use.der_id == line.offer.der && action_of(input_, use.rule) == "only_between") {
                add(use.rule, &line.offer, fmt::format("half-hour {}: {}", slot + 1, use.detail));
                return;
            }
        }
    }

    void check_budget() {
        if (input_.book == nullptr) {
            return;
        }
        const std::optional<BudgetLeft> left = budget_left(*input_.book, permit_.need(), input_.facts.rules);
        if (left && proposed_.cost.value > left->micro_gbp) {
            add(left->rule, nullptr, left->detail);
        }
    }

    /// Over all half-hours, earlier turns may not cover less of what is wanted than they do in the plan that
    /// stands; when within the window they give it is free.
    void check_order() {
        std::set<std::size_t> distinct;
        for (const FlexPlan* plan : {&proposed_, &standing_}) {
            for (const PlanLine& line : plan->lines) {
                distinct.insert(permit_.turn(line.offer).turn);
            }
        }
        const std::vector<std::size_t> turns(distinct.begin(), distinct.end());
        if (turns.size() < 2) {
            return;
        }
        const ReliefByTurn mine(input_, permit_, proposed_, turns);
        const ReliefByTurn theirs(input_, permit_, standing_, turns);
        for (std::size_t place = 0; place + 1 < turns.size(); ++place) {
            if (covered(mine, place) < covered(theirs, place)) {
                add_order(turns[place]);
                return;
            }
        }
    }

    /// As sure as the plan that stands, or as asked where that is less; what is drawn differs a little.
    void check_chance() {
        if (!input_.facts.chance) {
            return;
        }
        constexpr std::int64_t tolerance_ppm = 10'000;
        const ChanceAsked& asked = *input_.facts.chance;
        const std::int64_t mine = *certainty_ppm(input_, proposed_);
        const std::int64_t wanted = std::min(asked.probability_ppm, *certainty_ppm(input_, standing_));
        if (mine + tolerance_ppm < wanted) {
            add(asked.rule, nullptr,
                fmt::format("{:.1f} % of drawn loads and deliveries stay within the limit, {:.1f} % could",
                            static_cast<double>(mine) / 1e4, static_cast<double>(wanted) / 1e4));
        }
    }

    /// Of the need and the margin, by turns up to this one, summed over the half-hours.
    [[nodiscard]] std::int64_t covered(const ReliefByTurn& relief, std::size_t place) const {
        std::int64_t sum = 0;
        for (std::size_t slot = 0; slot < input_.base.overload.need.w.size(); ++slot) {
            const std::int64_t target =
                input_.base.overload.need.w[slot] * (whole_ppm + input_.base.rules.margin_ppm);
            sum += std::min(relief.at(place, slot), target);
        }
        return sum;
    }

    /// Names the rule that gives the earlier offer its place, and an offer of a later turn.
    void add_order(std::size_t turn) {
        std::string rule = "ladder";
        for (const PlanLine& line : standing_.lines) {
            const OfferTurn of = permit_.turn(line.offer);
            if (of.turn <= turn && of.rule != "ladder") {
                rule = of.rule;
            }
        }
        for (const PlanLine& line : proposed_.lines) {
            const OfferTurn of = permit_.turn(line.offer);
            if (of.turn > turn) {
                add(rule == "ladder" ? of.rule : rule, &line.offer,
                    "it is asked for what offers of an earlier turn cover");
                return;
            }
        }
        add(rule, nullptr, "offers of an earlier turn are asked for less than they can cover");
    }

    static std::optional<std::size_t> place_of(const std::vector<Offer>& offers, const Offer& wanted) {
        const auto found = std::find_if(offers.begin(), offers.end(), [&wanted](const Offer& each) {
            return each.provider == wanted.provider && each.id == wanted.id;
        });
        return found == offers.end() ? std::nullopt
                                     : std::optional(static_cast<std::size_t>(found - offers.begin()));
    }

    const EventPlanInput& input_;
    const FlexPlan& proposed_;
    const FlexPlan& standing_;
    Permit permit_;
    PlanNotes notes_;
    PlanInput allowed_;
    std::vector<RuleBreak> breaks_;
};

}  // namespace

PermittedInput permitted_input(const EventPlanInput& input) {
    const Permit permit(input);
    PlanNotes notes;
    PermittedInput out{.input = permit.allowed(notes)};
    if (input.facts.chance) {
        out.input.rules.margin_ppm = 0;  // what may fail is reckoned with, not guessed
    }
    out.takes_nothing = takes_nothing(permit.ladder(), doing_nothing_in(input));
    for (const Offer& offer : out.input.offers) {
        out.turns.push_back(permit.turn(offer).turn);
    }
    std::vector<std::size_t> all = out.turns;
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    for (std::size_t& turn : out.turns) {
        turn = static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), turn) - all.begin());
    }
    return out;
}

std::optional<std::int64_t> certainty_ppm(const EventPlanInput& input, const FlexPlan& plan) {
    if (!input.facts.chance) {
        return std::nullopt;
    }
    DeliveryDraws deliveries(Random::key(input.base.overload.event.value));
    return ChanceDraws(*input.facts.chance, deliveries)
        .share_ppm(chance_parts(plan, input.base.overload.limit.phase));
}

std::vector<RuleBreak> rule_breaks(const EventPlanInput& input, const FlexPlan& proposed,
                                   const FlexPlan& standing) {
    return Checker(input, proposed, standing).all();
}

}  // namespace headroom::flex
