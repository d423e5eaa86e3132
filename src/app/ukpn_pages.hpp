#pragma once

#include "feeds/feed_client.hpp"
#include "feeds/ukpn.hpp"

#include <cstddef>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::app {

/// Every record of a dataset, page after page.
template <class T>
struct UkpnPages {
    std::vector<T> values;
    std::vector<feeds::RowFault> faults;  ///< pointers are those of each page
    std::size_t faults_total = 0;
    feeds::Provenance origin;   ///< of the first page
    std::string stale_because;  ///< why an old page stands in for a new one; empty when all are young enough
};

/// Errors: those of `page`, of the service, and `unavailable` for an answer of another shape.
template <class T>
Result<UkpnPages<T>> read_ukpn_pages(
    feeds::FeedClient& client, const feeds::FeedSource& source,
    const std::function<Result<feeds::FeedRequest>(std::size_t offset)>& page,
    const std::function<Result<feeds::FeedValues<T>>(std::string_view body, std::size_t offset)>& decode) {
    constexpr std::size_t pages_max = feeds::ukpn::records_max / feeds::ukpn::page_records;
    UkpnPages<T> out;
    std::size_t offset = 0;
    for (std::size_t number = 0; number < pages_max; ++number) {
        const Result<feeds::FeedRequest> request = page(offset);
        const Result<feeds::FeedDocument> document =
            request ? client.get(source, *request) : Result<feeds::FeedDocument>(request.error());
        if (!document) {
            return document.error();
        }
        Result<feeds::FeedValues<T>> read = decode(document->body, offset);
        if (!read) {
            client.refuse(source, *request, read.error().message);
            return Error{Errc::unavailable, source.id + ": " + read.error().message, read.error().pointer};
        }
        std::move(read->values.begin(), read->values.end(), std::back_inserter(out.values));
        std::move(read->faults.begin(), read->faults.end(), std::back_inserter(out.faults));
        out.faults_total += read->faults_total;
        if (number == 0) {
            out.origin = document->provenance;
        }
        if (!document->stale_because.empty()) {
            out.stale_because = document->stale_because;
        }
        if (read->next.empty()) {
            break;
        }
        offset = static_cast<std::size_t>(std::stoull(read->next));
    }
    return out;
}

}  // namespace headroom::app
