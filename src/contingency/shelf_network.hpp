#pragma once

#include "core/time.hpp"
#include "grid/network.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::contingency {

/// How far a plan looks ahead: 6 h.
inline constexpr std::size_t shelf_periods = 12;
/// Whole watts by half-hour, the first of them the one that runs.
using PeriodWatts = std::array<std::int64_t, shelf_periods>;

/// L1, L2, L3 and the sum, in this order, wherever something stands by phase in this room.
inline constexpr std::size_t phase_count = 4;
inline constexpr std::size_t phase_sum = 3;
using PhaseWatts = std::array<PeriodWatts, phase_count>;
[[nodiscard]] std::size_t phase_place(grid::Phase phase);  ///< precondition: not the neutral
[[nodiscard]] grid::Phase phase_at(std::size_t place);

/// What an element may import on one phase in the season at hand; 0 = no such limit.
struct PhaseLimits {
    std::int64_t binding_w = 0;  ///< the tightest of those that are not for an emergency
    grid::LimitKind binding_kind = grid::LimitKind::continuous;
    std::int64_t continuous_w = 0;
    std::int64_t cyclic_w = 0;
    std::int64_t emergency_w = 0;
    std::int64_t emergency_minutes = 0;
    bool is_verified = false;   ///< the binding one
    std::size_t position = 0;   ///< of the binding one in `Network::limits()`; only with a limit
    bool is_nameplate = false;  ///< no limit was given: a substation's rating stands for it
};

/// The network as the shelf sees it: feeders and substations by position, parents before children, and what
/// joins them. Made again whenever the network or the season changes; refers to the network it was made from.
class ShelfNetwork {
  public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct Element {
        std::string_view id;
        std::string_view name;
        bool is_feeder = false;
        std::size_t parent = none;
        std::vector<std::size_t> children;
        std::vector<std::size_t> ties;  ///< with an end here
        std::array<PhaseLimits, phase_count> limits;
        std::size_t walk_first = 0;  ///< what hangs on it has walk numbers in [walk_first, walk_end)
        std::size_t walk_end = 0;
        std::size_t depth = 0;
        [[nodiscard]] bool has_limit() const;
    };
    struct TieEdge {
        std::string_view id;
        std::string_view name;
        std::array<std::size_t, 2> ends{};
        std::int64_t rating_w = 0;
        std::int64_t minutes = 0;
        bool is_remote = false;
    };
    /// A way out of a lost element: from `inner`, which hangs on it, to `receiver`, which does not.
    struct WayOut {
        std::size_t tie = 0;
        std::size_t inner = 0;
        std::size_t receiver = 0;
    };

    ShelfNetwork(const grid::Network& network, grid::Season season);

    [[nodiscard]] const grid::Network& network() const { return network_; }
    [[nodiscard]] grid::Season season() const { return season_; }
    [[nodiscard]] const std::vector<Element>& elements() const { return elements_; }
    [[nodiscard]] const std::vector<TieEdge>& ties() const { return ties_; }
    [[nodiscard]] std::size_t find(std::string_view id) const;
    /// Whether `below` is `above` or hangs on it.
    [[nodiscard]] bool is_within(std::size_t below, std::size_t above) const;
    /// The elements that hang on this one, itself first, parents before children.
    [[nodiscard]] const std::vector<std::size_t>& walk() const { return walk_; }
    /// Every tie between what hangs on `lost` and the rest of the network: the quickest first, then the one
    /// nearest to `lost`, then by id. A feeder whose end meets its own busbar again may be supplied from
    /// there.
    [[nodiscard]] std::vector<WayOut> ways_out(std::size_t lost) const;
    /// `receiver` and what supplies it, without what supplies `lost` as well: who carries more when load
    /// moves.
    [[nodiscard]] std::vector<std::size_t> carriers(std::size_t receiver, std::size_t lost) const;

  private:
    void read_limits();
    void number_walk();

    const grid::Network& network_;
    grid::Season season_;
    std::vector<Element> elements_;
    std::vector<TieEdge> ties_;
    std::vector<std::size_t> walk_;
    std::unordered_map<std::string_view, std::size_t> by_id_;
};

}  // namespace headroom::contingency
