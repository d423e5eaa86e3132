#include "app/ukpn_assets.hpp"

#include "app/feed_sources.hpp"
#include "feeds/ukpn.hpp"
#include "scenario/asset_import.hpp"

#include <iostream>

namespace headroom::app {
namespace {

constexpr int pages_max = 100;

}  // namespace

Result<scenario::AssetSet> fetch_ukpn_assets(const FeedsSettings& settings,
                                             const std::filesystem::path& folder) {
    const std::unique_ptr<WallClock> wall = make_system_wall_clock();
    const std::unique_ptr<net::HttpClient> http = feeds_http(settings);
    feeds::FeedClient client(feed_client_parts(*http, *wall), feeds::FeedCache(folder));
    const feeds::FeedSource source = feed_source(settings, "ukpn");
    std::vector<feeds::ukpn::PrimarySite> sites;
    std::optional<feeds::Provenance> provenance;
    std::size_t offset = 0;
    for (int page = 0; page < pages_max; ++page) {
        const Result<feeds::FeedRequest> request = feeds::ukpn::primary_sites(offset);
        const Result<feeds::FeedDocument> document =
            request ? client.get(source, *request) : Result<feeds::FeedDocument>(request.error());
        if (!document) {
            return document.error();
        }
        Result<feeds::FeedValues<feeds::ukpn::PrimarySite>> read =
            feeds::ukpn::decode_primary_sites(document->body, offset);
        if (!read) {
            client.refuse(source, *request, read.error().message);
            return Error{Errc::unavailable, "ukpn: " + read.error().message, read.error().pointer};
        }
        sites.insert(sites.end(), read->values.begin(), read->values.end());
        for (const feeds::RowFault& fault : read->faults) {
            std::cerr << "not believed: " << fault.pointer << " " << fault.why << "\n";
        }
        provenance = provenance ? provenance : document->provenance;
        if (read->next.empty()) {
            break;
        }
        offset = static_cast<std::size_t>(std::stoull(read->next));
    }
    scenario::AssetSet set = scenario::assets_of_sites(sites, *provenance);
    if (set.assets.empty()) {
        return Error{Errc::unavailable, "ukpn gave no site with a place and a rating"};
    }
    return set;
}

}  // namespace headroom::app
