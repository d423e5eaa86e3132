#pragma once

#include "scenario/run_result.hpp"
#include "scenario/topology.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace headroom::scenario {

/// The curves of a run while it is made: written in place.
class CurveBook {
  public:
    CurveBook(Curves& curves, std::size_t assets);
    [[nodiscard]] std::size_t periods() const { return curves_.periods; }
    [[nodiscard]] std::span<float> load(std::size_t asset) { return row(curves_.load_kw, asset); }
    [[nodiscard]] std::span<float> low(std::size_t asset) { return row(curves_.low_kw, asset); }
    [[nodiscard]] std::span<float> high(std::size_t asset) { return row(curves_.high_kw, asset); }
    [[nodiscard]] std::span<float> rating(std::size_t asset) { return row(curves_.rating_kw, asset); }
    [[nodiscard]] std::span<float> hot_spot(std::size_t asset) { return row(curves_.hot_spot_c, asset); }

  private:
    [[nodiscard]] std::span<float> row(std::vector<float>& curve, std::size_t asset) const {
        return std::span(curve).subspan(asset * curves_.periods, curves_.periods);
    }
    Curves& curves_;
};

/// Takes an element out of service for the whole window. Its import moves along its open points to the assets
/// at their other end, in shares of the room these have in their fullest half-hour, none above what the tie
/// carries at the element's highest load; where nobody has room, in shares of the ties. What cannot move
/// stays without supply. What feeds the old and the new path is lightened and loaded accordingly, and what
/// the element feeds keeps the part that is supplied. Energy is conserved: moved and unserved add up to what
/// the element carried. Answers what could be done about it, reckoned before the change.
Alternatives take_out(std::size_t element, std::span<const Asset> assets, const Topology& topology,
                      CurveBook& book, std::vector<AssetOutcome>& outcomes);

/// What could be done about an asset that is over its rating at some time: leave it, move as much as the
/// neighbours have room for, call turn-down, or both.
[[nodiscard]] Alternatives remedies_for_overload(std::size_t asset, std::span<const Asset> assets,
                                                 const Topology& topology, CurveBook& book,
                                                 const std::vector<AssetOutcome>& outcomes);

}  // namespace headroom::scenario
