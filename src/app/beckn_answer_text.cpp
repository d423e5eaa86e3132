#include "app/beckn_answer_text.hpp"

#include "beckn/decimal.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>
#include <vector>

namespace headroom::app {
namespace {

std::string kw_text(std::int64_t watts) {
    return beckn::format_decimal(watts, beckn::kw_decimals);
}
std::string gbp(MicroPounds amount) {
    return beckn::format_decimal(amount.value, beckn::gbp_decimals);
}
std::string gbp_per_kwh(std::int64_t micro_per_mwh) {
    return beckn::format_decimal(micro_per_mwh, beckn::gbp_per_kwh_decimals);
}

json::Value powers_json(const flex::IntervalGrid& grid) {
    json::Array list;
    for (const std::int64_t watts : grid.values) {
        list.push_back(static_cast<double>(watts) / 1000.0);
    }
    return list;
}

json::Object order_json(const beckn::Order& order) {
    json::Array lines;
    for (const beckn::OrderLine& line : order.lines) {
        lines.push_back(json::Object{{"item", line.item},
                                     {"feeder", line.feeder},
                                     {"start", format_utc(line.power_w.start)},
                                     {"kw", powers_json(line.power_w)}});
    }
    json::Object shown{{"id", order.id},
                       {"status", beckn::to_string(order.status)},
                       {"fulfilment", beckn::to_string(order.fulfilment)},
                       {"lines", std::move(lines)}};
    if (order.quote) {
        shown.set("quote_gbp", gbp(order.quote->total));
    }
    if (!order.cancellation.empty()) {
        shown.set("cancellation", order.cancellation);
    }
    return shown;
}

void add_catalogs(const std::span<const beckn::Catalog>& catalogs, json::Object& shown) {
    json::Array offers;
    json::Array windows;
    for (const beckn::Catalog& catalog : catalogs) {
        for (const flex::Offer& offer : catalog.offers) {
            offers.push_back(flex::to_json(offer));
        }
        for (const flex::ComputeWindow& window : catalog.windows) {
            windows.push_back(
                json::Object{{"id", window.id},
                             {"name", window.name},
                             {"grid_zone", window.grid_zone},
                             {"start", format_utc(window.start)},
                             {"end", format_utc(window.end)},
                             {"capacity_mw", static_cast<double>(window.capacity_w) / 1e6},
                             {"carbon_g_per_kwh", window.carbon_g_per_kwh},
                             {"renewable_percent", static_cast<double>(window.renewable_ppm) / 1e4},
                             {"price_gbp_per_kwh", gbp_per_kwh(window.price_per_mwh_micro)}});
        }
    }
    shown.set("offers", std::move(offers));
    shown.set("windows", std::move(windows));
}

/// What answers track, support and rating: the members that were told.
std::vector<std::pair<const char*, std::string>> told_in(const beckn::Body& message) {
    std::vector<std::pair<const char*, std::string>> all;
    if (const auto* tracking = std::get_if<beckn::Tracking>(&message)) {
        all = {{"tracking", tracking->is_active ? "active" : "not active"}, {"url", tracking->url}};
    } else if (const auto* support = std::get_if<beckn::Support>(&message)) {
        all = {{"phone", support->phone}, {"email", support->email}, {"url", support->url}};
    } else if (const auto* rating = std::get_if<beckn::RatingAnswer>(&message)) {
        all = {{"rating", rating->is_accepted ? "taken" : "not taken"}, {"form", rating->feedback_form_url}};
    }
    std::erase_if(all, [](const auto& member) { return member.second.empty(); });
    return all;
}

std::string table(const beckn::Order& order) {
    std::string text = fmt::format("order      {}\nstatus     {} {}\n", order.id.empty() ? "-" : order.id,
                                   order.draft ? "draft" : beckn::to_string(order.status),
                                   beckn::to_string(order.fulfilment));
    if (order.quote) {
        text += "quote      £" + gbp(order.quote->total) + "\n";
    }
    for (const beckn::OrderLine& line : order.lines) {
        text += fmt::format("{:<24} {} from {}:", line.item, line.feeder, format_utc(line.power_w.start));
        for (const std::int64_t watts : line.power_w.values) {
            text += " " + kw_text(watts);
        }
        text += " kW\n";
    }
    if (!order.cancellation.empty()) {
        text += "cancelled  " + order.cancellation + "\n";
    }
    return text;
}

std::string table(const std::span<const beckn::Catalog>& catalogs) {
    std::string text;
    for (const beckn::Catalog& catalog : catalogs) {
        text += catalog.provider_name + "\n";
        for (const flex::Offer& offer : catalog.offers) {
            text += fmt::format("  {:<24} {:<10} {:<12} {:>10} kW  {:>8} £/kWh  {:>6} s  {:>8}\n", offer.id,
                                offer.feeder, grid::to_string(offer.der_class), kw_text(offer.power.value),
                                gbp_per_kwh(offer.utilisation.value), offer.notice.count() / 1000,
                                beckn::format_decimal(offer.reliability_ppm, beckn::share_decimals));
        }
        for (const flex::ComputeWindow& window : catalog.windows) {
            text +=
                fmt::format("  {:<24} {:<10} {} to {}  {:>6} MW  {:>4} g/kWh  {:>5} %  {:>8} £/kWh\n",
                            window.id, window.grid_zone, format_utc(window.start).substr(0, 16),
                            format_utc(window.end).substr(11, 5), beckn::format_decimal(window.capacity_w, 6),
                            window.carbon_g_per_kwh, beckn::format_decimal(window.renewable_ppm, 4),
                            gbp_per_kwh(window.price_per_mwh_micro));
        }
    }
    return text;
}

std::string exchange_json(const ExchangeResult& result, const BecknOrderState& state) {
    json::Object shown{{"transaction", state.transaction},
                       {"provider", state.subscriber_id},
                       {"dialect", state.dialect},
                       {"ack", beckn::to_string(result.ack.kind)}};
    const bool is_answered = !result.callbacks.empty();
    shown.set("answered", is_answered);
    if (!is_answered) {
        if (!result.ack.error.code.empty() || !result.ack.error.message.empty()) {
            shown.set("error", beckn::describe(result.ack.error));
        }
        return json::write(std::move(shown)) + "\n";
    }
    const ReceivedCallback& last = result.callbacks.back();
    shown.set("trusted", last.trust_fault.empty());
    if (last.envelope.error) {
        shown.set("error", beckn::describe(*last.envelope.error));
    }
    if (const auto* order = std::get_if<beckn::Order>(&last.envelope.message)) {
        shown.set("order", order_json(*order));
    }
    for (const auto& [name, value] : told_in(last.envelope.message)) {
        shown.set(name, value);
    }
    const std::span<const beckn::Catalog> catalogs = beckn::catalogs_of(last.envelope.message);
    if (!catalogs.empty()) {
        add_catalogs(catalogs, shown);
    }
    return json::write(std::move(shown)) + "\n";
}

}  // namespace

std::string answer_text(const ExchangeResult& result, const BecknOrderState& state, bool is_json) {
    if (is_json) {
        return exchange_json(result, state);
    }
    if (result.callbacks.empty()) {
        return "";
    }
    const ReceivedCallback& last = result.callbacks.back();
    std::string text;
    if (last.envelope.error) {
        text += "error      " + beckn::describe(*last.envelope.error) + "\n";
    }
    if (const auto* order = std::get_if<beckn::Order>(&last.envelope.message)) {
        text += table(*order);
    }
    for (const auto& [name, value] : told_in(last.envelope.message)) {
        text += fmt::format("{:<10} {}\n", name, value);
    }
    return text + table(beckn::catalogs_of(last.envelope.message));
}

}  // namespace headroom::app
