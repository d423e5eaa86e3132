#include "sim/provider_near.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

namespace headroom::sim {

double kilometres_between(Place a, Place b) {
    constexpr double earth_radius_km = 6371.0;
    constexpr double radians = std::numbers::pi / 180.0;
    const double up = std::sin((b.lat - a.lat) * radians / 2.0);
    const double along = std::sin((b.lon - a.lon) * radians / 2.0);
    const double h = up * up + std::cos(a.lat * radians) * std::cos(b.lat * radians) * along * along;
    return 2.0 * earth_radius_km * std::asin(std::min(1.0, std::sqrt(h)));
}

Catalogue catalogue_near(std::shared_ptr<const ProviderList> list, Locate locate) {
    std::map<std::string, Place> places;
    for (const ListedProvider& provider : list->providers) {
        for (const ListedDer& der : provider.ders) {
            places[der.id] = {der.lat, der.lon};
        }
    }
    Catalogue everything = catalogue_of(std::move(list));
    return [everything = std::move(everything), locate = std::move(locate), places = std::move(places)](
               const std::string& provider, const std::string& feeder, UtcTime from, UtcTime to) {
        std::vector<flex::Offer> offers;
        const std::optional<Place> at = locate(feeder);
        if (!at) {
            return offers;
        }
        // Asked without a feeder, the list tells all of its resources once.
        for (flex::Offer& offer : everything(provider, "", from, to)) {
            const auto known = places.find(offer.der);
            const bool is_mobile = offer.der_class == grid::DerClass::generator;
            const bool is_near = known != places.end() && kilometres_between(*at, known->second) <= near_km;
            if (is_mobile || is_near) {
                offer.feeder = feeder;
                offer.phase = grid::Phase::sum;
                offers.push_back(std::move(offer));
            }
        }
        return offers;
    };
}

}  // namespace headroom::sim
