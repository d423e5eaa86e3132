#include "scenario/asset_import.hpp"

#include "core/ids.hpp"
#include "scenario/asset_words.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace headroom::scenario {
namespace {

constexpr const char* network_source = "the control room's own network";

/// What a continuous import limit of the whole feeder says, where its own rating is not known.
double rating_kw(const grid::Network& network, const grid::Feeder& feeder) {
    if (feeder.rating.value > 0.0) {
        return feeder.rating.value;
    }
    for (const grid::Limit* limit : network.limits_of(feeder.id.value)) {
        if (limit->quantity == grid::Quantity::p_kw && limit->phase == grid::Phase::sum &&
            limit->direction == grid::Direction::import_ && limit->kind == grid::LimitKind::continuous) {
            return limit->value;
        }
    }
    return 0.0;
}

/// Limits that hold in one season only; one of all seasons is the capacity already.
SeasonalRatings ratings_of(const grid::Network& network, const std::string& id) {
    SeasonalRatings out;
    for (const grid::Limit* limit : network.limits_of(id)) {
        if (limit->quantity != grid::Quantity::p_kw || limit->phase != grid::Phase::sum ||
            limit->direction != grid::Direction::import_) {
            continue;
        }
        const bool is_continuous = limit->kind == grid::LimitKind::continuous;
        if (limit->kind == grid::LimitKind::cyclic) {
            out.cyclic_kw = limit->value;
        } else if (is_continuous && limit->season == grid::Season::summer) {
            out.summer_kw = limit->value;
        } else if (is_continuous && limit->season == grid::Season::winter) {
            out.winter_kw = limit->value;
        } else if (is_continuous && limit->season == grid::Season::spring_autumn) {
            out.spring_autumn_kw = limit->value;
        }
    }
    return out;
}

LoadMix mix_of(const std::string& kind) {
    if (kind == "domestic") {
        return {.domestic = 0.75, .electric_heating = 0.15, .ev_charging = 0.1};
    }
    if (kind == "commercial") {
        return {.domestic = 0.1, .commercial = 0.9};
    }
    if (kind == "industrial") {
        return {.commercial = 0.3, .industrial = 0.7};
    }
    if (kind == "mixed") {
        return {.domestic = 0.5, .electric_heating = 0.1, .commercial = 0.35, .ev_charging = 0.05};
    }
    return {};
}

/// DERs of one class on one feeder, as one asset.
struct Group {
    double power_kw = 0.0;
    double energy_kwh = 0.0;
    std::int64_t count = 0;
    double lat = 0.0;
    double lon = 0.0;
};

struct GroupKind {
    grid::DerClass der_class;
    AssetType type;
    const char* suffix;
    const char* words;
};
constexpr std::array<GroupKind, 2> group_kinds{
    {{grid::DerClass::battery, AssetType::battery, ".batteries", "batteries on "},
     {grid::DerClass::ev_charger, AssetType::ev_hub, ".chargers", "chargers on "}}};

Group group_on(const grid::Network& network, const grid::Feeder& feeder, grid::DerClass der_class) {
    Group group{.lat = feeder.lat, .lon = feeder.lon};
    for (const grid::Der* der : network.ders_on(feeder.id.value)) {
        if (der->der_class == der_class) {
            group.power_kw +=
                static_cast<double>(std::max(der->turn_down_max.value, der->turn_up_max.value)) / 1000.0;
            group.energy_kwh += static_cast<double>(der->energy.value) / 1000.0;
            group.count += 1;
        }
    }
    return group;
}

class NetworkAssets {
  public:
    NetworkAssets(const grid::Network& network, const std::map<std::string, History>& histories)
        : network_(network), histories_(histories) {}

    AssetSet take() {
        set_ = {.name = own_network_place, .title = "This network", .source = network_source};
        for (const grid::Substation& substation : network_.substations()) {
            add_substation(substation);
        }
        for (const grid::Feeder& feeder : network_.feeders()) {
            add_feeder(feeder);
        }
        for (const auto& [child, parent] : parents_) {
            const auto found = where_.find(parent);
            if (found != where_.end() && where_.contains(child)) {
                set_.assets[found->second].feeds.push_back(child);
            }
        }
        return std::move(set_);
    }

  private:
    void note(std::string what) {
        if (set_.notes.size() < asset_notes_max) {
            set_.notes.push_back(std::move(what));
        }
    }
    void add(Asset asset, const std::string& parent) {
        asset.places = {own_network_place};
        asset.source = network_source;
        asset.capacity_kw = std::min(asset.capacity_kw, asset_kw_max);
        where_.emplace(asset.id, set_.assets.size());
        if (!parent.empty()) {
            parents_.emplace_back(asset.id, parent);
        }
        set_.assets.push_back(std::move(asset));
    }
    void add_substation(const grid::Substation& substation) {
        if (!(substation.rating.value > 0.0)) {
            return note(substation.id.value + " has no rating");
        }
        Asset asset{.id = substation.id.value,
                    .name = substation.name.empty() ? substation.id.value : substation.name,
                    .type = AssetType::substation,
                    .lat = substation.lat,
                    .lon = substation.lon,
                    .capacity_kw = substation.rating.value};
        asset.criticality = substation.kind == "primary" ? Criticality::high : Criticality::medium;
        asset.ratings = ratings_of(network_, substation.id.value);
        asset.thermal = substation.kind == "primary" ? ThermalKind::onaf : ThermalKind::onan;
        asset.source_ref = import_words::cut(substation.source_ref, 300);
        add(std::move(asset), substation.parent);
    }
    void add_feeder(const grid::Feeder& feeder) {
        const double rating = rating_kw(network_, feeder);
        if (!(rating > 0.0)) {
            return note(feeder.id.value + " has no rating");
        }
        Asset asset{.id = feeder.id.value,
                    .name = feeder.name.empty() ? feeder.id.value : feeder.name,
                    .type = AssetType::feeder,
                    .lat = feeder.lat,
                    .lon = feeder.lon,
                    .capacity_kw = rating};
        asset.mix = mix_of(feeder.kind);
        asset.ratings = ratings_of(network_, feeder.id.value);
        asset.thermal = ThermalKind::cable;
        asset.source_ref = import_words::cut(feeder.source_ref, 300);
        if (const auto known = histories_.find(feeder.id.value); known != histories_.end()) {
            asset.history = known->second;
        }
        add(std::move(asset), feeder.parent);
        for (const GroupKind& kind : group_kinds) {
            add_group(feeder, kind);
        }
    }
    void add_group(const grid::Feeder& feeder, const GroupKind& kind) {
        const Group group = group_on(network_, feeder, kind.der_class);
        const std::string id = feeder.id.value + kind.suffix;
        if (group.count == 0 || !(group.power_kw > 0.0) || !is_valid_id(id)) {
            return;
        }
        Asset asset{.id = id,
                    .name = kind.words + feeder.id.value,
                    .type = kind.type,
                    .lat = group.lat,
                    .lon = group.lon,
                    .capacity_kw = group.power_kw,
                    .criticality = Criticality::low};
        if (kind.type == AssetType::battery) {
            asset.energy_kwh = group.energy_kwh;
        } else {
            asset.num_charging_stations = std::min<std::int64_t>(group.count, 100'000);
        }
        add(std::move(asset), feeder.id.value);
    }

    const grid::Network& network_;
    const std::map<std::string, History>& histories_;
    AssetSet set_;
    std::unordered_map<std::string, std::size_t> where_;
    std::vector<std::pair<std::string, std::string>> parents_;  // child, parent
};

}  // namespace

AssetSet assets_of_network(const grid::Network& network, const std::map<std::string, History>& histories) {
    return NetworkAssets(network, histories).take();
}

}  // namespace headroom::scenario
