#include "beckn/decimal.hpp"
#include "beckn/pack_demand_flex.hpp"
#include "beckn/pack_time_series.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn::lts {

namespace {

constexpr std::size_t roles_max = 32;
constexpr std::size_t steps_max = 64;

std::optional<std::int64_t> demand(const SeriesColumn& column, const Node& value) {
    return power_w(column, value, 0);
}
/// Within what is believed of an offer.
std::optional<std::int64_t> deliverable(const SeriesColumn& column, const Node& value) {
    const std::optional<std::int64_t> watts = power_w(column, value, 0);
    if (watts && *watts > flex::offer_power_max.value) {
        value.refuse("is more than " + format_decimal(flex::offer_power_max.value, kw_decimals) + " kW");
        return std::nullopt;
    }
    return watts;
}
std::optional<std::int64_t> signed_price(const SeriesColumn& column, const Node& value) {
    return price_per_mwh(column, value, -price_bound);
}
std::optional<std::int64_t> penalty(const SeriesColumn& column, const Node& value) {
    return price_per_mwh(column, value, 0);
}

std::optional<flex::IntervalGrid> optional_grid(const Series& series,
                                                std::initializer_list<std::string_view> names,
                                                ReadValue read) {
    const SeriesColumn* column = series.find(names);
    return column == nullptr || column->values.empty() ? std::nullopt : grid_of(series, *column, read);
}

/// The members of `node` but those named, to be echoed.
json::Object others(const Node& node, std::initializer_list<std::string_view> known) {
    json::Object kept;
    const json::Object* object = node.is_there() ? node.value()->as_object() : nullptr;
    if (object == nullptr) {
        return kept;
    }
    for (const auto& [key, value] : object->members()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            kept.set(key, value);
        }
    }
    return kept;
}

/// The form before the time series: one window, one price.
void read_one_window(const Node& attributes, NeedLine& line) {
    const Node window = attributes.member("eventWindow");
    const std::optional<UtcTime> start = window.member("startDate").time();
    const std::optional<UtcTime> end = window.member("endDate").time();
    const std::optional<std::int64_t> power =
        number(attributes.member("maxCapacityKw"), kw_decimals, 0, power_bound_w);
    if (!start || !end || !power) {
        return;
    }
    if (*end - *start < step_min || *end - *start > step_max) {
        window.refuse("must last between one minute and one day");
        return;
    }
    flex::IntervalGrid grid{.start = *start, .step = *end - *start, .values = {*power}};
    line.need = flex::Need{.requested_w = std::move(grid), .price_per_mwh = {}, .shortfall_per_mwh = {}};
}

/// A price that stands once for all slots becomes a column, where the need has none.
void spread(const Node& node, std::int64_t min, const flex::IntervalGrid& like,
            std::optional<flex::IntervalGrid>& column) {
    if (!node.is_there() || column) {
        return;
    }
    if (const auto price = number(node, per_kwh_decimals, min, price_bound)) {
        column = flex::IntervalGrid{.start = like.start,
                                    .step = like.step,
                                    .values = std::vector<std::int64_t>(like.values.size(), *price)};
    }
}

/// Whom a role is bound to; empty for nobody yet (null).
std::string participant_of(const Node& role) {
    const Node id = role.member("participantId");
    return text_at(id).empty() ? std::string() : id.foreign_id().value_or("");
}

void read_buyer(const Node& role, NeedLine& line) {
    line.buyer = participant_of(role);
    const Node inputs = role.member("inputs");
    if (!inputs.is_there()) {
        return;
    }
    if (const std::string currency = text_at(inputs.member("currency")); !currency.empty()) {
        line.currency = currency;
    }
    const Node method = inputs.member("baselineMethodology");
    constexpr std::int64_t days_max = 366;
    if (method.is_there()) {
        line.baseline_best_of = number(method.member("bestOf"), 0, 0, days_max).value_or(0);
        line.baseline_out_of = number(method.member("outOf"), 0, 0, days_max).value_or(0);
    }
    const bool is_one_window = inputs.member("incentivePerKwh").is_there() && line.need.has_value();
    if (is_one_window) {
        spread(inputs.member("incentivePerKwh"), -price_bound, line.need->requested_w,
               line.need->price_per_mwh);
        line.buyer_extras =
            others(inputs, {"currency", "baselineMethodology", "incentivePerKwh", "penaltyRate"});
    } else {
        line.buyer_extras = others(inputs, {"currency", "baselineMethodology", "penaltyRate"});
    }
    if (inputs.member("penaltyRate").is_there()) {
        line.shortfall_per_mwh = number(inputs.member("penaltyRate"), per_kwh_decimals, 0, price_bound);
    }
}

void read_seller(const Node& role, NeedLine& line, std::size_t meters_max) {
    line.seller = participant_of(role);
    const Node inputs = role.member("inputs");
    for (const Node& meter : inputs.member("participatingMeters").items(meters_max)) {
        line.meters.push_back(meter.text(uri_max).value_or(""));
    }
    line.seller_extras = others(inputs, {"participatingMeters"});
}

std::optional<Policy> read_policy(const Node& node) {
    if (!node.is_there()) {
        return std::nullopt;
    }
    return Policy{.url = node.member("url").text(uri_max).value_or(""),
                  .query_path = node.member("queryPath").text_or_empty(name_max).value_or("")};
}

void read_curve(const Series& series, const SeriesColumn& powers, const SeriesColumn* prices,
                flex::Bid& bid) {
    bid.start = series.start;
    bid.step = series.step;
    bid.is_priced = prices != nullptr;
    for (std::size_t slot = 0; slot < series.slots; ++slot) {
        std::vector<flex::BidStep> steps;
        const std::size_t count = slot < powers.values.size() ? powers.values[slot].size() : 0;
        const std::size_t priced =
            prices != nullptr && slot < prices->values.size() ? prices->values[slot].size() : 0;
        if (count == 0 || count > steps_max || (prices != nullptr && priced != count)) {
            series.intervals.refuse("slot " + std::to_string(slot) + " must have 1 to " +
                                    std::to_string(steps_max) + " powers and as many prices");
            return;
        }
        for (std::size_t i = 0; i < count; ++i) {
            steps.push_back(
                {.power_w = power_w(powers, powers.values[slot][i], 0).value_or(0),
                 .price_per_mwh =
                     prices == nullptr
                         ? 0
                         : price_per_mwh(*prices, prices->values[slot][i], -price_bound).value_or(0)});
        }
        bid.curve.push_back(std::move(steps));
    }
}

}  // namespace

void read_need(const Node& attributes, PackTarget& target) {
    NeedLine& line = target.entry->need;
    target.entry->kind = EntryKind::need;
    if (attributes.member("location").is_there()) {
        line.location = *attributes.member("location").value();
    }
    if (!attributes.member("intervalPeriod").is_there() && attributes.member("eventWindow").is_there()) {
        read_one_window(attributes, line);
        return;
    }
    const std::optional<Series> series = read_series(attributes);
    if (!series) {
        return;
    }
    flex::Need need;
    std::optional<flex::IntervalGrid> requested = optional_grid(*series, {"CAPACITY_REQUESTED"}, demand);
    if (!requested) {
        attributes.member("intervals").refuse("must tell CAPACITY_REQUESTED in every slot");
        return;
    }
    need.requested_w = std::move(*requested);
    need.price_per_mwh = optional_grid(*series, {"PRICE"}, signed_price);
    need.shortfall_per_mwh = optional_grid(*series, {"SHORTFALL_PENALTY"}, penalty);
    for (const std::string_view type : {"PRICE", "SHORTFALL_PENALTY"}) {
        if (const SeriesColumn* money = series->find({type}); money != nullptr && line.currency.empty()) {
            line.currency = currency_of(*money);
        }
    }
    line.need = std::move(need);
}

void read_buy_offer(const Node& attributes, PackTarget& target) {
    NeedLine& line = target.entry->need;
    target.entry->kind = EntryKind::need;
    for (const Node& role : attributes.member("inputs").items(roles_max)) {
        const std::string name = text_at(role.member("role"));
        if (name == "buyer") {
            read_buyer(role, line);
        } else if (name == "seller") {
            read_seller(role, line, target.limits->meters);
        }
    }
    const Node terms = attributes.member("contractAttributes").is_there()
                           ? attributes.member("contractAttributes")
                           : attributes.member("contractTerms");
    line.policy = read_policy(terms.member("policy"));
}

void read_commitment_series(const Node& attributes, PackTarget& target) {
    Entry& entry = *target.entry;
    const flex::IntervalGrid* fallback = entry.need.need ? &entry.need.need->requested_w : nullptr;
    const std::optional<Series> series = read_series(attributes, fallback);
    if (!series) {
        return;
    }
    const SeriesColumn* powers = series->find({"CAPACITY_OFFERED", "BID_POWER", "CAPACITY_REQUESTED"});
    if (powers == nullptr || powers->values.empty()) {
        series->intervals.refuse("must tell CAPACITY_OFFERED");
        return;
    }
    if (entry.kind == EntryKind::line) {
        entry.line.power_w = grid_of(*series, *powers, deliverable).value_or(flex::IntervalGrid{});
        return;
    }
    const SeriesColumn* prices = series->find({"OFFER_PRICE", "BID_PRICE"});
    flex::Bid bid;
    read_curve(*series, *powers, prices, bid);
    bid.cleared_w = optional_grid(*series, {"CAPACITY_CLEARED", "CLEARED_POWER"}, demand);
    bid.clearing_per_mwh = optional_grid(*series, {"CLEARING_PRICE"}, signed_price);
    if (prices != nullptr && entry.need.currency.empty()) {
        entry.need.currency = currency_of(*prices);
    }
    entry.need.bid = std::move(bid);
    entry.kind = EntryKind::need;
}

void read_deg_contract(const Node& attributes, PackTarget& target) {
    Order& order = *target.order;
    std::optional<Policy> policy = read_policy(attributes.member("policy"));
    for (const Node& role : attributes.member("roles").items(roles_max)) {
        const auto known = parse_party_role(text_at(role.member("role")));
        if (!known) {
            continue;
        }
        const std::string id = participant_of(role);
        const auto is_free = [&id](const Participant& one) {
            return !id.empty() && one.id == id && one.role == PartyRole::none;
        };
        const auto bound = std::find_if(order.participants.begin(), order.participants.end(), is_free);
        if (bound != order.participants.end()) {
            bound->role = *known;
        } else if (!id.empty() || policy) {
            order.participants.push_back({.role = *known, .id = id});
        }
    }
    // Those that nobody is bound to yet come last.
    std::stable_partition(order.participants.begin(), order.participants.end(),
                          [](const Participant& one) { return !one.id.empty(); });
    order.policy = std::move(policy);
    read_revenue_flows(attributes, target);
}

void read_revenue_flows(const Node& attributes, PackTarget& target) {
    std::vector<flex::RevenueFlow> flows;
    for (const Node& flow : attributes.member("revenueFlows").items(roles_max)) {
        flows.push_back({.role = flow.member("role").text(64).value_or(""),
                         .value_micro = number(flow.member("value"), 6, -money_max, money_max).value_or(0),
                         .currency = flow.member("currency").text(3).value_or(""),
                         .description = text_at(flow.member("description"))});
    }
    if (target.order->flows.empty()) {
        target.order->flows = std::move(flows);
    }
}

}  // namespace headroom::beckn::lts
