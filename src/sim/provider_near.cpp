#include "sim/provider_near.hpp"

#include "scenario/asset_set.hpp"

#include <map>
#include <utility>
#include <vector>

namespace headroom::sim {

Catalogue catalogue_near(std::shared_ptr<const ProviderList> list, Locate locate) {
    std::map<std::string, GeoPoint> places;
    for (const ListedProvider& provider : list->providers) {
        for (const ListedDer& der : provider.ders) {
            places[der.id] = {der.lat, der.lon};
        }
    }
    Catalogue everything = catalogue_of(std::move(list));
    return [everything = std::move(everything), locate = std::move(locate), places = std::move(places)](
               const std::string& provider, const std::string& feeder, UtcTime from, UtcTime to) {
        std::vector<flex::Offer> offers;
        const std::optional<GeoPoint> at = locate(feeder);
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

Catalogue with_assets_near(Catalogue first, std::shared_ptr<const ProviderList> list, Locate locate) {
    return [first = std::move(first), near = catalogue_near(std::move(list), std::move(locate))](
               const std::string& provider, const std::string& feeder, UtcTime from, UtcTime to) {
        std::vector<flex::Offer> offers = first(provider, feeder, from, to);
        return offers.empty() ? near(provider, feeder, from, to) : offers;
    };
}

std::optional<GeoPoint> locate_in_london(const std::string& asset) {
    static const std::map<std::string, GeoPoint> places = [] {
        std::map<std::string, GeoPoint> out;
        for (const scenario::Asset& each : scenario::built_in_assets().assets) {
            out[each.id] = {each.lat, each.lon};
        }
        return out;
    }();
    const auto found = places.find(asset);
    return found == places.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace headroom::sim
