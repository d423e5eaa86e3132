#pragma once

#include "core/json.hpp"
#include "rehearsal/rehearsal.hpp"

#include <string>
#include <vector>

namespace headroom::rehearsal {

/// What the report says of where its figures come from.
struct ReportFacts {
    std::vector<std::string> files;
    std::string limits_from;  ///< "grid file west.csv", "99 % quantile of the readings (unverified)"
    std::string offers_from;  ///< "file ders.csv", "DERs of the grid file at 350.00 GBP/MWh", "none"
    std::string version;
    std::uint64_t readings = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t doubted = 0;  ///< accepted, but not used
};

/// `{fit, because, walked:{from, to, …}, overloads:[…], alarms:[…], feeders:[…], unmonitored:[…]}`, see
/// docs/formats/rehearsal.md. Every overload and every alarm is in it.
[[nodiscard]] json::Object report_json(const Rehearsal& rehearsal, const ReportFacts& facts);

/// A page of HTML that prints on two sheets of A4: charts included, nothing fetched, no script. Names from
/// files are escaped.
[[nodiscard]] std::string report_html(const Rehearsal& rehearsal, const ReportFacts& facts);

}  // namespace headroom::rehearsal
