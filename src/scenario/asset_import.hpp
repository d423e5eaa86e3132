#pragma once

#include "core/json.hpp"
#include "feeds/provenance.hpp"
#include "feeds/ukpn.hpp"
#include "grid/network.hpp"
#include "scenario/asset_set.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace headroom::scenario {

/// Assets as others list them: `[…]`, `{"assets":[…]}`, lists by kind (`{"substations":[…], "feeders":[…]}`)
/// or GeoJSON. Members that are known here (`feeds`, `flood_zone`, `num_charging_stations`,
/// `surface_area_m2`, capacities under their usual names) are taken, all others are passed over. What `feeds`
/// names without listing it becomes a note. Grammar: docs/formats/scenario.md.
/// Errors: `invalid`, with the pointer of the first that does not fit; nothing is taken then.
[[nodiscard]] Result<AssetSet> import_assets(const json::Value& file, const std::string& name);

/// Of a substation's peak load, primary or secondary: their ratings come in MVA and kVA.
inline constexpr double peak_power_factor = 0.97;

/// Grid and primary sites of UK Power Networks as substations: ratings by season and peaks from the dataset,
/// the source and time in `source`. A site without a place or a rating is left out with a note.
[[nodiscard]] AssetSet assets_of_sites(std::span<const feeds::ukpn::PrimarySite> sites,
                                       const feeds::Provenance& provenance);

/// The name of the place whose assets are the control room's own.
inline constexpr const char* own_network_place = "network";

/// The control room's own network: substations and feeders with a known rating, how they feed each other, and
/// the batteries, chargers and generators on them. `histories` may hold the feeders' own half-hours by id.
[[nodiscard]] AssetSet assets_of_network(const grid::Network& network,
                                         const std::map<std::string, History>& histories);

}  // namespace headroom::scenario
