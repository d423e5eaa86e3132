#pragma once

#include "forecast/blend.hpp"
#include "forecast/gbdt.hpp"
#include "forecast/lead_model.hpp"
#include "forecast/lead_rows.hpp"
#include "forecast/ridge_sums.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace headroom::forecast {

/// Rows of one kind of forecast for all series, oldest target first.
struct LeadRows {
    std::size_t columns = 0;
    std::vector<float> values;  ///< one row behind the other
    struct Head {
        std::int32_t series = 0;
        std::int64_t target = 0;
        std::int64_t origin = 0;
        double base = 0.0;
        double truth = 0.0;
    };
    std::vector<Head> heads;
    [[nodiscard]] std::span<const float> row(std::size_t i) const {
        return std::span(values).subspan(i * columns, columns);
    }
};

struct LearnOptions {
    std::uint32_t seed = 7;
    GbdtOptions trees{.rounds_max = 120, .depth_max = 6, .eta = 0.08, .columns_by_tree = 0.4, .bins = 64};
    GbdtOptions width_trees{.rounds_max = 60,
                            .depth_max = 4,
                            .eta = 0.1,
                            .min_child_weight = 40.0,
                            .subsample = 0.7,
                            .columns_by_tree = 0.4,
                            .bins = 64};
    double all_penalty = 1.0;
    double loose_penalty = 0.3;
    double tight_penalty = 4.0;
    std::size_t own_rows_min = 600;    ///< of a series, for models of its own
    std::size_t own_series_max = 400;  ///< beyond so many such series none has models of its own
    double watched_share = 0.0;        ///< of the newest rows, which end the growing of trees early; 0: none
    std::size_t rows_max = 400'000;    ///< newest rows that trees are grown from
    std::size_t look_back_rows_max = 200'000;  ///< the same, of models that only look back
    std::size_t threads = 1;  ///< that grow trees side by side; the trees are the same for any number
    std::size_t width_rows_max = 60'000;  ///< newest rows that the widths are grown from
    double half_life_days = 30.0;         ///< of an error's say in the blend
    /// Looked at after every tree; once it is true, learning ends with `unavailable`. nullptr: never.
    const std::atomic<bool>* is_cancelled = nullptr;
};

/// Learns from rows as time goes on, and remembers what was foretold before it was known.
class LeadLearner {
  public:
    using Progress = std::function<void(std::string_view what)>;

    /// `rows` and `scales` (one a series) are borrowed.
    LeadLearner(const LeadRows& rows, std::span<const Column> columns, std::span<const SeriesScale> scales,
                std::int64_t step_s, const LearnOptions& options);

    /// Learns from every row whose target is not behind slot `now`. Series that come in for the first time
    /// have their older rows foretold by models of still older ones, so that blend and widths rest on errors
    /// that were honestly made. Errors: `invalid` when there is no row yet; those of `grow_trees`.
    [[nodiscard]] Result<LeadModel> learn(std::int64_t now, const Progress& progress);

    /// What `model` says of row `i`; kept, and later learnt from.
    void foretell(const LeadModel& model, std::size_t i);

    [[nodiscard]] bool is_foretold(std::size_t i) const { return widths_[i] > 0.0; }
    [[nodiscard]] double blended(std::size_t i) const { return blended_[i]; }
    [[nodiscard]] double width(std::size_t i) const { return widths_[i]; }
    /// Truth minus blend in widths.
    [[nodiscard]] double error(std::size_t i) const { return (truth(i) - blended_[i]) / widths_[i]; }
    [[nodiscard]] const MemberValues& members(std::size_t i) const { return members_[i]; }

  private:
    [[nodiscard]] double truth(std::size_t i) const;
    [[nodiscard]] GbdtProgress unless_cancelled() const;
    [[nodiscard]] std::size_t rows_until(std::int64_t now) const;
    /// `trees`: those of all series where they are grown already.
    [[nodiscard]] Result<LeadModel> fit(std::int64_t now, std::size_t end, bool is_remembered,
                                        std::future<Result<Trees>> trees);
    [[nodiscard]] Result<Trees> grow(std::span<const std::size_t> rows, std::size_t rows_max) const;
    [[nodiscard]] Result<void> grow_own(LeadModel& model, std::size_t end, std::size_t rows_max) const;
    void sum_up(std::size_t end);
    [[nodiscard]] Result<void> look_back(std::size_t end, const Progress& progress);
    void learn_blend(LeadModel& model, std::int64_t now, std::size_t end) const;
    [[nodiscard]] Result<Trees> grow_width(std::span<const std::size_t> rows) const;
    [[nodiscard]] Result<void> learn_width(LeadModel& model, std::size_t end);
    void width_row(std::size_t i, std::vector<float>& out) const;

    const LeadRows& rows_;
    std::span<const Column> columns_;
    std::span<const SeriesScale> scales_;
    std::int64_t step_s_;
    LearnOptions options_;
    std::optional<LinearTerms> terms_;
    std::optional<RidgeSums> all_sums_;
    std::vector<std::optional<RidgeSums>> own_sums_;
    std::size_t summed_ = 0;  // rows in the sums
    std::vector<MemberValues> members_;
    std::vector<std::uint8_t> has_members_;
    std::vector<double> blended_;
    std::vector<double> widths_;  // 0: not foretold with a width yet
};

}  // namespace headroom::forecast
