#pragma once

#include "desk/feeder_answers.hpp"
#include "desk/page.hpp"
#include "desk/parts.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::desk {

/// How many feeders have how much headroom, by their tightest phase.
struct HeadroomCounts {
    std::int64_t constrained = 0;
    std::int64_t below_10_percent = 0;
    std::int64_t below_25_percent = 0;
    std::int64_t normal = 0;
    std::int64_t unknown = 0;
};

/// A feeder in numbers, as the live channel needs it. NaN = unknown.
struct FeederRow {
    grid::Phase phase = grid::Phase::sum;  ///< the tightest
    bool is_known = false;
    bool is_stale = true;
    double load_kw = std::numeric_limits<double>::quiet_NaN();
    double limit_kw = std::numeric_limits<double>::quiet_NaN();
    telemetry::PointRef point = telemetry::no_point;
    UtcTime at{};
    telemetry::Quality quality = telemetry::Quality::measured;
    std::uint16_t source = 0;
    bool has_expected = false;
    grid::Phase expected_phase = grid::Phase::sum;
    double expected_peak_kw = 0.0;
    double expected_limit_kw = 0.0;
    UtcTime expected_at{};
    double covered_kw = 0.0;  ///< contracted for that half-hour on that phase

    [[nodiscard]] double share() const { return (limit_kw - load_kw) / limit_kw; }
    [[nodiscard]] double over_kw() const {
        return has_expected && expected_peak_kw > expected_limit_kw ? expected_peak_kw - expected_limit_kw
                                                                    : 0.0;
    }
};

enum class FeederOrder { id, headroom };

struct FeederQuery {
    std::string parent = {};  ///< substation above, directly or not; empty = all
    std::string text = {};    ///< part of id or name, without regard to case
    FeederOrder order = FeederOrder::id;
    PageRequest page = {};
};

/// Feeders, their points and resources. Rows of all feeders are made at most once a second and shared by all
/// who ask (counts, order by headroom, live channel); what a page shows is read freshly. Networks of up to
/// `small` feeders are always read freshly.
class FeederDesk {
  public:
    static constexpr std::size_t small = 200;

    explicit FeederDesk(const Parts& parts);

    /// Errors: `invalid` for a cursor of another order, or one whose order has been forgotten.
    [[nodiscard]] Result<Page<FeederAnswer>> list(const FeederQuery& query);
    /// Errors: `not_found`.
    [[nodiscard]] Result<FeederAnswer> one(std::string_view id);
    [[nodiscard]] Result<FeederPartsAnswer> parts_of(std::string_view id) const;
    [[nodiscard]] Result<Page<SubstationAnswer>> substations(const PageRequest& page) const;
    /// Points of one feeder with its resources, or of everything. Errors: `not_found`, `invalid`.
    [[nodiscard]] Result<Page<PointAnswer>> points(const std::string& feeder, const PageRequest& page) const;

    /// All rows in the network's order, at most a second old.
    [[nodiscard]] const std::vector<FeederRow>& rows();
    [[nodiscard]] const HeadroomCounts& counts();
    /// The network has changed: its places are looked up anew.
    void rebuild();
    /// Grows with every change of the network.
    [[nodiscard]] std::uint64_t layout_version() const { return layout_version_; }

  private:
    /// Relief that is contracted on a feeder's phase, from one open event.
    struct OpenEvent {
        std::string id;
        grid::Phase phase = grid::Phase::sum;
        UtcTime detected_at{};
        UtcTime start{};
        std::vector<std::int64_t> relief_w;
    };
    struct Place {
        std::array<telemetry::PointRef, 4> points{};  // L1, L2, L3, sum
        bool is_hv = false;
        std::string primary;
    };
    struct Order {
        std::uint64_t number = 0;
        std::vector<std::uint32_t> feeders;
    };

    void resolve_points();
    void refresh();
    void read_events();
    [[nodiscard]] FeederRow read_row(std::size_t index) const;
    void look_ahead(const Place& place, const std::string& feeder, FeederRow& row) const;
    [[nodiscard]] double covered_kw(const std::string& feeder, grid::Phase phase, UtcTime at) const;
    [[nodiscard]] FeederAnswer answer(std::size_t index, const FeederRow& row) const;
    [[nodiscard]] PointAnswer point_answer(telemetry::PointRef point) const;
    [[nodiscard]] bool matches(std::size_t index, const FeederQuery& query) const;
    [[nodiscard]] const Order& order_by_headroom();
    [[nodiscard]] const Order* order_of(std::uint64_t number) const;

    const Parts& parts_;
    std::vector<Place> places_;
    std::unordered_map<std::string_view, std::size_t> index_of_;
    std::size_t registry_size_ = 0;
    std::vector<FeederRow> rows_;
    HeadroomCounts counts_;
    std::optional<SteadyTime> refreshed_;
    std::unordered_map<std::string, std::vector<OpenEvent>> open_events_;
    std::deque<Order> orders_;
    std::optional<SteadyTime> ordered_;
    std::uint64_t last_order_ = 0;
    std::uint64_t layout_version_ = 0;
};

}  // namespace headroom::desk
