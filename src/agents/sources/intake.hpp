#pragma once

#include "agents/sources/feeder.hpp"
#include "agents/sources/seq_window.hpp"
#include "core/clock.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/batch_decoder.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

/// Where a source's readings go. Called on the source's thread; both safe from any.
struct ReadingsSink {
    std::function<monitor::IngestCount(std::span<const telemetry::Reading>, SteadyTime received)> ingest;
    /// What could not be made a reading.
    std::function<void(telemetry::Quarantine, std::uint64_t)> count_quarantined;
    /// Readings of this sender come when a value has moved; told once for each, before its first readings.
    /// May be empty.
    std::function<void(std::uint16_t source)> expect_changes_only = {};
};

/// What became of everything a source has sent. `readings` + one for each of `unreadable` = accepted +
/// duplicates + conflicts + all quarantined.
struct SourceCounts {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t readings = 0;    ///< that the messages held
    std::uint64_t unreadable = 0;  ///< messages that could not be read at all; each one malformed reading
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t conflicts = 0;
    std::array<std::uint64_t, telemetry::quarantine_reasons> quarantined{};
    std::uint64_t missing = 0;  ///< numbers of the senders' sequences that never came

    bool operator==(const SourceCounts&) const = default;
    [[nodiscard]] std::uint64_t quarantined_total() const;
};

struct IntakeOptions {
    std::string source = "broker";  ///< of readings that name none
    telemetry::WireFormat format = telemetry::WireFormat::detect;
    bool counts_missing = false;  ///< sequence numbers come to us complete and nearly in order
    milliseconds future_tolerance{minutes{2}};
    bool unknown_points_allowed = false;
    bool on_change = false;  ///< values are sent when they have moved
};

/// From a broker's messages to readings in the monitor: decodes on the source's thread into a buffer that is
/// kept. A buffer that is full is fed to the monitor by another thread while the next is decoded; what is
/// left when the source says so goes on at once, without a change of thread. No allocation per message or
/// reading.
class Intake {
  public:
    /// So many readings are passed on at once.
    static constexpr std::size_t batch_readings = 4'096;

    Intake(telemetry::PointRegistry& registry, ReadingsSink sink, std::function<UtcTime()> now,
           IntakeOptions options);

    /// One message. With a feeder in `context`, readings of any other are refused as of an unknown point: the
    /// broker vouches for the topic, nobody for the payload.
    void take(std::string_view payload, const telemetry::DecodeContext& context);
    /// A message that cannot be read, because of its topic or size.
    void refuse(std::string_view why);
    /// Passes on what has been gathered; afterwards everything taken is in the monitor.
    void flush();

    /// Any thread; as of the last `flush`.
    [[nodiscard]] SourceCounts counts() const;
    /// Of the source's thread: what a snapshot keeps and gives back.
    void restore(const SourceCounts& counts);

  private:
    void refuse_other_feeders(std::size_t from, std::string_view feeder);
    void count_missing(std::size_t from);
    void note_senders();
    void begin();
    void hand_over();
    void tell(const std::string& detail);

    telemetry::PointRegistry& registry_;
    const ReadingsSink sink_;
    const std::function<UtcTime()> now_;
    const IntakeOptions options_;
    telemetry::BatchDecoder decoder_;
    std::vector<telemetry::Reading> readings_;
    Feeder feeder_{sink_.ingest};
    std::vector<SeqWindow> windows_;  // by the registry's handle of the sender
    std::vector<bool> noted_;         // likewise: known to send changes
    SteadyTime received_{};
    bool is_empty_ = true;
    SourceCounts next_;  // since the last flush
    std::int64_t missing_ = 0;
    SteadyTime told_{};

    mutable std::mutex mutex_;
    SourceCounts counts_;
};

}  // namespace headroom::agents
