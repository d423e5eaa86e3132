#pragma once

#include "forecast/ridge_sums.hpp"
#include "forecast/trees.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace headroom::forecast {

/// The models that are blended. Those of the series itself are missing where its history is short.
enum class Member : std::uint8_t { base, all_trees, all_ridge, own_trees, own_ridge_loose, own_ridge_tight };
inline constexpr std::size_t member_count = 6;
using MemberValues =
    std::array<double, member_count>;  ///< changes from the base, in scales; NaN when missing

[[nodiscard]] constexpr std::size_t index(Member member) {
    return static_cast<std::size_t>(member);
}

/// In scales: what lies farther from the base is a fault of the meter, not a change of load.
inline constexpr double change_max = 3.0;
/// In scales: the least error that is expected of any forecast.
inline constexpr double width_floor = 0.01;

/// What was learnt up to an instant.
struct LeadModel {
    LinearTerms terms;
    Trees all_trees;
    LinearModel all_ridge;
    struct Own {
        Trees trees;
        LinearModel loose;
        LinearModel tight;
        bool is_there = false;
        std::vector<double> blend;  ///< empty: as the others
    };
    std::vector<Own> own;        ///< by series
    std::vector<double> blend;   ///< of a series that was never seen
    std::optional<Trees> width;  ///< logarithm of the error's expected size, in scales

    [[nodiscard]] MemberValues members(std::span<const float> row, std::int32_t series) const;
    /// Weighted mean of the members that are there.
    [[nodiscard]] double blended(const MemberValues& members, std::int32_t series) const;
    /// Expected size of the blend's error, in scales; > 0.
    [[nodiscard]] double error_width(std::span<const float> row, const MemberValues& members,
                                     double blended) const;

    /// Many rows, standing one behind the other, each of the series beside it: the same bits as one by one,
    /// in less time. `scratch` is memory to be used again.
    void members(std::span<const float> rows, std::span<const std::int32_t> series,
                 std::span<MemberValues> out, std::vector<float>& scratch) const;
    void error_widths(std::span<const float> rows, std::span<const MemberValues> members,
                      std::span<const double> blended, std::span<double> out,
                      std::vector<float>& scratch) const;

  private:
    void linear_members(std::span<const float> row, std::int32_t series, std::vector<double>& expanded,
                        MemberValues& out) const;
};

/// Appends what the width is told from beside the row: how far the blend goes from the base, and how the
/// members differ.
void append_width_columns(const MemberValues& members, double blended, std::vector<float>& out);

}  // namespace headroom::forecast
