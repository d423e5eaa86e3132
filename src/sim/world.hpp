#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "flex/offer.hpp"
#include "grid/network.hpp"
#include "sim/catalogue.hpp"
#include "sim/device_model.hpp"
#include "sim/world_plan.hpp"
#include "store/series.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::sim {

/// Orders that a device keeps at most; those long over are forgotten as time goes.
inline constexpr std::size_t device_orders_max = 64;

/// What a simulated meter says of one interval: mean power, import-positive.
struct SimReading {
    enum class Kind : std::uint8_t { feeder, der };
    std::string_view point_id;  ///< feeder or DER id; valid as long as the world
    grid::Phase phase = grid::Phase::sum;
    double kw = 0.0;
    UtcTime start{};
    UtcTime end{};
    Kind kind = Kind::feeder;
    std::uint32_t point = 0;  ///< index in `World::points()`
    bool operator==(const SimReading&) const = default;
};

/// A simulated distribution network on a cold evening: customers by class and phase, DERs that obey orders,
/// and their meters. A feeder's load is the sum of its customers and DERs, and that is asserted every minute.
/// Without orders every value is a pure function of (seed, entity, time), so a twin that gets no orders shows
/// what would have been. One thread.
class World {
  public:
    /// Precondition: `check(options)`.
    explicit World(const WorldOptions& options = {});

    [[nodiscard]] const WorldOptions& options() const { return plan_->options(); }
    [[nodiscard]] const grid::Network& network() const { return plan_->network(); }
    [[nodiscard]] const WorldPlan& plan() const { return *plan_; }
    /// End of the last minute that has been lived; the start at first.
    [[nodiscard]] UtcTime now() const { return to_time(minute_); }

    /// The same world as it began; give it no orders and it is the world without.
    [[nodiscard]] World twin() const { return World(plan_); }

    /// The four providers of the demo market; each DER belongs to one.
    [[nodiscard]] std::vector<ProviderSpec> providers() const;
    /// What providers can offer, from the state of the devices at the time of asking. Refers to this world.
    [[nodiscard]] Catalogue catalogue() const;
    /// Offers of one provider on one feeder and on those below it, sorted by id. Turn-down only; a device
    /// without anything to give in [from, to) makes none.
    [[nodiscard]] std::vector<flex::Offer> offers(const std::string& provider, const std::string& feeder,
                                                  UtcTime from, UtcTime to) const;

    /// Every metered point: low-voltage feeders by phase, then DERs, then high-voltage feeders on the sum.
    [[nodiscard]] const std::vector<telemetry::PointKey>& points() const { return points_; }
    /// Lives minute by minute up to `to`; readings of each metering interval that ended, in the order of
    /// `points()`. Nothing when `to` is not later than `now()`.
    [[nodiscard]] std::vector<SimReading> step(UtcTime to);

    /// Half-hourly past before the start for every point, keyed by `PointKey::text()`. The same functions as
    /// the live world's, averaged.
    [[nodiscard]] std::vector<store::SeriesBlock> history() const;

    /// Load of a feeder's phase in that minute had nobody been told anything.
    [[nodiscard]] double natural_feeder_kw(std::size_t feeder, std::size_t phase, UtcTime minute) const;
    [[nodiscard]] double natural_device_kw(std::size_t device, UtcTime minute) const;

    /// Gives a device an order, effective from its start until it runs out. The same id again changes
    /// nothing. Errors: `not_found` for an unknown DER, `invalid` for an order that ends before it begins or
    /// has too many before it.
    Result<void> apply(std::string_view der, DeviceOrder order);
    [[nodiscard]] std::optional<std::size_t> device_index(std::string_view der) const;
    [[nodiscard]] const DeviceSpec& device(std::size_t index) const { return plan_->devices()[index]; }
    [[nodiscard]] const DeviceState& device_state(std::size_t index) const { return states_[index]; }
    /// Charge of a battery in percent; nothing for other devices.
    [[nodiscard]] std::optional<std::int64_t> charge_pct(std::size_t device) const;

    /// Time and everything that orders have changed.
    [[nodiscard]] json::Value state() const;
    /// Errors: `invalid` for another world's state or damage; the world is then unchanged.
    Result<void> restore(const json::Value& state);

  private:
    explicit World(std::shared_ptr<const WorldPlan> plan);
    void live_minute();
    void emit(std::vector<SimReading>& readings);
    [[nodiscard]] std::vector<std::size_t> feeders_at(const std::string& id) const;
    [[nodiscard]] std::optional<flex::Offer> offer_of(std::size_t device, UtcTime from, UtcTime to) const;

    std::shared_ptr<const WorldPlan> plan_;
    std::vector<telemetry::PointKey> points_;
    std::unordered_map<std::string, std::size_t> device_index_;
    std::vector<std::vector<std::size_t>> devices_by_feeder_;
    Minute minute_ = 0;
    std::vector<DeviceState> states_;
    std::vector<double> device_kw_;
    std::vector<double> lv_kw_;    ///< by low-voltage feeder, of the last minute
    std::vector<double> sums_kw_;  ///< by point, over the metering interval that runs
    std::int64_t minutes_summed_ = 0;
};

/// Short ids of the simulated providers.
[[nodiscard]] std::vector<std::string> provider_ids();
/// Short id of the provider that markets devices of the class.
[[nodiscard]] std::string provider_of(grid::DerClass der_class);

}  // namespace headroom::sim
