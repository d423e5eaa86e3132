#include "desk/compute_purchase.hpp"

#include "agents/direct_purchase.hpp"
#include "core/json_object.hpp"
#include "desk/amounts.hpp"
#include "desk/purchase_parts.hpp"
#include "flex/offer.hpp"

#include <string>
#include <tuple>
#include <utility>

namespace headroom::desk {
namespace {

json::Object window_json(const flex::ComputeWindow& window) {
    return json::object({{"id", window.id},
                         {"provider", window.provider},
                         {"name", window.name},
                         {"grid_area", window.grid_area},
                         {"grid_zone", window.grid_zone},
                         {"start", format_utc(window.start)},
                         {"end", format_utc(window.end)},
                         {"capacity_kw", kw_of(Watts{window.capacity_w})},
                         {"carbon_intensity_gco2_kwh", window.carbon_g_per_kwh},
                         {"renewable_percentage", static_cast<double>(window.renewable_ppm) / 1e4},
                         {"price_gbp_per_kwh", static_cast<double>(window.price_per_mwh_micro) / 1e9}});
}

/// The window as what a contract is made from.
flex::Offer offer_of(const flex::ComputeWindow& window) {
    flex::Offer offer;
    offer.provider = window.provider;
    offer.id = window.id;
    offer.der = window.resource.empty() ? window.id : window.resource;
    offer.feeder = window.grid_zone;
    offer.der_class = grid::DerClass::compute;
    offer.turn_up = true;
    offer.power = Watts{window.capacity_w};
    offer.available_from = window.start;
    offer.available_until = window.end;
    offer.utilisation = MicroPoundsPerMwh{window.price_per_mwh_micro};
    offer.valid_until = window.valid_until;
    return offer;
}

}  // namespace

std::optional<flex::ComputeWindow> choose_window(const std::vector<flex::ComputeWindow>& windows,
                                                 const WindowRequest& request) {
    const auto rank = [](const flex::ComputeWindow& window) {
        return std::tie(window.carbon_g_per_kwh, window.price_per_mwh_micro, window.start, window.provider,
                        window.id);
    };
    std::optional<flex::ComputeWindow> best;
    for (const flex::ComputeWindow& window : windows) {
        const std::int64_t half_hours = (window.end - window.start) / period_length;
        const bool fits = half_hours > 0 && window.carbon_g_per_kwh <= request.carbon_max_g_per_kwh &&
                          window.renewable_ppm >= request.renewable_min_ppm &&
                          window.capacity_w * half_hours / 2 >= request.energy.value;
        if (fits && (!best || rank(window) < rank(*best))) {
            best = window;
        }
    }
    return best;
}

Awaitable<Result<json::Object>> buy_compute_window(Desk& desk, WindowRequest request, Caller caller) {
    const Parts& parts = desk.parts();
    if (is_shadow(parts)) {
        co_return Error{Errc::denied, "shadow mode: nothing is bought"};
    }
    if (parts.dispatch.is_stopped("")) {
        co_return Error{Errc::denied, "everything new is stopped"};
    }
    const UtcTime from = floor_period(parts.clock.now());
    const EventId id = agents::direct_purchase_id("computing/" + format_utc(parts.wall.now()), from);
    EventId asked = id;
    const Result<agents::SearchResult> found = co_await parts.market.search_windows(std::move(asked), from);
    if (!found) {
        co_return found.error();
    }
    const std::optional<flex::ComputeWindow> window = choose_window(found->windows, request);
    if (!window) {
        co_return Error{Errc::not_found, "none of " + std::to_string(found->windows.size()) +
                                             " windows offered is within the bounds and large enough"};
    }
    const auto slots = static_cast<std::size_t>((window->end - window->start) / period_length);
    const auto half_hours = static_cast<std::int64_t>(slots);
    const std::int64_t power = (request.energy.value * 2 + half_hours - 1) / half_hours;
    flex::IntervalGrid power_w{window->start, period_length, std::vector<std::int64_t>(slots, power)};
    EventId purchase = id;
    std::vector<flex::PlanLine> lines{agents::line_of(offer_of(*window), std::move(power_w))};
    const agents::DirectPurchase bought = co_await agents::buy_directly(
        parts.market, parts.journal, parts.clock, std::move(purchase), std::move(lines), std::move(caller));
    if (!bought.is_made) {
        co_return Error{Errc::unavailable,
                        "provider " + bought.contract.provider + " did not confirm: " + bought.failure};
    }
    co_return json::object({{"status", "success"},
                            {"message", "window " + window->id + " of " + window->provider + " is booked"},
                            {"order_id", bought.contract.order_id},
                            {"timestamp", format_utc(parts.clock.now())},
                            {"transaction_id", bought.contract.transaction.value},
                            {"price_gbp", gbp_of(bought.contract.quoted.value)},
                            {"window", window_json(*window)},
                            {"steps", timeline(parts, id, "")}});
}

}  // namespace headroom::desk
