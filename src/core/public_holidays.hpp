#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <string_view>

namespace headroom {

/// Whose clock and whose holidays people live by where the load is.
enum class Region : std::uint8_t { england_and_wales, netherlands };
[[nodiscard]] std::string_view to_string(Region region);
/// "gb" or "nl". Errors: `invalid` for any other word.
[[nodiscard]] Result<Region> parse_region(std::string_view word);

/// Public holidays by their rules (Easter after Gauss and Butcher, substitute days after gov.uk), with the
/// days moved or added by proclamation from 2018 to 2023. For loads, which live by the holiday whether or not
/// it has been announced yet; settlement asks `Calendar`, which knows only years that it was told of.
[[nodiscard]] bool is_public_holiday(Region region, Date date);

}  // namespace headroom
