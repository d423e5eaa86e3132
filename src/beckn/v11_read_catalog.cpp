#include "beckn/v11_parts.hpp"
#include "beckn/v11_terms.hpp"
#include "beckn/v11_words.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn::v11 {

namespace {

constexpr std::size_t providers_max = 100;

std::optional<flex::Offer> read_offer(const Node& item) {
    const Tags tags = Tags::find(item, flex_resource);
    if (!tags.is_there()) {
        item.member("tags").refuse("has no group " + std::string(flex_resource));
        return std::nullopt;
    }
    return read_resource(item.member("id"), tags);
}

}  // namespace

std::optional<UtcTime> earlier(std::optional<UtcTime> a, std::optional<UtcTime> b) {
    if (!a || !b) {
        return a ? a : b;
    }
    return std::min(*a, *b);
}

bool drop_repeated(std::vector<flex::Offer>& offers) {
    std::vector<std::pair<std::string_view, std::string_view>> known;  // (provider, item)
    known.reserve(offers.size());
    for (const flex::Offer& offer : offers) {
        known.emplace_back(offer.provider, offer.id);
    }
    std::sort(known.begin(), known.end());
    if (std::adjacent_find(known.begin(), known.end()) == known.end()) {
        return false;
    }
    std::vector<flex::Offer> kept;
    for (flex::Offer& offer : offers) {
        const auto same = [&offer](const flex::Offer& other) {
            return other.provider == offer.provider && other.id == offer.id;
        };
        if (std::none_of(kept.begin(), kept.end(), same)) {
            kept.push_back(std::move(offer));
        }
    }
    offers = std::move(kept);
    return true;
}

std::optional<Catalog> read_catalog(const Dialect& dialect, const Node& node, const CodecLimits& limits) {
    if (node.value() == nullptr || !node.value()->is_object()) {
        node.refuse("must be an object");
        return std::nullopt;
    }
    Catalog catalog;
    if (node.member("exp").is_there()) {
        catalog.expires = node.member("exp").time();
    }
    const Node providers = node.member(dialect.is_flat() ? "bpp/providers" : "providers");
    for (const Node& provider : providers.items(providers_max)) {
        const std::optional<std::string> id = provider.member("id").foreign_id();
        if (!id) {
            continue;
        }
        if (catalog.provider.empty()) {
            catalog.provider = *id;
            catalog.provider_name =
                provider.member("descriptor").member("name").text_or_empty(name_max).value_or("");
        }
        std::optional<UtcTime> expires = catalog.expires;
        if (provider.member("exp").is_there()) {
            expires = earlier(expires, provider.member("exp").time());
        }
        const std::size_t left = limits.items - std::min(limits.items, catalog.offers.size());
        for (const Node& item : provider.member("items").items(left)) {
            std::optional<flex::Offer> offer = read_offer(item);
            if (!offer) {
                continue;
            }
            offer->provider = *id;
            offer->valid_until = expires.value_or(UtcTime{});
            catalog.offers.push_back(std::move(*offer));
        }
    }
    if (drop_repeated(catalog.offers)) {
        node.refuse("lists an item id twice; the first stands");
    }
    return catalog;
}

}  // namespace headroom::beckn::v11
