#include "agents/event_facts.hpp"

#include "flex/past_orders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::agents {
namespace {

std::vector<std::string> zones_of(const grid::Network& network, const std::string& feeder) {
    std::vector<std::string> zones;
    for (const std::string_view asset : network.path_to_top(feeder)) {
        zones.emplace_back(asset);
    }
    if (zones.empty()) {
        zones.push_back(feeder);
    }
    return zones;
}

/// The other ratings of the limit's asset; nothing when neither a cyclic nor an emergency rating is known,
/// nor a transformer.
std::optional<flex::PlanLimit> limit_of(const risk::Overload& overload, const grid::Network& network,
                                        const flex::RuleBook* book) {
    const grid::Limit& limit = overload.limit;
    if (limit.quantity != grid::Quantity::p_kw) {
        return std::nullopt;
    }
    flex::PlanLimit out;
    out.limit_kw = limit.value;
    for (const std::int64_t w : overload.need.w) {
        out.load_kw.push_back(limit.value + static_cast<double>(w) / 1000.0);
    }
    for (const grid::Limit* other : network.limits_of(limit.asset)) {
        const bool is_same = other->quantity == limit.quantity && other->phase == limit.phase &&
                             other->direction == limit.direction && other->is_verified() &&
                             (other->season == grid::Season::all || other->season == limit.season);
        if (!is_same || other->value < limit.value) {
            continue;
        }
        if (other->kind == grid::LimitKind::cyclic && limit.kind == grid::LimitKind::continuous) {
            out.cyclic_kw = other->value;
        } else if (other->kind == grid::LimitKind::emergency && limit.kind != grid::LimitKind::emergency) {
            out.emergency_kw = other->value;
            out.emergency_minutes = other->emergency_minutes;
        }
    }
    if (out.emergency_kw && out.cyclic_kw && *out.emergency_kw < *out.cyclic_kw) {
        out.emergency_kw.reset();
    }
    const grid::Substation* substation = network.substation(limit.asset);
    if (substation != nullptr && substation->rating > Kilowatts{0.0} && limit.phase == grid::Phase::sum) {
        flex::PlanTransformer transformer;
        transformer.rating_kw = substation->rating.value;
        transformer.load_before_kw = std::min(limit.value, substation->rating.value);
        transformer.replacement_gbp =
            book == nullptr ? 0.0 : book->transformer_gbp_per_kw * substation->rating.value;
        out.transformer = transformer;
    }
    return out.cyclic_kw || out.emergency_kw || out.transformer ? std::optional(out) : std::nullopt;
}

/// What closing each tie at the limit's asset would take off it: what the tie carries and the other side has
/// left, by its own limit and newest load. Only in the import's direction and for the sum of the phases.
std::vector<flex::PlanSwitching> switching_for(
    const risk::Overload& overload, const grid::Network& network,
    const std::function<std::optional<double>(const risk::Overload&)>& load_kw) {
    std::vector<flex::PlanSwitching> out;
    if (overload.limit.direction != grid::Direction::import_) {
        return out;
    }
    for (const grid::Tie* tie : network.ties_at(overload.limit.asset)) {
        const std::string other(tie->other_end(overload.limit.asset));
        flex::PlanSwitching option{.id = tie->id.value,
                                   .detail = fmt::format("close {} towards {}", tie->id.value, other),
                                   .minutes = static_cast<double>(tie->switching.count())};
        std::optional<double> free_kw;
        for (const grid::Limit* limit : network.limits_of(other)) {
            if (limit->quantity != grid::Quantity::p_kw || limit->phase != grid::Phase::sum ||
                limit->direction != grid::Direction::import_ || !limit->is_verified()) {
                continue;
            }
            risk::Overload there = overload;
            there.feeder = other;
            there.limit = *limit;
            if (const std::optional<double> load = load_kw ? load_kw(there) : std::nullopt) {
                free_kw = std::min(free_kw.value_or(1e9), std::max(0.0, limit->value - *load));
            }
        }
        if (!free_kw) {
            option.refused = "what " + other + " has left is not known";
        } else {
            option.relief_kw = std::min(tie->rating.value, *free_kw);
            option.refused = option.relief_kw <= 0.0 ? other + " has nothing left" : "";
        }
        out.push_back(std::move(option));
    }
    return out;
}

/// The import limits of active power that load at the overload's limit counts towards as well: of what
/// supplies its asset, on the same phase.
std::vector<const grid::Limit*> limits_above(const risk::Overload& overload, const grid::Network& network) {
    std::vector<const grid::Limit*> out;
    for (const std::string_view asset : network.path_to_top(overload.limit.asset)) {
        for (const grid::Limit* limit : network.limits_of(asset)) {
            const bool counts =
                asset != overload.limit.asset && limit->quantity == grid::Quantity::p_kw &&
                limit->direction == grid::Direction::import_ && limit->phase == overload.limit.phase &&
                limit->is_verified() && limit->kind != grid::LimitKind::emergency &&
                (limit->season == grid::Season::all || limit->season == overload.limit.season ||
                 overload.limit.season == grid::Season::all);
            if (counts) {
                out.push_back(limit);
            }
        }
    }
    return out;
}

/// What `limit` leaves free in one half-hour; nothing where no forecast knows it.
std::optional<std::int64_t> free_in(const risk::Overload& overload, const grid::Limit& limit, UtcTime period,
                                    const std::function<LimitForecast(const risk::Overload&)>& forecast) {
    risk::Overload there = overload;
    there.feeder = limit.asset;
    there.limit = limit;
    there.need = {period, {0}};
    const LimitForecast found = forecast(there);
    return found.upper_w.empty() ? std::nullopt
                                 : std::optional(std::max<std::int64_t>(
                                       0, std::llround(limit.value * 1000.0) - found.upper_w.front()));
}

/// By half-hour of the need and `more` beyond it; empty where what follows the need is not known. A half-hour
/// of the need that no forecast reaches back to has no room.
std::vector<std::int64_t> free_at(const risk::Overload& overload, const grid::Limit& limit, std::size_t more,
                                  const std::function<LimitForecast(const risk::Overload&)>& forecast) {
    const std::size_t needed = overload.need.w.size();
    std::vector<std::int64_t> out;
    for (std::size_t slot = 0; slot < needed + more; ++slot) {
        const UtcTime period = overload.need.start + period_length * static_cast<std::int64_t>(slot);
        const std::optional<std::int64_t> free = free_in(overload, limit, period, forecast);
        if (!free && slot >= needed) {
            return {};
        }
        out.push_back(free.value_or(0));
    }
    return out;
}

std::string kind_of(const grid::Network& network, const std::string& id) {
    const grid::Der* der = network.der(id);
    return std::string(grid::to_string(der == nullptr ? grid::DerClass::other : der->der_class));
}

/// A line as the rules count it.
flex::PastUse use_of(const flex::PlanLine& line, const std::string& provider, const std::string& asset,
                     const grid::Network& network) {
    return {.der_id = line.offer.der,
            .provider = provider,
            .kind = std::string(grid::to_string(line.offer.der_class)),
            .feeder = asset,
            .zones = zones_of(network, asset),
            .at = line.power_w.start,
            .micro_gbp = line.cost.value};
}

/// An order of a published need: lines of power, and a line for each meter.
flex::PastOrder order_of(const flex::Contract& order, const grid::Network& network) {
    flex::PastOrder out;
    out.seller = {.der_id = order.provider, .provider = order.provider, .kind = "", .feeder = ""};
    for (const flex::PlanLine& line : order.lines) {
        if (line.power_w.values.empty()) {
            const grid::Der* known = network.der(line.offer.der);
            out.meters.push_back(
                {line.offer.der, known == nullptr ? "" : std::string(grid::to_string(known->der_class))});
            continue;
        }
        out.seller.feeder = line.offer.feeder;
        out.seller.at = line.power_w.start;
        out.seller.micro_gbp += line.cost.value;
    }
    out.seller.zones = zones_of(network, out.seller.feeder);
    return out;
}

}  // namespace

void count_uses(const EventRecord& event, const grid::Network& network, flex::RuleTally& tally) {
    const std::int64_t money = event.statement.empty() ? event.cost.value : event.statement_total.value;
    std::vector<std::int64_t> energy;
    std::int64_t whole = 0;
    for (const Assignment& assignment : event.assignments) {
        std::int64_t sum = 0;
        for (const std::int64_t w : assignment.power_w.values) {
            sum += w;
        }
        energy.push_back(sum);
        whole += sum;
    }
    std::int64_t left = money;
    for (std::size_t i = 0; i < event.assignments.size(); ++i) {
        const Assignment& assignment = event.assignments[i];
        const bool is_last = i + 1 == event.assignments.size();
        const std::int64_t share = is_last     ? left
                                   : whole > 0 ? multiply_divide_half_even(money, energy[i], whole)
                                               : 0;
        left -= share;
        tally.add({assignment.der, assignment.provider, kind_of(network, assignment.der),
                   event.overload.feeder, zones_of(network, event.overload.feeder), event.overload.start,
                   share});
    }
    for (const PendingUse& each : event.pending) {
        tally.add({each.der, each.provider, each.kind, event.overload.feeder,
                   zones_of(network, event.overload.feeder), event.overload.start, each.cost.value});
    }
}

std::optional<flex::GridCarbon> carbon_for(const risk::Overload& overload, const FeedBoard* board) {
    const std::optional<FeedFigure> figure =
        board == nullptr ? std::nullopt : board->table()->mean(carbon_series, overload.start, overload.end);
    return figure ? std::optional(flex::GridCarbon{figure->value, carbon_source_text(*figure)})
                  : std::nullopt;
}

std::optional<flex::ReboundRoom> room_for(
    const risk::Overload& overload, const grid::Network& network, const flex::RuleBook* book,
    const std::function<LimitForecast(const risk::Overload&)>& forecast) {
    const bool is_looked_at = book != nullptr && !book->rebound.empty() && forecast &&
                              overload.limit.quantity == grid::Quantity::p_kw &&
                              overload.limit.direction == grid::Direction::import_;
    double longest = 0.0;
    for (const flex::ReboundRule& rule : is_looked_at ? book->rebound : std::vector<flex::ReboundRule>{}) {
        longest = std::max(longest, rule.minutes);
    }
    const auto more = static_cast<std::size_t>(std::ceil(longest / 30.0));
    if (more == 0) {
        return std::nullopt;
    }
    flex::ReboundRoom out{.headroom_w = free_at(overload, overload.limit, more, forecast)};
    std::string names = overload.limit.asset;
    for (const grid::Limit* limit : limits_above(overload, network)) {
        const std::vector<std::int64_t> free = free_at(overload, *limit, more, forecast);
        for (std::size_t slot = 0; slot < std::min(free.size(), out.headroom_w.size()); ++slot) {
            out.headroom_w[slot] = std::min(out.headroom_w[slot], free[slot]);
        }
        names += free.empty() ? "" : " and " + limit->asset;
    }
    out.source = "what the 90th percentile of the forecast, or else the newest load, leaves at " + names;
    return out.headroom_w.empty() ? std::nullopt : std::optional(std::move(out));
}

void count_uses(const flex::Contract& purchase, const grid::Network& network, flex::RuleTally& tally) {
    const bool stands = purchase.state == flex::ContractState::active ||
                        purchase.state == flex::ContractState::activated ||
                        purchase.state == flex::ContractState::completed;
    for (const flex::PlanLine& line : stands ? purchase.lines : std::vector<flex::PlanLine>{}) {
        if (line.offer.der_class != grid::DerClass::compute) {
            tally.add(use_of(line, purchase.provider, line.offer.feeder, network));
        }
    }
}

void count_uses(const flex::FlexPlan& plan, const grid::Network& network, flex::RuleTally& tally) {
    for (const flex::PlanLine& line : plan.lines) {
        tally.add(use_of(line, line.offer.provider, plan.feeder, network));
    }
}

flex::RuleFacts rule_facts_for(const std::string& asset, const PastUses& past, const grid::Network& network,
                               const flex::RuleBook* book, UtcTime now) {
    std::vector<std::string> zones = zones_of(network, asset);
    if (book == nullptr) {
        return {.zones = std::move(zones)};
    }
    flex::RuleTally tally(*book, now);
    for (const EventRecord* event : past.events) {
        count_uses(*event, network, tally);
    }
    for (const flex::Contract* purchase : past.purchases) {
        count_uses(*purchase, network, tally);
    }
    std::vector<flex::PastOrder> orders;
    for (const flex::Contract& order : past.of_needs) {
        orders.push_back(order_of(order, network));
        tally.add(orders.back().seller);
    }
    for (const flex::Contract* pending : past.pending) {
        for (const flex::PlanLine& line : pending->lines) {
            tally.add(use_of(line, pending->provider, line.offer.feeder, network));
        }
    }
    for (const flex::FlexPlan* plan : past.plans) {
        count_uses(*plan, network, tally);
    }
    flex::RuleFacts facts = tally.facts(std::move(zones));
    for (const flex::PastOrder& order : orders) {
        flex::add_meters(*book, now, order, facts);
    }
    return facts;
}

flex::EventFacts facts_for(const risk::Overload& overload, const PastUses& past, const grid::Network& network,
                           const flex::RuleBook* book, UtcTime now,
                           const std::function<std::optional<double>(const risk::Overload&)>& load_kw) {
    flex::EventFacts facts;
    facts.rules = rule_facts_for(overload.feeder, past, network, book, now);
    facts.limit = limit_of(overload, network, book);
    facts.switching = switching_for(overload, network, load_kw);
    return facts;
}

}  // namespace headroom::agents
