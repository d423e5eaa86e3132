#pragma once

#include "core/time.hpp"
#include "core/units.hpp"
#include "flex/interval_grid.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace headroom::sim {

/// What a provider has promised of each DER in each half-hour, so that no watt is sold twice over all open
/// orders. A transaction holds power from its quote on (until the quote expires) or from its confirmation on
/// (until it is released). Within a half-hour the largest power of a grid counts for all of it.
class PowerLedger {
  public:
    /// The least power that is left of `most` in any half-hour of [from, to), apart from what `transaction`
    /// itself holds. ≥ 0.
    [[nodiscard]] Watts left(const std::string& der, Watts most, UtcTime from, UtcTime to,
                             const std::string& transaction = {}) const;
    /// In place of whatever the transaction held of any DER: its grids by DER. `until` ends it; nothing: it
    /// stays until it is released.
    void hold(const std::string& transaction, std::vector<std::pair<std::string, flex::IntervalGrid>> lines,
              std::optional<UtcTime> until);
    void release(const std::string& transaction);
    /// Releases holds that ended at or before `now`.
    void expire(UtcTime now);
    /// Transactions that hold something.
    [[nodiscard]] std::size_t holders() const { return held_.size(); }
    /// Sold in the half-hour of `at`, by everybody.
    [[nodiscard]] Watts sold(const std::string& der, UtcTime at) const;

  private:
    using HalfHours = std::map<std::int64_t, std::int64_t>;  // half-hour since 1970 → W
    struct Held {
        std::map<std::string, HalfHours> by_der;
        std::optional<UtcTime> until;
    };
    std::map<std::string, HalfHours> sold_;       // by DER, of all transactions
    std::unordered_map<std::string, Held> held_;  // by transaction
    std::multimap<UtcTime, std::string> ending_;
};

}  // namespace headroom::sim
