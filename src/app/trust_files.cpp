#include "app/trust_files.hpp"

#include "telemetry/file_reader.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::uint64_t rows_between_progress = 20'000;

}  // namespace

Error row_error(const std::filesystem::path& file, const CsvRow& row, std::string_view why) {
    return Error{Errc::invalid, fmt::format("{} line {}: {}", file.string(), row.line, why)};
}

Result<void> for_each_csv_row(const std::filesystem::path& file,
                              const std::function<Result<void>(const CsvRow&)>& take,
                              const Progress& progress) {
    Result<telemetry::FileReader> reader = telemetry::FileReader::open(file);
    if (!reader) {
        return reader.error();
    }
    CsvChunkReader rows;
    std::vector<char> chunk(telemetry::file_chunk_bytes);
    std::uint64_t count = 0;
    for (bool is_open = true; is_open;) {
        const Result<std::size_t> bytes = reader->read(chunk);
        if (!bytes) {
            return bytes.error();
        }
        is_open = *bytes > 0;
        is_open ? rows.feed({chunk.data(), *bytes}) : rows.finish();
        while (const std::optional<CsvRow> row = rows.next()) {
            if (Result<void> taken = take(*row); !taken) {
                return taken;
            }
            if (++count % rows_between_progress == 0) {
                progress(count);
            }
        }
        if (rows.fault()) {
            return Error{rows.fault()->code, file.string() + ": " + rows.fault()->message};
        }
    }
    progress(count);
    return {};
}

Result<void> write_whole(const std::filesystem::path& file, std::string_view text) {
    std::filesystem::path beside = file;
    beside += ".tmp";
    const auto failed = [&file](const std::string& why) {
        return Error{Errc::unavailable, fmt::format("{} cannot be written: {}", file.string(), why)};
    };
    {
        std::ofstream out(beside, std::ios::binary | std::ios::trunc);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.close();
        if (!out) {
            const std::string why = std::strerror(errno);
            std::error_code ignored;
            std::filesystem::remove(beside, ignored);
            return failed(why);
        }
    }
    std::error_code moved;
    std::filesystem::rename(beside, file, moved);
    return moved ? Result<void>(failed(moved.message())) : Result<void>();
}

}  // namespace headroom::app
