#pragma once

#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/quality_ledger.hpp"
#include "telemetry/reading.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace headroom::desk {

/// How far the network's feeders are covered by readings.
struct Coverage {
    UtcTime as_of{};  ///< end of the pass that counted them; nothing counted before the first
    std::uint64_t feeders = 0;
    std::uint64_t fresh = 0;   ///< a reading of the last 15 minutes
    std::uint64_t stale = 0;   ///< had readings, none of the last 15 minutes
    std::uint64_t silent = 0;  ///< never had one
    std::uint64_t points = 0;  ///< phases (or the sum) that are expected of feeders that have had readings
    std::uint64_t points_fresh = 0;
};

/// Busbar against the sum of the feeders that leave it, on one phase, at the newest time that could be
/// compared.
struct Balance {
    enum class State : std::uint8_t { incomplete, ok, off };
    std::size_t substation = 0;  ///< position in the network
    grid::Phase phase = grid::Phase::sum;
    State state = State::incomplete;
    UtcTime at{};  ///< of the busbar's reading
    double busbar_kw = 0.0;
    double feeders_kw = 0.0;  ///< of the feeders that have a reading
    std::uint32_t feeders = 0;
    std::uint32_t feeders_seen = 0;
    std::string missing;           ///< the first feeder without a reading of that time; empty: none
    std::uint64_t compared = 0;    ///< times with every feeder present
    std::uint64_t off = 0;         ///< of them, how often they differed
    std::uint32_t recent_off = 0;  ///< the newest 32, as bits
};
[[nodiscard]] std::string_view to_string(Balance::State state);

/// Walks over all feeders and substations in small steps and notes in the ledger what their newest readings
/// show: feeders that fell silent, missing phases, loads that are negative throughout, busbars that are not
/// the sum of their feeders. A missing phase is missing: nothing is put in its place.
///
/// About 32 bytes a place, and a `Balance` for each phase of those substations that have a busbar reading, at
/// most `balances_max`.
class QualitySweep {
  public:
    using Views = std::function<void(std::span<const telemetry::PointRef>, std::vector<monitor::PointView>&)>;
    static constexpr std::size_t balances_max = 20'000;
    /// Half a kilowatt and 2 %: rounding and meter class explain so much.
    static constexpr double tolerance_kw = 0.5;
    static constexpr double tolerance_share = 0.02;

    QualitySweep(const grid::Network& network, telemetry::PointRegistry& registry);

    /// Goes on by at most `places` places; a pass ends at the last one.
    void step(std::size_t places, UtcTime now, const Views& views, telemetry::QualityLedger& ledger);

    /// Of the last whole pass.
    [[nodiscard]] const Coverage& coverage() const { return coverage_; }
    [[nodiscard]] std::vector<Balance> balances() const;

  private:
    struct Place {
        std::array<telemetry::PointRef, 4> points;  // L1, L2, L3, sum
        std::int64_t judged_ms = 0;                 // time of the newest reading whose sign was looked at
        std::uint16_t readings = 0, negative = 0;   // looked at
        std::uint8_t missing = 0;                   // phases told as missing, as bits
        bool is_stale = false;                      // told as stale
    };
    using PhaseViews = std::span<const monitor::PointView, 4>;

    void look_at_feeder(std::size_t position, PhaseViews views, UtcTime now,
                        telemetry::QualityLedger& ledger);
    void judge_phases(Place& place, PhaseViews views, unsigned fresh, unsigned expected, UtcTime now,
                      std::string_view source, telemetry::QualityLedger& ledger);
    void judge_sign(Place& place, const monitor::PointView& sum, telemetry::QualityLedger& ledger);
    void look_at_substation(std::size_t position, PhaseViews busbar, UtcTime now, const Views& views,
                            telemetry::QualityLedger& ledger);
    void compare(Balance& balance, const monitor::PointView& busbar, std::size_t phase, UtcTime now,
                 std::span<const monitor::PointView> feeder_views, std::size_t substation,
                 telemetry::QualityLedger& ledger);

    const grid::Network& network_;
    telemetry::PointRegistry& registry_;
    std::vector<Place> feeders_;
    std::vector<Place> substations_;
    std::vector<std::uint32_t> leaving_;       // feeders by the substation they leave …
    std::vector<std::uint32_t> leaving_from_;  // … beginning here; one more at the end
    std::size_t next_ = 0;
    Coverage counting_;
    Coverage coverage_;
    std::map<std::pair<std::size_t, std::size_t>, Balance> balances_;  // by substation and phase
    std::vector<telemetry::PointRef> wanted_;
    std::vector<monitor::PointView> seen_;
    std::vector<telemetry::PointRef> feeder_points_;
    std::vector<monitor::PointView> feeder_views_;
};

}  // namespace headroom::desk
