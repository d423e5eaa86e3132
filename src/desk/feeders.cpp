#include "desk/feeders.hpp"

#include "agents/event_steps.hpp"
#include "core/small_letters.hpp"
#include "desk/amounts.hpp"
#include "desk/feeder_words.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::chrono::seconds refresh_every{1};
/// Orders by headroom that cursors may still refer to.
constexpr std::size_t orders_kept = 32;
constexpr hours expected_horizon{12};

/// Position of the alarm quantile in every forecast.
std::size_t alarm_index(double quantile) {
    std::size_t nearest = 0;
    for (std::size_t i = 0; i < forecast::quantile_count; ++i) {
        if (std::abs(forecast::quantiles[i] - quantile) < std::abs(forecast::quantiles[nearest] - quantile)) {
            nearest = i;
        }
    }
    return nearest;
}

std::string topmost(const grid::Network& network, const grid::Feeder& feeder) {
    std::string above = feeder.parent;
    std::string top;
    // An import cannot make a circle (parents come first), so this ends.
    while (!above.empty()) {
        if (const grid::Substation* substation = network.substation(above)) {
            top = above;
            above = substation->parent;
        } else if (const grid::Feeder* parent = network.feeder(above)) {
            above = parent->parent;
        } else {
            break;
        }
    }
    return top;
}

}  // namespace

FeederDesk::FeederDesk(const Parts& parts) : parts_(parts) {
    rebuild();
}

void FeederDesk::rebuild() {
    const std::vector<grid::Feeder>& feeders = parts_.network.feeders();
    places_.assign(feeders.size(), {});
    index_of_.clear();
    index_of_.reserve(feeders.size());
    for (std::size_t i = 0; i < feeders.size(); ++i) {
        places_[i].primary = topmost(parts_.network, feeders[i]);
        index_of_.emplace(feeders[i].id.value, i);
    }
    for (const grid::Substation& substation : parts_.network.substations()) {
        if (const auto above = index_of_.find(substation.parent); above != index_of_.end()) {
            places_[above->second].is_hv = true;
        }
    }
    resolve_points();
    // Rows and orders go by position: those of the former network mean nothing any more.
    rows_.clear();
    refreshed_.reset();
    orders_.clear();
    ordered_.reset();
    layout_version_ += 1;
}

void FeederDesk::resolve_points() {
    registry_size_ = parts_.registry.size();
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const std::string& id = parts_.network.feeders()[i].id.value;
        for (std::size_t k = 0; k < shown_phases.size(); ++k) {
            places_[i].points[k] = parts_.registry.find(id, grid::Quantity::p_kw, shown_phases[k]);
        }
    }
}

void FeederDesk::read_events() {
    open_events_.clear();
    parts_.orchestration.visit([this](const agents::EventRecord& record) {
        if (agents::is_over(record.state)) {
            return;
        }
        open_events_[record.overload.feeder].push_back({.id = record.id().value,
                                                        .phase = record.overload.limit.phase,
                                                        .detected_at = record.overload.detected_at,
                                                        .start = record.overload.need.start,
                                                        .relief_w = agents::committed_relief(record)});
    });
}

double FeederDesk::covered_kw(const std::string& feeder, grid::Phase phase, UtcTime at) const {
    const auto events = open_events_.find(feeder);
    std::int64_t relief_w = 0;
    for (const OpenEvent& event : events == open_events_.end() ? std::vector<OpenEvent>{} : events->second) {
        const std::int64_t slot = (at - event.start) / period_length;
        if (event.phase == phase && at >= event.start &&
            slot < static_cast<std::int64_t>(event.relief_w.size())) {
            relief_w += event.relief_w[static_cast<std::size_t>(slot)];
        }
    }
    return kw_of(relief_w);
}

void FeederDesk::look_ahead(const Place& place, const std::string& feeder, FeederRow& row) const {
    const std::size_t alarm = alarm_index(parts_.alarm_quantile);
    const UtcTime now = floor_period(parts_.clock.now());
    double worst = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < shown_phases.size(); ++k) {
        const std::optional<forecast::LoadForecast> forecast =
            place.points[k] == telemetry::no_point ? std::nullopt : parts_.monitor.forecast(place.points[k]);
        if (!forecast || forecast->load_w.empty()) {
            continue;
        }
        const double limit_kw = parts_.monitor.view(place.points[k]).limit_kw;
        if (!(limit_kw > 0.0)) {
            continue;
        }
        for (std::size_t slot = 0; slot < forecast->load_w.size(); ++slot) {
            const UtcTime at = forecast->start + period_length * static_cast<std::int64_t>(slot);
            const double load_kw = static_cast<double>(forecast->load_w[slot][alarm]) / 1000.0;
            if (at < now || at >= now + expected_horizon || load_kw / limit_kw <= worst) {
                continue;
            }
            worst = load_kw / limit_kw;
            row.has_expected = true;
            row.expected_phase = shown_phases[k];
            row.expected_peak_kw = load_kw;
            row.expected_limit_kw = limit_kw;
            row.expected_at = at;
        }
    }
    if (row.has_expected && open_events_.contains(feeder)) {
        row.covered_kw = covered_kw(feeder, row.expected_phase, row.expected_at);
    }
}

FeederRow FeederDesk::read_row(std::size_t index) const {
    const Place& place = places_[index];
    FeederRow row;
    for (std::size_t k = 0; k < shown_phases.size(); ++k) {
        if (place.points[k] == telemetry::no_point) {
            continue;
        }
        const monitor::PointView view = parts_.monitor.view(place.points[k]);
        if (!std::isfinite(view.load_kw) || !(view.limit_kw > 0.0)) {
            continue;
        }
        const double share = (view.limit_kw - view.load_kw) / view.limit_kw;
        if (!row.is_known || share < row.share()) {
            row.is_known = true;
            row.phase = shown_phases[k];
            row.point = place.points[k];
            row.load_kw = view.load_kw;
            row.limit_kw = view.limit_kw;
            row.at = view.at;
            row.quality = view.quality;
            row.source = view.source;
        }
    }
    row.is_stale = !row.is_known || parts_.clock.now() - row.at > agents::fresh_for;
    look_ahead(place, parts_.network.feeders()[index].id.value, row);
    return row;
}

void FeederDesk::refresh() {
    const SteadyTime now = steady_now();
    if (refreshed_ && now - *refreshed_ < refresh_every && places_.size() > small) {
        return;
    }
    refreshed_ = now;
    if (registry_size_ != parts_.registry.size()) {
        resolve_points();
    }
    read_events();
    rows_.resize(places_.size());
    counts_ = {};
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        rows_[i] = read_row(i);
        if (!rows_[i].is_known) {
            counts_.unknown += 1;
            continue;
        }
        const double share = rows_[i].share();
        (share < 0.0    ? counts_.constrained
         : share < 0.10 ? counts_.below_10_percent
         : share < 0.25 ? counts_.below_25_percent
                        : counts_.normal) += 1;
    }
}

const std::vector<FeederRow>& FeederDesk::rows() {
    refresh();
    return rows_;
}

const HeadroomCounts& FeederDesk::counts() {
    refresh();
    return counts_;
}

FeederAnswer FeederDesk::answer(std::size_t index, const FeederRow& row) const {
    const grid::Feeder& feeder = parts_.network.feeders()[index];
    const grid::StateEntry state = parts_.orchestration.states().of(feeder.id.value);
    FeederAnswer out{.feeder_id = feeder.id.value,
                     .name = feeder.name,
                     .kind = feeder.kind,
                     .level = places_[index].is_hv ? "hv" : "lv",
                     .parent_id = feeder.parent,
                     .primary_id = places_[index].primary,
                     .lat = feeder.lat,
                     .lon = feeder.lon,
                     .rating_kw = positive(feeder.rating.value),
                     .stale = row.is_stale,
                     .state = std::string(grid::to_string(state.state)),
                     .held = state.held_by_engineer};
    if (row.is_known) {
        out.phase = grid::to_string(row.phase);
        out.load_kw = known_kw(row.load_kw);
        out.limit_kw = known_kw(row.limit_kw);
        out.headroom_kw = known_kw(row.limit_kw - row.load_kw);
        out.headroom_share = known_kw(row.share());
        out.at = row.at;
        out.age_s = std::max(0.0, static_cast<double>((parts_.clock.now() - row.at).count()) / 1000.0);
        out.source = parts_.registry.source(row.source);
        out.quality = telemetry::to_string(row.quality);
    }
    if (row.has_expected) {
        out.expected = ExpectedAnswer{.quantile = forecast::quantiles[alarm_index(parts_.alarm_quantile)],
                                      .peak_kw = row.expected_peak_kw,
                                      .limit_kw = rounded_kw(row.expected_limit_kw),
                                      .phase = std::string(grid::to_string(row.expected_phase)),
                                      .at = row.expected_at,
                                      .over_kw = rounded_kw(row.over_kw()),
                                      .covered_kw = row.covered_kw};
    }
    if (const auto events = open_events_.find(feeder.id.value); events != open_events_.end()) {
        const auto newest = std::max_element(
            events->second.begin(), events->second.end(),
            [](const OpenEvent& a, const OpenEvent& b) { return a.detected_at < b.detected_at; });
        out.event_id = newest->id;
    }
    return out;
}

bool FeederDesk::matches(std::size_t index, const FeederQuery& query) const {
    const grid::Feeder& feeder = parts_.network.feeders()[index];
    if (!query.parent.empty() && !parts_.network.is_below(feeder.id.value, query.parent)) {
        return false;
    }
    return query.text.empty() || small_letters(feeder.id.value).find(query.text) != std::string::npos ||
           small_letters(feeder.name).find(query.text) != std::string::npos;
}

const FeederDesk::Order& FeederDesk::order_by_headroom() {
    const SteadyTime now = steady_now();
    if (!orders_.empty() && ordered_ && now - *ordered_ < refresh_every && places_.size() > small) {
        return orders_.back();
    }
    refresh();
    ordered_ = now;
    Order order{.number = ++last_order_, .feeders = std::vector<std::uint32_t>(rows_.size())};
    std::iota(order.feeders.begin(), order.feeders.end(), 0U);
    std::stable_sort(order.feeders.begin(), order.feeders.end(), [this](std::uint32_t a, std::uint32_t b) {
        const FeederRow& first = rows_[a];
        const FeederRow& second = rows_[b];
        return first.is_known != second.is_known ? first.is_known
                                                 : first.is_known && first.share() < second.share();
    });
    orders_.push_back(std::move(order));
    if (orders_.size() > orders_kept) {
        orders_.pop_front();
    }
    return orders_.back();
}

const FeederDesk::Order* FeederDesk::order_of(std::uint64_t number) const {
    for (const Order& order : orders_) {
        if (order.number == number) {
            return &order;
        }
    }
    return nullptr;
}

Result<Page<FeederAnswer>> FeederDesk::list(const FeederQuery& given) {
    FeederQuery query = given;
    query.text = small_letters(query.text);
    refresh();
    const Order* order = nullptr;
    std::size_t position = 0;
    const bool by_headroom = query.order == FeederOrder::headroom;
    const std::string prefix = by_headroom ? "headroom." : "id.";
    if (!query.page.cursor.empty()) {
        const std::string& cursor = query.page.cursor;
        if (!cursor.starts_with(prefix)) {
            return bad_cursor();
        }
        std::string_view rest = std::string_view(cursor).substr(prefix.size());
        if (by_headroom) {
            const std::size_t dot = rest.find('.');
            const std::optional<std::uint64_t> number = number_of(rest.substr(0, dot));
            order = number ? order_of(*number) : nullptr;
            if (order == nullptr || dot == std::string_view::npos) {
                return bad_cursor();
            }
            rest.remove_prefix(dot + 1);
        }
        const std::optional<std::uint64_t> begin = number_of(rest);
        if (!begin || *begin > places_.size()) {
            return bad_cursor();
        }
        position = *begin;
    } else if (by_headroom) {
        order = &order_by_headroom();
    }
    Page<FeederAnswer> page;
    for (; position < places_.size() && page.items.size() < query.page.limit; ++position) {
        const std::size_t index = order != nullptr ? order->feeders[position] : position;
        if (matches(index, query)) {
            page.items.push_back(answer(index, read_row(index)));
        }
    }
    if (position < places_.size()) {
        page.next =
            prefix + (by_headroom ? std::to_string(order->number) + "." : "") + std::to_string(position);
    }
    return page;
}

Result<FeederAnswer> FeederDesk::one(std::string_view id) {
    const auto found = index_of_.find(id);
    if (found == index_of_.end()) {
        return Error{Errc::not_found, "no feeder " + std::string(id)};
    }
    refresh();
    return answer(found->second, read_row(found->second));
}

}  // namespace headroom::desk
