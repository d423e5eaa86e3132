#include "beckn/catalog_filter.hpp"

#include "beckn/codec.hpp"

#include <algorithm>
#include <utility>

namespace headroom::beckn {

namespace {

/// A catalog of one item, as it would be told.
class Asked {
  public:
    Asked(WireVersion version, const JsonFilter& filter) : version_(version), filter_(filter) {}

    [[nodiscard]] bool fits(Catalog one) const {
        Envelope envelope{.version = version_, .context = {}, .message = std::move(one), .error = {}};
        envelope.context.action = Action::on_search;
        const Result<std::string> bytes = encode(envelope);
        const Result<json::Value> told = bytes ? json::parse(*bytes) : Result<json::Value>(bytes.error());
        if (!told) {
            return false;  // what has no words in the dialect is not told in it
        }
        const json::Value* const items =
            told->at(version_ == WireVersion::v2_rc1 ? "/message/catalogs/0/beckn:items"
                                                     : "/message/catalogs/0/resources");
        const json::Array* const list = items == nullptr ? nullptr : items->as_array();
        return list != nullptr && std::any_of(list->begin(), list->end(),
                                              [this](const json::Value& item) { return filter_.fits(item); });
    }

  private:
    WireVersion version_;
    const JsonFilter& filter_;
};

}  // namespace

std::vector<Catalog> fitting(std::vector<Catalog> catalogs, WireVersion version, const JsonFilter& filter,
                             std::size_t items_max) {
    std::size_t kept = 0;
    const Asked asked(version, filter);
    for (Catalog& catalog : catalogs) {
        Catalog bare{.provider = catalog.provider,
                     .provider_name = catalog.provider_name,
                     .offers = {},
                     .expires = catalog.expires,
                     .id = catalog.id,
                     .bpp_id = catalog.bpp_id,
                     .bpp_uri = catalog.bpp_uri};
        const auto keep = [&](auto& items, auto member) {
            std::erase_if(items, [&](const auto& item) {
                Catalog one = bare;
                (one.*member).push_back(item);
                const bool stays = kept < items_max && asked.fits(std::move(one));
                kept += stays ? 1U : 0U;
                return !stays;
            });
        };
        keep(catalog.offers, &Catalog::offers);
        keep(catalog.windows, &Catalog::windows);
        keep(catalog.needs, &Catalog::needs);
    }
    std::erase_if(catalogs, [](const Catalog& catalog) {
        return catalog.offers.empty() && catalog.windows.empty() && catalog.needs.empty();
    });
    return catalogs;
}

}  // namespace headroom::beckn
