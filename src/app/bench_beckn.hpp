#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "flex/offer.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

struct BenchBecknOptions {
    std::filesystem::path dir;  ///< scratch folder: the market's log and store, the provider's order book
    double seconds = 3.0;       ///< of each measurement on one thread
    int orders = 1000;          ///< whole orders, search to confirm
    std::string only;           ///< messages, discover or orders; empty: all of them
};
/// `headroom bench beckn`: signed and verified messages, the pipeline of an adapter, whole orders with a
/// provider in a process of its own, and a large discovery.
Result<json::Object> bench_beckn(const BenchBecknOptions& options);

/// Signing, verifying, decoding and routing on one thread. bench_beckn_messages.cpp
Result<json::Array> bench_beckn_messages(double seconds);
/// 200 signed catalogues of 50 offers each as they lie in the receiver's memory: verified, decoded, held
/// against their contexts, put together and ranked, on one thread. bench_beckn_discover.cpp
Result<json::Array> bench_beckn_discover();
/// Whole orders over loopback. bench_beckn_market.cpp
Result<json::Array> bench_beckn_orders(const BenchBecknOptions& options);
/// The market's own search over loopback. bench_beckn_market.cpp
Result<json::Array> bench_beckn_search(const BenchBecknOptions& options);

/// Cheapest first; at one price the more reliable.
void rank_offers(std::vector<flex::Offer>& offers);
/// {"name", "value", "unit", "min", "max", "runs"} of sorted values.
[[nodiscard]] json::Object beckn_figure(const std::string& name, double value, const std::string& unit,
                                        const std::vector<double>& sorted);
/// The value below which `share` of the sorted values lie.
[[nodiscard]] double beckn_rank(const std::vector<double>& sorted, double share);

}  // namespace headroom::app
