// What the operator's rules, the emergency ladder and learnt latencies leave of a live event's input.
#include "flex/event_permit.hpp"

#include "flex/carbon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

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

PlanDer offer_der(const Offer& offer) {
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

/// What was learnt of a DER counts in the stead of what its provider says.
void count_as_learnt(const std::vector<LearntResponse>& responses, std::vector<Offer>& offers) {
    for (Offer& offer : offers) {
        const auto known = std::lower_bound(
            responses.begin(), responses.end(), offer.der,
            [](const LearntResponse& each, const std::string& der) { return each.der_id < der; });
        if (known != responses.end() && known->der_id == offer.der) {
            offer.reliability_ppm = known->reliability_ppm;
        }
    }
}

TimeToLimit time_left(const PlanInput& input) {
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

}  // namespace

std::optional<DoingNothing> doing_nothing_in(const EventPlanInput& input) {
    if (!input.facts.limit) {
        return std::nullopt;
    }
    DoingNothing out = judge_doing_nothing(*input.facts.limit, 30.0);
    out.probability = static_cast<double>(input.base.overload.probability_ppm) / 1e6;
    return out;
}

std::optional<double> carbon_g_per_kwh(const EventPlanInput& input, const Offer& offer) {
    std::optional<double> known;
    if (input.book != nullptr) {
        known = carbon_of(*input.book, std::string(grid::to_string(offer.der_class)));
    }
    if (!known && input.facts.carbon) {
        known = input.facts.carbon->g_per_kwh;
    }
    return known;
}

Permit::Permit(const EventPlanInput& input)
    : input_(input),
      ladder_(ladder_of(input.book.get())),
      need_(need_of(input.base)),
      time_(time_left(input.base)) {
    allow_late_relief();
}

void Permit::allow_late_relief() {
    const std::vector<Offer>& offers = input_.base.offers;
    const bool is_bounded = time_.minutes && !time_.is_over && !offers.empty();
    const bool is_any_in_time =
        is_bounded && std::any_of(offers.begin(), offers.end(), [this](const Offer& offer) {
            return not_to_be_bought(ladder_, means(offer), time_).empty();
        });
    if (!is_bounded || is_any_in_time) {
        return;
    }
    const TimeToLimit to_the_end{
        .minutes = static_cast<double>((input_.base.overload.end - input_.base.now).count()) / 60'000.0,
        .is_over = true};
    late_ = fmt::format(
        "the limit is reached in {:.1f} min and nothing that is offered is as fast: what comes "
        "later relieves the rest",
        *time_.minutes);
    time_ = to_the_end;
}

PlanInput Permit::allowed(PlanNotes& notes) const {
    PlanInput out = input_.base;
    count_as_learnt(input_.facts.responses, out.offers);
    PlanRequest request;
    request.need = need_;
    for (std::size_t i = 0; i < out.offers.size(); ++i) {
        request.ders.push_back(offer_der(out.offers[i]));
        request.ders.back().exclusive_group = std::to_string(i);  // finds the way back to the offer
    }
    std::string no_money;
    if (input_.book != nullptr) {
        notes.rules = apply_rules(*input_.book, request, input_.facts.rules);
        out.rules.id = input_.book->id;
        out.rules.version = input_.book->version;
        if (const auto left = budget_left(*input_.book, need_, input_.facts.rules)) {
            out.rules.cost_max = std::min(out.rules.cost_max, MicroPounds{left->micro_gbp});
            notes.rules.push_back({left->rule, "", false, left->detail});
            no_money = left->micro_gbp == 0 ? "rule " + left->rule + ": " + left->detail : "";
        }
    }
    std::map<std::size_t, const PlanDer*> kept;
    for (const PlanDer& der : request.ders) {
        kept.emplace(std::stoul(der.exclusive_group), &der);
    }
    if (!late_.empty()) {
        notes.rules.push_back({"ladder", "", false, late_});
    }
    keep(out, kept, no_money, notes);
    return out;
}

std::string_view Permit::means(const Offer& offer) const {
    return means_for(ladder_, offer.der, std::string(grid::to_string(offer.der_class)), is_armed());
}

OfferTurn Permit::turn(const Offer& offer) const {
    constexpr std::size_t ranks = 10'000'000;
    Preference preference{.rank = 0};
    if (input_.book != nullptr) {
        preference = preference_of(*input_.book, need_, input_.facts.rules, offer_der(offer));
    }
    return {place_of(ladder_, means(offer)) * ranks + static_cast<std::size_t>(preference.rank),
            preference.rule.empty() ? "ladder" : preference.rule};
}

EventWeight Permit::weight(const Offer& offer) const {
    constexpr double most = 4e7;  // µ£/kWh, so that sums stay exact
    EventWeight out{.provider = offer.provider, .offer = offer.id, .der_id = offer.der};
    if (input_.book == nullptr) {
        return out;
    }
    const RuleBook& book = *input_.book;
    const PlanDer der = offer_der(offer);
    out.rotation_micro_gbp_per_kwh =
        std::llround(std::min(most, rotation_of(book, need_, input_.facts.rules, der) * 1e6));
    if (book.carbon_gbp_per_tonne > 0.0) {
        // A gram at a pound a tonne is a millionth of a pound.
        const double grams = carbon_g_per_kwh(input_, offer).value_or(unknown_carbon_g_per_kwh);
        out.carbon_micro_gbp_per_kwh = std::llround(std::min(most, grams * book.carbon_gbp_per_tonne));
    }
    if (const ReboundRule* rebound = rebound_rule(book, offer.der, der.kind)) {
        out.rebound_ppm = std::llround(rebound->share * 1e6);
        out.rebound_minutes = std::llround(rebound->minutes);
    }
    return out;
}

std::string Permit::why_not(const Offer& offer, const PlanNotes& notes, bool is_kept) const {
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
        return fmt::format("{} takes {:.1f} min to confirm on the spot, {:.1f} min are left", offer.provider,
                           latency->minutes, *time_.minutes);
    }
    return {};
}

void Permit::keep(PlanInput& out, const std::map<std::size_t, const PlanDer*>& kept,
                  const std::string& no_money, PlanNotes& notes) const {
    std::vector<Offer> offers;
    std::vector<std::vector<std::int64_t>> reserved;
    for (std::size_t i = 0; i < out.offers.size(); ++i) {
        Offer& offer = out.offers[i];
        const auto der = kept.find(i);
        std::string why = why_not(offer, notes, der != kept.end());
        if (why.empty() && offer.utilisation.value + offer.availability_per_mw_h.value > 0) {
            why = no_money;  // a watt or two would round to nothing
        }
        if (!why.empty()) {
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
void Permit::close_slots(const PlanDer& der, const Offer& offer, std::vector<std::int64_t>& held) const {
    held.resize(need_.required_kw.size(), 0);
    for (std::size_t slot = 0; slot < held.size(); ++slot) {
        const UtcTime begin = need_.start + period_length * static_cast<std::int64_t>(slot);
        const bool is_open = std::any_of(
            der.available->begin(), der.available->end(),
            [begin](const PlanWindow& window) { return window.from <= begin && begin < window.to; });
        held[slot] = is_open ? held[slot] : offer.power.value;
    }
}

}  // namespace headroom::flex
