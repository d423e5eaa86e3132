#include "forecast/coherence.hpp"

#include "forecast/series_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace headroom::forecast {
namespace {

/// Distance of the 10 % and 90 % quantiles of a normal distribution, in deviations.
constexpr double normal_band = 2.563103131;

}  // namespace

Result<Hierarchy> read_hierarchy(const std::filesystem::path& file) {
    Hierarchy out;
    std::map<std::string, std::size_t> stations;
    std::set<std::string> feeders;
    std::size_t station_column = 0;
    std::size_t feeder_column = 0;
    const auto header = [&](std::span<const std::string_view> names) -> Result<void> {
        const auto station = std::ranges::find(names, "substation");
        const auto feeder = std::ranges::find(names, "feeder");
        if (station == names.end() || feeder == names.end()) {
            return Error{Errc::invalid, "the columns substation and feeder are needed"};
        }
        station_column = static_cast<std::size_t>(station - names.begin());
        feeder_column = static_cast<std::size_t>(feeder - names.begin());
        return {};
    };
    const auto row = [&](std::span<const std::string_view> fields) -> Result<void> {
        const std::string station(fields[station_column]);
        const std::string feeder(fields[feeder_column]);
        if (station.empty() || feeder.empty() || station == feeder) {
            return Error{Errc::invalid,
                         "column feeder: \"" + feeder + "\" cannot be below \"" + station + "\""};
        }
        if (!feeders.insert(feeder).second) {
            return Error{Errc::invalid, "column feeder: " + feeder + " is below two substations"};
        }
        const auto [at, is_new] = stations.try_emplace(station, out.stations.size());
        if (is_new) {
            out.stations.push_back({.name = station, .feeders = {}});
        }
        out.stations[at->second].feeders.push_back(feeder);
        return {};
    };
    if (const Result<void> read = read_table(file, header, row); !read) {
        return read.error();
    }
    for (const Hierarchy::Station& station : out.stations) {
        if (feeders.contains(station.name)) {
            return Error{Errc::invalid,
                         file.string() + ": " + station.name + " is a feeder and a substation"};
        }
    }
    return out;
}

Reconciled reconcile(double total, double total_variance, std::span<const double> parts,
                     std::span<const double> variances) {
    HEADROOM_ASSERT(parts.size() == variances.size());
    double sum = 0.0;
    double variance = total_variance;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        sum += parts[i];
        variance += variances[i];
    }
    Reconciled out{.total = 0.0, .parts = {parts.begin(), parts.end()}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out.parts[i] += variance > 0.0 ? variances[i] / variance * (total - sum) : 0.0;
        out.total += out.parts[i];
    }
    return out;
}

QuantileValues quantiles_of_sum(std::span<const QuantileValues> parts, double correlation) {
    HEADROOM_ASSERT(correlation >= 0.0 && correlation <= 1.0);
    QuantileValues out{};
    for (std::size_t q = 0; q < out.size(); ++q) {
        double sum = 0.0;
        double distances = 0.0;
        double squares = 0.0;
        for (const QuantileValues& part : parts) {
            const double distance = part[q] - part[median_index];
            sum += part[median_index];
            distances += distance;
            squares += distance * distance;
        }
        const double size = std::sqrt((1.0 - correlation) * squares + correlation * distances * distances);
        out[q] = sum + (q < median_index ? -size : size);
    }
    std::ranges::sort(out);
    return out;
}

void ErrorCorrelation::add(std::span<const double> errors) {
    squares_.resize(std::max(squares_.size(), errors.size()));
    counts_.resize(squares_.size());
    // A series' errors are scaled by their own deviation up to now, so that the sums need one pass only.
    double sum = 0.0;
    double squares = 0.0;
    double known = 0.0;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (std::isnan(errors[i])) {
            continue;
        }
        squares_[i] += errors[i] * errors[i];
        counts_[i] += 1.0;
        const double deviation = std::sqrt(squares_[i] / counts_[i]);
        if (deviation > 0.0) {
            const double scaled = errors[i] / deviation;
            sum += scaled;
            squares += scaled * scaled;
            known += 1.0;
        }
    }
    if (known >= 2.0) {
        products_ += (sum * sum - squares) / (known * (known - 1.0));
        pairs_ += 1.0;
    }
}

double ErrorCorrelation::mean() const {
    return std::clamp((products_ + prior * prior_instants) / (pairs_ + prior_instants), 0.0, 1.0);
}

double variance_of(const QuantileValues& load) {
    const double deviation = (load[5] - load[1]) / normal_band;
    return deviation * deviation;
}

CoherentStation make_coherent(const QuantileValues* total, double total_variance,
                              std::span<const QuantileValues> feeders, std::span<const double> variances,
                              double correlation) {
    CoherentStation out{.total = quantiles_of_sum(feeders, correlation),
                        .feeders = {feeders.begin(), feeders.end()}};
    if (total == nullptr) {
        return out;
    }
    std::vector<double> medians;
    for (const QuantileValues& feeder : feeders) {
        medians.push_back(feeder[median_index]);
    }
    const Reconciled moved = reconcile((*total)[median_index], total_variance, medians, variances);
    for (std::size_t i = 0; i < feeders.size(); ++i) {
        for (double& value : out.feeders[i]) {
            value += moved.parts[i] - medians[i];
        }
        out.feeders[i][median_index] = moved.parts[i];
    }
    for (std::size_t q = 0; q < quantile_count; ++q) {
        out.total[q] = (*total)[q] + moved.total - (*total)[median_index];
    }
    out.total[median_index] = moved.total;
    return out;
}

}  // namespace headroom::forecast
