#pragma once

#include "forecast/forecaster.hpp"
#include "monitor/chunks.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace headroom::monitor {

/// The half-hours ahead of each limit, `rows` of them a limit at most, each with the half-hour it is for.
///
/// A row is kept in 18 bytes: its lowest quantile and the steps to the next ones. A step of 65 kW or more
/// does not fit; such rows are kept apart, whole.
class ForecastRows {
  public:
    explicit ForecastRows(std::size_t rows) : rows_(rows), packed_(rows) {}

    void reserve(std::size_t limits) { packed_.reserve(limits); }
    /// Begins a limit, with nothing known.
    void add(std::size_t limited);
    /// Precondition: period ≥ 0. Nothing when `row` is none.
    void put(std::size_t limited, std::int64_t period, const std::optional<forecast::QuantileRow>& row);
    [[nodiscard]] std::optional<forecast::QuantileRow> at(std::size_t limited, std::int64_t period) const;
    /// Sends for the rows of a limit that will be asked for.
    void prefetch(std::size_t limited) const {
        const auto* rows = reinterpret_cast<const std::byte*>(packed_.at(limited));
        for (std::size_t at = 0; at < rows_ * sizeof(Packed); at += 64) {
            __builtin_prefetch(rows + at, 1);
        }
    }
    [[nodiscard]] std::size_t bytes() const { return packed_.bytes(); }

  private:
    struct Packed {
        std::array<std::uint16_t, 2> lowest{};
        std::array<std::uint16_t, forecast::quantile_count - 1> steps{};
        std::uint16_t tag = 0;  // 0 = nothing, else of the half-hour
    };
    static_assert(sizeof(Packed) == 4 + 2 * forecast::quantile_count);
    static constexpr std::uint16_t wide = 0xffff;
    /// Half-hours of one tag lie more than three years apart.
    static std::uint16_t tag_of(std::int64_t period) {
        return static_cast<std::uint16_t>(1 + period % 0xffff);
    }
    [[nodiscard]] std::size_t place_of(std::int64_t period) const {
        return static_cast<std::size_t>(period) % rows_;
    }

    std::size_t rows_;
    Chunks<Packed> packed_;
    std::unordered_map<std::uint64_t, forecast::QuantileRow> wide_;  // by limit and place
};

}  // namespace headroom::monitor
