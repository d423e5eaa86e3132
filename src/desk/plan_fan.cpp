#include "desk/plan_fan.hpp"

#include "core/random.hpp"
#include "core/result.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::desk {
namespace {

constexpr double hours_of_slot = 0.5;

double value_at(const std::vector<double>& at, const std::vector<std::int64_t>& row, double share) {
    if (share <= at.front()) {
        return static_cast<double>(row.front());
    }
    for (std::size_t q = 1; q < at.size(); ++q) {
        if (share <= at[q]) {
            const double low = static_cast<double>(row[q - 1]);
            return low + (static_cast<double>(row[q]) - low) * (share - at[q - 1]) / (at[q] - at[q - 1]);
        }
    }
    return static_cast<double>(row.back());
}

/// The deliveries of one draw, summed by half-hour.
void draw_relief(const FanInput& input, const Random& random, std::size_t draw, std::vector<double>& relief) {
    std::fill(relief.begin(), relief.end(), 0.0);
    for (std::size_t i = 0; i < input.actions.size(); ++i) {
        const FanInput::Action& action = input.actions[i];
        if (random.uniform(i, draw) >= action.reliability) {
            continue;
        }
        for (std::size_t slot = 0; slot < relief.size(); ++slot) {
            relief[slot] += static_cast<double>(action.relief_w[slot]);
        }
    }
}

/// Of one draw: how much lies over the limit within the window.
struct Excess {
    bool is_over = false;
    double sum_w = 0.0;

    void add(double load_w, double limit_w) {
        is_over = is_over || load_w > limit_w;
        sum_w += std::max(0.0, load_w - limit_w);
    }
};

std::vector<std::int64_t> quantiles_of_draws(const std::vector<double>& at, std::vector<double>& draws) {
    std::sort(draws.begin(), draws.end());
    std::vector<std::int64_t> row;
    for (const double share : at) {
        // Draws stand in the middle of their share, so that the mean between two of them is the quantile.
        const double place = share * static_cast<double>(draws.size()) - 0.5;
        const double floor = std::clamp(std::floor(place), 0.0, static_cast<double>(draws.size() - 1));
        const auto low = static_cast<std::size_t>(floor);
        const std::size_t high = std::min(low + 1, draws.size() - 1);
        const double value = draws[low] + (draws[high] - draws[low]) * std::clamp(place - floor, 0.0, 1.0);
        row.push_back(std::llround(value));
    }
    return row;
}

/// So many draws that a plan of very many resources does not keep the page waiting.
std::size_t draws_for(const FanInput& input) {
    constexpr std::size_t steps_max = 40'000'000;
    const std::size_t steps = std::max<std::size_t>(1, input.actions.size() * input.need_w.size());
    return std::clamp<std::size_t>(steps_max / steps, 200, fan_draws_max);
}

}  // namespace

Fan make_fan(const FanInput& input) {
    const std::size_t slots = input.need_w.size();
    const bool has_forecast = !input.rows_w.empty();
    HEADROOM_ASSERT(!has_forecast || (input.rows_w.size() == slots && input.in_window.size() == slots));
    const Random random(input.seed);
    const std::size_t draws = draws_for(input);
    const auto count = static_cast<double>(draws);
    std::vector<double> relief(slots, 0.0);
    std::vector<std::vector<double>> loads(has_forecast ? slots : 0, std::vector<double>(draws, 0.0));
    const auto limit = static_cast<double>(input.limit_w);
    std::size_t over_without = 0;
    std::size_t over_with = 0;
    std::size_t covered = 0;
    Fan fan;
    for (std::size_t draw = 0; draw < draws; ++draw) {
        draw_relief(input, random, draw, relief);
        const double share = (static_cast<double>(draw) + 0.5) / count;
        Excess without;
        Excess with;
        bool covers = true;
        for (std::size_t slot = 0; slot < slots; ++slot) {
            covers = covers && relief[slot] >= static_cast<double>(input.need_w[slot]);
            if (!has_forecast) {
                continue;
            }
            const double load = value_at(input.quantiles, input.rows_w[slot], share);
            loads[slot][draw] = load - relief[slot];
            if (input.in_window[slot]) {
                without.add(load, limit);
                with.add(load - relief[slot], limit);
            }
        }
        covered += covers ? 1 : 0;
        over_without += without.is_over ? 1 : 0;
        over_with += with.is_over ? 1 : 0;
        fan.expected_over_without_wh += without.sum_w * hours_of_slot;
        fan.expected_over_with_wh += with.sum_w * hours_of_slot;
    }
    fan.certainty = static_cast<double>(covered) / count;
    fan.probability_without = static_cast<double>(over_without) / count;
    fan.probability_with = static_cast<double>(over_with) / count;
    fan.expected_over_without_wh /= count;
    fan.expected_over_with_wh /= count;
    for (std::vector<double>& slot : loads) {
        fan.with_w.push_back(quantiles_of_draws(input.quantiles, slot));
    }
    return fan;
}

}  // namespace headroom::desk
