#pragma once

#include "core/clock.hpp"
#include "desk/page.hpp"
#include "desk/quality_answers.hpp"
#include "desk/quality_sweep.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/quality_ledger.hpp"
#include "trust/verdict.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headroom::desk {

enum class FindingOrder { newest, count, place };

/// Which findings are asked for; empty texts mean all.
struct FindingQuery {
    std::string source = {};
    std::string place = {};  ///< feeder, substation or DER
    std::optional<telemetry::FindingKind> kind = {};
    bool open_only = false;
    FindingOrder order = FindingOrder::newest;
    PageRequest page = {};
};

/// The quality of the data as a product: what every source sent, what is odd about which feeder, how far the
/// network is covered. Any thread: one lock a call, never one a reading. Memory is bounded, see
/// `QualityLedger` and `QualitySweep`.
class Quality {
  public:
    struct Parts {
        const grid::Network& network;
        telemetry::PointRegistry& registry;
        monitor::Monitor& monitor;
        DomainClock& clock;
    };
    explicit Quality(Parts parts);

    /// A batch as the monitor took it, on the thread of whoever ingests.
    void add_batch(std::span<const telemetry::Reading> readings, std::span<const std::uint32_t> used,
                   const monitor::IngestCount& count);
    /// What was quarantined while bytes of a source were decoded.
    void add_refused(std::uint16_t source, const telemetry::DecodeReport& report);
    void add_verdicts(std::span<const trust::Verdict> verdicts);
    /// Points that are sent when they change: standing still and silence are no findings of theirs.
    void expect_changes_only(std::span<const telemetry::PointRef> points);
    /// Where the state of connections to stations is asked.
    void set_links(std::function<std::vector<LinkAnswer>()> links) { links_ = std::move(links); }

    /// The network has changed: its places are looked up anew. Findings stay. On the thread that changed it.
    void rebuild();

    /// Looks at the next ten thousand places; called about each second.
    void tick();

    [[nodiscard]] QualityAnswer summary() const;
    /// Errors: `invalid` for a cursor that is none.
    [[nodiscard]] Result<Page<FindingAnswer>> findings(const FindingQuery& query) const;

  private:
    [[nodiscard]] SourceQualityAnswer source_answer(std::uint16_t ref, UtcTime now) const;
    [[nodiscard]] std::vector<BalanceAnswer> balance_answers() const;

    Parts parts_;
    std::function<std::vector<LinkAnswer>()> links_;
    mutable std::mutex mutex_;  // of what follows
    telemetry::QualityLedger ledger_;
    std::optional<QualitySweep> sweep_;  // made anew with the network
    std::vector<bool> changes_only_;     // by point
};

/// Findings as CSV, CRLF: `point_id,quantity,phase,kind,source,count,first_at_utc,last_at_utc,open,detail`.
[[nodiscard]] std::string findings_csv(std::span<const FindingAnswer> findings);
/// Counters by source as CSV, CRLF.
[[nodiscard]] std::string sources_csv(std::span<const SourceQualityAnswer> sources);

}  // namespace headroom::desk
