#pragma once

#include "core/ids.hpp"
#include "core/reflect_json.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom {

// Stations that speak IEC 60870-5-104 (docs/formats/iec104.md).

struct Iec104StationSettings {
    Id<struct Iec104StationTag> id;
    std::string host;
    std::int64_t port = 2'404;
    std::int64_t originator = 0;
    std::int64_t utc_offset_min = 0;
    std::string untimed_quality = "estimated";
};

struct Iec104SourceSettings {
    std::string mapping_file;
    std::vector<Iec104StationSettings> stations;
    std::int64_t t0_s = 30;
    std::int64_t t1_s = 15;
    std::int64_t t2_s = 10;
    std::int64_t t3_s = 20;
    std::int64_t k = 12;
    std::int64_t w = 8;
    std::int64_t interrogate_every_s = 900;
};

class SettingsTree;
/// What one field alone cannot say.
void check_iec104(const Iec104SourceSettings& settings, SettingsTree& tree);

template <>
struct Fields<Iec104StationSettings> {
    using T = Iec104StationSettings;
    static constexpr std::string_view name = "Iec104StationSettings";
    static constexpr auto table = field_table(
        field("id", &T::id, "What we call the station; the source of its readings.",
              {.example = "\"north\""}),
        field("host", &T::host, "Address or name of the station.",
              {.minimum = 1, .maximum = 255, .example = "\"10.20.0.5\""}),
        field("port", &T::port, "TCP port of the station.",
              {.minimum = 1, .maximum = 65'535, .required = false}),
        field("originator", &T::originator, "Our originator address; 0 when the station knows none.",
              {.minimum = 0, .maximum = 255, .required = false}),
        field(
            "utc_offset_min", &T::utc_offset_min,
            "How far standard time of the station's clock is ahead of UTC; the summer-time bit adds an hour.",
            {.unit = "min", .minimum = -840, .maximum = 840, .required = false}),
        field("untimed_quality", &T::untimed_quality,
              "Quality of good values without a usable time: estimated, or measured where they come at once.",
              {.minimum = 8, .maximum = 9, .required = false}));
};
template <>
struct Fields<Iec104SourceSettings> {
    using T = Iec104SourceSettings;
    static constexpr std::string_view name = "Iec104SourceSettings";
    static constexpr auto table = field_table(
        field("mapping_file", &T::mapping_file,
              "CSV that says what each information object measures; needed once a station is named.",
              {.maximum = 4'096, .required = false, .example = "\"/etc/headroom/iec104.csv\""}),
        field("stations", &T::stations, "The stations that are connected to.",
              {.maximum = 1'000, .required = false}),
        field("t0_s", &T::t0_s, "A connection is to stand within.",
              {.unit = "s", .minimum = 1, .maximum = 255, .required = false}),
        field("t1_s", &T::t1_s, "What we send is to be confirmed within.",
              {.unit = "s", .minimum = 1, .maximum = 255, .required = false}),
        field("t2_s", &T::t2_s, "What arrives is acknowledged within; less than t1_s.",
              {.unit = "s", .minimum = 1, .maximum = 255, .required = false}),
        field("t3_s", &T::t3_s, "After so long a silence the connection is tested.",
              {.unit = "s", .minimum = 1, .maximum = 172'800, .required = false}),
        field("k", &T::k, "Frames of ours without acknowledgement at most.",
              {.minimum = 1, .maximum = 32'767, .required = false}),
        field("w", &T::w, "Frames of a station after which we acknowledge at the latest.",
              {.minimum = 1, .maximum = 32'767, .required = false}),
        field("interrogate_every_s", &T::interrogate_every_s,
              "Between general interrogations; 0: only at connect and after a station's restart.",
              {.unit = "s", .minimum = 0, .maximum = 86'400, .required = false}));
};

}  // namespace headroom
