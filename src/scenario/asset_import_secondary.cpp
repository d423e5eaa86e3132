#include "scenario/asset_import_secondary.hpp"

#include "core/ids.hpp"
#include "scenario/asset_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace headroom::scenario {
namespace {

/// Three phases of 230 V and 400 A, the usual largest fuse of a low-voltage way.
constexpr double lv_way_kw = 3.0 * 230.0 * 400.0 / 1000.0 * peak_power_factor;
constexpr const char* ukpn_place = "UK Power Networks";

void note(AssetSet& set, std::string what) {
    if (set.notes.size() < asset_notes_max) {
        set.notes.push_back(std::move(what));
    }
}

}  // namespace

void add_secondary(AssetSet& set, std::span<const feeds::ukpn::SecondarySite> sites,
                   std::span<const feeds::ukpn::LvFeeder> feeders, const feeds::Provenance& provenance) {
    const std::string source = "UK Power Networks open data, " +
                               format_utc(provenance.fetched).substr(0, 10) + ", " + provenance.licence;
    std::unordered_map<std::string, std::size_t> ids;
    for (std::size_t i = 0; i < set.assets.size(); ++i) {
        ids.emplace(set.assets[i].id, i);
    }
    for (const feeds::ukpn::SecondarySite& site : sites) {
        const double rating_kw = site.rating_kva.value_or(0.0) * peak_power_factor;
        if (!site.lat || !site.lon || rating_kw <= 0.0) {
            note(set, site.id + (!site.lat || !site.lon ? " has no place" : " has no rating"));
            continue;
        }
        const std::string id = to_id(site.id);
        if (set.assets.size() == asset_set_assets_max || !ids.emplace(id, set.assets.size()).second) {
            note(set, site.id + " stands twice under " + id + ", or is one too many");
            continue;
        }
        Asset asset{.id = id,
                    .name = site.name.empty() ? site.id : site.name,
                    .type = AssetType::substation,
                    .lat = *site.lat,
                    .lon = *site.lon,
                    .capacity_kw = rating_kw};
        asset.places = {ukpn_place};
        asset.peak_kw = rating_kw * site.utilisation_high.value_or(site.utilisation_low.value_or(0.0));
        asset.thermal = ThermalKind::onan;
        asset.source = source;
        asset.source_ref = id == site.id ? "" : site.id;
        set.assets.push_back(std::move(asset));
    }
    for (const feeds::ukpn::LvFeeder& feeder : feeders) {
        const auto parent = ids.find(to_id(feeder.substation));
        const std::string id = to_id(feeder.substation + ".lv" + feeder.feeder);
        if (parent == ids.end() || set.assets.size() == asset_set_assets_max ||
            !ids.emplace(id, set.assets.size()).second) {
            note(set, "feeder " + feeder.feeder + " of " + feeder.substation +
                          (parent == ids.end() ? ": the substation is not here" : " stands twice"));
            continue;
        }
        const Asset& above = set.assets[parent->second];
        Asset asset{.id = id,
                    .name = fmt::format("{}, way {}", above.name, feeder.feeder),
                    .type = AssetType::feeder,
                    .lat = above.lat,
                    .lon = above.lon,
                    .capacity_kw = std::max(lv_way_kw, feeder.peak_kw)};
        asset.places = {ukpn_place};
        asset.peak_kw = feeder.peak_kw;
        asset.source =
            fmt::format("{}: peak of {} meters; the rating of a 400 A way is assumed", source, feeder.meters);
        asset.illustrative = true;
        set.assets[parent->second].feeds.push_back(id);
        set.assets.push_back(std::move(asset));
    }
}

}  // namespace headroom::scenario
