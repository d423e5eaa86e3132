#pragma once

#include "app/trust_files.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <filesystem>

namespace headroom::app {

/// The day that readings repeat themselves by.
inline constexpr milliseconds day_length = hours{24};

/// What a scoring run found, for its closing line.
struct TrustScore {
    std::size_t samples = 0;  ///< times judged, over all places
    std::size_t places = 0;   ///< networks, substations or files
    std::size_t alarms = 0;   ///< rows or samples that speak of one
    std::string detail;       ///< what else is worth a line; may be empty
};

/// `folder` holds h.csv (a row for each meter, a column for each state, no header) and z.csv or z.csv.gz
/// (t,m0…; one row for each sample at even distances, in order, `samples_a_day` of them a day). Writes
/// t,alarm,score. Errors: `invalid` with file and line, those of the files.
[[nodiscard]] Result<TrustScore> score_fdia(const std::filesystem::path& folder, std::size_t samples_a_day,
                                            const std::filesystem::path& out, const Progress& progress);

/// `file` holds timestamp,substation,feeder,phase,kw (feeder 0 is the busbar, phases L1 L2 L3, plain or
/// gzip). Writes substation,timestamp,feeder,score,layer,confidence,evidence: a row for each time at which a
/// substation is doubted; the feeder is empty when none can be told. Errors: as above.
[[nodiscard]] Result<TrustScore> score_readings(const std::filesystem::path& file,
                                                const std::filesystem::path& out, const Progress& progress);

/// `folder`/data/<group>/<file>.csv or .csv.gz hold timestamp,value. Writes `out`/<group>/<file>.csv with
/// timestamp,score for each. Errors: as above.
[[nodiscard]] Result<TrustScore> score_nab(const std::filesystem::path& folder,
                                           const std::filesystem::path& out, const Progress& progress);

}  // namespace headroom::app
