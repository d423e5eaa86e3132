#include "app/ukpn_assets.hpp"

#include "app/feed_sources.hpp"
#include "feeds/ukpn.hpp"
#include "feeds/ukpn_secondary.hpp"
#include "scenario/asset_import.hpp"
#include "scenario/asset_import_secondary.hpp"

#include <functional>
#include <iostream>
#include <iterator>

namespace headroom::app {
namespace {

constexpr int pages_max = 100;

template <class T>
struct Pages {
    std::vector<T> values;
    feeds::Provenance provenance;  // of the first
};

/// Every page of a dataset; what is not believed is told.
template <class T>
Result<Pages<T>> read_pages(
    feeds::FeedClient& client, const feeds::FeedSource& source,
    const std::function<Result<feeds::FeedRequest>(std::size_t offset)>& page,
    const std::function<Result<feeds::FeedValues<T>>(std::string_view body, std::size_t offset)>& decode) {
    Pages<T> out;
    std::size_t offset = 0;
    for (int number = 0; number < pages_max; ++number) {
        const Result<feeds::FeedRequest> request = page(offset);
        const Result<feeds::FeedDocument> document =
            request ? client.get(source, *request) : Result<feeds::FeedDocument>(request.error());
        if (!document) {
            return document.error();
        }
        Result<feeds::FeedValues<T>> read = decode(document->body, offset);
        if (!read) {
            client.refuse(source, *request, read.error().message);
            return Error{Errc::unavailable, "ukpn: " + read.error().message, read.error().pointer};
        }
        std::move(read->values.begin(), read->values.end(), std::back_inserter(out.values));
        for (const feeds::RowFault& fault : read->faults) {
            std::cerr << "not believed: " << fault.pointer << " " << fault.why << "\n";
        }
        if (number == 0) {
            out.provenance = document->provenance;
        }
        if (read->next.empty()) {
            break;
        }
        offset = static_cast<std::size_t>(std::stoull(read->next));
    }
    return out;
}

}  // namespace

Result<scenario::AssetSet> fetch_ukpn_assets(const FeedsSettings& settings,
                                             const std::filesystem::path& folder, double near_km) {
    using namespace feeds::ukpn;
    const std::unique_ptr<WallClock> wall = make_system_wall_clock();
    const std::unique_ptr<net::HttpClient> http = feeds_http(settings);
    feeds::FeedClient client(feed_client_parts(*http, *wall), feeds::FeedCache(folder));
    const feeds::FeedSource source = feed_source(settings, "ukpn");
    const Result<Pages<PrimarySite>> sites =
        read_pages<PrimarySite>(client, source, primary_sites, decode_primary_sites);
    if (!sites) {
        return sites.error();
    }
    scenario::AssetSet set = scenario::assets_of_sites(sites->values, sites->provenance);
    if (near_km > 0.0) {
        const Nearby around{.lat = settings.lat, .lon = settings.lon, .km = near_km};
        const Result<Pages<SecondarySite>> secondary = read_pages<SecondarySite>(
            client, source, [&](std::size_t offset) { return secondary_sites(around, offset); },
            decode_secondary_sites);
        if (!secondary) {
            return secondary.error();
        }
        const Result<Pages<LvFeeder>> feeders = read_pages<LvFeeder>(
            client, source, [&](std::size_t offset) { return lv_feeders(around, offset); },
            decode_lv_feeders);
        if (!feeders) {
            return feeders.error();
        }
        scenario::add_secondary(set, secondary->values, feeders->values, secondary->provenance);
    }
    if (set.assets.empty()) {
        return Error{Errc::unavailable, "ukpn gave no site with a place and a rating"};
    }
    return set;
}

}  // namespace headroom::app
