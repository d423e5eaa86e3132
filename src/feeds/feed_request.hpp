#pragma once

#include <string>
#include <utility>
#include <vector>

namespace headroom::feeds {

/// What is asked of a service, below its base URL and without its key: the same text on every machine, so
/// that it names the answer in the cache.
struct FeedRequest {
    std::string path;                                        ///< begins with '/', already encoded
    std::vector<std::pair<std::string, std::string>> query;  ///< not encoded yet
    /// "/v1/forecast?latitude=51.5&…", encoded.
    [[nodiscard]] std::string target() const;
};

}  // namespace headroom::feeds
