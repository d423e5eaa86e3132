#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace headroom::net {

/// Awaits an operation of Asio and yields its fault with its values, where it would be thrown otherwise.
inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace headroom::net
