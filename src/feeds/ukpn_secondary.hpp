#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::feeds::ukpn {

/// A secondary substation, 11 kV or 6.6 kV down to low voltage.
struct SecondarySite {
    std::string id;  ///< functional location
    std::string name;
    std::string design;
    std::optional<double> rating_kva = {};
    std::optional<double> utilisation_low = {};   ///< band of the peak, share of the rating
    std::optional<double> utilisation_high = {};  ///< not there where the band is open
    std::int64_t customers = 0;
    std::string primary_feeder;
    std::optional<double> lat = {};
    std::optional<double> lon = {};
    bool operator==(const SecondarySite&) const = default;
};
/// A low-voltage feeder with the smart meters that are published of it: those of five or fewer are not.
struct LvFeeder {
    std::string substation;
    std::string feeder;    ///< unique within its substation
    double peak_kw = 0.0;  ///< highest half-hour of its meters together
    std::int64_t meters = 0;
    bool operator==(const LvFeeder&) const = default;
};

/// A circle on the map; the service has more sites than it gives at a time.
struct Nearby {
    double lat = 0.0;
    double lon = 0.0;
    double km = 0.0;
};
inline constexpr double nearby_km_max = 20.0;

// One page each. Errors: `invalid` for a circle that is none, or as `records`.
[[nodiscard]] Result<FeedRequest> secondary_sites(const Nearby& around, std::size_t offset);
[[nodiscard]] Result<FeedRequest> lv_feeders(const Nearby& around, std::size_t offset);

// Errors: `invalid` when it is no such answer. `next` is the offset of the next page.
[[nodiscard]] Result<FeedValues<SecondarySite>> decode_secondary_sites(std::string_view body,
                                                                       std::size_t offset);
[[nodiscard]] Result<FeedValues<LvFeeder>> decode_lv_feeders(std::string_view body, std::size_t offset);

}  // namespace headroom::feeds::ukpn
