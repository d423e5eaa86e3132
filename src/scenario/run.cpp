#include "scenario/run.hpp"

#include "scenario/check.hpp"
#include "scenario/hazard.hpp"
#include "scenario/outcomes.hpp"
#include "scenario/projection.hpp"
#include "scenario/ratings.hpp"
#include "scenario/topology.hpp"
#include "scenario/transfer.hpp"

#include <algorithm>
#include <utility>

namespace headroom::scenario {
namespace {

constexpr std::size_t assets_between_looks = 256;
constexpr std::size_t alternatives_max = 200;

/// A run while it is made.
class Run {
  public:
    Run(const Scenario& scenario, std::span<const Asset> assets, const BaseWeather& base, std::uint64_t seed,
        const RunWatch& watch, Topology topology)
        : scenario_(scenario),
          assets_(assets),
          base_(base),
          watch_(watch),
          topology_(std::move(topology)),
          place_(middle_of(assets)),
          weather_(impose_event(scenario, base, place_.first, place_.second, seed)),
          projection_(scenario, weather_, place_.first, place_.second, seed),
          ratings_(scenario, weather_),
          book_(start(result_, scenario), assets.size()),
          notes_(assets.size()),
          fed_peaks_(assets.size(), 0.0) {
        result_.scenario = scenario;
        result_.seed = seed;
        result_.outcomes.resize(assets.size());
    }

    Result<RunResult> make() {
        if (!project() || !take_out_lost() || !measure_all()) {
            return Error{Errc::conflict, "the run was cancelled"};
        }
        tell_sources();
        result_.hypothetical = is_out_of_season(scenario_.event, scenario_.start);
        if (result_.hypothetical) {
            result_.hypothetical_reason = season_words(scenario_.event);
        }
        result_.risks =
            rank_risks(scenario_, assets_, weather_, result_.outcomes, notes_, result_.data_sources);
        compare_remedies();
        keep_weather();
        tell(assets_.size());
        return std::move(result_);
    }

  private:
    static std::pair<double, double> middle_of(std::span<const Asset> assets) {
        double lat = 0.0;
        double lon = 0.0;
        for (const Asset& asset : assets) {
            lat += asset.lat;
            lon += asset.lon;
        }
        const auto count = static_cast<double>(assets.size());
        return {lat / count, lon / count};
    }

    static Curves& start(RunResult& result, const Scenario& scenario) {
        result.curves.periods = static_cast<std::size_t>(scenario.hours) * 2;
        return result.curves;
    }

    [[nodiscard]] bool is_cancelled() const {
        return watch_.cancelled != nullptr && watch_.cancelled->load(std::memory_order_relaxed);
    }
    void tell(std::size_t done) const {
        if (watch_.progress) {
            watch_.progress(done, assets_.size());
        }
    }
    /// Between assets; false when the run is to stop.
    [[nodiscard]] bool look(std::size_t done) const {
        if (done % assets_between_looks != 0) {
            return true;
        }
        tell(done / 2);  // half of the work lies behind projection, half before
        return !is_cancelled();
    }

    /// Load and rating of every asset, what it feeds before it.
    bool project() {
        std::size_t done = 0;
        for (const std::size_t i : topology_.order()) {
            if (!look(done++)) {
                return false;
            }
            const double coincidence = topology_.coincidence(i);
            double fed_peak = 0.0;
            for (const std::size_t child : topology_.children(i)) {
                fed_peak += fed_peaks_[child] * topology_.share_of_parent(child) * coincidence;
            }
            const Asset& asset = assets_[i];
            if (asset.history && is_cancelled()) {  // a regression takes longer than many profiles
                return false;
            }
            notes_[i] = projection_.project(asset, fed_peak, {book_.load(i), book_.low(i), book_.high(i)});
            // A history holds what is fed from the asset already.
            if (notes_[i].basis != Basis::history) {
                add_fed(i, coincidence);
            }
            const bool draws = asset.type != AssetType::solar_farm && asset.type != AssetType::battery;
            fed_peaks_[i] = draws ? projection_.usual_peak_kw(asset, fed_peak) : 0.0;
            ratings_.rate(asset, book_.rating(i));
        }
        return true;
    }

    void add_fed(std::size_t asset, double coincidence) {
        for (const std::size_t child : topology_.children(asset)) {
            const auto share = static_cast<float>(topology_.share_of_parent(child) * coincidence);
            const auto add = [&](std::span<float> to, std::span<const float> from) {
                for (std::size_t i = 0; i < to.size(); ++i) {
                    to[i] += share * from[i];
                }
            };
            add(book_.load(asset), book_.load(child));
            add(book_.low(asset), book_.low(child));
            add(book_.high(asset), book_.high(child));
        }
    }

    bool take_out_lost() {
        for (const std::string& id : scenario_.lost_elements) {
            if (is_cancelled()) {
                return false;
            }
            const std::size_t element = topology_.find(id);
            if (!result_.outcomes[element].is_lost) {
                result_.alternatives.push_back(
                    take_out(element, assets_, topology_, book_, result_.outcomes));
            }
        }
        return true;
    }

    bool measure_all() {
        const ThermalRun thermal(std::span(weather_.event.temperature_c).first(result_.curves.periods));
        const bool floods = scenario_.event == Event::flood || scenario_.event == Event::storm ||
                            scenario_.levers.total_rainfall_mm || scenario_.levers.rainfall_max_mm_per_h;
        for (std::size_t i = 0; i < assets_.size(); ++i) {
            if (i % assets_between_looks == 0) {
                tell((assets_.size() + i) / 2);
                if (is_cancelled()) {
                    return false;
                }
            }
            AssetOutcome& outcome = result_.outcomes[i];
            outcome.asset_id = assets_[i].id;
            measure(scenario_, i, book_, outcome);
            thermal.follow(assets_[i], book_.load(i), book_.hot_spot(i), outcome);
            if (floods) {
                const double wet = flood_probability(assets_[i].flood_zone, weather_.rain_day_max_mm,
                                                     weather_.rain_hour_max_mm);
                const double wind = storm_probability(assets_[i].thermal, weather_.wind_max_m_per_s);
                outcome.outage_probability = 1.0 - (1.0 - wet) * (1.0 - wind);
            }
        }
        return true;
    }

    void tell_sources() {
        const bool has_steps = !base_.steps.empty();
        if (has_steps && base_.source != "climatology") {
            std::string text = "weather: " + (base_.source.empty() ? "given" : base_.source);
            if (base_.as_of) {
                text += " as of " + format_utc(*base_.as_of);
            }
            if (!base_.licence.empty()) {
                text += " (" + base_.licence + ")";
            }
            result_.data_sources.push_back(std::move(text));
        }
        if (!has_steps || base_.source == "climatology" || weather_.has_climatology) {
            result_.data_sources.push_back(has_steps && base_.source != "climatology"
                                               ? "weather: climatology for what was missing"
                                               : "weather: climatology");
        }
        if (scenario_.event != Event::normal && scenario_.event != Event::loss_of_element) {
            result_.data_sources.push_back("event: " + std::string(to_string(scenario_.event)) +
                                           " imposed on it");
        }
    }

    /// For the most severe overloads.
    void compare_remedies() {
        for (const Risk& risk : result_.risks) {
            if (result_.alternatives.size() >= alternatives_max) {
                break;
            }
            const std::size_t i = topology_.find(risk.asset_id);
            if (!result_.outcomes[i].is_lost && result_.outcomes[i].energy_over_kwh > 0.0) {
                result_.alternatives.push_back(
                    remedies_for_overload(i, assets_, topology_, book_, result_.outcomes));
            }
        }
    }

    void keep_weather() {
        result_.weather = weather_.event;
        for (std::vector<double>* column :
             {&result_.weather.temperature_c, &result_.weather.radiation_w_per_m2, &result_.weather.rain_mm,
              &result_.weather.wind_m_per_s}) {
            column->resize(result_.curves.periods);
        }
    }

    const Scenario& scenario_;
    std::span<const Asset> assets_;
    const BaseWeather& base_;
    const RunWatch& watch_;
    Topology topology_;
    std::pair<double, double> place_;
    ScenarioWeather weather_;
    Projection projection_;
    RatingTable ratings_;
    RunResult result_;
    CurveBook book_;
    std::vector<ProjectionNote> notes_;
    std::vector<double> fed_peaks_;
};

}  // namespace

Result<RunResult> run(const Scenario& scenario, std::span<const Asset> assets, const BaseWeather& weather,
                      std::uint64_t seed, const RunWatch& watch) {
    const Result<void> sound = check(scenario, assets, weather);
    if (!sound) {
        return sound.error();
    }
    Result<Topology> topology = Topology::make(assets);
    if (!topology) {
        return topology.error();
    }
    for (std::size_t i = 0; i < scenario.lost_elements.size(); ++i) {
        if (topology->find(scenario.lost_elements[i]) == Topology::none) {
            return Error{Errc::not_found,
                         "lost element '" + scenario.lost_elements[i] + "' is none of the assets",
                         "/scenario/lost_elements/" + std::to_string(i)};
        }
    }
    return Run(scenario, assets, weather, seed, watch, std::move(*topology)).make();
}

}  // namespace headroom::scenario
