#include "app/trust_score.hpp"
#include "core/time.hpp"
#include "trust/univariate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::size_t nab_rows_max = 10'000'000;
constexpr std::size_t rows_for_cadence = 200;
constexpr std::size_t files_max = 100'000;

struct NabSeries {
    std::vector<std::string> times;
    std::vector<double> values;
    UtcTime first{}, near{};  // of the first row, and of the last that the cadence is taken from
};

Result<NabSeries> read_series(const std::filesystem::path& file) {
    NabSeries series;
    const Result<void> read = for_each_csv_row(
        file,
        [&](const CsvRow& row) -> Result<void> {
            if (row.fields.size() != 2) {
                return row_error(file, row,
                                 fmt::format("{} fields instead of timestamp,value", row.fields.size()));
            }
            if (row.line == 1) {
                return {};
            }
            const std::optional<double> value = parse_csv_number(row.fields[1]);
            if (!value) {
                return row_error(file, row, fmt::format("value \"{}\" is no number", row.fields[1]));
            }
            if (series.values.size() == nab_rows_max) {
                return row_error(file, row, fmt::format("more than {} rows", nab_rows_max));
            }
            if (series.values.size() <= rows_for_cadence) {
                const Result<UtcTime> at = parse_utc_assumed(row.fields[0]);
                if (!at) {
                    return row_error(file, row, at.error().message);
                }
                (series.values.empty() ? series.first : series.near) = *at;
            }
            series.times.emplace_back(row.fields[0]);
            series.values.push_back(*value);
            return {};
        },
        [](std::uint64_t) {});
    return read ? Result<NabSeries>(std::move(series)) : Result<NabSeries>(read.error());
}

/// Values in a day, from the distance of the first rows.
std::size_t values_a_day(const NabSeries& series) {
    const std::size_t steps = std::min(series.values.size() - 1, rows_for_cadence);
    const milliseconds apart = series.near - series.first;
    return apart.count() <= 0 ? 2
                              : std::clamp<std::size_t>(static_cast<std::size_t>(day_length.count()) * steps /
                                                            static_cast<std::size_t>(apart.count()),
                                                        2, 86'400);
}

/// Every .csv and .csv.gz below `folder`, in the order of their names.
Result<std::vector<std::filesystem::path>> files_below(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code fault;
    for (std::filesystem::recursive_directory_iterator entry(folder, fault), end; !fault && entry != end;
         entry.increment(fault)) {
        const std::string name = entry->path().filename().string();
        if (entry->is_regular_file(fault) && (name.ends_with(".csv") || name.ends_with(".csv.gz"))) {
            files.push_back(entry->path());
        }
        if (files.size() > files_max) {
            return Error{Errc::invalid,
                         fmt::format("{} holds more than {} files", folder.string(), files_max)};
        }
    }
    if (fault) {
        return Error{Errc::unavailable, folder.string() + ": " + fault.message()};
    }
    if (files.empty()) {
        return Error{Errc::invalid, folder.string() + " holds no .csv or .csv.gz"};
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

Result<TrustScore> score_nab(const std::filesystem::path& folder, const std::filesystem::path& out,
                             const Progress& progress) {
    const std::filesystem::path data = folder / "data";
    const Result<std::vector<std::filesystem::path>> files = files_below(data);
    if (!files) {
        return files.error();
    }
    TrustScore score;
    for (const std::filesystem::path& file : *files) {
        const Result<NabSeries> series = read_series(file);
        if (!series) {
            return series.error();
        }
        if (series->values.size() < 2) {
            return Error{Errc::invalid, file.string() + " has fewer than two rows"};
        }
        trust::UnivariateRules rules;
        rules.day = values_a_day(*series);
        trust::UnivariateWatch watch(rules);
        std::string text = "timestamp,score\n";
        for (std::size_t i = 0; i < series->values.size(); ++i) {
            const double value = watch.take(series->values[i]);
            score.alarms += value > watch.threshold() ? 1 : 0;
            text += fmt::format("{},{:.6f}\n", series->times[i], value);
        }
        std::filesystem::path target = out / std::filesystem::relative(file, data);
        if (target.extension() == ".gz") {
            target.replace_extension();
        }
        std::error_code fault;
        std::filesystem::create_directories(target.parent_path(), fault);
        if (fault) {
            return Error{Errc::unavailable, target.parent_path().string() + ": " + fault.message()};
        }
        if (Result<void> written = write_whole(target, text); !written) {
            return written.error();
        }
        score.samples += series->values.size();
        ++score.places;
        progress(score.samples);
        score.detail = fmt::format("alarms are scores above {:.6f}", watch.threshold());
    }
    return score;
}

}  // namespace headroom::app
