#pragma once

#include "core/result.hpp"
#include "scenario/asset.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::scenario {

/// How the assets of a run hang together, by their positions in the list.
class Topology {
  public:
    struct Tie {
        std::size_t to = 0;
        double move_kw = 0.0;
    };

    /// Errors: `invalid` for a repeated id, an asset that feeds itself, and a circle; `not_found` for a fed
    /// asset or an open point that is none of `assets`; with pointers like /assets/3/feeds/0.
    [[nodiscard]] static Result<Topology> make(std::span<const Asset> assets);

    [[nodiscard]] std::size_t find(std::string_view id) const;  ///< `none` when there is none
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// Every asset after those it feeds.
    [[nodiscard]] const std::vector<std::size_t>& order() const { return order_; }
    [[nodiscard]] const std::vector<std::size_t>& children(std::size_t asset) const {
        return children_[asset];
    }
    [[nodiscard]] const std::vector<std::size_t>& parents(std::size_t asset) const { return parents_[asset]; }
    [[nodiscard]] const std::vector<Tie>& ties(std::size_t asset) const { return ties_[asset]; }
    /// Part of the asset's load that each of its parents carries: 1 over their number.
    [[nodiscard]] double share_of_parent(std::size_t asset) const {
        return parents_[asset].empty() ? 0.0 : 1.0 / static_cast<double>(parents_[asset].size());
    }
    /// Highest load of the sum over the sum of the highest loads of what an asset feeds: 1 for one, towards
    /// 0.85 for many. Own figure, of the size that planning guides use between feeders and their busbar.
    [[nodiscard]] double coincidence(std::size_t asset) const;
    /// An asset that carries a change of another's load, and the part of it that arrives there.
    struct Carrier {
        std::size_t asset = 0;
        double share = 0.0;
    };
    /// Everything that feeds the asset, over however many others, each once.
    [[nodiscard]] std::vector<Carrier> above(std::size_t asset) const;

  private:
    std::unordered_map<std::string_view, std::size_t> by_id_;
    std::vector<std::vector<std::size_t>> children_;
    std::vector<std::vector<std::size_t>> parents_;
    std::vector<std::vector<Tie>> ties_;
    std::vector<std::size_t> order_;
    std::vector<std::size_t> place_in_order_;
};

}  // namespace headroom::scenario
