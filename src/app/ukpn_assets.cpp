#include "app/ukpn_assets.hpp"

#include "app/feed_sources.hpp"
#include "app/ukpn_pages.hpp"
#include "feeds/ukpn.hpp"
#include "feeds/ukpn_secondary.hpp"
#include "scenario/asset_import.hpp"
#include "scenario/asset_import_secondary.hpp"

#include <functional>
#include <iostream>

namespace headroom::app {
namespace {

/// Every page of a dataset; what is not believed is told.
template <class T>
Result<UkpnPages<T>> read_pages(
    feeds::FeedClient& client, const feeds::FeedSource& source,
    const std::function<Result<feeds::FeedRequest>(std::size_t offset)>& page,
    const std::function<Result<feeds::FeedValues<T>>(std::string_view body, std::size_t offset)>& decode) {
    Result<UkpnPages<T>> read = read_ukpn_pages<T>(client, source, page, decode);
    if (read) {
        for (const feeds::RowFault& fault : read->faults) {
            std::cerr << "not believed: " << fault.pointer << " " << fault.why << "\n";
        }
    }
    return read;
}

}  // namespace

Result<scenario::AssetSet> fetch_ukpn_assets(const FeedsSettings& settings,
                                             const std::filesystem::path& folder, double near_km) {
    using namespace feeds::ukpn;
    const std::unique_ptr<WallClock> wall = make_system_wall_clock();
    const std::unique_ptr<net::HttpClient> http = feeds_http(settings);
    feeds::FeedClient client(feed_client_parts(*http, *wall), feeds::FeedCache(folder));
    const feeds::FeedSource source = feed_source(settings, "ukpn");
    const Result<UkpnPages<PrimarySite>> sites =
        read_pages<PrimarySite>(client, source, primary_sites, decode_primary_sites);
    if (!sites) {
        return sites.error();
    }
    scenario::AssetSet set = scenario::assets_of_sites(sites->values, sites->origin);
    if (near_km > 0.0) {
        const Nearby around{.lat = settings.lat, .lon = settings.lon, .km = near_km};
        const Result<UkpnPages<SecondarySite>> secondary = read_pages<SecondarySite>(
            client, source, [&](std::size_t offset) { return secondary_sites(around, offset); },
            decode_secondary_sites);
        if (!secondary) {
            return secondary.error();
        }
        const Result<UkpnPages<LvFeeder>> feeders = read_pages<LvFeeder>(
            client, source, [&](std::size_t offset) { return lv_feeders(around, offset); },
            decode_lv_feeders);
        if (!feeders) {
            return feeders.error();
        }
        scenario::add_secondary(set, secondary->values, feeders->values, secondary->origin);
    }
    if (set.assets.empty()) {
        return Error{Errc::unavailable, "ukpn gave no site with a place and a rating"};
    }
    return set;
}

}  // namespace headroom::app
