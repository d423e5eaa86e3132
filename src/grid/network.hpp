#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/units.hpp"
#include "grid/quantity.hpp"
#include "grid/tie.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::grid {

using SubstationId = Id<struct SubstationTag>;
using FeederId = Id<struct FeederTag>;
using DerId = Id<struct DerTag>;

enum class LimitKind { continuous, cyclic, emergency, fuse, protection, voltage, contract };
enum class Season { all, summer, winter, spring_autumn };
[[nodiscard]] std::string_view to_string(LimitKind kind);
[[nodiscard]] std::string_view to_string(Season season);
[[nodiscard]] std::optional<LimitKind> parse_limit_kind(std::string_view text);
[[nodiscard]] std::optional<Season> parse_season(std::string_view text);

/// What an element may carry. Loading is that of the worst phase. A limit that nobody verified never allows
/// acting.
struct Limit {
    std::string asset;  ///< feeder or substation id
    Quantity quantity = Quantity::p_kw;
    Phase phase = Phase::sum;
    Direction direction = Direction::import_;
    LimitKind kind = LimitKind::continuous;
    int emergency_minutes = 0;  ///< of an emergency limit: for how long it may be used
    Season season = Season::all;
    double value = 0.0;       ///< in the quantity's unit, > 0
    std::string source;       ///< where the value comes from: "grid file", "percentile 95 of readings" …
    std::string verified_by;  ///< a person or system of record; empty = unverified

    /// "asset/quantity/phase/direction/kind": names the limit in event ids and records.
    [[nodiscard]] std::string key() const;
    [[nodiscard]] bool is_verified() const { return !verified_by.empty(); }
    /// "kW", "A", …
    [[nodiscard]] std::string_view unit() const;
    bool operator==(const Limit&) const = default;
};

/// The largest value that a limit may have, in its quantity's unit.
inline constexpr double limit_value_max = 1e9;
/// `value` to the nearest thousandth (whole watts, for kW): what a limit holds, so that it enters decisions
/// as an integer and survives the way through JSON.
[[nodiscard]] double round_to_thousandths(double value);

struct Substation {
    SubstationId id;
    std::string parent;  ///< id of the feeder or substation that supplies it; empty at the top
    std::string name;
    std::string kind;  ///< "primary", "secondary", …
    double lat = 0.0;
    double lon = 0.0;
    Kilowatts rating{};      ///< 0 = unknown
    std::string source_ref;  ///< the foreign name, when it was not a valid id
};

/// Where in the network a feeder is: a high-voltage feeder (11 kV) supplies secondary substations, a
/// low-voltage one customers.
enum class VoltageLevel { lv, hv };
[[nodiscard]] std::string_view to_string(VoltageLevel level);

struct Feeder {
    FeederId id;
    std::string parent;  ///< the substation it leaves; empty when that is not known
    std::string name;
    std::string kind;  ///< class of customers: "domestic", "commercial", "mixed", …
    double lat = 0.0;
    double lon = 0.0;
    Kilowatts rating{};  ///< of all phases together; 0 = unknown
    std::string source_ref;
    /// A feeder becomes `hv` as soon as a substation is added that it supplies.
    VoltageLevel level = VoltageLevel::lv;
};

enum class DerClass { battery, ev_charger, heat_pump, hvac, generator, compute, other };
[[nodiscard]] std::string_view to_string(DerClass der_class);
[[nodiscard]] std::optional<DerClass> parse_der_class(std::string_view text);
/// The words of every class, "battery, ev_charger, … or other", for messages.
[[nodiscard]] std::string der_class_words();

/// A distributed energy resource on a feeder: something that can change its load when told.
struct Der {
    DerId id;
    std::string name;
    DerClass der_class = DerClass::other;
    FeederId feeder;
    Phase phase = Phase::sum;        ///< L1…L3 single-phase, sum = balanced three-phase
    int phase_confidence_pct = 100;  ///< how sure we are of `phase`
    Watts turn_down_max{};           ///< largest reduction of import (or increase of export) it can give
    Watts turn_up_max{};
    WattHours energy{};             ///< store behind it or per-event limit; 0 = not limited by energy
    milliseconds notice{};          ///< between instruction and start of the response
    std::int64_t ramp_w_per_s = 0;  ///< 0 = at once
    std::string programme;          ///< tariff or contract under which it may be used
    double lat = 0.0;
    double lon = 0.0;
    std::string source_ref;
};

/// Lets a map of names be asked with a view.
struct NameHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view name) const {
        return std::hash<std::string_view>{}(name);
    }
};

/// The elements and how they hang together. Built once by an import, then read; lookups are O(1), lists in
/// the order of import.
class Network {
  public:
    /// Substations, feeders, DERs and ties share one space of ids. Errors: `conflict` for a repeated id,
    /// `not_found` for a parent that does not exist (parents first), `invalid` for an id that is not of our
    /// form.
    Result<void> add(Substation substation);
    Result<void> add(Feeder feeder);
    Result<void> add(Der der);
    /// Keeps the value to the nearest thousandth. Errors: `not_found` for an unknown asset, `invalid` for a
    /// value that is not finite, positive and at most `limit_value_max`, `conflict` for a second limit of the
    /// same key, season and minutes.
    Result<void> add(Limit limit);
    /// Ids of ties are of the same space. Errors: as above; `not_found` for an end that is no feeder or
    /// substation, `invalid` for two ends that are one, and for a rating or a time out of its bounds.
    Result<void> add(Tie tie);

    [[nodiscard]] const std::vector<Substation>& substations() const { return substations_; }
    [[nodiscard]] const std::vector<Feeder>& feeders() const { return feeders_; }
    [[nodiscard]] const std::vector<Der>& ders() const { return ders_; }
    [[nodiscard]] const std::vector<Limit>& limits() const { return limits_; }
    [[nodiscard]] const std::vector<Tie>& ties() const { return ties_; }

    [[nodiscard]] const Substation* substation(std::string_view id) const;
    [[nodiscard]] const Feeder* feeder(std::string_view id) const;
    [[nodiscard]] const Der* der(std::string_view id) const;
    [[nodiscard]] const Tie* tie(std::string_view id) const;
    /// Ties with an end at this feeder or substation.
    [[nodiscard]] std::vector<const Tie*> ties_at(std::string_view element) const;
    [[nodiscard]] std::vector<const Limit*> limits_of(std::string_view asset) const;
    [[nodiscard]] std::vector<const Der*> ders_on(std::string_view feeder) const;
    /// Feeders supplied through this substation or feeder, itself not among them.
    [[nodiscard]] std::vector<const Feeder*> feeders_below(std::string_view asset) const;
    /// Whether `feeder` leaves this substation, directly or through the substations below it.
    [[nodiscard]] bool is_below(std::string_view feeder, std::string_view substation) const;
    /// Whether `feeder` is supplied through this substation or feeder; a feeder is not supplied by itself.
    [[nodiscard]] bool is_supplied_by(std::string_view feeder, std::string_view asset) const;
    /// What supplies a feeder, from itself to the top: feeders and substations in turn. Empty for an unknown
    /// one.
    [[nodiscard]] std::vector<std::string_view> path_to_top(std::string_view feeder) const;

  private:
    [[nodiscard]] Result<void> check_id(const std::string& id) const;

    std::vector<Substation> substations_;
    std::vector<Feeder> feeders_;
    std::vector<Der> ders_;
    std::vector<Limit> limits_;
    std::vector<Tie> ties_;
    template <class T>
    using ByName = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;
    using Positions = std::vector<std::size_t>;  // in one of the lists above, ascending
    ByName<std::size_t> substation_index_;
    ByName<std::size_t> feeder_index_;
    ByName<std::size_t> der_index_;
    ByName<std::size_t> tie_index_;
    ByName<Positions> limits_by_asset_;
    ByName<Positions> ders_by_feeder_;
    ByName<Positions> ties_by_end_;
    ByName<Positions> substations_by_parent_;
    ByName<Positions> feeders_by_parent_;
};

/// Reads the grid CSV `type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh`
/// (docs/formats/grid-csv.md). A feeder's rating becomes continuous import limits: a third for each phase and
/// the whole for the sum (a single-phase feeder: the whole for its phase and the sum); verified_by "grid file
/// NAME". Rows may stand in any order. Errors: `invalid`, message with line and column name, all faults
/// joined by "; " (at most 20).
[[nodiscard]] Result<Network> read_grid_csv(std::string_view text, std::string_view file_name);

}  // namespace headroom::grid
