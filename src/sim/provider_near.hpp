#pragma once

#include "core/geo.hpp"
#include "sim/catalogue.hpp"
#include "sim/provider_file.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headroom::sim {

/// Where an asset stands; nothing for one that nobody knows.
using Locate = std::function<std::optional<GeoPoint>(const std::string& asset)>;

/// How far from an asset a listed resource still counts as connected to it.
inline constexpr double near_km = 8.0;

/// What listed providers offer at an asset outside of the simulated grid: their resources within `near_km` of
/// it, and those that can be taken anywhere. A labelled simplification of the simulated market: distance
/// stands for the network between them.
[[nodiscard]] Catalogue catalogue_near(std::shared_ptr<const ProviderList> list, Locate locate);

/// `first`, and at assets at which it has nothing, what is near them.
[[nodiscard]] Catalogue with_assets_near(Catalogue first, std::shared_ptr<const ProviderList> list,
                                         Locate locate);

/// Where the assets of the built-in London set stand.
[[nodiscard]] std::optional<GeoPoint> locate_in_london(const std::string& asset);

}  // namespace headroom::sim
