#include "app/trust_score.hpp"
#include "trust/grid_trust.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::size_t meters_max = 2'000;
constexpr std::size_t samples_max = 1'000'000;

using Rows = std::vector<std::vector<double>>;

Result<trust::Matrix> read_model(const std::filesystem::path& file) {
    Rows rows;
    const Result<void> read = for_each_csv_row(
        file,
        [&](const CsvRow& row) -> Result<void> {
            std::vector<double> values;
            for (const std::string_view field : row.fields) {
                const std::optional<double> value = parse_csv_number(field);
                if (!value) {
                    return row_error(file, row, fmt::format("\"{}\" is no number", field));
                }
                values.push_back(*value);
            }
            if (!rows.empty() && rows.front().size() != values.size()) {
                return row_error(
                    file, row,
                    fmt::format("{} values, {} in the row before", values.size(), rows.front().size()));
            }
            if (rows.size() == meters_max) {
                return row_error(file, row, fmt::format("more than {} meters", meters_max));
            }
            rows.push_back(std::move(values));
            return {};
        },
        [](std::uint64_t) {});
    if (!read) {
        return read.error();
    }
    if (rows.empty()) {
        return Error{Errc::invalid, file.string() + " has no rows"};
    }
    trust::Matrix h(rows.size(), rows.front().size());
    for (std::size_t m = 0; m < h.rows(); ++m) {
        for (std::size_t i = 0; i < h.columns(); ++i) {
            h.at(m, i) = rows[m][i];
        }
    }
    return h;
}

struct Stream {
    std::vector<std::string> times, meters;
    Rows samples;
};

Result<Stream> read_stream(const std::filesystem::path& file, std::size_t meters, const Progress& progress) {
    Stream stream;
    const Result<void> read = for_each_csv_row(
        file,
        [&](const CsvRow& row) -> Result<void> {
            if (row.fields.size() != meters + 1) {
                return row_error(
                    file, row,
                    fmt::format("{} fields instead of a time and {} meters", row.fields.size(), meters));
            }
            if (stream.meters.empty()) {
                stream.meters.assign(std::next(row.fields.begin()), row.fields.end());
                return {};
            }
            if (stream.samples.size() == samples_max) {
                return row_error(file, row, fmt::format("more than {} samples", samples_max));
            }
            std::vector<double> sample;
            for (const std::string_view field : row.fields.subspan(1)) {
                const std::optional<double> value = parse_csv_number(field);
                if (!value && !field.empty()) {
                    return row_error(file, row, fmt::format("\"{}\" is no number", field));
                }
                sample.push_back(value.value_or(std::nan("")));
            }
            stream.times.emplace_back(row.fields.front());
            stream.samples.push_back(std::move(sample));
            return {};
        },
        progress);
    return read ? Result<Stream>(std::move(stream)) : Result<Stream>(read.error());
}

}  // namespace

Result<TrustScore> score_fdia(const std::filesystem::path& folder, std::size_t samples_a_day,
                              const std::filesystem::path& out, const Progress& progress) {
    Result<trust::Matrix> h = read_model(folder / "h.csv");
    if (!h) {
        return h.error();
    }
    const std::filesystem::path plain = folder / "z.csv";
    const std::filesystem::path packed = folder / "z.csv.gz";
    Result<Stream> stream = read_stream(std::filesystem::exists(plain) ? plain : packed, h->rows(), progress);
    if (!stream) {
        return stream.error();
    }
    trust::GridTrustRules rules;
    rules.innovation.day = samples_a_day;
    const std::size_t learn = std::min(rules.sigma_samples, stream->samples.size());
    if (learn == 0) {
        return Error{Errc::invalid, folder.string() + " has no samples"};
    }
    const Result<double> sigma = trust::learn_sigma(*h, std::span(stream->samples).first(learn));
    if (!sigma) {
        return sigma.error();
    }
    std::vector<std::string> states;
    for (std::size_t i = 0; i < h->columns(); ++i) {
        states.push_back(fmt::format("x{}", i));
    }
    Result<trust::GridTrust> grid =
        trust::GridTrust::make(*std::move(h), *sigma, std::move(stream->meters), std::move(states), rules);
    if (!grid) {
        return grid.error();
    }
    TrustScore score{.samples = stream->samples.size(), .places = 1, .alarms = 0, .detail = {}};
    std::map<std::string, std::size_t> by_layer;
    std::string text = "t,alarm,score\n";
    for (std::size_t i = 0; i < stream->samples.size(); ++i) {
        const Result<trust::GridVerdict> verdict = grid->judge(stream->samples[i]);
        // A sample that does not determine the state cannot be believed either.
        const bool is_doubted = !verdict || verdict->is_doubted;
        score.alarms += is_doubted ? 1 : 0;
        ++by_layer[!is_doubted ? "none"
                   : !verdict  ? "undetermined"
                               : std::string(to_string(verdict->evidence.front().layer))];
        text += fmt::format("{},{},{:.4f}\n", stream->times[i], is_doubted ? 1 : 0,
                            verdict ? verdict->score : 1.0);
    }
    for (const auto& [layer, count] : by_layer) {
        score.detail += fmt::format("{}{} {}", score.detail.empty() ? "" : ", ", layer, count);
    }
    score.detail =
        fmt::format("meter sigma {:.4g}; samples by their first evidence: {}", *sigma, score.detail);
    const Result<void> written = write_whole(out, text);
    return written ? Result<TrustScore>(std::move(score)) : Result<TrustScore>(written.error());
}

}  // namespace headroom::app
