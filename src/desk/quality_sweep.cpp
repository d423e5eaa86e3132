#include "desk/quality_sweep.hpp"

#include "agents/grid_monitoring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <unordered_map>

namespace headroom::desk {
namespace {

using telemetry::FindingKind;

constexpr std::array phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum};
constexpr std::size_t sum_phase = 3;
constexpr unsigned live_phase_bits = 0b0111;
constexpr unsigned sum_bit = 0b1000;
/// Readings of one moment: a meter that reports each minute is compared with itself of that minute.
constexpr milliseconds one_moment{seconds{60}};
constexpr std::uint64_t compared_min = 12;
constexpr int recent_off_min = 3;  // of the newest 32 comparisons
constexpr std::uint16_t sign_readings_min = 48;
constexpr std::uint32_t negative_percent = 95;

bool is_fresh(const monitor::PointView& view, UtcTime now) {
    return view.readings > 0 && now - view.at <= agents::fresh_for;
}

bool is_of_moment(const monitor::PointView& view, UtcTime at) {
    return view.readings > 0 && std::isfinite(view.load_kw) && abs(view.at - at) <= one_moment;
}

/// What one feeder carries at a moment. A feeder that is metered by phase only has no sum of its own: it is
/// that of its three phases, all of the moment.
std::optional<double> load_at(std::span<const monitor::PointView> feeder, std::size_t phase, UtcTime at) {
    if (is_of_moment(feeder[phase], at)) {
        return feeder[phase].load_kw;
    }
    const std::span live = feeder.first(grid::live_phases.size());
    if (phases[phase] == grid::Phase::sum &&
        std::all_of(live.begin(), live.end(), [&](const auto& view) { return is_of_moment(view, at); })) {
        return live[0].load_kw + live[1].load_kw + live[2].load_kw;
    }
    return std::nullopt;
}

std::string phase_list(unsigned bits) {
    std::string text;
    for (std::size_t phase = 0; phase < phases.size(); ++phase) {
        if ((bits >> phase & 1U) != 0) {
            text += (text.empty() ? "" : ", ") + std::string(grid::to_string(phases[phase]));
        }
    }
    return text;
}

std::array<telemetry::PointRef, 4> points_of(telemetry::PointRegistry& registry, const std::string& id) {
    std::array<telemetry::PointRef, 4> points{};
    for (std::size_t phase = 0; phase < phases.size(); ++phase) {
        points[phase] = registry.intern({id, grid::Quantity::p_kw, phases[phase]});
    }
    return points;
}

}  // namespace

std::string_view to_string(Balance::State state) {
    switch (state) {
        case Balance::State::incomplete:
            return "incomplete";
        case Balance::State::ok:
            return "ok";
        case Balance::State::off:
            return "off";
    }
    return "incomplete";
}

QualitySweep::QualitySweep(const grid::Network& network, telemetry::PointRegistry& registry)
    : network_(network), registry_(registry), leaving_from_(network.substations().size() + 1, 0) {
    std::unordered_map<std::string_view, std::size_t> position_of;
    for (const grid::Substation& substation : network.substations()) {
        position_of.emplace(substation.id.value, substations_.size());
        substations_.push_back({.points = points_of(registry, substation.id.value)});
    }
    std::vector<std::pair<std::size_t, std::uint32_t>> leaving;
    for (const grid::Feeder& feeder : network.feeders()) {
        if (const auto parent = position_of.find(feeder.parent); parent != position_of.end()) {
            leaving.emplace_back(parent->second, static_cast<std::uint32_t>(feeders_.size()));
        }
        feeders_.push_back({.points = points_of(registry, feeder.id.value)});
    }
    std::sort(leaving.begin(), leaving.end());
    for (const auto& [substation, feeder] : leaving) {
        leaving_.push_back(feeder);
        leaving_from_[substation + 1] += 1;
    }
    for (std::size_t i = 1; i < leaving_from_.size(); ++i) {
        leaving_from_[i] += leaving_from_[i - 1];
    }
}

void QualitySweep::step(std::size_t places, UtcTime now, const Views& views,
                        telemetry::QualityLedger& ledger) {
    const std::size_t all = feeders_.size() + substations_.size();
    const std::size_t end = std::min(all, next_ + places);
    wanted_.clear();
    for (std::size_t i = next_; i < end; ++i) {
        const Place& place = i < feeders_.size() ? feeders_[i] : substations_[i - feeders_.size()];
        wanted_.insert(wanted_.end(), place.points.begin(), place.points.end());
    }
    views(wanted_, seen_);
    for (std::size_t i = next_; i < end; ++i) {
        const PhaseViews of_place(seen_.data() + (i - next_) * phases.size(), phases.size());
        if (i < feeders_.size()) {
            look_at_feeder(i, of_place, now, ledger);
        } else {
            look_at_substation(i - feeders_.size(), of_place, now, views, ledger);
        }
    }
    next_ = end;
    if (next_ == all) {
        next_ = 0;
        coverage_ = counting_;
        coverage_.as_of = now;
        counting_ = {};
    }
}

void QualitySweep::look_at_feeder(std::size_t position, PhaseViews views, UtcTime now,
                                  telemetry::QualityLedger& ledger) {
    Place& place = feeders_[position];
    unsigned heard = 0;
    unsigned fresh = 0;
    unsigned limited = 0;
    UtcTime newest{};
    std::uint16_t source = 0;
    for (std::size_t phase = 0; phase < phases.size(); ++phase) {
        const monitor::PointView& view = views[phase];
        limited |= std::isfinite(view.limit_kw) ? 1U << phase : 0U;
        if (view.readings == 0) {
            continue;
        }
        heard |= 1U << phase;
        fresh |= is_fresh(view, now) ? 1U << phase : 0U;
        if (view.at >= newest) {
            newest = view.at;
            source = view.source;
        }
    }
    counting_.feeders += 1;
    if (heard == 0) {
        counting_.silent += 1;
        return;
    }
    (fresh != 0 ? counting_.fresh : counting_.stale) += 1;
    const std::string_view from = registry_.source(source);
    // A feeder that is measured by phase is expected to be so on every phase that it has a limit for.
    const unsigned expected = (heard & live_phase_bits) != 0 ? (heard | limited) & live_phase_bits : sum_bit;
    counting_.points += static_cast<std::uint64_t>(std::popcount(expected));
    counting_.points_fresh += static_cast<std::uint64_t>(std::popcount(fresh & expected));
    if (const bool is_stale = fresh == 0; is_stale != place.is_stale) {
        place.is_stale = is_stale;
        ledger.set(place.points[sum_phase], FindingKind::stale, is_stale, is_stale ? newest : now, from,
                   is_stale ? fmt::format("no reading since {}", format_utc(newest))
                            : fmt::format("readings again, the newest of {}", format_utc(newest)));
    }
    judge_phases(place, views, fresh, expected, now, from, ledger);
    judge_sign(place, views[sum_phase], ledger);
}

void QualitySweep::judge_phases(Place& place, PhaseViews views, unsigned fresh, unsigned expected,
                                UtcTime now, std::string_view source, telemetry::QualityLedger& ledger) {
    // A feeder of which nothing is fresh is stale as a whole.
    const unsigned missing = (fresh & expected) != 0 ? expected & ~fresh : 0U;
    for (std::size_t phase = 0; phase < sum_phase; ++phase) {
        const unsigned bit = 1U << phase;
        if (((missing ^ place.missing) & bit) == 0) {
            continue;
        }
        const bool is_missing = (missing & bit) != 0;
        const monitor::PointView& view = views[phase];
        const std::string since =
            view.readings > 0 ? "no reading since " + format_utc(view.at) : "has had no reading at all";
        ledger.set(
            place.points[phase], FindingKind::missing_phase, is_missing, now, source,
            is_missing
                ? fmt::format("{}, while {} report{}; the phase is missing and nothing stands for it", since,
                              phase_list(fresh & expected), std::popcount(fresh & expected) == 1 ? "s" : "")
                : "the phase reports again, or the whole feeder is silent");
    }
    place.missing = static_cast<std::uint8_t>(missing);
}

void QualitySweep::judge_sign(Place& place, const monitor::PointView& sum, telemetry::QualityLedger& ledger) {
    const std::int64_t at_ms = sum.at.time_since_epoch().count();
    if (sum.readings == 0 || at_ms == place.judged_ms || !std::isfinite(sum.load_kw)) {
        return;
    }
    place.judged_ms = at_ms;
    if (place.readings == std::numeric_limits<std::uint16_t>::max()) {
        place.readings /= 2;
        place.negative /= 2;
    }
    ++place.readings;
    place.negative = static_cast<std::uint16_t>(place.negative + (sum.load_kw < 0.0 ? 1 : 0));
    if (place.readings < sign_readings_min) {
        return;
    }
    const bool is_reversed = place.negative * 100U >= place.readings * negative_percent;
    ledger.set(
        sum.point, FindingKind::sign, is_reversed, sum.at, registry_.source(sum.source),
        fmt::format("negative in {} of {} readings looked at{}", place.negative, place.readings,
                    is_reversed ? "; a reversed sensor, or generation that is never below the load" : ""));
}

void QualitySweep::look_at_substation(std::size_t position, PhaseViews busbar, UtcTime now,
                                      const Views& views, telemetry::QualityLedger& ledger) {
    const std::span leaving(leaving_.data() + leaving_from_[position],
                            leaving_from_[position + 1] - leaving_from_[position]);
    const bool has_readings = std::any_of(busbar.begin(), busbar.end(),
                                          [](const monitor::PointView& view) { return view.readings > 0; });
    if (!has_readings || leaving.empty()) {
        return;
    }
    feeder_points_.clear();
    for (const std::uint32_t feeder : leaving) {
        const auto& points = feeders_[feeder].points;
        feeder_points_.insert(feeder_points_.end(), points.begin(), points.end());
    }
    views(feeder_points_, feeder_views_);
    for (std::size_t phase = 0; phase < phases.size(); ++phase) {
        if (busbar[phase].readings == 0) {
            continue;
        }
        const std::pair key(position, phase);
        if (balances_.size() >= balances_max && !balances_.contains(key)) {
            continue;
        }
        Balance& balance = balances_[key];
        balance.substation = position;
        balance.phase = phases[phase];
        compare(balance, busbar[phase], phase, now, feeder_views_, position, ledger);
    }
}

void QualitySweep::compare(Balance& balance, const monitor::PointView& busbar, std::size_t phase, UtcTime now,
                           std::span<const monitor::PointView> feeder_views, std::size_t substation,
                           telemetry::QualityLedger& ledger) {
    const UtcTime before = balance.at;
    balance.at = busbar.at;
    balance.busbar_kw = busbar.load_kw;
    balance.feeders_kw = 0.0;
    balance.feeders = static_cast<std::uint32_t>(feeder_views.size() / phases.size());
    balance.feeders_seen = 0;
    balance.missing.clear();
    for (std::size_t i = 0; i < feeder_views.size(); i += phases.size()) {
        if (const auto kw = load_at(feeder_views.subspan(i, phases.size()), phase, busbar.at)) {
            balance.feeders_kw += *kw;
            ++balance.feeders_seen;
        } else if (balance.missing.empty()) {
            const std::size_t feeder = leaving_[leaving_from_[substation] + i / phases.size()];
            balance.missing = network_.feeders()[feeder].id.value;
        }
    }
    if (balance.feeders_seen < balance.feeders || !is_fresh(busbar, now) || !std::isfinite(busbar.load_kw)) {
        balance.state = Balance::State::incomplete;
        return;
    }
    const double tolerance = std::max(tolerance_kw, tolerance_share * std::abs(balance.feeders_kw));
    const bool is_off = std::abs(balance.busbar_kw - balance.feeders_kw) > tolerance;
    balance.state = is_off ? Balance::State::off : Balance::State::ok;
    if (balance.compared > 0 && busbar.at == before) {
        return;  // the same moment again
    }
    balance.compared += 1;
    balance.off += is_off ? 1 : 0;
    balance.recent_off = balance.recent_off << 1U | (is_off ? 1U : 0U);
    ledger.set(substations_[substation].points[phase], FindingKind::balance,
               balance.compared >= compared_min && std::popcount(balance.recent_off) >= recent_off_min,
               busbar.at, registry_.source(busbar.source),
               fmt::format("the busbar reads {:.1f} kW and its {} {:.1f} kW together; so off in {} of {} "
                           "comparisons",
                           balance.busbar_kw,
                           balance.feeders == 1 ? "feeder" : fmt::format("{} feeders", balance.feeders),
                           balance.feeders_kw, balance.off, balance.compared));
}

std::vector<Balance> QualitySweep::balances() const {
    std::vector<Balance> all;
    for (const auto& [key, balance] : balances_) {
        all.push_back(balance);
    }
    return all;
}

}  // namespace headroom::desk
