#pragma once

#include "core/reflect_json.hpp"
#include "core/result.hpp"
#include "scenario/asset.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::scenario {

/// Assets that belong together, and where they come from.
struct AssetSet {
    std::string name;   ///< "london"
    std::string title;  ///< "Inner London, illustrative"
    std::string source;
    bool illustrative = false;
    std::vector<Asset> assets;
    std::vector<std::string> notes;  ///< what an import assumed or left out, at most `asset_notes_max`
    bool operator==(const AssetSet&) const = default;
};

inline constexpr std::size_t asset_set_bytes_max = 64UL << 20U;
inline constexpr std::size_t asset_set_assets_max = 100'000;
inline constexpr std::size_t asset_notes_max = 100;
inline constexpr std::string_view asset_set_format = "headroom-assets/1";

/// Reads a file of assets: our own format where it says so, else whatever lists assets in the shape of others
/// (asset_import.hpp). `file` is what faults call the text. Pure.
/// Errors: `invalid` with the pointer of what does not fit.
[[nodiscard]] Result<AssetSet> read_asset_set(std::string_view text, const std::string& file);

/// What an asset must hold beyond the bounds of its fields: a sound id, once; a capacity above 0; feeds, open
/// points and histories that hang together; nothing that feeds itself. Adds a fault for each that does not,
/// below `pointer` ("/assets").
void check_assets(const std::vector<Asset>& assets, const std::string& pointer, std::vector<Fault>& faults);

/// The set in our own format, readable by `read_asset_set`.
[[nodiscard]] std::string write_asset_set(const AssetSet& set);

/// The London set that is built into the program.
[[nodiscard]] std::string_view built_in_asset_text();
[[nodiscard]] const AssetSet& built_in_assets();

/// The assets at a place, named as people do: case, blanks and a trailing ", UK" or ", England" do not
/// matter. What they feed or could move load to, without belonging to the place, is left out of their lists.
[[nodiscard]] std::vector<Asset> assets_at(const AssetSet& set, std::string_view place);
/// Every place of the set, in order of appearance.
[[nodiscard]] std::vector<std::string> places_of(const AssetSet& set);

}  // namespace headroom::scenario
