#pragma once

#include "sim/catalogue.hpp"
#include "sim/provider_file.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headroom::sim {

struct Place {
    double lat = 0.0;  ///< degrees north
    double lon = 0.0;  ///< degrees east
};
/// Where an asset stands; nothing for one that nobody knows.
using Locate = std::function<std::optional<Place>(const std::string& asset)>;

/// How far from an asset a listed resource still counts as connected to it.
inline constexpr double near_km = 8.0;

/// What listed providers offer at an asset outside of the simulated grid: their resources within `near_km` of
/// it, and those that can be taken anywhere. A labelled simplification of the simulated market: distance
/// stands for the network between them.
[[nodiscard]] Catalogue catalogue_near(std::shared_ptr<const ProviderList> list, Locate locate);

/// Kilometres between two places, on a sphere of the Earth's mean radius (haversine).
[[nodiscard]] double kilometres_between(Place a, Place b);

}  // namespace headroom::sim
