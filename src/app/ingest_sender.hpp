#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace headroom::app {

/// What became of the readings that were sent, each counted once: by the answer to the last sending of its
/// batch.
struct IngestCounts {
    std::uint64_t sent = 0;
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t conflicts = 0;
    std::map<std::string, std::uint64_t> quarantined;
    std::uint64_t repeats = 0;        ///< sendings of a batch beyond its first
    std::uint64_t asked_to_wait = 0;  ///< answers 429 and 503
    std::string first_fault;          ///< a sentence about the first reading that was not taken

    [[nodiscard]] std::uint64_t quarantined_total() const;
    /// sent = accepted + duplicates + conflicts + quarantined
    [[nodiscard]] bool is_reconciled() const;
};

/// Sends batches of readings to a control room until each has its receipt. A server that asks to wait is
/// waited for; after a broken connection the batch is sent again, which changes nothing where it had been
/// taken: those readings then count as duplicates.
class IngestSender {
  public:
    struct Answer {
        int status = 0;
        std::string body;
        std::optional<seconds> retry_after;
    };
    /// Sends a body of compact batches. Errors: `unavailable` and `timeout` when it may be sent again.
    using Post = std::function<Result<Answer>(const std::string& body)>;
    using Pause = std::function<void(milliseconds)>;

    /// Gives up when a batch has not been taken for `patience`.
    IngestSender(Post post, Pause pause, milliseconds patience)
        : post_(std::move(post)), pause_(std::move(pause)), patience_(patience) {}

    /// Errors: `unavailable` after `patience`, `denied`, `invalid` when the server refuses the batch,
    /// `corrupt` when its receipt is none.
    Result<void> send(std::span<const telemetry::Reading> readings, const telemetry::PointRegistry& registry);
    [[nodiscard]] const IngestCounts& counts() const { return counts_; }

  private:
    Result<void> take_receipt(const Answer& answer, std::uint64_t sent);

    Post post_;
    Pause pause_;
    milliseconds patience_;
    IngestCounts counts_;
    std::string body_;
};

}  // namespace headroom::app
