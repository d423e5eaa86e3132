#pragma once

#include "agents/agent_status.hpp"
#include "agents/journal.hpp"
#include "agents/trust_corrections.hpp"
#include "agents/trust_incident.hpp"
#include "agents/trust_places.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace headroom::agents {

struct TrustOptions {
    std::size_t feeders_max = 20'000;               ///< that are looked at; bounds the memory
    std::size_t points_a_tick = 4'000;              ///< looked at in one tick, so that no tick is long
    std::size_t incidents_kept = 2'000;             ///< closed ones that are remembered
    milliseconds peace_after_dismissal{hours{24}};  ///< nothing of the kind is opened there meanwhile
    milliseconds replaced_before{
        minutes{20}};  ///< readings before the first evidence that are not believed either
};

/// Runs the trust layers on what arrives and makes their findings real: an incident is written to the audit
/// log, the accused meter's readings are kept apart in the monitor until it is over, an operator may dismiss
/// it or apply the correction that it proposes. Looks at the monitor's newest readings, some places at each
/// tick; readings never wait for it. One io_context thread.
class TrustMonitoring {
  public:
    struct Parts {
        DomainClock& clock;
        const grid::Network& network;
        telemetry::PointRegistry& registry;
        monitor::Monitor& monitor;
        Journal& journal;
        TrustCorrections& corrections;
        /// Relief runs on the feeder: less load is what was asked for. May be empty.
        std::function<bool(const std::string& feeder)> is_relieved;
    };
    explicit TrustMonitoring(Parts parts, TrustOptions options = {});

    /// What a former run left: incidents and corrections of the records. Before the first reading.
    /// Errors: those of the store, `corrupt` for a record that cannot be read.
    Result<void> restore(store::Records& records);
    /// Marks in the monitor whose incident is over are taken off, those of open incidents set: after the
    /// monitor's own snapshot has been read.
    void align_marks();
    /// The network has been changed: places are made anew, what was learnt of those that stay is kept.
    void rebuild();
    /// Looks at the next places.
    void tick();

    /// By id, which is by time.
    [[nodiscard]] const std::map<std::string, TrustIncident>& incidents() const { return incidents_; }
    [[nodiscard]] const std::map<std::string, MeterCorrection>& corrections() const { return in_force_; }
    [[nodiscard]] const std::vector<WatchedPlace>& places() const { return places_; }
    /// Of the whole network, those beyond `feeders_max`.
    [[nodiscard]] std::size_t feeders_not_watched() const { return not_watched_; }
    /// Why readings of a feeder are in doubt although no meter can be named; nothing when they are not.
    [[nodiscard]] std::optional<std::string> doubt_of(const std::string& feeder) const;
    /// The incident that keeps a meter's readings apart; nullptr when it is believed.
    [[nodiscard]] const TrustIncident* distrusts(const std::string& meter) const;

    /// The delivery of `event` by `meter`, a resource on `place`, is in doubt: opens an incident, which only
    /// a person ends, unless there was one. Answers whether it is open.
    bool doubt_delivery(const std::string& event, const std::string& place, const std::string& meter,
                        trust::IncidentKind kind, const trust::Evidence& evidence);
    /// Called after a person has dismissed an incident.
    void on_dismissed(std::function<void(const TrustIncident&)> hear) { dismissed_hook_ = std::move(hear); }

    /// An operator believes the meter: the incident is over, and nothing of the kind is opened there for a
    /// day. Errors: `not_found`, `conflict` when it is over already, `invalid` without a reason,
    /// `unavailable` when it cannot be written down.
    Awaitable<Result<TrustIncident>> dismiss(std::string id, Caller caller);
    /// A correction is written down, then in force: readings are mapped from the next batch on, and the
    /// half-hours that the monitor knows are mapped too. Replaces none: a meter has one correction. Errors:
    /// as above; `invalid` when it changes nothing, `conflict` when the meter has one.
    Awaitable<Result<MeterCorrection>> apply(MeterCorrection correction, Caller caller);
    /// Takes it back, history included. Errors: `not_found` and as above.
    Awaitable<Result<MeterCorrection>> revert(std::string id, Caller caller);
    /// What an open incident proposes for its meter. Errors: `not_found`, `conflict` when it proposes
    /// nothing.
    [[nodiscard]] Result<MeterCorrection> proposal_of(const std::string& incident) const;
    /// Whether `apply` would be refused.
    [[nodiscard]] Result<void> check(const MeterCorrection& correction) const;

    [[nodiscard]] AgentStatus status() const;

  private:
    // trust_monitoring.cpp
    void look_at(WatchedPlace& place);
    void take_slot(WatchedPlace& place, const SlotGatherer::Slot& slot);
    void take_substation(WatchedPlace& place, UtcTime at, const std::vector<double>& kw);
    void take_alone(WatchedPlace& place, UtcTime at, const std::vector<double>& kw);
    void begin_layers(WatchedPlace& place);
    [[nodiscard]] std::vector<trust::Outlook> outlooks(const WatchedPlace& place, UtcTime at);

    // trust_incidents.cpp
    void take_finding(WatchedPlace& place, UtcTime at, trust::LiveFinding finding);
    void open(TrustIncident incident);
    void close(TrustIncident& incident, std::string by, std::string because);
    void set_mark(const std::string& meter, UtcTime since, trust::IncidentKind kind);
    void clear_mark(const std::string& meter);
    [[nodiscard]] TrustIncident* open_one(const std::string& place, trust::IncidentKind kind,
                                          const std::string& meter);
    [[nodiscard]] std::vector<telemetry::PointRef> points_of(const std::string& meter) const;
    void note(std::string_view type, const TrustIncident& incident, const Caller* caller);
    Awaitable<Result<void>> write(std::string type, json::Object body, const Caller& caller);
    void forget_old();
    void settle_old_questions(const WatchedPlace& place, UtcTime at);
    void take_force(const MeterCorrection& mapping);

    Parts parts_;
    TrustOptions options_;
    std::vector<WatchedPlace> places_;
    std::size_t next_ = 0;
    std::size_t not_watched_ = 0;
    std::map<std::string, TrustIncident> incidents_;
    std::map<std::string, MeterCorrection> in_force_;
    std::set<std::string> being_corrected_;     // meters, while the log is written
    std::map<std::string, UtcTime> dismissed_;  // place, meter and kind; until when

    /// What was expected of a feeder's coming half-hours two hours before, by half-hour.
    struct Expected {
        std::int64_t period = 0;
        trust::Outlook outlook;
    };
    std::unordered_map<std::string, std::array<Expected, 8>> expected_;
    std::function<void(const TrustIncident&)> dismissed_hook_;
    std::uint64_t slots_ = 0;
    std::uint64_t opened_ = 0;
    UtcTime newest_{};
};

}  // namespace headroom::agents
