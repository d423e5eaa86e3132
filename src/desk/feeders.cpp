#include "desk/feeders.hpp"

#include "agents/event_steps.hpp"
#include "desk/amounts.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::array<grid::Phase, 4> shown_phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3,
                                                  grid::Phase::sum};
constexpr std::chrono::seconds refresh_every{1};
/// Orders by headroom that cursors may still refer to.
constexpr std::size_t orders_kept = 32;
constexpr hours expected_horizon{12};

std::optional<double> positive(double value) {
    return value > 0.0 ? std::optional(value) : std::nullopt;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                     : std::nullopt;
}

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

LimitAnswer limit_answer(const grid::Limit& limit) {
    return {.quantity = std::string(grid::to_string(limit.quantity)),
            .phase = std::string(grid::to_string(limit.phase)),
            .direction = std::string(grid::to_string(limit.direction)),
            .kind = std::string(grid::to_string(limit.kind)),
            .value = limit.value,
            .unit = std::string(limit.unit()),
            .source = limit.source,
            .verified_by = limit.verified_by};
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
    return query.text.empty() || lower(feeder.id.value).find(query.text) != std::string::npos ||
           lower(feeder.name).find(query.text) != std::string::npos;
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
    query.text = lower(query.text);
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

Result<FeederPartsAnswer> FeederDesk::parts_of(std::string_view id) const {
    if (!index_of_.contains(id)) {
        return Error{Errc::not_found, "no feeder " + std::string(id)};
    }
    FeederPartsAnswer out;
    for (const grid::Limit* limit : parts_.network.limits_of(id)) {
        out.limits.push_back(limit_answer(*limit));
    }
    for (const grid::Phase phase : shown_phases) {
        const telemetry::PointRef point = parts_.registry.find(id, grid::Quantity::p_kw, phase);
        if (point != telemetry::no_point) {
            out.points.push_back(point_answer(point));
        }
    }
    for (const grid::Der* der : parts_.network.ders_on(id)) {
        const telemetry::PointRef point =
            parts_.registry.find(der->id.value, grid::Quantity::p_kw, grid::Phase::sum);
        out.ders.push_back({.der_id = der->id.value,
                            .name = der->name,
                            .der_class = std::string(grid::to_string(der->der_class)),
                            .phase = std::string(grid::to_string(der->phase)),
                            .turn_down_max_kw = kw_of(der->turn_down_max),
                            .turn_up_max_kw = kw_of(der->turn_up_max),
                            .energy_kwh = positive(kwh_of(der->energy.value)),
                            .load_kw = point == telemetry::no_point
                                           ? std::nullopt
                                           : known_kw(parts_.monitor.view(point).load_kw)});
    }
    std::vector<std::pair<UtcTime, std::string>> events;
    parts_.orchestration.visit([&](const agents::EventRecord& record) {
        if (record.overload.feeder == id) {
            events.emplace_back(record.overload.detected_at, record.id().value);
        }
    });
    std::sort(events.rbegin(), events.rend());
    for (auto& [at, event] : events) {
        out.events.push_back(std::move(event));
    }
    return out;
}

Result<Page<SubstationAnswer>> FeederDesk::substations(const PageRequest& request) const {
    const std::vector<grid::Substation>& all = parts_.network.substations();
    const std::optional<std::uint64_t> begin =
        request.cursor.empty() ? std::optional<std::uint64_t>(0) : number_of(request.cursor);
    if (!begin || *begin > all.size()) {
        return bad_cursor();
    }
    Page<SubstationAnswer> page;
    std::size_t position = *begin;
    for (; position < all.size() && page.items.size() < request.limit; ++position) {
        const grid::Substation& substation = all[position];
        page.items.push_back({.substation_id = substation.id.value,
                              .name = substation.name,
                              .kind = substation.kind,
                              .parent_id = substation.parent,
                              .lat = substation.lat,
                              .lon = substation.lon,
                              .rating_kw = positive(substation.rating.value)});
    }
    if (position < all.size()) {
        page.next = std::to_string(position);
    }
    return page;
}

PointAnswer FeederDesk::point_answer(telemetry::PointRef point) const {
    const telemetry::PointKey& key = parts_.registry.key(point);
    const monitor::PointView view = parts_.monitor.view(point);
    PointAnswer out{.point_id = key.text(),
                    .quantity = std::string(grid::to_string(key.quantity)),
                    .phase = std::string(grid::to_string(key.phase)),
                    .load_kw = known_kw(view.load_kw),
                    .limit_kw = known_kw(view.limit_kw),
                    .readings = static_cast<std::int64_t>(view.readings)};
    (parts_.network.der(key.point_id) != nullptr ? out.der_id : out.feeder_id) = key.point_id;
    if (out.load_kw) {
        out.at = view.at;
        out.quality = telemetry::to_string(view.quality);
        out.source = parts_.registry.source(view.source);
    }
    return out;
}

Result<Page<PointAnswer>> FeederDesk::points(const std::string& feeder, const PageRequest& request) const {
    const std::optional<std::uint64_t> begin =
        request.cursor.empty() ? std::optional<std::uint64_t>(0) : number_of(request.cursor);
    std::vector<telemetry::PointRef> chosen;
    if (!feeder.empty()) {
        if (!index_of_.contains(feeder)) {
            return Error{Errc::not_found, "no feeder " + feeder};
        }
        std::vector<std::string> places{feeder};
        for (const grid::Der* der : parts_.network.ders_on(feeder)) {
            places.push_back(der->id.value);
        }
        for (const std::string& place : places) {
            for (const grid::Phase phase : shown_phases) {
                const telemetry::PointRef point = parts_.registry.find(place, grid::Quantity::p_kw, phase);
                if (point != telemetry::no_point) {
                    chosen.push_back(point);
                }
            }
        }
    }
    const std::size_t total = feeder.empty() ? parts_.registry.size() : chosen.size();
    if (!begin || *begin > total) {
        return bad_cursor();
    }
    Page<PointAnswer> page;
    std::size_t position = *begin;
    for (; position < total && page.items.size() < request.limit; ++position) {
        page.items.push_back(
            point_answer(feeder.empty() ? static_cast<telemetry::PointRef>(position) : chosen[position]));
    }
    if (position < total) {
        page.next = std::to_string(position);
    }
    return page;
}

}  // namespace headroom::desk
