#include "agents/delivered_load.hpp"

#include "agents/meter_history.hpp"
#include "features/half_hour_ring.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::int64_t periods_an_hour = 2;

/// Adds one DER's delivery to its feeder's half-hours.
void add_delivery(const settlement::SettlementLineInput& line, const settlement::Delivery& delivery,
                  const std::string& feeder, const IsKeptApart& is_kept_apart, VerifiedDelivery& out) {
    std::vector<std::int64_t>& wh = out.wh[feeder];
    for (const settlement::DeliveryPeriod& period : delivery.periods) {
        const std::int64_t at = (period.period - out.start) / period_length;
        const std::int64_t counted =
            std::clamp<std::int64_t>(period.delivered.value, 0, period.instructed.value);
        if (counted == 0 || at < 0 || is_kept_apart(delivery.der, period.period)) {
            continue;
        }
        if (at >= std::ssize(wh)) {
            wh.resize(static_cast<std::size_t>(at) + 1, 0);
        }
        wh[static_cast<std::size_t>(at)] += line.turn_up ? -counted : counted;
    }
}

/// As many half-hours of each feeder; those of which nothing is known go.
void make_even(VerifiedDelivery& delivery) {
    std::size_t longest = 0;
    for (const auto& [feeder, wh] : delivery.wh) {
        longest = std::max(longest, wh.size());
    }
    std::erase_if(delivery.wh, [](const auto& each) { return each.second.empty(); });
    for (auto& [feeder, wh] : delivery.wh) {
        wh.resize(longest, 0);
    }
}

/// W below its baseline that a meter showed in the half-hour from `at` on; 0 where it is not below.
std::int64_t turned_down_w(const flex::MeterSeries& meter, UtcTime at) {
    const bool is_whole = meter.baseline_w.has_value() && meter.usage_w.has_value();
    return is_whole ? std::max<std::int64_t>(0, meter.baseline_w->at(at) - meter.usage_w->at(at)) : 0;
}

Error wrong(const std::string& why, std::string pointer) {
    return {Errc::invalid, "verified delivery: " + why, std::move(pointer)};
}

Result<std::vector<std::int64_t>> energies_of(const json::Value& feeder, const std::string& pointer) {
    const json::Value* wh = feeder.get("wh");
    const json::Array* values = wh != nullptr ? wh->as_array() : nullptr;
    if (values == nullptr || values->size() > delivery_periods_max) {
        return wrong("wh is no list of up to 336 numbers", pointer + "/wh");
    }
    std::vector<std::int64_t> out;
    for (const json::Value& value : *values) {
        const std::optional<std::int64_t> number = value.as_int();
        if (!number) {
            return wrong("an energy is no whole number", pointer + "/wh");
        }
        out.push_back(*number);
    }
    return out;
}

}  // namespace

VerifiedDelivery verified_delivery(const settlement::SettlementInput& input,
                                   const settlement::SettlementResult& result, const grid::Network& network,
                                   const IsKeptApart& is_kept_apart) {
    VerifiedDelivery out{.event = input.event.value, .start = {}, .wh = {}};
    const std::size_t count = std::min(input.lines.size(), result.deliveries.size());
    for (std::size_t i = 0; i < count; ++i) {
        out.start = i == 0 ? input.lines[i].start : std::min(out.start, input.lines[i].start);
    }
    for (std::size_t i = 0; i < count; ++i) {
        const grid::Der* der = network.der(result.deliveries[i].der);
        if (der != nullptr && result.deliveries[i].state == "VERIFIED") {
            add_delivery(input.lines[i], result.deliveries[i], der->feeder.value, is_kept_apart, out);
        }
    }
    make_even(out);
    return out;
}

VerifiedDelivery verified_delivery(const std::string& transaction, const flex::Performance& shown,
                                   const flex::IntervalGrid& awarded_w, const grid::Network& network,
                                   const IsKeptApart& is_kept_apart) {
    VerifiedDelivery out{.event = transaction, .start = awarded_w.start, .wh = {}};
    if (awarded_w.step != period_length || floor_period(awarded_w.start) != awarded_w.start) {
        return out;
    }
    const std::size_t slots = std::min(awarded_w.values.size(), delivery_periods_max);
    for (std::size_t slot = 0; slot < slots; ++slot) {
        const UtcTime at = awarded_w.time_of(slot);
        std::int64_t all_w = 0;
        for (const flex::MeterSeries& meter : shown.meters) {
            all_w += turned_down_w(meter, at);
        }
        const std::int64_t counted_w = std::clamp<std::int64_t>(awarded_w.values[slot], 0, all_w);
        for (const flex::MeterSeries& meter : shown.meters) {
            const grid::Der* der = network.der(meter.meter);
            const std::int64_t own_w = turned_down_w(meter, at);
            if (der == nullptr || own_w == 0 || counted_w == 0 || is_kept_apart(meter.meter, at)) {
                continue;
            }
            std::vector<std::int64_t>& wh = out.wh[der->feeder.value];
            wh.resize(slot + 1, 0);
            wh[slot] += multiply_divide_half_even(own_w, counted_w, all_w * periods_an_hour);
        }
    }
    make_even(out);
    return out;
}

json::Value to_json(const VerifiedDelivery& delivery) {
    json::Array feeders;
    for (const auto& [feeder, wh] : delivery.wh) {
        json::Array values(wh.begin(), wh.end());
        feeders.emplace_back(json::Object{{"feeder", feeder}, {"wh", std::move(values)}});
    }
    return json::Object{
        {"event", delivery.event}, {"start", format_utc(delivery.start)}, {"feeders", std::move(feeders)}};
}

Result<VerifiedDelivery> verified_delivery_from_json(const json::Value& value) {
    const Result<UtcTime> start = parse_utc(value.text("/start"));
    if (!start || floor_period(*start) != *start) {
        return wrong("start is no half-hour", "/start");
    }
    VerifiedDelivery out{.event = value.text("/event"), .start = *start, .wh = {}};
    const json::Value* listed = value.get("feeders");
    const json::Array* feeders = listed != nullptr ? listed->as_array() : nullptr;
    if (out.event.empty() || feeders == nullptr) {
        return wrong("event or feeders are missing", out.event.empty() ? "/event" : "/feeders");
    }
    for (std::size_t i = 0; i < feeders->size(); ++i) {
        const std::string pointer = "/feeders/" + std::to_string(i);
        const std::string feeder = (*feeders)[i].text("/feeder");
        Result<std::vector<std::int64_t>> wh = energies_of((*feeders)[i], pointer);
        if (feeder.empty() || !wh) {
            return wh ? wrong("a feeder has no name", pointer + "/feeder") : wh.error();
        }
        out.wh.insert_or_assign(feeder, std::move(*wh));
    }
    return out;
}

std::string delivered_key(std::string_view element) {
    return std::string(element) + "/p_kw/sum/delivered";
}

std::vector<store::SeriesBlock> DeliveredLoad::take(VerifiedDelivery delivery, const grid::Network& network) {
    Laid now;
    now.first = features::period_index(delivery.start);
    now.end = now.first;
    for (const auto& [feeder, wh] : delivery.wh) {
        now.end = std::max(now.end, now.first + std::ssize(wh));
        for (const std::string_view element : network.path_to_top(feeder)) {
            for (std::size_t i = 0; i < wh.size(); ++i) {
                now.wh[std::string(element)][now.first + static_cast<std::int64_t>(i)] += wh[i];
            }
        }
    }
    const Laid before = std::exchange(events_[delivery.event], now);
    const bool had_any = before.end > before.first;
    const std::int64_t first = had_any ? std::min(before.first, now.first) : now.first;
    const std::int64_t end = std::max(before.end, now.end);
    Sums touched = before.wh;
    touched.insert(now.wh.begin(), now.wh.end());
    for (const auto& [element, halves] : before.wh) {
        for (const auto& [period, wh] : halves) {
            total_[element][period] -= wh;
        }
    }
    for (const auto& [element, halves] : now.wh) {
        for (const auto& [period, wh] : halves) {
            total_[element][period] += wh;
        }
    }
    std::vector<store::SeriesBlock> blocks;
    for (const auto& [element, halves] : touched) {
        store::SeriesBlock& block =
            blocks.emplace_back(store::SeriesBlock{.key = delivered_key(element),
                                                   .start = features::period_start(first),
                                                   .step = period_length,
                                                   .values = {}});
        const std::map<std::int64_t, std::int64_t>& sums = total_[element];
        for (std::int64_t period = first; period < end; ++period) {
            const auto at = sums.find(period);
            block.values.push_back(
                at == sums.end() ? 0.0F : static_cast<float>(static_cast<double>(at->second) * kw_of_wh));
        }
    }
    return blocks;
}

double added_back_kw(double dispatched_kw, double delivered_kw) {
    const double dispatched = std::isfinite(dispatched_kw) ? dispatched_kw : 0.0;
    const double delivered = std::isfinite(delivered_kw) ? delivered_kw : 0.0;
    if (dispatched * delivered > 0.0) {
        return std::abs(dispatched) > std::abs(delivered) ? dispatched : delivered;
    }
    return dispatched + delivered;
}

}  // namespace headroom::agents
