#pragma once

#include "beckn/ack.hpp"
#include "core/result.hpp"
#include "net/http_client.hpp"

#include <cstdint>
#include <string>

namespace headroom::beckn {

/// A signed message as it is posted, byte for byte.
[[nodiscard]] net::ClientRequest post_of(std::string url, std::string authorization, std::string body,
                                         std::int64_t deadline_ms);

/// What came back: the answer, or why there is none.
[[nodiscard]] Ack ack_of(const Result<net::ClientResponse>& response);

}  // namespace headroom::beckn
