#include "core/ed25519_known.hpp"

#include "core/field25519.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace headroom {
namespace {

constexpr std::size_t digit_bits = 5;
constexpr std::size_t digits = 51;            // of a number below 2^253, and a carry
constexpr std::size_t multiples_each = 16;    // 1 to 16 times; the other half by their negatives
constexpr std::size_t tables_max = 64;        // of a thread
constexpr std::size_t counted_max = 1024;     // keys whose signatures are counted
constexpr int good_before_table = 3;          // signatures, while there is room
constexpr int good_before_another_goes = 64;  // when there is none

/// (X/Z, Y/Z) on -x² + y² = 1 + d x² y², with T = XY/Z.
struct Point {
    Field25519 x;
    Field25519 y = field_of(1);
    Field25519 z = field_of(1);
    Field25519 t;
};

/// A point as it is added: y + x, y - x, 2 d x y.
struct Addend {
    Field25519 sum;
    Field25519 difference;
    Field25519 product;
};

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
Point joined(const Field25519& e, const Field25519& f, const Field25519& g, const Field25519& h) {
    return {.x = e * f, .y = g * h, .z = f * g, .t = e * h};
}

/// p + a, or p - a.
Point added(const Point& p, const Addend& a, bool is_negative) {
    const Field25519 low = (p.y - p.x) * (is_negative ? a.sum : a.difference);
    const Field25519 high = (p.y + p.x) * (is_negative ? a.difference : a.sum);
    const Field25519 cross = p.t * a.product;
    const Field25519 twice = p.z + p.z;
    const Field25519 less = twice - cross;
    const Field25519 more = twice + cross;
    return joined(high - low, is_negative ? more : less, is_negative ? less : more, high + low);
}

Point added(const Point& p, const Point& q) {
    const Field25519 low = (p.y - p.x) * (q.y - q.x);
    const Field25519 high = (p.y + p.x) * (q.y + q.x);
    const Field25519 cross = p.t * q.t * twice_d();
    const Field25519 both = p.z * q.z;
    const Field25519 twice = both + both;
    return joined(high - low, twice - cross, twice + cross, high + low);
}

Point doubled(const Point& p) {
    const Field25519 xx = square(p.x);
    const Field25519 yy = square(p.y);
    const Field25519 zz = square(p.z);
    const Field25519 sum = yy + xx;
    const Field25519 e = square(p.x + p.y) - sum;
    const Field25519 f = zz + zz + xx - yy;
    return joined(e, f, yy - xx, sum);
}

/// The point with this y and the sign of x in the highest bit; nothing when there is none.
std::optional<Point> decompressed(const std::array<std::uint8_t, 32>& bytes) {
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
    return Point{.x = x, .y = y, .z = one, .t = x * y};
}

/// The point from which all others are multiplied: y = 4/5, x even.
Point base_point() {
    const std::optional<Point> base = decompressed(field_to_bytes(field_of(4) * invert(field_of(5))));
    HEADROOM_ASSERT(base.has_value());
    return *base;
}

std::array<std::uint8_t, 32> compressed(const Point& p) {
    const Field25519 by_z = invert(p.z);
    std::array<std::uint8_t, 32> bytes = field_to_bytes(p.y * by_z);
    bytes[31] |= static_cast<std::uint8_t>(is_odd(p.x * by_z) ? 0x80U : 0U);
    return bytes;
}

/// Whether eight times the point is the neutral one.
bool has_small_order(const Point& p) {
    const Point eightfold = doubled(doubled(doubled(p)));
    return same(eightfold.x, {}) && same(eightfold.y, eightfold.z);
}

using Scalar = std::array<std::uint8_t, 32>;

/// Digits from -16 to 15, the lowest first; for numbers below 2^253.
std::array<std::int8_t, digits> digits_of(const Scalar& scalar) {
    std::array<std::int8_t, digits> found{};
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

/// 2^252 + 27742317777372353535851937790883648493, the order of the group, least significant byte first.
constexpr Scalar group_order{0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
                             0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
                             0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

bool is_below_order(const Scalar& scalar) {
    return std::lexicographical_compare(scalar.rbegin(), scalar.rend(), group_order.rbegin(),
                                        group_order.rend());
}

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// SHA-512 of R, key and message, modulo the order.
Scalar challenge_of(std::string_view r, const Ed25519PublicKey& key, std::string_view message) {
    crypto_hash_sha512_state state;
    std::array<std::uint8_t, crypto_hash_sha512_BYTES> hash{};
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, as_bytes(r), r.size());
    crypto_hash_sha512_update(&state, key.data(), key.size());
    crypto_hash_sha512_update(&state, as_bytes(message), message.size());
    crypto_hash_sha512_final(&state, hash.data());
    Scalar scalar{};
    crypto_core_ed25519_scalar_reduce(scalar.data(), hash.data());
    return scalar;
}

}  // namespace

/// 1 to 16 times the point, times each power of 32.
struct Ed25519Multiples::Table {
    std::array<std::array<Addend, multiples_each>, digits> by_digit;

    static std::unique_ptr<const Table> of(Point point);
    void add(Point& sum, const std::array<std::int8_t, digits>& scalar, std::size_t digit) const {
        const int value = scalar[digit];
        if (value != 0) {
            const auto place = static_cast<std::size_t>(value < 0 ? -value : value) - 1;
            sum = added(sum, by_digit[digit][place], value < 0);
        }
    }
    /// Asks for all that a scalar will add: between two messages the table has left the nearest caches, and
    /// one addition is too long for the processor to look past it by itself.
    void fetch(const std::array<std::int8_t, digits>& scalar) const {
        for (std::size_t digit = 0; digit < digits; ++digit) {
            const int value = scalar[digit];
            const auto place = static_cast<std::size_t>(value < 0 ? -value : value);
            const auto* entry = reinterpret_cast<const char*>(&by_digit[digit][place == 0 ? 0 : place - 1]);
            __builtin_prefetch(entry);
            __builtin_prefetch(entry + sizeof(Addend) - 1);
        }
    }
};

std::unique_ptr<const Ed25519Multiples::Table> Ed25519Multiples::Table::of(Point point) {
    std::vector<Point> points;
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
    for (const Point& each : points) {
        before.push_back(product);
        product = product * each.z;
    }
    Field25519 inverse = invert(product);
    auto table = std::make_unique<Table>();
    for (std::size_t i = points.size(); i-- > 0;) {
        const Field25519 by_z = inverse * before[i];
        inverse = inverse * points[i].z;
        const Field25519 x = points[i].x * by_z;
        const Field25519 y = points[i].y * by_z;
        const Field25519 one = field_of(1);
        table->by_digit[i / multiples_each][i % multiples_each] = {
            .sum = (y + x) * one, .difference = (y - x) * one, .product = x * y * twice_d()};
    }
    return table;
}

Ed25519Multiples::Ed25519Multiples(const Ed25519PublicKey& key, std::unique_ptr<const Table> table)
    : key_(key), table_(std::move(table)) {}

Ed25519Multiples::~Ed25519Multiples() = default;

std::unique_ptr<const Ed25519Multiples> Ed25519Multiples::of(const Ed25519PublicKey& key) {
    if (sodium_init() < 0 || crypto_core_ed25519_is_valid_point(key.data()) != 1) {
        return nullptr;
    }
    std::optional<Point> point = decompressed(key);
    if (!point) {
        return nullptr;
    }
    // R + h A = S B is checked as R = S B + h (-A).
    point->x = negated(point->x);
    point->t = negated(point->t);
    return std::unique_ptr<const Ed25519Multiples>(new Ed25519Multiples(key, Table::of(*point)));
}

bool Ed25519Multiples::verify(std::string_view message, std::string_view signature) const {
    static const std::unique_ptr<const Table> base = Table::of(base_point());
    if (signature.size() != crypto_sign_BYTES) {
        return false;
    }
    Scalar s{};
    std::copy(signature.begin() + 32, signature.end(), s.begin());
    if (!is_below_order(s)) {
        return false;
    }
    const std::string_view r = signature.substr(0, 32);
    const auto of_base = digits_of(s);
    base->fetch(of_base);
    const auto of_key = digits_of(challenge_of(r, key_, message));
    table_->fetch(of_key);
    Point sum;
    for (std::size_t digit = 0; digit < digits; ++digit) {
        base->add(sum, of_base, digit);
        table_->add(sum, of_key, digit);
    }
    return as_chars(compressed(sum)) == r && !has_small_order(sum);
}

namespace {

/// The keys whose signatures one thread has found good.
class KnownKeys {
  public:
    [[nodiscard]] const Ed25519Multiples* find(const Ed25519PublicKey& key) {
        const auto found = tables_.find(key);
        if (found == tables_.end()) {
            return nullptr;
        }
        found->second.used = ++uses_;
        return found->second.multiples.get();
    }

    void note_good(const Ed25519PublicKey& key) {
        if (good_.size() >= counted_max && !good_.contains(key)) {
            good_.clear();
        }
        const int needed = tables_.size() < tables_max ? good_before_table : good_before_another_goes;
        if (++good_[key] < needed) {
            return;
        }
        good_.erase(key);
        std::unique_ptr<const Ed25519Multiples> made = Ed25519Multiples::of(key);
        if (!made) {
            return;
        }
        if (tables_.size() >= tables_max) {
            tables_.erase(std::min_element(tables_.begin(), tables_.end(), [](const auto& a, const auto& b) {
                return a.second.used < b.second.used;
            }));
        }
        tables_[key] = {.multiples = std::move(made), .used = ++uses_};
    }

  private:
    struct Known {
        std::unique_ptr<const Ed25519Multiples> multiples;
        std::uint64_t used = 0;
    };
    std::map<Ed25519PublicKey, Known> tables_;
    std::map<Ed25519PublicKey, int> good_;
    std::uint64_t uses_ = 0;
};

}  // namespace

bool ed25519_verify_known(const Ed25519PublicKey& key, std::string_view message, std::string_view signature) {
    thread_local KnownKeys known;
    const Ed25519Multiples* multiples = known.find(key);
    if (multiples != nullptr && multiples->verify(message, signature)) {
        return true;
    }
    const bool is_good = ed25519_verify(key, message, signature);
    if (is_good && multiples == nullptr) {
        known.note_good(key);
    }
    return is_good;
}

}  // namespace headroom
