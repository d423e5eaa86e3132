#pragma once

#include "telemetry/csv_decoder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::telemetry {

/// A text that was decoded, and everything that came of it.
struct Decoded {
    std::unique_ptr<PointRegistry> points = std::make_unique<PointRegistry>();
    PointRegistry& registry = *points;
    std::vector<Reading> readings;
    DecodeReport report;
    std::vector<CsvPlace> places;
    std::optional<Error> error;

    [[nodiscard]] std::string point(std::size_t index) const {
        return registry.key(readings.at(index).point).text();
    }
    [[nodiscard]] std::uint64_t quarantined(Quarantine reason) const {
        return report.quarantined[static_cast<std::size_t>(reason)];
    }
};

/// In pieces of `piece` bytes; 0 = at once.
inline Decoded decode(std::string_view text, CsvOptions options = {.file_name = "file.csv"},
                      std::size_t piece = 0) {
    Decoded out;
    CsvDecoder decoder(out.registry, std::move(options));
    const std::size_t step = piece == 0 ? std::max<std::size_t>(text.size(), 1) : piece;
    Result<void> result;
    for (std::size_t at = 0; at < text.size() && result; at += step) {
        result = decoder.feed(text.substr(at, step), out.readings);
    }
    if (result) {
        result = decoder.finish(out.readings);
    }
    if (!result) {
        out.error = result.error();
    }
    out.report = decoder.report();
    out.places = decoder.places();
    return out;
}

/// A folder of its own for each test, removed behind it.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        path_ =
            std::filesystem::temp_directory_path() / ("headroom-" + std::string(test->test_suite_name()) +
                                                      "-" + test->name() + "-" + std::to_string(::getpid()));
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] std::filesystem::path write(const std::string& name, std::string_view bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

inline std::string gzipped(std::string_view text) {
    z_stream stream{};
    // 16 more than the window: with a gzip header.
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
    std::string input(text);
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

inline UtcTime at(std::string_view text) {
    return parse_utc(text).value();
}

}  // namespace headroom::telemetry
