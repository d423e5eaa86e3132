#include "flex/chance_draws.hpp"

#include "core/normal.hpp"
#include "core/random.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>

namespace headroom::flex {
namespace {

constexpr std::size_t draws_least = 400;
constexpr std::size_t draws_most = 4'000;
constexpr std::size_t cells_most = 600'000;  // of a share: draws by DERs by half-hours
constexpr std::size_t word_bits = 64;

/// What a word of draws has to be below: a draw is its upper 53 bits as a share of one.
std::uint64_t threshold_of(double reliability) {
    return static_cast<std::uint64_t>(std::ceil(std::max(0.0, reliability) * 0x1.0p53));
}

}  // namespace

const std::vector<std::uint64_t>& DeliveryDraws::of(std::uint64_t key, double reliability,
                                                    std::size_t draws) {
    std::vector<std::uint64_t>& known = known_[{key, reliability}];
    const std::size_t words = (draws + word_bits - 1) / word_bits;
    if (reliability >= 1.0) {
        known.resize(std::max(known.size(), words), ~std::uint64_t{0});
        return known;
    }
    const Random random(seed_);
    const std::uint64_t threshold = threshold_of(reliability);
    std::array<std::uint64_t, word_bits> drawn{};
    while (known.size() < words) {
        random.bits_from(key, known.size() * word_bits, drawn);
        std::uint64_t word = 0;
        for (std::size_t bit = 0; bit < word_bits; ++bit) {
            word |= std::uint64_t{(drawn[bit] >> 11U) < threshold} << bit;
        }
        known.push_back(word);
    }
    return known;
}

void take_deliveries(const std::vector<ChancePart>& parts, std::size_t slots, std::size_t draws,
                     DeliveryDraws& deliveries, std::vector<double>& left_w) {
    for (const ChancePart& part : parts) {
        const std::vector<std::uint64_t>& there = deliveries.of(part.key, part.reliability, draws);
        const std::size_t filled = std::min(slots, part.relief_w.size());
        for (std::size_t from = 0; from < draws; from += word_bits) {
            std::uint64_t word = there[from / word_bits];
            if (draws - from < word_bits) {
                word &= (std::uint64_t{1} << (draws - from)) - 1;
            }
            for (; word != 0; word &= word - 1) {
                double* left = &left_w[(from + static_cast<std::size_t>(std::countr_zero(word))) * slots];
                for (std::size_t slot = 0; slot < filled; ++slot) {
                    left[slot] -= part.relief_w[slot];
                }
            }
        }
    }
}

std::size_t count_within(const std::vector<double>& left_w, std::size_t slots, double most_w) {
    std::size_t within = 0;
    for (std::size_t from = 0; from < left_w.size(); from += slots) {
        bool is_within = true;
        for (std::size_t slot = 0; slot < slots; ++slot) {
            is_within = is_within && left_w[from + slot] <= most_w;
        }
        within += is_within ? 1 : 0;
    }
    return within;
}

ChanceDraws::ChanceDraws(const ChanceAsked& asked, DeliveryDraws& deliveries, double rounding_w)
    : asked_(asked), deliveries_(deliveries), rounding_w_(rounding_w) {
    for (const std::int64_t quantile : asked.quantiles_ppm) {
        at_.push_back(static_cast<double>(quantile) / parts_per_million);
        z_.push_back(normal_quantile(at_.back()));
    }
    for (const StandingRelief& each : asked.standing) {
        ChancePart part{
            Random::key(each.der_id), static_cast<double>(each.reliability_ppm) / parts_per_million, {}};
        part.relief_w.assign(each.relief_w.begin(), each.relief_w.end());
        part.relief_w.resize(asked.over_w.size(), 0.0);
        standing_.push_back(std::move(part));
    }
}

double ChanceDraws::over_w(std::size_t slot, double share) const {
    const std::vector<std::int64_t>& row = asked_.over_w[slot];
    const auto value = [&row](std::size_t q) { return static_cast<double>(row[q]); };
    const std::size_t last = row.size() - 1;
    if (last == 0) {
        return value(0);
    }
    const auto beyond = [&](std::size_t from, std::size_t inner) {
        const double slope = (value(from) - value(inner)) / (z_[from] - z_[inner]);
        return value(from) + slope * (normal_quantile(share) - z_[from]);
    };
    if (share < at_.front()) {
        return beyond(0, 1);
    }
    if (share > at_.back()) {
        return beyond(last, last - 1);
    }
    std::size_t q = 1;
    while (q < last && share > at_[q]) {
        ++q;
    }
    return value(q - 1) + (value(q) - value(q - 1)) * (share - at_[q - 1]) / (at_[q] - at_[q - 1]);
}

const std::vector<double>& ChanceDraws::loads_w(std::size_t draws) {
    std::vector<double>& out = loads_w_[draws];
    if (out.empty()) {
        out.reserve(draws * asked_.over_w.size());
        for (std::size_t draw = 0; draw < draws; ++draw) {
            const double share = (static_cast<double>(draw) + 0.5) / static_cast<double>(draws);
            for (std::size_t slot = 0; slot < asked_.over_w.size(); ++slot) {
                out.push_back(over_w(slot, share));
            }
        }
    }
    return out;
}

DrawnLoads ChanceDraws::drawn(const std::vector<ChancePart>& parts) {
    const std::size_t slots = asked_.over_w.size();
    const std::size_t cells = std::max<std::size_t>(1, (parts.size() + standing_.size() + 1) * slots);
    DrawnLoads out{.draws = std::clamp(cells_most / cells, draws_least, draws_most)};
    out.left_w = loads_w(out.draws);
    take_deliveries(parts, slots, out.draws, deliveries_, out.left_w);
    take_deliveries(standing_, slots, out.draws, deliveries_, out.left_w);
    return out;
}

void ChanceDraws::take(const ChancePart& part, DrawnLoads& loads) {
    take_deliveries({part}, asked_.over_w.size(), loads.draws, deliveries_, loads.left_w);
}

std::int64_t ChanceDraws::share_ppm(const std::vector<ChancePart>& parts) {
    const DrawnLoads loads = drawn(parts);
    const auto within =
        static_cast<std::int64_t>(count_within(loads.left_w, asked_.over_w.size(), rounding_w_));
    return within * whole_ppm / static_cast<std::int64_t>(loads.draws);
}

std::vector<std::int64_t> ChanceDraws::target_w(double z, const std::vector<ChancePart>& parts) const {
    std::vector<std::int64_t> out;
    for (std::size_t slot = 0; slot < asked_.over_w.size(); ++slot) {
        double variance = 0.0;
        double standing = 0.0;
        for (const std::vector<ChancePart>* group : {&parts, &standing_}) {
            for (const ChancePart& part : *group) {
                const double relief = part.relief_w[slot];
                variance += relief * relief * part.reliability * (1.0 - part.reliability);
                standing += group == &standing_ ? part.reliability * relief : 0.0;
            }
        }
        const double middle = over_w(slot, 0.5);
        const double by_load = over_w(slot, normal_share(z)) - middle;
        const double spread = std::sqrt(by_load * by_load + z * z * variance);
        out.push_back(std::llround(std::max(0.0, middle + (z < 0.0 ? -spread : spread) - standing)));
    }
    return out;
}

}  // namespace headroom::flex
