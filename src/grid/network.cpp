#include "grid/network.hpp"

#include "grid/unit_of.hpp"
#include "grid/words.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace headroom::grid {
namespace {

constexpr Words<LimitKind, 7> limit_kinds{{{LimitKind::continuous, "continuous"},
                                           {LimitKind::cyclic, "cyclic"},
                                           {LimitKind::emergency, "emergency"},
                                           {LimitKind::fuse, "fuse"},
                                           {LimitKind::protection, "protection"},
                                           {LimitKind::voltage, "voltage"},
                                           {LimitKind::contract, "contract"}}};
constexpr Words<Season, 4> seasons{{{Season::all, "all"},
                                    {Season::summer, "summer"},
                                    {Season::winter, "winter"},
                                    {Season::spring_autumn, "spring_autumn"}}};
constexpr Words<DerClass, 7> der_classes{{{DerClass::battery, "battery"},
                                          {DerClass::ev_charger, "ev_charger"},
                                          {DerClass::heat_pump, "heat_pump"},
                                          {DerClass::hvac, "hvac"},
                                          {DerClass::generator, "generator"},
                                          {DerClass::compute, "compute"},
                                          {DerClass::other, "other"}}};

template <class T, class Index>
const T* find_in(const std::vector<T>& list, const Index& index, std::string_view id) {
    const auto found = index.find(id);
    return found == index.end() ? nullptr : &list[found->second];
}

template <class T, class Index>
std::vector<const T*> listed_under(const std::vector<T>& list, const Index& index, std::string_view name) {
    std::vector<const T*> out;
    if (const auto found = index.find(name); found != index.end()) {
        out.reserve(found->second.size());
        for (const std::size_t position : found->second) {
            out.push_back(&list[position]);
        }
    }
    return out;
}

}  // namespace

std::string_view to_string(LimitKind kind) {
    return word_of(limit_kinds, kind);
}
std::string_view to_string(Season season) {
    return word_of(seasons, season);
}
std::string_view to_string(VoltageLevel level) {
    return level == VoltageLevel::hv ? "hv" : "lv";
}
std::string_view to_string(DerClass der_class) {
    return word_of(der_classes, der_class);
}
std::optional<LimitKind> parse_limit_kind(std::string_view text) {
    return value_of(limit_kinds, text);
}
std::optional<Season> parse_season(std::string_view text) {
    return value_of(seasons, text);
}
std::optional<DerClass> parse_der_class(std::string_view text) {
    return value_of(der_classes, text);
}
std::string der_class_words() {
    return listed(der_classes);
}

double round_to_thousandths(double value) {
    return std::nearbyint(value * 1000.0) / 1000.0;
}

std::string Limit::key() const {
    std::string text = asset;
    for (const std::string_view part :
         {to_string(quantity), to_string(phase), to_string(direction), to_string(kind)}) {
        text += '/';
        text += part;
    }
    return text;
}

std::string_view Limit::unit() const {
    return unit_of(quantity);
}

Result<void> Network::check_id(const std::string& id) const {
    if (!is_valid_id(id)) {
        return Error{Errc::invalid, "'" + id + "' is no id (letters, digits, '.', '_' and '-', at most 64)"};
    }
    const char* taken_by = substation(id) != nullptr ? "substation"
                           : feeder(id) != nullptr   ? "feeder"
                           : der(id) != nullptr      ? "DER"
                           : tie(id) != nullptr      ? "tie"
                                                     : nullptr;
    if (taken_by != nullptr) {
        return Error{Errc::conflict, "the id " + id + " is taken by a " + std::string(taken_by)};
    }
    return {};
}

Result<void> Network::add(Substation substation_to_add) {
    const std::string& parent = substation_to_add.parent;
    if (const Result<void> checked = check_id(substation_to_add.id.value); !checked) {
        return checked;
    }
    if (!parent.empty() && substation(parent) == nullptr && feeder(parent) == nullptr) {
        return Error{Errc::not_found, "substation " + substation_to_add.id.value +
                                          ": there is no feeder or substation " + parent + " to supply it"};
    }
    substations_by_parent_[parent].push_back(substations_.size());
    if (const auto supplies = feeder_index_.find(parent); supplies != feeder_index_.end()) {
        feeders_[supplies->second].level = VoltageLevel::hv;
    }
    substation_index_.emplace(substation_to_add.id.value, substations_.size());
    substations_.push_back(std::move(substation_to_add));
    return {};
}

Result<void> Network::add(Feeder feeder_to_add) {
    const std::string& parent = feeder_to_add.parent;
    if (const Result<void> checked = check_id(feeder_to_add.id.value); !checked) {
        return checked;
    }
    if (!parent.empty() && substation(parent) == nullptr) {
        return Error{Errc::not_found, "feeder " + feeder_to_add.id.value + ": there is no substation " +
                                          parent + " for it to leave"};
    }
    feeders_by_parent_[parent].push_back(feeders_.size());
    feeder_index_.emplace(feeder_to_add.id.value, feeders_.size());
    feeders_.push_back(std::move(feeder_to_add));
    return {};
}

Result<void> Network::add(Der der_to_add) {
    if (const Result<void> checked = check_id(der_to_add.id.value); !checked) {
        return checked;
    }
    if (feeder(der_to_add.feeder.value) == nullptr) {
        return Error{Errc::not_found, "DER " + der_to_add.id.value + ": there is no feeder " +
                                          der_to_add.feeder.value + " for it to sit on"};
    }
    ders_by_feeder_[der_to_add.feeder.value].push_back(ders_.size());
    der_index_.emplace(der_to_add.id.value, ders_.size());
    ders_.push_back(std::move(der_to_add));
    return {};
}

Result<void> Network::add(Tie tie_to_add) {
    const std::string& id = tie_to_add.id.value;
    if (const Result<void> checked = check_id(id); !checked) {
        return checked;
    }
    for (const std::string& end : tie_to_add.ends) {
        if (feeder(end) == nullptr && substation(end) == nullptr) {
            return Error{Errc::not_found, "tie " + id + ": there is no feeder or substation " + end};
        }
    }
    if (tie_to_add.ends[0] == tie_to_add.ends[1]) {
        return Error{Errc::invalid, "tie " + id + " joins " + tie_to_add.ends[0] + " with itself"};
    }
    const double rating_kw = round_to_thousandths(tie_to_add.rating.value);
    if (!std::isfinite(rating_kw) || rating_kw <= 0.0 || rating_kw > limit_value_max) {
        return Error{Errc::invalid, "tie " + id + ": the rating " + std::to_string(tie_to_add.rating.value) +
                                        " kW is not above 0 and at most " + std::to_string(limit_value_max)};
    }
    if (tie_to_add.switching < minutes{0} || tie_to_add.switching > tie_switching_max) {
        return Error{Errc::invalid, "tie " + id + ": closing it takes 0 to " +
                                        std::to_string(tie_switching_max.count()) + " minutes"};
    }
    tie_to_add.rating = Kilowatts{rating_kw};
    for (const std::string& end : tie_to_add.ends) {
        ties_by_end_[end].push_back(ties_.size());
    }
    tie_index_.emplace(id, ties_.size());
    ties_.push_back(std::move(tie_to_add));
    return {};
}

Result<void> Network::add(Limit limit) {
    if (feeder(limit.asset) == nullptr && substation(limit.asset) == nullptr) {
        return Error{Errc::not_found, "a limit is for " + limit.asset + ", which is no feeder or substation"};
    }
    const double value = round_to_thousandths(limit.value);
    if (!std::isfinite(value) || value <= 0.0 || value > limit_value_max) {
        return Error{Errc::invalid, "limit " + limit.key() + ": the value " + std::to_string(limit.value) +
                                        " is not above 0 and at most " + std::to_string(limit_value_max)};
    }
    if ((limit.kind == LimitKind::emergency) != (limit.emergency_minutes > 0)) {
        return Error{Errc::invalid, "limit " + limit.key() + ": an emergency limit, and no other, says for " +
                                        "how many minutes it may be used"};
    }
    limit.value = value;
    Positions& positions = limits_by_asset_[limit.asset];
    const bool is_repeated = std::any_of(positions.begin(), positions.end(), [&](std::size_t position) {
        const Limit& other = limits_[position];
        const auto named = [](const Limit& one) {
            return std::tie(one.quantity, one.phase, one.direction, one.kind, one.season,
                            one.emergency_minutes);
        };
        return named(other) == named(limit);
    });
    if (is_repeated) {
        return Error{Errc::conflict, "limit " + limit.key() + " for season " +
                                         std::string(to_string(limit.season)) + " stands twice"};
    }
    positions.push_back(limits_.size());
    limits_.push_back(std::move(limit));
    return {};
}

const Substation* Network::substation(std::string_view id) const {
    return find_in(substations_, substation_index_, id);
}
const Feeder* Network::feeder(std::string_view id) const {
    return find_in(feeders_, feeder_index_, id);
}
const Der* Network::der(std::string_view id) const {
    return find_in(ders_, der_index_, id);
}
const Tie* Network::tie(std::string_view id) const {
    return find_in(ties_, tie_index_, id);
}
std::vector<const Tie*> Network::ties_at(std::string_view element) const {
    return listed_under(ties_, ties_by_end_, element);
}
std::vector<const Limit*> Network::limits_of(std::string_view asset) const {
    return listed_under(limits_, limits_by_asset_, asset);
}
std::vector<const Der*> Network::ders_on(std::string_view feeder_id) const {
    return listed_under(ders_, ders_by_feeder_, feeder_id);
}

std::vector<const Feeder*> Network::feeders_below(std::string_view asset) const {
    if (substation(asset) == nullptr && feeder(asset) == nullptr) {
        return {};
    }
    Positions found;
    std::vector<std::string_view> open{asset};
    while (!open.empty()) {
        const std::string_view above = open.back();
        open.pop_back();
        if (const auto feeders = feeders_by_parent_.find(above); feeders != feeders_by_parent_.end()) {
            for (const std::size_t position : feeders->second) {
                found.push_back(position);
                open.push_back(feeders_[position].id.value);
            }
        }
        if (const auto below = substations_by_parent_.find(above); below != substations_by_parent_.end()) {
            for (const std::size_t position : below->second) {
                open.push_back(substations_[position].id.value);
            }
        }
    }
    std::sort(found.begin(), found.end());
    std::vector<const Feeder*> out;
    out.reserve(found.size());
    for (const std::size_t position : found) {
        out.push_back(&feeders_[position]);
    }
    return out;
}

bool Network::is_below(std::string_view feeder_id, std::string_view substation_id) const {
    return substation(substation_id) != nullptr && is_supplied_by(feeder_id, substation_id);
}

bool Network::is_supplied_by(std::string_view feeder_id, std::string_view asset) const {
    // Asked for every pair of open events: no memory is taken.
    const Feeder* const leaving = feeder(feeder_id);
    std::string_view above = leaving == nullptr ? std::string_view{} : std::string_view{leaving->parent};
    while (!above.empty() && above != asset) {
        const Substation* const station = substation(above);
        const Feeder* const supply = station == nullptr ? feeder(above) : nullptr;
        above = station != nullptr  ? std::string_view{station->parent}
                : supply != nullptr ? std::string_view{supply->parent}
                                    : std::string_view{};
    }
    return !above.empty();
}

std::vector<std::string_view> Network::path_to_top(std::string_view feeder_id) const {
    std::vector<std::string_view> path;
    const Feeder* leaving = feeder(feeder_id);
    const Substation* above = nullptr;
    // Ends at the top: each parent was there before its child, so there are no rings.
    while (leaving != nullptr || above != nullptr) {
        path.emplace_back(leaving != nullptr ? leaving->id.value : above->id.value);
        const std::string& parent = leaving != nullptr ? leaving->parent : above->parent;
        above = substation(parent);
        leaving = above == nullptr ? feeder(parent) : nullptr;
    }
    return path;
}

}  // namespace headroom::grid
