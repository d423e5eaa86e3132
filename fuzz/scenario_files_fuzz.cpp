// Reads any bytes as a list of assets and as a scenario. Holds: what is read keeps to its bounds and hangs
// together, and comes back from its own text; what is refused says why.

#include "scenario/asset_set.hpp"
#include "scenario/scenario_file.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace headroom;

namespace {

void try_assets(std::string_view text) {
    const Result<scenario::AssetSet> set = scenario::read_asset_set(text, "fuzz.json");
    if (!set) {
        HEADROOM_ASSERT(set.error().code == Errc::invalid && !set.error().message.empty());
        return;
    }
    HEADROOM_ASSERT(!set->assets.empty() && set->notes.size() <= scenario::asset_notes_max);
    std::vector<Fault> faults;
    scenario::check_assets(set->assets, "", faults);
    HEADROOM_ASSERT(faults.empty());
    for (const scenario::Asset& asset : set->assets) {
        HEADROOM_ASSERT(asset.capacity_kw > 0.0 && asset.capacity_kw <= scenario::asset_kw_max);
        HEADROOM_ASSERT(std::abs(asset.lat) <= 90.0 && std::abs(asset.lon) <= 180.0);
        HEADROOM_ASSERT(asset.flood_zone >= 0 && asset.flood_zone <= 3);
    }
    for (const std::string& place : scenario::places_of(*set)) {
        faults.clear();
        scenario::check_assets(scenario::assets_at(*set, place), "", faults);
        HEADROOM_ASSERT(faults.empty());
    }
    const Result<scenario::AssetSet> again =
        scenario::read_asset_set(scenario::write_asset_set(*set), "again.json");
    HEADROOM_ASSERT(again.has_value() && again->assets == set->assets);
}

void try_scenario(std::string_view text) {
    const Result<scenario::Scenario> read = scenario::read_scenario(text, "fuzz", "fuzz.toml");
    if (!read) {
        HEADROOM_ASSERT(read.error().code == Errc::invalid && !read.error().message.empty());
        return;
    }
    HEADROOM_ASSERT(read->hours >= 1 && read->hours <= scenario::scenario_hours_max);
    HEADROOM_ASSERT(read->start == floor_period(read->start));
    HEADROOM_ASSERT(!read->place.empty() && !read->id.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try_assets(text);
    try_scenario(text);
    return 0;
}
