#include "feeds/feed_request.hpp"

#include "net/url.hpp"

namespace headroom::feeds {

std::string FeedRequest::target() const {
    std::string out = path;
    char separator = '?';
    for (const auto& [name, value] : query) {
        out += separator + net::percent_encode(name) + "=" + net::percent_encode(value);
        separator = '&';
    }
    return out;
}

}  // namespace headroom::feeds
