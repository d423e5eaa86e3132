#include "flex/event_plan.hpp"

#include "core/random.hpp"
#include "flex/event_words.hpp"
#include "flex/plan_turns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace headroom::flex {
namespace {

PlanNeed need_of(const PlanInput& input) {
    PlanNeed need;
    need.feeder_id = input.overload.feeder;
    need.start = input.overload.need.start;
    for (const std::int64_t w : input.overload.need.w) {
        need.required_kw.push_back(static_cast<double>(w) / 1000.0);
    }
    return need;
}

PlanDer der_of(const Offer& offer) {
    PlanDer der;
    der.der_id = offer.der;
    der.provider = offer.provider;
    der.kind = std::string(grid::to_string(offer.der_class));
    der.max_kw = static_cast<double>(offer.power.value) / 1000.0;
    der.price_gbp_per_kwh =
        static_cast<double>(offer.utilisation.value + offer.availability_per_mw_h.value) / 1e9;
    if (offer.energy.value > 0) {
        der.energy_kwh = static_cast<double>(offer.energy.value) / 1000.0;
    }
    return der;
}

TimeToLimit time_of(const PlanInput& input) {
    const risk::Overload& overload = input.overload;
    const auto in_minutes = [](milliseconds span) { return static_cast<double>(span.count()) / 60'000.0; };
    // Told when it was detected: in later rounds so much less is left.
    const UtcTime reached = overload.detected_at + overload.time_to_limit;
    if (overload.time_to_limit.count() > 0 && reached > input.now) {
        return {.minutes = in_minutes(reached - input.now)};
    }
    if (overload.start > input.now) {
        return {.minutes = in_minutes(overload.start - input.now)};
    }
    return {.minutes = in_minutes(overload.end - input.now), .is_over = true};
}

/// Leaves what rules, ladder and latencies allow.
class Permit {
  public:
    Permit(const EventPlanInput& input, const std::vector<LadderRung>& ladder)
        : input_(input), ladder_(ladder), need_(need_of(input.base)), time_(time_of(input.base)) {}

    PlanInput allowed(PlanNotes& notes) {
        PlanInput out = input_.base;
        PlanRequest request;
        request.need = need_;
        for (std::size_t i = 0; i < out.offers.size(); ++i) {
            request.ders.push_back(der_of(out.offers[i]));
            request.ders.back().exclusive_group = std::to_string(i);  // finds the way back to the offer
        }
        if (input_.book != nullptr) {
            notes.rules = apply_rules(*input_.book, request, input_.facts.rules);
            out.rules.id = input_.book->id;
            out.rules.version = input_.book->version;
            if (const auto left = budget_left(*input_.book, need_, input_.facts.rules)) {
                out.rules.cost_max = std::min(out.rules.cost_max, MicroPounds{left->micro_gbp});
                notes.rules.push_back({left->rule, "", false, left->detail});
            }
        }
        std::map<std::size_t, const PlanDer*> kept;
        for (const PlanDer& der : request.ders) {
            kept.emplace(std::stoul(der.exclusive_group), &der);
        }
        keep(out, kept, notes);
        return out;
    }

    [[nodiscard]] bool is_armed() const { return input_.base.product == ContractKind::availability; }
    [[nodiscard]] const TimeToLimit& time() const { return time_; }
    [[nodiscard]] const PlanNeed& need() const { return need_; }
    [[nodiscard]] std::string_view means(const Offer& offer) const {
        return means_for(ladder_, offer.der, std::string(grid::to_string(offer.der_class)), is_armed());
    }
    /// Place on the ladder first, then the rank of preference.
    [[nodiscard]] std::size_t turn(const Offer& offer) const {
        constexpr std::size_t ranks = 10'000'000;
        const std::int64_t rank =
            input_.book == nullptr
                ? 0
                : preference_of(*input_.book, need_, input_.facts.rules, der_of(offer)).rank;
        return place_of(ladder_, means(offer)) * ranks + static_cast<std::size_t>(rank);
    }

  private:
    std::string why_not(const Offer& offer, const PlanNotes& notes, bool is_kept) const {
        if (!is_kept) {
            for (const RuleUse& use : notes.rules) {
                if (use.is_refused && use.der_id == offer.der) {
                    return "rule " + use.rule + ": " + use.detail;
                }
            }
        }
        if (std::string why = not_to_be_bought(ladder_, means(offer), time_); !why.empty()) {
            return why;
        }
        const auto latency =
            std::find_if(input_.facts.latencies.begin(), input_.facts.latencies.end(),
                         [&offer](const ProviderLatency& each) { return each.provider == offer.provider; });
        if (!is_armed() && latency != input_.facts.latencies.end() && time_.minutes &&
            latency->minutes > *time_.minutes) {
            return fmt::format("{} takes {:.1f} min to confirm on the spot, {:.1f} min are left",
                               offer.provider, latency->minutes, *time_.minutes);
        }
        return {};
    }

    void keep(PlanInput& out, const std::map<std::size_t, const PlanDer*>& kept, PlanNotes& notes) const {
        std::vector<Offer> offers;
        std::vector<std::vector<std::int64_t>> reserved;
        for (std::size_t i = 0; i < out.offers.size(); ++i) {
            Offer& offer = out.offers[i];
            const auto der = kept.find(i);
            if (std::string why = why_not(offer, notes, der != kept.end()); !why.empty()) {
                notes.refused.push_back({offer.provider, offer.id, offer.der, std::move(why)});
                continue;
            }
            std::vector<std::int64_t> held =
                out.reserved_w.empty() ? std::vector<std::int64_t>{} : std::move(out.reserved_w[i]);
            if (der->second->available) {
                close_slots(*der->second, offer, held);
            }
            reserved.push_back(std::move(held));
            offers.push_back(std::move(offer));
        }
        const bool is_any_held =
            std::any_of(reserved.begin(), reserved.end(), [](const auto& row) { return !row.empty(); });
        out.offers = std::move(offers);
        out.reserved_w = is_any_held ? std::move(reserved) : std::vector<std::vector<std::int64_t>>{};
    }

    /// Half-hours outside the windows that the rules leave count as promised elsewhere.
    void close_slots(const PlanDer& der, const Offer& offer, std::vector<std::int64_t>& held) const {
        held.resize(need_.required_kw.size(), 0);
        for (std::size_t slot = 0; slot < held.size(); ++slot) {
            const UtcTime begin = need_.start + period_length * static_cast<std::int64_t>(slot);
            const bool is_open = std::any_of(
                der.available->begin(), der.available->end(),
                [begin](const PlanWindow& window) { return window.from <= begin && begin < window.to; });
            held[slot] = is_open ? held[slot] : offer.power.value;
        }
    }

    const EventPlanInput& input_;
    const std::vector<LadderRung>& ladder_;
    PlanNeed need_;
    TimeToLimit time_;
};

std::optional<DoingNothing> doing_nothing(const EventPlanInput& input) {
    if (!input.facts.limit) {
        return std::nullopt;
    }
    DoingNothing out = judge_doing_nothing(*input.facts.limit, 30.0);
    out.probability = static_cast<double>(input.base.overload.probability_ppm) / 1e6;
    return out;
}

std::vector<LadderStep> climbed(const EventPlanInput& input, const Permit& permit,
                                const std::vector<LadderRung>& ladder,
                                const std::optional<DoingNothing>& nothing, const FlexPlan& plan) {
    LadderFacts facts{.time = permit.time(),
                      .nothing = nothing,
                      .switching = input.facts.switching,
                      .is_armed = permit.is_armed()};
    std::map<std::string_view, BoughtBy> bought;
    const auto of = [&](const Offer& offer) -> BoughtBy& {
        const std::string_view means = permit.means(offer);
        BoughtBy& by = bought[means];
        by.means = std::string(means);
        return by;
    };
    for (const Offer& offer : input.base.offers) {
        ++of(offer).offered;
    }
    for (const PlanLine& line : plan.lines) {
        BoughtBy& by = of(line.offer);
        by.peak_kw += static_cast<double>(line.relief_peak.value) / 1000.0;
        by.gbp += static_cast<double>(line.cost.value) / 1e6;
        ++by.ders;
    }
    for (auto& [means, by] : bought) {
        facts.bought.push_back(std::move(by));
    }
    for (const double kw : permit.need().required_kw) {
        facts.need_kw = std::max(facts.need_kw, kw);
    }
    facts.left_kw = static_cast<double>(plan.shortfall_peak.value) / 1000.0;
    return climb(ladder, facts);
}

}  // namespace

Result<EventPlan> make_event_plan(const EventPlanInput& input) {
    const std::vector<LadderRung> ladder = ladder_of(input.book.get());
    Permit permit(input, ladder);
    EventPlan out;
    out.notes.rule_set = input.book == nullptr ? "" : input.book->name();
    PlanInput allowed = permit.allowed(out.notes);
    const std::optional<DoingNothing> nothing = doing_nothing(input);
    out.notes.takes_nothing = takes_nothing(ladder, nothing);
    if (out.notes.takes_nothing) {
        for (const Offer& offer : allowed.offers) {
            out.notes.refused.push_back(
                {offer.provider, offer.id, offer.der, "nothing needs to be done: " + nothing->detail});
        }
        allowed.offers.clear();
        allowed.reserved_w.clear();
    }
    Result<PlannedCovers> planned = plan_covers(
        allowed, [&permit](const Offer& offer) { return permit.turn(offer); }, true);
    if (!planned) {
        return planned.error();
    }
    FlexPlan& plan = planned->plan;
    for (const EventRefusal& refusal : out.notes.refused) {
        plan.left_out.push_back(refusal.offer + ": " + refusal.reason);
    }
    for (const std::string& sentence : planned->problem.left_out) {
        const std::string offer_id = sentence.substr(0, sentence.find(": "));
        const auto offer = std::find_if(allowed.offers.begin(), allowed.offers.end(),
                                        [&offer_id](const Offer& each) { return each.id == offer_id; });
        if (offer != allowed.offers.end()) {
            out.notes.refused.push_back(
                {offer->provider, offer->id, offer->der, sentence.substr(offer_id.size() + 2)});
        }
    }
    out.notes.carbon_source = input.facts.carbon ? input.facts.carbon->source : "";
    out.notes.engine = planned->complete ? "exact" : planned->by_schedule ? "schedule" : "bounded";
    out.notes.ladder = climbed(input, permit, ladder, nothing, plan);
    out.notes.ways = ways_of(input, allowed, *planned, nothing, permit.time());
    out.notes.reserve = reserve_of(allowed, *planned);
    if (input.book != nullptr) {
        if (std::optional<RuleUse> person =
                needs_person(*input.book, permit.need(), input.facts.rules, plan.cost.value)) {
            out.notes.needs_person = true;
            out.notes.rules.push_back(std::move(*person));
        }
    }
    out.plan = std::move(plan);
    return out;
}

}  // namespace headroom::flex
