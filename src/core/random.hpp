#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace headroom {

/// Counter-based randomness: a draw is a pure function of (seed, entity, step, stream), so adding an entity
/// or asking in another order changes no other draw, and the "without" world sees the same weather and people
/// as the "with" world.
class Random {
  public:
    explicit constexpr Random(std::uint64_t seed) : seed_(seed) {}

    /// 64 well-mixed bits.
    [[nodiscard]] std::uint64_t bits(std::uint64_t entity, std::uint64_t step,
                                     std::uint64_t stream = 0) const;
    /// Uniform in [0, 1).
    [[nodiscard]] double uniform(std::uint64_t entity, std::uint64_t step, std::uint64_t stream = 0) const;
    /// Standard normal (Box–Muller on two draws).
    [[nodiscard]] double normal(std::uint64_t entity, std::uint64_t step, std::uint64_t stream = 0) const;
    /// Uniform in [0, count); count > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t count, std::uint64_t entity, std::uint64_t step,
                                      std::uint64_t stream = 0) const;
    /// `bits` of the entity's steps from `first` on, as many as `out` holds; several at a time.
    void bits_from(std::uint64_t entity, std::uint64_t first, std::span<std::uint64_t> out,
                   std::uint64_t stream = 0) const;
    [[nodiscard]] std::uint64_t seed() const { return seed_; }

    /// A stable 64-bit key for a name (FNV-1a).
    [[nodiscard]] static std::uint64_t key(std::string_view name);

  private:
    std::uint64_t seed_;
};

}  // namespace headroom
