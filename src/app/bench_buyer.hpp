#pragma once

namespace headroom::app {

/// Who buys in the benches of the market.
inline constexpr const char* bench_buyer_id = "bench.example";
/// The name of the buyer's key.
inline constexpr const char* bench_buyer_key_id = "bench-1";

}  // namespace headroom::app
