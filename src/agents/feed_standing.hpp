#pragma once

#include "core/time.hpp"
#include "feeds/feed_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// So many of an answer's values that were not believed are kept to be shown.
inline constexpr std::size_t feed_faults_kept = 10;

/// How a feed stands.
struct FeedStanding {
    std::string id;
    std::string reaches;                   ///< what it has an effect on, for people
    std::optional<UtcTime> asked = {};     ///< wall time
    std::optional<UtcTime> answered = {};  ///< wall time of the newest good answer
    std::int64_t records = 0;              ///< in it
    std::int64_t effects = 0;              ///< states set, ratings filled, values taken into forecasts by it
    std::string fault = {};                ///< why the newest try gave nothing, or nothing new
    std::string source = {};               ///< who said the newest good answer
    std::string url = {};                  ///< without secrets
    std::string licence = {};
    std::int64_t quarantined = 0;                    ///< values of that answer that were not believed
    std::vector<feeds::RowFault> not_believed = {};  ///< the first of them
};

}  // namespace headroom::agents
