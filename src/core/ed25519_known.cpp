#include "core/ed25519_known.hpp"

#include "core/edwards25519.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace headroom {
namespace {

constexpr std::size_t tables_max = 64;        // of a thread
constexpr std::size_t counted_max = 1024;     // keys whose signatures are counted
constexpr int good_before_table = 3;          // signatures, while there is room
constexpr int good_before_another_goes = 64;  // when there is none

/// 2^252 + 27742317777372353535851937790883648493, the order of the group, least significant byte first.
constexpr EdwardsScalar group_order{0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
                                    0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
                                    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

bool is_below_order(const EdwardsScalar& scalar) {
    return std::lexicographical_compare(scalar.rbegin(), scalar.rend(), group_order.rbegin(),
                                        group_order.rend());
}

const unsigned char* unsigned_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// Worked out once in a process.
const EdwardsMultiples& base_multiples() {
    static const std::unique_ptr<const EdwardsMultiples> base = EdwardsMultiples::of(edwards_base());
    return *base;
}

/// SHA-512 of R, key and message, modulo the order.
EdwardsScalar challenge_of(std::string_view r, const Ed25519PublicKey& key, std::string_view message) {
    crypto_hash_sha512_state state;
    std::array<std::uint8_t, crypto_hash_sha512_BYTES> hash{};
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, unsigned_bytes(r), r.size());
    crypto_hash_sha512_update(&state, key.data(), key.size());
    crypto_hash_sha512_update(&state, unsigned_bytes(message), message.size());
    crypto_hash_sha512_final(&state, hash.data());
    EdwardsScalar scalar{};
    crypto_core_ed25519_scalar_reduce(scalar.data(), hash.data());
    return scalar;
}

}  // namespace

Ed25519Multiples::Ed25519Multiples(const Ed25519PublicKey& key,
                                   std::unique_ptr<const EdwardsMultiples> negative)
    : key_(key), negative_(std::move(negative)) {}

Ed25519Multiples::~Ed25519Multiples() = default;

std::unique_ptr<const Ed25519Multiples> Ed25519Multiples::of(const Ed25519PublicKey& key) {
    if (sodium_init() < 0 || crypto_core_ed25519_is_valid_point(key.data()) != 1) {
        return nullptr;
    }
    const std::optional<EdwardsPoint> point = decompressed(key);
    if (!point) {
        return nullptr;
    }
    return std::unique_ptr<const Ed25519Multiples>(
        new Ed25519Multiples(key, EdwardsMultiples::of(negated(*point))));
}

bool Ed25519Multiples::verify(std::string_view message, std::string_view signature) const {
    if (signature.size() != crypto_sign_BYTES) {
        return false;
    }
    const EdwardsMultiples& base = base_multiples();
    EdwardsScalar s{};
    std::copy(signature.begin() + 32, signature.end(), s.begin());
    if (!is_below_order(s)) {
        return false;
    }
    const std::string_view r = signature.substr(0, 32);
    const auto of_base = EdwardsMultiples::digits_of(s);
    base.fetch(of_base);
    const auto of_key = EdwardsMultiples::digits_of(challenge_of(r, key_, message));
    negative_->fetch(of_key);
    // R + h A = S B is checked as R = S B + h (-A).
    const EdwardsPoint sum =
        sum_of({.first = base, .of_first = of_base, .second = *negative_, .of_second = of_key});
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
        learn(key);
    }

    /// Never at the cost of another: who is expected may not come.
    void expect(const Ed25519PublicKey& key) {
        if (tables_.size() < tables_max && !tables_.contains(key)) {
            learn(key);
        }
    }

  private:
    void learn(const Ed25519PublicKey& key) {
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

    struct Known {
        std::unique_ptr<const Ed25519Multiples> multiples;
        std::uint64_t used = 0;
    };
    std::map<Ed25519PublicKey, Known> tables_;
    std::map<Ed25519PublicKey, int> good_;
    std::uint64_t uses_ = 0;
};

KnownKeys& known_keys() {
    thread_local KnownKeys known;
    return known;
}

}  // namespace

void ed25519_expect(const Ed25519PublicKey& key) {
    static_cast<void>(base_multiples());
    known_keys().expect(key);
}

bool ed25519_verify_known(const Ed25519PublicKey& key, std::string_view message, std::string_view signature) {
    KnownKeys& known = known_keys();
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
