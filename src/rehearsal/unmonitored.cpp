#include "rehearsal/unmonitored.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace headroom::rehearsal {
namespace {

constexpr std::size_t like_min = 3;

/// Of sorted values; a share of 0.5 is the middle one, drawn straight between neighbours.
double quantile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double peak_of(const std::vector<float>& load_kw) {
    double peak = std::numeric_limits<double>::quiet_NaN();
    for (const float kw : load_kw) {
        peak = std::isnan(peak) || static_cast<double>(kw) > peak ? static_cast<double>(kw) : peak;
    }
    return peak;
}

/// Greatest load of a monitored feeder over its limit, by kind; "" holds those of all kinds.
std::map<std::string, std::vector<double>> loadings(const grid::Network& network,
                                                    const std::vector<LimitWalk>& walks) {
    std::map<std::string, double> by_feeder;
    for (const LimitWalk& walk : walks) {
        const grid::Limit& limit = walk.watched.limit;
        const double loading = peak_of(walk.truth_kw) / limit.value;
        if (limit.direction == grid::Direction::import_ && !std::isnan(loading)) {
            double& worst = by_feeder[limit.asset];
            worst = std::max(worst, loading);
        }
    }
    std::map<std::string, std::vector<double>> out;
    for (const auto& [id, loading] : by_feeder) {
        if (const grid::Feeder* feeder = network.feeder(id)) {
            out[feeder->kind].push_back(loading);
            if (!feeder->kind.empty()) {
                out[""].push_back(loading);
            }
        }
    }
    for (auto& [kind, list] : out) {
        std::ranges::sort(list);
    }
    return out;
}

/// Peak of what the monitored feeders leave of their busbar; NaN when a reading of one is missing throughout.
double rest_of_busbar(const forecast::GridSeries& busbar, const std::string& substation,
                      const std::vector<LimitWalk>& walks) {
    // Of a feeder's limits the sum of the phases counts, else its phases together.
    std::map<std::string, std::vector<const LimitWalk*>> parts;
    for (const LimitWalk& walk : walks) {
        const grid::Limit& limit = walk.watched.limit;
        if (walk.watched.substation != substation || limit.direction != grid::Direction::import_) {
            continue;
        }
        std::vector<const LimitWalk*>& mine = parts[limit.asset];
        if (limit.phase == grid::Phase::sum) {
            mine.assign(1, &walk);
        } else if (mine.empty() || mine.front()->watched.limit.phase != grid::Phase::sum) {
            mine.push_back(&walk);
        }
    }
    double peak = std::numeric_limits<double>::quiet_NaN();
    for (std::int64_t slot = busbar.first; slot < busbar.end(); ++slot) {
        double rest = busbar.at(slot);
        for (const auto& [feeder, mine] : parts) {
            for (const LimitWalk* walk : mine) {
                rest -= walk->watched.load_kw.at(slot);
            }
        }
        if (!std::isnan(rest)) {
            peak = std::isnan(peak) ? rest : std::max(peak, rest);
        }
    }
    return peak;
}

}  // namespace

std::vector<UnmonitoredFeeder> estimate_unmonitored(
    const grid::Network& network, const std::vector<LimitWalk>& walks,
    const std::map<std::string, forecast::GridSeries>& busbar_kw) {
    std::set<std::string, std::less<>> monitored;
    for (const LimitWalk& walk : walks) {
        monitored.insert(walk.watched.limit.asset);
    }
    std::map<std::string, double> unmonitored_rating;  // by substation
    for (const grid::Feeder& feeder : network.feeders()) {
        if (!monitored.contains(feeder.id.value)) {
            unmonitored_rating[feeder.parent] += feeder.rating.value;
        }
    }
    const std::map<std::string, std::vector<double>> like = loadings(network, walks);
    std::vector<UnmonitoredFeeder> out;
    for (const grid::Feeder& feeder : network.feeders()) {
        const double rating = feeder.rating.value;
        if (monitored.contains(feeder.id.value) || !(rating > 0.0)) {
            continue;
        }
        UnmonitoredFeeder estimate{.feeder = feeder.id.value, .kind = feeder.kind, .rating_kw = rating};
        const auto busbar = busbar_kw.find(feeder.parent);
        const double rest = busbar == busbar_kw.end() ? std::numeric_limits<double>::quiet_NaN()
                                                      : rest_of_busbar(busbar->second, feeder.parent, walks);
        if (rest > 0.0) {
            estimate.peak_kw = rest * rating / unmonitored_rating.at(feeder.parent);
            // Shared by rating, each may have twice its part or half of it.
            estimate.peak_low_kw = estimate.peak_kw / 2.0;
            estimate.peak_high_kw = estimate.peak_kw * 2.0;
            estimate.is_from_busbar = true;
        } else {
            const auto kind = like.find(feeder.kind);
            const auto all = like.find("");
            const bool is_kind = kind != like.end() && kind->second.size() >= like_min;
            if (!is_kind && all == like.end()) {
                continue;
            }
            const std::vector<double>& list = is_kind ? kind->second : all->second;
            estimate.like = list.size();
            estimate.peak_low_kw = rating * quantile(list, 0.1);
            estimate.peak_kw = rating * quantile(list, 0.5);
            estimate.peak_high_kw = rating * quantile(list, 0.9);
        }
        out.push_back(std::move(estimate));
    }
    return out;
}

}  // namespace headroom::rehearsal
