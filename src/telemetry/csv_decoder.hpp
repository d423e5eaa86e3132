#pragma once

#include "core/csv.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "grid/network.hpp"
#include "telemetry/csv_header.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/reading.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::telemetry {

/// Something that a file speaks of.
struct CsvPlace {
    enum class Kind : std::uint8_t { feeder, substation, generator };
    std::string id;          ///< of our form; the point id of its readings
    std::string name;        ///< as the file calls it
    std::string substation;  ///< id of the substation that a feeder leaves, when the file says so
    Kind kind = Kind::feeder;
};

struct CsvOptions {
    /// Without folders: names the source, stands in messages, and is the site's name where the file has none.
    std::string file_name;
    /// Ids of sites whose active and reactive power is published with import negative.
    std::set<std::string, std::less<>> turned;
    /// Ids of sites with apparent power only. It stands in for active power (as if the power factor were 1),
    /// marked as estimated.
    std::set<std::string, std::less<>> apparent_only;
    /// Which places may have readings; all when empty. Asked once for each.
    std::function<bool(std::string_view id)> is_known;
    std::size_t places_max = 1'000'000;
};

/// Reads a CSV file of readings in pieces, of whichever known format its header announces
/// (docs/formats/readings.md). Power comes out import-positive, in kW, with the interval that the format
/// means: published ends become starts. A row or cell that cannot be taken is quarantined and told in
/// `report` with its line; the others go on. Blank cells are no readings.
///
/// Memory: one piece and what is known of each place. One thread.
class CsvDecoder {
  public:
    CsvDecoder(PointRegistry& registry, CsvOptions options);

    /// Appends the readings of the rows that end in this piece. Errors: `invalid` for an unknown header or a
    /// text that is no CSV (an open quote, an endless line); nothing more is read then.
    Result<void> feed(std::string_view piece, std::vector<Reading>& out);
    /// Appends the reading of the last row. Errors: as `feed`, and `invalid` for a file without a header.
    Result<void> finish(std::vector<Reading>& out);

    /// Nothing before the header has been read.
    [[nodiscard]] std::optional<CsvFormat> format() const;
    [[nodiscard]] const DecodeReport& report() const { return report_; }
    [[nodiscard]] std::vector<CsvPlace> places() const;

  private:
    struct Place {
        CsvPlace place;
        bool is_known = true;
        bool is_turned = false;
        bool is_apparent_only = false;
        std::array<PointRef, 40> points{};  // by quantity (8) and phase (5)
    };

    Result<void> drain(std::vector<Reading>& out);
    Result<void> take_header(const CsvRow& row);
    void take_row(const CsvRow& row, std::vector<Reading>& out);
    bool take_time(std::string_view text, std::uint64_t line, Reading& reading);
    bool take_phase(const CsvRow& row, grid::Phase& phase);
    void take_value(std::string_view text, const CsvColumn& column, grid::Phase phase, Place& place,
                    Reading reading, std::vector<Reading>& out);
    /// The place that the row is about; nullptr when it was quarantined.
    Place* place_of(const CsvRow& row);
    Place* lv_place(const CsvRow& row);
    /// By the name as it stands in the file, made when new.
    Place* find_or_make(std::string_view name, std::string_view substation, CsvPlace::Kind kind,
                        std::uint64_t line);
    void make_fixed_places();
    PointRef point(Place& place, grid::Quantity quantity, grid::Phase phase);
    void quarantine(std::uint64_t line, Quarantine reason, std::string detail);
    [[nodiscard]] Error fault_of(const Error& fault) const;

    PointRegistry& registry_;
    CsvOptions options_;
    std::uint16_t source_;
    CsvChunkReader rows_;
    std::optional<CsvLayout> layout_;
    DecodeReport report_;
    std::vector<Place> places_;
    std::unordered_map<std::string, std::uint32_t, grid::NameHash, std::equal_to<>> by_name_;
    std::unordered_map<std::string, std::uint32_t, grid::NameHash, std::equal_to<>> by_id_;
    std::array<std::uint32_t, 4> by_part_{};  // of a file with one site
    std::string last_time_text_;              // neighbours share their time
    UtcTime last_time_{};
    std::string name_buffer_;
};

/// The site that a file is about, from its name: "dir-primary-transformer-flows.csv.gz" is "dir-primary".
[[nodiscard]] std::string site_of_file(std::string_view file_name);

}  // namespace headroom::telemetry
