#pragma once

#include "contingency/experience.hpp"
#include "contingency/shelf_network.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "grid/authority.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::contingency {

/// covered: all that is interrupted can move, within every limit. partly: some of it. uncovered: nothing.
enum class Cover : std::uint8_t { covered, partly, uncovered };
[[nodiscard]] std::string_view to_string(Cover cover);
[[nodiscard]] std::optional<Cover> parse_cover(std::string_view text);

/// A tie to be closed: recommended to whoever switches, never sent.
struct Switching {
    std::string tie;
    std::string from;  ///< the end whose load moves; it is cut off from the lost element first
    std::string to;    ///< the end that supplies it then
    std::int64_t close_after_minutes = 0;  ///< from the loss: travel, or until the orders have responded
    bool waits_for_orders = false;         ///< the response takes longer than the switching
    bool is_remote = false;
    std::int64_t share_ppm = 0;  ///< of what `from` still carries
    std::int64_t peak_w = 0;     ///< largest load over the tie
    std::int64_t rating_w = 0;
};

/// A tie that cannot be counted on, and why.
struct UnusedTie {
    std::string tie;
    std::string reason;
};

/// A limit of an element that takes load over, on its worst phase.
struct LimitUse {
    std::string kind;  ///< continuous, cyclic, emergency … or "nameplate"
    std::string phase;
    std::int64_t limit_w = 0;
    std::int64_t peak_w = 0;                            ///< without flexibility
    std::optional<std::int64_t> reached_after_minutes;  ///< from the loss; nothing: it is not
    std::int64_t allowed_minutes = 0;                   ///< of an emergency limit; 0 = without end
};

/// An element that carries more after switching.
struct Receiver {
    std::string element;
    std::string phase;          ///< the worst one: nearest to its limit, or furthest over it
    std::int64_t limit_w = 0;   ///< the binding one on that phase; 0 = none is known
    PeriodWatts before_w{};     ///< on that phase, at the chosen quantile
    PeriodWatts after_w{};      ///< after switching, without flexibility
    PeriodWatts need_w{};       ///< flexibility needed on that phase, ≥ 0
    std::int64_t peak_ppm = 0;  ///< largest `after_w` over the limit, without flexibility
    std::optional<std::int64_t> time_to_limit_minutes;  ///< from the loss; nothing: it stays within
    /// With what the emergency rating allows on top.
    std::optional<std::int64_t> time_to_act_minutes;
    std::vector<LimitUse> limits;
};

/// Relief that is called for as soon as the element is lost.
struct ShelfOrder {
    std::string feeder;
    std::string phase;
    std::string event;              ///< armed already, to be fired; empty: bought on the spot or armed ahead
    std::int64_t from_minutes = 0;  ///< from the loss: when the load arrives
    PeriodWatts power_w{};          ///< by half-hour; 0 where none is needed
    std::vector<std::string> ders;  ///< expected to answer, at most 20
    std::int64_t ders_count = 0;
    std::string authority;  ///< shadow | propose | act, what would be granted now
    std::string authority_reason;
    std::string guard = "pass";  ///< rule that would refuse
    std::string guard_reason;
    bool is_limit_verified = false;
    [[nodiscard]] std::int64_t peak_w() const;
};

/// What could be done when what has been learnt may not hold, reckoned under its own assumptions.
struct Pathway {
    std::string name;                  ///< "as_forecast", "cautious", "wait"
    std::vector<std::string> assumes;  ///< sentences
    std::vector<std::string> closes;   ///< ties
    std::int64_t restored_peak_w = 0;
    std::int64_t unserved_wh = 0;
    std::int64_t flexibility_peak_w = 0;
    std::int64_t worst_loading_ppm = 0;  ///< of a receiver, after orders
};

/// The ready plan for the loss of one element over the next 6 h. Whole numbers and texts only.
struct ShelfPlan {
    std::string element;
    std::string name;
    bool is_feeder = false;
    UtcTime start{};  ///< of the first half-hour
    std::int64_t quantile_ppm = 0;
    bool is_load_known = false;
    bool is_energised = true;  ///< false: it is lost already, or out of service
    PeriodWatts interrupted_w{};
    PeriodWatts unrestored_w{};  ///< after everything that can be switched
    std::int64_t interrupted_peak_w = 0;
    std::int64_t unrestored_peak_w = 0;
    std::int64_t unserved_wh = 0;    ///< over the 6 h, the time until switches are closed included
    std::int64_t unrestored_wh = 0;  ///< of it what no switch can restore
    std::int64_t customers = 0;      ///< below it, as far as known
    std::int64_t rank_weight = 0;    ///< unrestored energy in Wh, times customers where they are known
    Cover cover = Cover::uncovered;
    std::string reason;
    std::vector<Switching> switching;
    std::vector<UnusedTie> unused;
    std::vector<Receiver> receivers;
    std::vector<ShelfOrder> orders;
    std::optional<std::int64_t> time_to_limit_minutes;  ///< the shortest of the receivers
    std::string mode;  ///< act | propose | shadow: the lowest of the orders; propose with doubts
    std::vector<DoubtReason> doubts;
    std::vector<Pathway> pathways;  ///< only with doubts, at least two
};

[[nodiscard]] json::Value to_json(const ShelfPlan& plan);
/// SHA-256 of the canonical JSON, hex: names the plan in the log.
[[nodiscard]] std::string plan_sha256(const ShelfPlan& plan);

}  // namespace headroom::contingency
