#pragma once

#include "core/calendar.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "grid/network.hpp"
#include "sim/device_model.hpp"
#include "sim/profiles/class_profiles.hpp"
#include "sim/profiles/weather.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::sim {

/// A limit that is told to be exceeded on the first day unless something is done.
struct ToldStress {
    std::string feeder;                    ///< "F-0123", or "HV-05" for a high-voltage feeder
    grid::Phase phase = grid::Phase::sum;  ///< L1…L3 of a low-voltage feeder, sum of a high-voltage one
    double peak_loading = 1.1;             ///< largest load of that day over the limit
    bool operator==(const ToldStress&) const = default;
};

/// What homes below the stressed high-voltage feeder switch on together on working days, when a commuter
/// train has come in. Local minutes; straight lines between them.
struct EveningPeak {
    int begin = 0;
    int full = 0;
    int fades = 0;
    int gone = 0;
    double share = 0.0;  ///< of the homes' load, on top of it; 0 = none
    /// 0 to 1.
    [[nodiscard]] double at(int local_minute) const;
    bool operator==(const EveningPeak&) const = default;
};

/// A device that takes no order and gives no answer from a moment on.
struct SilentFrom {
    std::string der;
    UtcTime from{};
    bool operator==(const SilentFrom&) const = default;
};

/// What a simulated world is made from. The same options give the same world.
struct WorldOptions {
    std::uint64_t seed = 7;
    int feeders = 300;  ///< low-voltage feeders, 1…5000
    int ders = 400;     ///< 0…50000
    /// When the live part begins; its day is the cold one. Default: Thursday 2027-01-14, 15:30 UTC.
    UtcTime start =
        UtcTime{std::chrono::sys_days{std::chrono::year{2027} / 1 / 14} + hours{15} + minutes{30}};
    minutes step{1};  ///< length of a meter's interval, 1…30, a divisor of 30
    int history_days = 16;
    double outdoor_c = -2.0;           ///< at 18:00 UTC of the first day
    std::int64_t silent_ppm = 15'000;  ///< share of the devices that take no order and give no answer
    std::vector<std::string> silent;   ///< these too, by id
    int hv_feeders = 0;  ///< 11 kV feeders between primaries and secondaries; 0 = none, else 3…300
    /// Nothing: the usual share of the low-voltage feeders is stressed. Otherwise these limits and no others.
    std::optional<std::vector<ToldStress>> stresses;
    /// Below whose high-voltage feeder devices are installed near each other; needed with `stresses` only.
    EveningPeak evening_peak;
    std::vector<SilentFrom> silent_from;
    std::string story;  ///< name of the story that it is from: part of what the world is
};

/// Errors: `invalid` naming the option.
[[nodiscard]] Result<void> check(const WorldOptions& options);

/// "F-0012": the prefix, a hyphen, and the number with so many digits at least.
[[nodiscard]] std::string numbered_id(std::string_view prefix, int number, std::size_t digits);

/// A demand nobody could foresee: plant that starts together after an interruption.
struct Surge {
    Minute begin = 0;
    double peak_kw = 0.0;  ///< 0 = none
    [[nodiscard]] double kw(Minute minute) const;
};

/// The part of a three-phase feeder that one phase supplies.
struct PhaseModel {
    std::uint64_t entity = 0;
    double limit_kw = 0.0;
    int customers = 0;
    double peak_share = 0.0;        ///< of the evening peak's
    double level = 1.0;             ///< how much its customers use against the class's mean
    double commercial_share = 0.0;  ///< of the customers
    Surge surge;
    /// Devices behind it and their share of power on this phase: 1, or a third.
    std::vector<std::pair<std::size_t, double>> devices;
};

struct FeederModel {
    std::string id;
    std::array<PhaseModel, 3> phases;
};

/// A high-voltage feeder: metered on the sum of its phases.
struct HvFeederModel {
    std::string id;
    std::size_t primary = 0;
    std::vector<std::size_t> feeders;  ///< low-voltage ones below it, by index
    std::size_t secondaries = 0;
    double limit_kw = 0.0;
    bool is_stressed = false;
    double peak_loading = 0.0;  ///< when stressed
    /// What it carries when its low-voltage feeders carry `below_kw` in all: 0.6 kW of iron loss for each
    /// secondary transformer, and 2 % of its rating at full load, growing with the square of the load.
    [[nodiscard]] double load_kw(double below_kw) const;
};

/// A phase that goes over its limit on the first evening unless something is done.
struct Stress {
    enum class Kind : std::uint8_t { expected, vehicles, surge };
    std::size_t feeder = 0;
    std::size_t phase = 0;
    Kind kind = Kind::expected;
    double peak_loading = 1.0;  ///< largest load over limit
    bool is_thin = false;       ///< hardly any DER there: cannot be relieved fully
};

inline constexpr std::size_t primary_count = 3;
inline constexpr std::size_t feeders_per_secondary = 4;

/// Everything about a world that does not change: who lives where, what is installed, the weather. Shared by
/// a world and its twin.
class WorldPlan {
  public:
    explicit WorldPlan(const WorldOptions& options);

    [[nodiscard]] const WorldOptions& options() const { return options_; }
    [[nodiscard]] const Random& random() const { return random_; }
    [[nodiscard]] const grid::Network& network() const { return network_; }
    [[nodiscard]] const std::vector<FeederModel>& feeders() const { return feeders_; }
    [[nodiscard]] const std::vector<DeviceSpec>& devices() const { return devices_; }
    [[nodiscard]] const std::vector<HvFeederModel>& hv_feeders() const { return hv_feeders_; }
    [[nodiscard]] const std::vector<Stress>& stresses() const { return stresses_; }

    [[nodiscard]] Moment moment(Minute minute) const;
    /// Load of the customers on a phase (without its DERs), mean of that minute. Pure.
    [[nodiscard]] double customers_kw(const PhaseModel& phase, const Moment& moment) const;

  private:
    void place_hv_feeders();
    [[nodiscard]] std::size_t hv_feeder_of(std::size_t secondary) const;
    void take_told_stresses();
    struct Spot {
        std::size_t feeder = 0;
        std::optional<std::size_t> phase;
        bool always_follows = false;
    };
    [[nodiscard]] std::vector<Spot> rich_spots() const;
    void place_stress();
    void place_devices();
    void surprise_vehicles();
    void scale_customers();
    void rate_hv_feeders();
    void build_network();
    void add_primaries();
    void add_secondary(std::size_t number);
    void add_ders();
    void add_limits();
    void add_ties();
    [[nodiscard]] std::pair<double, double> place_of_secondary(std::size_t number) const;
    void scale_phase(FeederModel& feeder, std::size_t phase, double loading,
                     const std::vector<Moment>& moments);
    void add_surge(PhaseModel& phase, Minute begin, double loading);
    [[nodiscard]] double device_share_kw(const PhaseModel& phase, const Moment& moment) const;
    [[nodiscard]] const Stress* stress_of(std::size_t feeder, std::size_t phase) const;

    WorldOptions options_;
    Random random_;
    Calendar calendar_;
    Weather weather_;
    std::vector<FeederModel> feeders_;
    std::vector<std::string> kinds_;  ///< by feeder: domestic, mixed, commercial
    std::vector<DeviceSpec> devices_;
    std::vector<HvFeederModel> hv_feeders_;
    std::vector<Stress> stresses_;
    grid::Network network_;
};

}  // namespace headroom::sim
