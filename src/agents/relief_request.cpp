#include "agents/relief_request.hpp"

#include "flex/offer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace headroom::agents {
namespace {

constexpr std::int64_t half_hours_max = 48;

Result<void> check(const ReliefRequest& wanted, const grid::Network& network) {
    if (wanted.power.value <= 0 || wanted.power > flex::offer_power_max) {
        return Error{Errc::invalid, "the power must be above 0 and at most 100 MW", "/required_kw"};
    }
    if (wanted.half_hours < 1 || wanted.half_hours > half_hours_max) {
        return Error{Errc::invalid, "half-hours must be from 1 to 48", "/half_hours"};
    }
    if (network.feeder(wanted.feeder) == nullptr) {
        return Error{Errc::not_found, "no feeder is called " + wanted.feeder};
    }
    return {};
}

}  // namespace

Result<risk::Overload> overload_for(
    const ReliefRequest& wanted, const grid::Network& network, UtcTime now,
    const std::function<std::optional<double>(const risk::Overload&)>& load_kw) {
    const Result<void> fits = check(wanted, network);
    if (!fits) {
        return fits.error();
    }
    risk::Overload out;
    out.feeder = wanted.feeder;
    out.cause = risk::Cause::person;
    out.detected_at = now;
    out.start = floor_period(std::max(wanted.from, now));
    out.end = out.start + period_length * wanted.half_hours;
    out.peak_over = wanted.power;
    out.level = risk::Level::low;
    out.need = {out.start,
                std::vector<std::int64_t>(static_cast<std::size_t>(wanted.half_hours), wanted.power.value)};
    out.energy_over = energy_of(Watts{wanted.power.value * wanted.half_hours}, period_length);
    out.source = "person";
    constexpr double unmeasured = -std::numeric_limits<double>::max();
    std::optional<double> nearest;
    for (const grid::Limit* limit : network.limits_of(wanted.feeder)) {
        if (limit->quantity != grid::Quantity::p_kw || limit->direction != grid::Direction::import_) {
            continue;
        }
        risk::Overload at_limit = out;
        at_limit.limit = *limit;
        const std::optional<double> load = load_kw(at_limit);
        const double loading = load ? *load / limit->value : unmeasured;
        if (!nearest || loading > *nearest) {
            nearest = loading;
            out.limit = *limit;
            out.peak_load = Watts{std::llround(load.value_or(0.0) * 1000.0)};
        }
    }
    if (!nearest) {
        return Error{Errc::not_found, "feeder " + wanted.feeder + " has no limit on its import"};
    }
    const std::string what = wanted.only_class ? std::string(grid::to_string(*wanted.only_class)) : "any";
    out.event =
        make_event_id("person/" + out.limit.key() + "/" + what + "/" + std::to_string(wanted.power.value) +
                          "/" + std::to_string(wanted.half_hours),
                      out.start);
    return out;
}

}  // namespace headroom::agents
