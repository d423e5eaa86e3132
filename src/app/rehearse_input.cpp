#include "app/rehearse_input.hpp"

#include "app/readings_network.hpp"
#include "app/rehearse_offers.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/csv_survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace headroom::app {
namespace {

using telemetry::CsvPlace;
using telemetry::PointKey;
using telemetry::Reading;

constexpr std::uint64_t readings_max = 40'000'000;
using RehearsalProgress = std::function<void(double, std::string_view)>;

/// The files' readings and the places they speak of.
struct Read {
    telemetry::PointRegistry registry;
    ReplayFirstPass first{readings_max, true};
    std::vector<CsvPlace> places;
    std::uint64_t quarantined = 0;
};

Result<void> read_readings(const RehearseFiles& files, const std::optional<grid::Network>& grid, Read& out,
                           const RehearsalProgress& progress) {
    std::map<std::string, bool, std::less<>> known_places;
    for (std::size_t i = 0; i < files.readings.size(); ++i) {
        const std::filesystem::path& file = files.readings[i];
        if (progress) {
            progress(static_cast<double>(i) / static_cast<double>(files.readings.size()),
                     "reading " + file.filename().string());
        }
        Result<telemetry::CsvSurvey> survey = telemetry::survey_csv(file);
        if (!survey) {
            return survey.error();
        }
        if (grid) {
            survey->options.is_known = [&grid](std::string_view id) {
                return grid->feeder(id) != nullptr || grid->substation(id) != nullptr ||
                       grid->der(id) != nullptr;
            };
        }
        telemetry::CsvDecoder decoder(out.registry, survey->options);
        const Result<void> read =
            telemetry::read_csv_file(file, decoder, [&](const std::vector<Reading>& readings) {
                return out.first.take(readings, out.registry, survey->options.file_name);
            });
        if (!read) {
            return read.error();
        }
        if (!out.first.is_held()) {
            return Error{Errc::invalid, fmt::format("there are more than {} readings; rehearse a part of the "
                                                    "feeders at a time",
                                                    readings_max)};
        }
        for (CsvPlace& place : decoder.places()) {
            if (known_places.try_emplace(place.id, true).second) {
                out.places.push_back(std::move(place));
            }
        }
        out.quarantined += decoder.report().quarantined_total();
    }
    return {};
}

/// Half-hour means of one point as they come, mostly in order.
class HalfHourColumn {
  public:
    void put(std::int64_t period, double kw) {
        constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
        std::vector<double>& values = series.values;
        if (values.empty()) {
            series.first = period;
        } else if (period < series.first) {
            values.insert(values.begin(), static_cast<std::size_t>(series.first - period), unknown);
            series.first = period;
        }
        const auto at = static_cast<std::size_t>(period - series.first);
        if (at >= values.size()) {
            values.resize(at + 1, unknown);
        }
        values[at] = kw;
    }
    forecast::GridSeries series;
};
using HalfHourColumns = std::unordered_map<std::string, HalfHourColumn>;

/// Passes the readings through the monitor, in the order of time.
HalfHourColumns watch(const grid::Network& network, Read& read, rehearsal::ReportFacts& facts,
                      const RehearsalProgress& progress) {
    monitor::MonitorOptions options;
    options.unknown_points_allowed = true;  // strangers have been turned away by the decoder
    options.forecast_every = hours{24 * 365};
    monitor::Monitor monitor(network, read.registry, options);
    HalfHourColumns out;
    const auto drain = [&] {
        for (const store::SeriesBlock& block : monitor.take_rollups()) {
            HalfHourColumn& column = out[block.key];
            for (std::size_t i = 0; i < block.values.size(); ++i) {
                column.put(block.start.time_since_epoch() / period_length + static_cast<std::int64_t>(i),
                           static_cast<double>(block.values[i]));
            }
        }
        for (const trust::Verdict& verdict : monitor.take_verdicts()) {
            facts.doubted += verdict.usable ? 0U : 1U;
        }
        monitor.take_overloads().clear();
        monitor.take_cleared().clear();
        monitor.take_breached().clear();
    };
    const std::vector<Reading>& all = read.first.sorted();
    std::vector<Reading> batch;
    UtcTime ticked{};
    for (std::size_t i = 0; i < all.size();) {
        const UtcTime now = all[i].interval_end;
        batch.clear();
        for (; i < all.size() && all[i].interval_end == now; ++i) {
            if (read.registry.key(all[i].point).quantity == grid::Quantity::p_kw) {
                batch.push_back(all[i]);
            }
        }
        const monitor::IngestCount count = monitor.ingest(batch, now);
        for (const std::uint64_t quarantined : count.quarantined) {
            facts.quarantined += quarantined;
        }
        if (floor_period(now) > ticked) {
            ticked = floor_period(now);
            monitor.tick(now);
            drain();
            if (progress) {
                progress(static_cast<double>(i) / static_cast<double>(all.size()), "checking readings");
            }
        }
    }
    if (!all.empty()) {
        monitor.tick(all.back().interval_end + hours{3});  // closes what late readings could still change
        drain();
    }
    facts.readings = all.size();
    return out;
}

std::string point_key_text(const std::string& place, grid::Phase phase) {
    return PointKey{place, grid::Quantity::p_kw, phase}.text();
}

/// Of the limits of one point and direction the tightest; those for emergencies are left to people.
std::vector<grid::Limit> binding_limits(const grid::Network& network) {
    std::map<std::tuple<std::string, grid::Phase, grid::Direction>, std::size_t> places;
    std::vector<grid::Limit> out;
    for (const grid::Limit& limit : network.limits()) {
        if (limit.quantity != grid::Quantity::p_kw || limit.kind == grid::LimitKind::emergency ||
            network.feeder(limit.asset) == nullptr) {
            continue;
        }
        const auto [found, is_new] =
            places.try_emplace({limit.asset, limit.phase, limit.direction}, out.size());
        if (is_new) {
            out.push_back(limit);
        } else if (limit.value < out[found->second].value) {
            out[found->second] = limit;
        }
    }
    return out;
}

void add_limits(const grid::Network& network, const HalfHourColumns& columns,
                rehearsal::RehearsalInput& out) {
    for (grid::Limit& limit : binding_limits(network)) {
        const auto found = columns.find(point_key_text(limit.asset, limit.phase));
        if (found == columns.end()) {
            continue;
        }
        rehearsal::WatchedLimit watched;
        watched.substation = network.feeder(limit.asset)->parent;
        watched.load_kw = found->second.series;
        if (limit.direction == grid::Direction::export_) {
            for (double& kw : watched.load_kw.values) {
                kw = -kw;
            }
        }
        watched.limit = std::move(limit);
        out.limits.push_back(std::move(watched));
    }
}

/// The busbars that are metered: in sum, or by all three phases.
void add_busbars(const grid::Network& network, const HalfHourColumns& columns,
                 rehearsal::RehearsalInput& out) {
    for (const grid::Substation& substation : network.substations()) {
        if (const auto sum = columns.find(point_key_text(substation.id.value, grid::Phase::sum));
            sum != columns.end()) {
            out.busbar_kw[substation.id.value] = sum->second.series;
            continue;
        }
        std::vector<const forecast::GridSeries*> phases;
        for (const grid::Phase phase : grid::live_phases) {
            if (const auto found = columns.find(point_key_text(substation.id.value, phase));
                found != columns.end()) {
                phases.push_back(&found->second.series);
            }
        }
        if (phases.size() == grid::live_phases.size()) {
            forecast::GridSeries sum = *phases[0];
            for (std::size_t i = 0; i < sum.values.size(); ++i) {
                const std::int64_t slot = sum.first + static_cast<std::int64_t>(i);
                sum.values[i] += phases[1]->at(slot) + phases[2]->at(slot);
            }
            out.busbar_kw[substation.id.value] = std::move(sum);
        }
    }
}

/// Tables beside the readings; one named after a feeder belongs to all limits of that feeder.
Result<void> add_covariates(const RehearseFiles& files, rehearsal::RehearsalInput& out) {
    if (files.covariates.empty()) {
        return {};
    }
    forecast::Panel panel;
    panel.step_s = rehearsal::half_hour_s;
    std::vector<std::size_t> place_of_limit;
    std::unordered_map<std::string, std::size_t> places;
    for (const rehearsal::WatchedLimit& watched : out.limits) {
        const auto [found, is_new] = places.try_emplace(watched.limit.asset, panel.series.size());
        if (is_new) {
            panel.series.push_back({watched.limit.asset, watched.load_kw});
        }
        place_of_limit.push_back(found->second);
    }
    Result<std::vector<forecast::Covariate>> read = forecast::read_covariates(files.covariates, panel, {});
    if (!read) {
        return read.error();
    }
    for (forecast::Covariate& covariate : *read) {
        std::vector<forecast::GridSeries> by_limit;
        for (const std::size_t place : place_of_limit) {
            by_limit.push_back(covariate.by_series[place]);
        }
        covariate.by_series = std::move(by_limit);
    }
    out.covariates = *std::move(read);
    return {};
}

Result<void> add_offers(const RehearseFiles& files, RehearseInput& out) {
    const double price = static_cast<double>(files.reference_price.value) / 1e6;
    if (files.ders) {
        Result<std::vector<flex::Offer>> offers = read_offers(*files.ders, files.reference_price);
        if (!offers) {
            return offers.error();
        }
        out.input.offers = *std::move(offers);
        out.facts.offers_from =
            fmt::format("{} in file {}", out.input.offers.size(), files.ders->filename().string());
        return {};
    }
    out.input.offers = offers_of(out.network, files.reference_price);
    out.facts.offers_from =
        out.input.offers.empty()
            ? fmt::format("none given; every kWh needed is reckoned at an assumed {:.2f} GBP/MWh", price)
            : fmt::format("{} DERs of the grid file, at an assumed {:.2f} GBP/MWh", out.input.offers.size(),
                          price);
    return {};
}

}  // namespace

Result<RehearseInput> read_rehearsal(const RehearseFiles& files, const RehearsalProgress& progress) {
    if (!(files.rating_percentile > 0.0 && files.rating_percentile <= 100.0)) {
        return Error{Errc::invalid, fmt::format("the rating percentile {:g} is not above 0 and at most 100",
                                                files.rating_percentile)};
    }
    std::optional<grid::Network> grid;
    if (files.grid) {
        Result<grid::Network> read = read_grid_file(*files.grid);
        if (!read) {
            return read.error();
        }
        grid = *std::move(read);
    }
    Read read;
    if (Result<void> done = read_readings(files, grid, read, progress); !done) {
        return done.error();
    }
    RehearseInput out;
    for (const std::filesystem::path& file : files.readings) {
        out.facts.files.push_back(file.filename().string());
    }
    out.facts.version = HEADROOM_VERSION;
    out.facts.quarantined = read.quarantined;
    if (grid) {
        out.network = *std::move(grid);
        out.facts.limits_from = "grid file " + files.grid->filename().string();
    } else {
        Result<grid::Network> made = network_of(read.places);
        if (!made) {
            return made.error();
        }
        out.network = *std::move(made);
        std::vector<telemetry::Finding> findings;
        const Result<void> limited = add_percentile_limits(files.rating_percentile, "the readings",
                                                           read.registry, read.first, out.network, findings);
        if (!limited) {
            return limited.error();
        }
        out.facts.limits_from =
            fmt::format("{:g} % quantile of these readings (unverified)", files.rating_percentile);
    }
    const HalfHourColumns columns = watch(out.network, read, out.facts, progress);
    add_limits(out.network, columns, out.input);
    if (out.input.limits.empty()) {
        return Error{Errc::invalid, "no limit of the grid has readings at its point (feeder and phase)"};
    }
    add_busbars(out.network, columns, out.input);
    if (Result<void> done = add_covariates(files, out.input); !done) {
        return done.error();
    }
    if (Result<void> done = add_offers(files, out); !done) {
        return done.error();
    }
    return out;
}

}  // namespace headroom::app
