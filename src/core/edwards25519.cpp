#include "core/edwards25519.hpp"

#include "core/result.hpp"

#include <vector>

namespace headroom {
namespace {

Field25519 negated(const Field25519& a) {
    return (Field25519{} - a) * field_of(1);
}

const Field25519& curve_d() {
    static const Field25519 d = negated(field_of(121'665)) * invert(field_of(121'666));
    return d;
}

const Field25519& twice_d() {
    static const Field25519 d = (curve_d() + curve_d()) * field_of(1);
    return d;
}

/// 2^((p-1)/4)
const Field25519& root_of_minus_one() {
    static const Field25519 root = square(power_p58(field_of(2))) * field_of(2);
    return root;
}

/// What is left of both additions: the corners of the parallelogram.
EdwardsPoint joined(const Field25519& e, const Field25519& f, const Field25519& g, const Field25519& h) {
    return {.x = e * f, .y = g * h, .z = f * g, .t = e * h};
}

EdwardsMultiples::Entry entry_of(const Field25519& x, const Field25519& y) {
    const Field25519 one = field_of(1);
    const std::array<Field25519, 4> lanes{(y - x) * one, (y + x) * one, x * y * twice_d(), field_of(2)};
    EdwardsMultiples::Entry entry;
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
        for (std::size_t i = 0; i < entry.limb.size(); ++i) {
            entry.limb[i][lane] = lanes[lane].limb[i];
        }
    }
    return entry;
}

/// p plus a multiple, or minus it.
EdwardsPoint added(const EdwardsPoint& p, const EdwardsMultiples::Entry& a, bool is_negative) {
    const Field25519 low = (p.y - p.x) * a.factor(is_negative ? 1 : 0);
    const Field25519 high = (p.y + p.x) * a.factor(is_negative ? 0 : 1);
    const Field25519 cross = p.t * a.factor(2);
    const Field25519 twice = p.z + p.z;
    const Field25519 less = twice - cross;
    const Field25519 more = twice + cross;
    return joined(high - low, is_negative ? more : less, is_negative ? less : more, high + low);
}

}  // namespace

EdwardsPoint added(const EdwardsPoint& p, const EdwardsPoint& q) {
    const Field25519 low = (p.y - p.x) * (q.y - q.x);
    const Field25519 high = (p.y + p.x) * (q.y + q.x);
    const Field25519 cross = p.t * q.t * twice_d();
    const Field25519 both = p.z * q.z;
    const Field25519 twice = both + both;
    return joined(high - low, twice - cross, twice + cross, high + low);
}

EdwardsPoint doubled(const EdwardsPoint& p) {
    const Field25519 xx = square(p.x);
    const Field25519 yy = square(p.y);
    const Field25519 zz = square(p.z);
    const Field25519 sum = yy + xx;
    const Field25519 e = square(p.x + p.y) - sum;
    const Field25519 f = zz + zz + xx - yy;
    return joined(e, f, yy - xx, sum);
}

EdwardsPoint negated(const EdwardsPoint& p) {
    return {.x = negated(p.x), .y = p.y, .z = p.z, .t = negated(p.t)};
}

std::optional<EdwardsPoint> decompressed(std::span<const std::uint8_t, 32> bytes) {
    const Field25519 one = field_of(1);
    const Field25519 y = field_from_bytes(bytes);
    const Field25519 yy = square(y);
    const Field25519 u = (yy - one) * one;
    const Field25519 v = (yy * curve_d() + one) * one;
    const Field25519 v3 = square(v) * v;
    Field25519 x = power_p58(square(v3) * v * u) * v3 * u;  // a root of u/v, or of -u/v
    const Field25519 vxx = square(x) * v;
    if (!same(vxx, u)) {
        if (!same(vxx, negated(u))) {
            return std::nullopt;
        }
        x = x * root_of_minus_one();
    }
    if (is_odd(x) != ((bytes[31] & 0x80U) != 0)) {
        x = negated(x);
    }
    return EdwardsPoint{.x = x, .y = y, .z = one, .t = x * y};
}

std::array<std::uint8_t, 32> compressed(const EdwardsPoint& p) {
    const Field25519 by_z = invert(p.z);
    std::array<std::uint8_t, 32> bytes = field_to_bytes(p.y * by_z);
    bytes[31] |= static_cast<std::uint8_t>(is_odd(p.x * by_z) ? 0x80U : 0U);
    return bytes;
}

EdwardsPoint edwards_base() {
    const std::optional<EdwardsPoint> base = decompressed(field_to_bytes(field_of(4) * invert(field_of(5))));
    HEADROOM_ASSERT(base.has_value());
    return *base;
}

bool has_small_order(const EdwardsPoint& p) {
    const EdwardsPoint eightfold = doubled(doubled(doubled(p)));
    return same(eightfold.x, {}) && same(eightfold.y, eightfold.z);
}

std::unique_ptr<const EdwardsMultiples> EdwardsMultiples::of(EdwardsPoint point) {
    std::vector<EdwardsPoint> points;
    points.reserve(digits * multiples_each);
    for (std::size_t i = 0; i < digits; ++i) {
        points.push_back(point);
        for (std::size_t j = 1; j < multiples_each; ++j) {
            points.push_back(added(points.back(), point));
        }
        point = doubled(points.back());  // 32 times
    }
    // One inversion for all: that of the product of all z, taken apart again from its end.
    std::vector<Field25519> before;
    before.reserve(points.size());
    Field25519 product = field_of(1);
    for (const EdwardsPoint& each : points) {
        before.push_back(product);
        product = product * each.z;
    }
    Field25519 inverse = invert(product);
    auto table = std::make_unique<EdwardsMultiples>();
    for (std::size_t i = points.size(); i-- > 0;) {
        const Field25519 by_z = inverse * before[i];
        inverse = inverse * points[i].z;
        table->by_digit_[i / multiples_each][i % multiples_each] =
            entry_of(points[i].x * by_z, points[i].y * by_z);
    }
    return table;
}

EdwardsMultiples::Digits EdwardsMultiples::digits_of(const EdwardsScalar& scalar) {
    Digits found{};
    unsigned carry = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const std::size_t bit = i * digit_bits;
        const unsigned here = scalar[bit / 8];
        const unsigned above = bit / 8 + 1 < scalar.size() ? scalar[bit / 8 + 1] : 0U;
        const unsigned value = ((here | above << 8U) >> (bit % 8) & 31U) + carry;
        carry = value > 15 ? 1U : 0U;
        found[i] = static_cast<std::int8_t>(static_cast<int>(value) - static_cast<int>(carry * 32));
    }
    HEADROOM_ASSERT(carry == 0);
    return found;
}

void EdwardsMultiples::fetch(const Digits& scalar) const {
    for (std::size_t digit = 0; digit < digits; ++digit) {
        if (scalar[digit] != 0) {
            const auto* place = reinterpret_cast<const char*>(&entry(scalar, digit));
            __builtin_prefetch(place);
            __builtin_prefetch(place + 64);
            __builtin_prefetch(place + sizeof(Entry) - 1);
        }
    }
}

namespace edwards25519 {

EdwardsPoint sum_one_by_one(const EdwardsSum& terms) {
    EdwardsPoint sum;
    for (std::size_t digit = 0; digit < EdwardsMultiples::digits; ++digit) {
        if (const int value = terms.of_first[digit]; value != 0) {
            sum = added(sum, terms.first.entry(terms.of_first, digit), value < 0);
        }
        if (const int value = terms.of_second[digit]; value != 0) {
            sum = added(sum, terms.second.entry(terms.of_second, digit), value < 0);
        }
    }
    return sum;
}

}  // namespace edwards25519

EdwardsPoint sum_of(const EdwardsSum& terms) {
    static const bool has_lanes = edwards25519::has_lanes();
    return has_lanes ? edwards25519::sum_by_lanes(terms) : edwards25519::sum_one_by_one(terms);
}

}  // namespace headroom
