#include "forecast/series_table.hpp"

#include "core/csv.hpp"
#include "core/time.hpp"
#include "telemetry/file_reader.hpp"

#include <vector>

namespace headroom::forecast {
namespace {

constexpr std::size_t known_times_max = 2'000'000;

}  // namespace

Result<std::int64_t> TableTimes::read(std::string_view text) {
    key_.assign(text);
    if (const auto known = known_.find(key_); known != known_.end()) {
        return known->second;
    }
    const Result<UtcTime> time = parse_utc_assumed(text);
    if (!time) {
        return time.error();
    }
    const std::int64_t unix_s = std::chrono::floor<seconds>(*time).time_since_epoch().count();
    if (known_.size() < known_times_max) {
        known_.emplace(key_, unix_s);
    }
    return unix_s;
}

Result<void> read_table(const std::filesystem::path& file, const TakeFields& header, const TakeFields& row) {
    Result<telemetry::FileReader> reader = telemetry::FileReader::open(file);
    if (!reader) {
        return reader.error();
    }
    const std::string name = file.string();
    std::size_t width = 0;
    CsvChunkReader rows;
    const auto take = [&](const CsvRow& line) -> Result<void> {
        if (width != 0 && line.fields.size() != width) {
            return Error{Errc::invalid, std::to_string(line.fields.size()) + " columns, the heading has " +
                                            std::to_string(width)};
        }
        const bool is_heading = width == 0;
        width = line.fields.size();
        return is_heading ? header(line.fields) : row(line.fields);
    };
    std::vector<char> piece(telemetry::file_chunk_bytes);
    for (bool is_last = false; !is_last;) {
        const Result<std::size_t> count = reader->read(piece);
        if (!count) {
            return count.error();
        }
        is_last = *count == 0;
        if (is_last) {
            rows.finish();
        } else {
            rows.feed({piece.data(), *count});
        }
        while (const std::optional<CsvRow> line = rows.next()) {
            if (const Result<void> taken = take(*line); !taken) {
                return Error{taken.error().code,
                             name + ", line " + std::to_string(line->line) + ": " + taken.error().message};
            }
        }
        if (rows.fault()) {
            return Error{rows.fault()->code, name + ", " + rows.fault()->message};
        }
    }
    if (width == 0) {
        return Error{Errc::invalid, name + " is empty: a heading and rows are expected"};
    }
    return {};
}

}  // namespace headroom::forecast
