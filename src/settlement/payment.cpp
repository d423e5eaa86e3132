#include "settlement/payment.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace headroom::settlement {

namespace {

using Wide = __int128;
using Points = std::vector<std::pair<std::int64_t, std::int64_t>>;

constexpr std::int64_t unit = 10'000;  // ratios and factors are in ten-thousandths
constexpr std::size_t points_max = 64;
constexpr std::int64_t ratio_max = 100 * unit;

/// Half to even of a quotient of wide numbers, denominator > 0.
std::int64_t rounded(Wide numerator, Wide denominator) {
    Wide quotient = numerator / denominator;
    Wide rest = numerator % denominator;
    if (rest < 0) {
        rest += denominator;
        --quotient;
    }
    if (rest * 2 > denominator || (rest * 2 == denominator && quotient % 2 != 0)) {
        ++quotient;
    }
    return static_cast<std::int64_t>(quotient);
}

Wide greatest_common_divisor(Wide a, Wide b) {
    while (b != 0) {
        const Wide rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

Share reduced(Wide numerator, Wide denominator) {
    const Wide divisor = greatest_common_divisor(numerator, denominator);
    return {static_cast<std::int64_t>(numerator / divisor), static_cast<std::int64_t>(denominator / divisor)};
}

/// What NESO proposed in 2024: nothing below a quarter, all of it from a half. What lies between is said to
/// be "reduced"; a straight line is our reading.
const Points& dfs_points() {
    static const Points points{{2'500, 0}, {5'000, unit}};
    return points;
}

/// 1 down to the grace, then the multiplier for each share that is missing beyond it.
Share grace_multiplier(const PaymentCurve& curve, Wide delivered, Wide instructed) {
    const Wide missing =
        (unit - curve.grace_bp) * instructed - unit * delivered;  // beyond the grace, × unit × instructed
    if (missing <= 0) {
        return {1, 1};
    }
    const Wide whole = Wide{unit} * unit * instructed;
    const Wide left = whole - curve.multiplier_bp * missing;
    return left <= 0 ? Share{0, 1} : reduced(left, whole);
}

/// Straight lines between the points; 0 below the first, constant above the last.
Share piecewise(const Points& points, Wide delivered, Wide instructed) {
    const auto at_or_above = [&](std::int64_t ratio) { return delivered * unit >= instructed * ratio; };
    if (!at_or_above(points.front().first)) {
        return {0, 1};
    }
    for (std::size_t i = 1; i < points.size(); ++i) {
        const auto [r0, f0] = points[i - 1];
        const auto [r1, f1] = points[i];
        if (!at_or_above(r1)) {
            const Wide run = Wide{r1 - r0} * instructed;
            const Wide along = delivered * unit - instructed * r0;
            return reduced(Wide{f0} * run + (f1 - f0) * along, run * unit);
        }
    }
    return reduced(points.back().second, unit);
}

}  // namespace

Result<void> check_curve(const PaymentCurve& curve) {
    const auto invalid = [&curve](const std::string& why) {
        return Error{Errc::invalid, "payment curve " + curve.id + ": " + why};
    };
    if (curve.id == "linear" || curve.id == "dfs_2024_proposed") {
        return {};
    }
    if (curve.id == "grace_multiplier") {
        if (curve.grace_bp < 0 || curve.grace_bp > unit || curve.multiplier_bp < 0 ||
            curve.multiplier_bp > ratio_max) {
            return invalid("grace or multiplier is out of range");
        }
        return {};
    }
    if (curve.id != "sliding_50_100") {
        return invalid("is not known here");
    }
    if (curve.points.empty() || curve.points.size() > points_max) {
        return invalid("needs 1 to 64 points from the contract");
    }
    for (std::size_t i = 0; i < curve.points.size(); ++i) {
        const auto [ratio, factor] = curve.points[i];
        const bool rises = i == 0 || curve.points[i - 1].first < ratio;
        if (!rises || ratio < unit / 2 || ratio > ratio_max || factor < 0 || factor > unit) {
            return invalid("ratios must rise from 0.5 and factors lie between 0 and 1");
        }
    }
    return {};
}

PaymentBasis basis_of(const PaymentCurve& curve) {
    return curve.id == "grace_multiplier" ? PaymentBasis::instructed : PaymentBasis::delivered;
}

std::int64_t delivery_cap_ppm(const PaymentCurve& curve, std::int64_t otherwise) {
    return curve.id == "dfs_2024_proposed" ? 1'200'000 : otherwise;
}

Share factor_at(const PaymentCurve& curve, WattHours delivered, WattHours instructed) {
    HEADROOM_ASSERT(instructed.value > 0);
    if (curve.id == "grace_multiplier") {
        return grace_multiplier(curve, delivered.value, instructed.value);
    }
    if (curve.id == "sliding_50_100") {
        return piecewise(curve.points, delivered.value, instructed.value);
    }
    if (curve.id == "dfs_2024_proposed") {
        return piecewise(dfs_points(), delivered.value, instructed.value);
    }
    return {1, 1};
}

MicroPounds utilisation_of(WattHours energy, MicroPoundsPerMwh price, Share factor) {
    return MicroPounds{
        rounded(Wide{energy.value} * price.value * factor.numerator, Wide{1'000'000} * factor.denominator)};
}

MicroPounds availability_of(Watts armed, milliseconds time, MicroPounds price_per_mw_h) {
    constexpr Wide ms_watts_per_mw_h = Wide{1'000'000} * 3'600'000;
    return MicroPounds{rounded(Wide{armed.value} * time.count() * price_per_mw_h.value, ms_watts_per_mw_h)};
}

std::vector<std::int64_t> split_pence(std::int64_t pot, const std::vector<std::int64_t>& weights) {
    Wide total = 0;
    for (const std::int64_t weight : weights) {
        HEADROOM_ASSERT(weight >= 0);
        total += weight;
    }
    HEADROOM_ASSERT(total > 0);
    const std::int64_t sign = pot < 0 ? -1 : 1;
    const Wide amount = Wide{pot} * sign;
    std::vector<std::int64_t> shares;
    std::vector<Wide> remainders;
    Wide left = amount;
    for (const std::int64_t weight : weights) {
        const Wide product = amount * weight;
        shares.push_back(static_cast<std::int64_t>(product / total));
        remainders.push_back(product % total);
        left -= product / total;
    }
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&remainders](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    for (std::size_t i = 0; left > 0; ++i, --left) {
        ++shares[order[i]];
    }
    for (std::int64_t& share : shares) {
        share *= sign;
    }
    return shares;
}

std::int64_t to_mwh_e4(WattHours energy) {
    return divide_half_even(energy.value, 100);
}

}  // namespace headroom::settlement
