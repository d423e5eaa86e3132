#include "beckn/lts_parts.hpp"
#include "beckn/lts_words.hpp"
#include "beckn/pack_compute_lts.hpp"
#include "beckn/pack_demand_flex.hpp"
#include "beckn/pack_flex.hpp"
#include "core/json_object.hpp"

#include <set>

namespace headroom::beckn::lts {

namespace {

json::Value provider_of(const std::string& id, const std::string& name) {
    return json::object({{"id", id}, {"descriptor", descriptor("name", name)}});
}

json::Value validity(std::optional<UtcTime> from, std::optional<UtcTime> until) {
    json::Object period;
    if (from) {
        period.set("startDate", format_utc(*from));
    }
    if (until) {
        period.set("endDate", format_utc(*until));
    }
    return period;
}

struct Lists {
    json::Array resources;
    json::Array offers;
    std::set<std::string> resource_ids = {};

    /// A resource for which there are several offers stands once.
    void add_resource(const std::string& id, json::Value resource) {
        if (resource_ids.insert(id).second) {
            resources.push_back(std::move(resource));
        }
    }
};

void add_offer(const flex::Offer& offer, const Catalog& catalog, Lists& lists) {
    std::string name(grid::to_string(offer.der_class));
    name += ' ';
    name += offer.der;
    lists.resources.push_back(json::object({{"id", offer.id},
                                            {"descriptor", descriptor("name", name)},
                                            {"resourceAttributes", write_flex_resource(offer)}}));
    lists.resource_ids.insert(offer.id);
    Members members;
    members.push_back({"id", offer.id});
    if (!offer.provider.empty() && offer.provider != catalog.provider) {
        members.push_back({"provider", provider_of(offer.provider, offer.provider)});
    }
    members.push_back({"resourceIds", json::Array{json::Value(offer.id)}});
    if (offer.valid_until != UtcTime{}) {
        members.push_back({"validity", validity(std::nullopt, offer.valid_until)});
    }
    members.push_back({"offerAttributes", write_flex_offer(offer)});
    lists.offers.push_back(finish(std::move(members)));
}

void add_need(const NeedLine& line, Lists& lists) {
    Members resource;
    resource.push_back({"id", line.resource});
    if (line.need) {
        resource.push_back({"resourceAttributes", write_need(line)});
    }
    lists.add_resource(line.resource, finish(std::move(resource)));
    if (line.offer.empty()) {
        return;
    }
    // One offer may be for several needs.
    for (json::Value& written : lists.offers) {
        if (written.text("/id") == line.offer) {
            written.as_object()->find("resourceIds")->as_array()->push_back(line.resource);
            return;
        }
    }
    Members offer;
    offer.push_back({"id", line.offer});
    offer.push_back({"resourceIds", json::Array{json::Value(line.resource)}});
    if (line.valid_from || line.valid_until) {
        offer.push_back({"validity", validity(line.valid_from, line.valid_until)});
    }
    offer.push_back({"offerAttributes", write_buy_offer(line, true)});
    lists.offers.push_back(finish(std::move(offer)));
}

void add_window(const flex::ComputeWindow& window, Lists& lists) {
    const std::string& resource = window.resource.empty() ? window.id : window.resource;
    lists.add_resource(resource, json::object({{"id", resource},
                                               {"descriptor", descriptor("name", window.name)},
                                               {"resourceAttributes", write_compute_window(window)}}));
    Members offer;
    offer.push_back({"id", window.id});
    offer.push_back({"resourceIds", json::Array{json::Value(resource)}});
    if (window.valid_until != UtcTime{}) {
        offer.push_back({"validity", validity(std::nullopt, window.valid_until)});
    }
    offer.push_back({"offerAttributes", write_compute_pricing(window)});
    lists.offers.push_back(finish(std::move(offer)));
}

json::Value write_catalog(const Catalog& catalog) {
    Lists lists;
    for (const flex::Offer& offer : catalog.offers) {
        add_offer(offer, catalog, lists);
    }
    for (const NeedLine& need : catalog.needs) {
        add_need(need, lists);
    }
    for (const flex::ComputeWindow& window : catalog.windows) {
        add_window(window, lists);
    }
    Members members;
    members.push_back({"id", catalog.id.empty() ? catalog.provider : catalog.id});
    members.push_back({"descriptor", descriptor("name", catalog.provider_name)});
    if (!catalog.bpp_id.empty()) {
        members.push_back({"bppId", catalog.bpp_id});
    }
    if (!catalog.bpp_uri.empty()) {
        members.push_back({"bppUri", catalog.bpp_uri});
    }
    members.push_back({"provider", provider_of(catalog.provider, catalog.provider_name)});
    members.push_back({"resources", std::move(lists.resources)});
    members.push_back({"offers", std::move(lists.offers)});
    if (catalog.expires) {
        members.push_back({"validity", validity(std::nullopt, catalog.expires)});
    }
    return finish(std::move(members));
}

}  // namespace

json::Array write_catalogs(std::span<const Catalog> catalogs) {
    json::Array written;
    written.reserve(catalogs.size());
    for (const Catalog& catalog : catalogs) {
        written.push_back(write_catalog(catalog));
    }
    return written;
}

}  // namespace headroom::beckn::lts
