#include "beckn/v11_shapes.hpp"
#include "beckn/v11_words.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn::v11 {

namespace {

using json::Array;
using json::Object;
using json::Value;

Value write_offer(const Dialect& dialect, const flex::Offer& offer) {
    std::string name(grid::to_string(offer.der_class));
    name += ' ';
    name += offer.der;
    std::string price = format_decimal(offer.utilisation.value, gbp_per_kwh_decimals);
    std::vector<Object::Member> members;
    members.reserve(5);
    members.push_back({"id", offer.id});
    members.push_back({"descriptor", object({{"name", Value(std::move(name))}})});
    members.push_back({"price", object({{"currency", Value("GBP")}, {"value", Value(std::move(price))}})});
    if (!dialect.is_flat()) {
        members.push_back({"quantity", object({{"available", measure_kw(dialect, offer.power.value)}})});
    }
    members.push_back({"tags", tags(dialect, flex_resource, write_resource(offer))});
    return object(std::move(members));
}

}  // namespace

Value write_catalog(const Dialect& dialect, const Catalog& catalog) {
    // Each provider lists its own items, the catalog's first.
    std::vector<std::pair<std::string, Array>> listed{{catalog.provider, {}}};
    for (const flex::Offer& offer : catalog.offers) {
        const std::string& provider = offer.provider.empty() ? catalog.provider : offer.provider;
        auto found = std::find_if(listed.begin(), listed.end(),
                                  [&provider](const auto& entry) { return entry.first == provider; });
        if (found == listed.end()) {
            found = listed.insert(listed.end(), {provider, {}});
        }
        found->second.push_back(write_offer(dialect, offer));
    }
    const Value name = object({{"name", Value(catalog.provider_name)}});
    Array providers;
    for (auto& [provider, items] : listed) {
        std::vector<Object::Member> entry{{"id", Value(provider)}};
        if (provider == catalog.provider) {
            entry.push_back({"descriptor", name});
        }
        entry.push_back({"items", std::move(items)});
        providers.push_back(object(std::move(entry)));
    }
    std::vector<Object::Member> members;
    members.emplace_back(dialect.is_flat() ? "bpp/descriptor" : "descriptor", name);
    members.emplace_back(dialect.is_flat() ? "bpp/providers" : "providers", std::move(providers));
    if (catalog.expires) {
        members.push_back({"exp", format_utc(*catalog.expires)});
    }
    return object(std::move(members));
}

}  // namespace headroom::beckn::v11
