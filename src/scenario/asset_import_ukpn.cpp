#include "scenario/asset_import.hpp"

#include "core/ids.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace headroom::scenario {
namespace {

double kw_of(double mega) {
    return std::clamp(mega * 1000.0, 0.0, asset_kw_max);
}

}  // namespace

AssetSet assets_of_sites(std::span<const feeds::ukpn::PrimarySite> sites,
                         const feeds::Provenance& provenance) {
    AssetSet set{.name = "ukpn",
                 .title = "Grid and primary sites of UK Power Networks",
                 .source = "UK Power Networks open data, " + format_utc(provenance.fetched).substr(0, 10) +
                           ", " + provenance.licence,
                 .assets = {},
                 .notes = {}};
    std::unordered_set<std::string> ids;
    const auto note = [&](std::string what) {
        if (set.notes.size() < asset_notes_max) {
            set.notes.push_back(std::move(what));
        }
    };
    for (const feeds::ukpn::PrimarySite& site : sites) {
        const double summer = kw_of(site.rating_summer_mva.value_or(0.0) * peak_power_factor);
        const double winter = kw_of(site.rating_winter_mva.value_or(0.0) * peak_power_factor);
        if (!site.lat || !site.lon || (summer <= 0.0 && winter <= 0.0)) {
            note(site.name + (!site.lat || !site.lon ? " has no place" : " has no rating"));
            continue;
        }
        const std::string id = to_id(site.id);
        if (!ids.insert(id).second || set.assets.size() == asset_set_assets_max) {
            note(site.name + " stands twice under " + id);
            continue;
        }
        Asset asset{.id = id,
                    .name = site.name,
                    .type = AssetType::substation,
                    .lat = *site.lat,
                    .lon = *site.lon,
                    .capacity_kw = std::max(summer, winter)};
        asset.criticality =
            site.kind.find("Grid") != std::string::npos ? Criticality::high : Criticality::medium;
        asset.places = {"UK Power Networks"};
        asset.ratings = {.summer_kw = summer, .winter_kw = winter};
        // The greater of the two seasons' demands; a site that exports at its peak says nothing of load.
        asset.peak_kw =
            kw_of(std::max({0.0, site.peak_summer_mw.value_or(0.0), site.peak_winter_mw.value_or(0.0)}));
        asset.thermal = ThermalKind::onaf;
        asset.source = set.source;
        asset.source_ref = id == site.id ? "" : site.id;
        set.assets.push_back(std::move(asset));
    }
    return set;
}

}  // namespace headroom::scenario
