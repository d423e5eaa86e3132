#pragma once

#include "core/time.hpp"
#include "telemetry/decode_context.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/json_decoder.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::telemetry {

/// Why a reading is not taken: the member it is about, and a sentence.
struct ReadingFault {
    Quarantine reason = Quarantine::malformed;
    std::string_view member;  // a literal; empty for the reading as a whole
    std::string detail;
    milliseconds ahead{0};  // of `future`
};

/// Where a reading stands: the document itself, an entry of its array, or a line.
struct ReadingPlace {
    enum class Kind : std::uint8_t { document, entry, line };
    Kind kind = Kind::document;
    std::uint64_t number = 0;  ///< of entries from 0, of lines from 1
};
/// What the report says of a fault there.
[[nodiscard]] DecodeError error_at(const ReadingPlace& place, ReadingFault fault);

/// The members of a reading as they stood in the text.
struct ReadingMembers {
    std::optional<std::string_view> id;
    std::optional<std::string_view> start;
    std::optional<std::string_view> end;
    std::optional<std::string_view> source;
    std::optional<UtcTime> start_time;  // for forms that have times as numbers
    std::optional<UtcTime> end_time;
    std::optional<grid::Quantity> quantity;
    std::optional<grid::Phase> phase;
    std::optional<Quality> quality;
    std::optional<double> value;
    std::uint64_t seq = 0;
    std::string_view value_member = "value";
    std::string_view start_member = "interval_start";
};

/// Makes a reading of its members, or the fault that keeps it from being one: the rules that every form of
/// readings shares.
class ReadingBuilder {
  public:
    ReadingBuilder(PointRegistry& registry, JsonDecoderOptions options);

    /// What stands in for members that a reading lacks, from now on.
    void set_context(const DecodeContext& context) { context_ = context; }
    [[nodiscard]] const DecodeContext& context() const { return context_; }
    void set_now(UtcTime now) { options_.now = now; }
    [[nodiscard]] const JsonDecoderOptions& options() const { return options_; }
    [[nodiscard]] const PointRegistry& registry() const { return registry_; }
    [[nodiscard]] std::uint16_t default_source() const { return default_source_; }

    /// Forgets the fault of the reading before.
    void begin() { fault_.reset(); }
    /// The first fault of a reading stands.
    void refuse(Quarantine reason, std::string_view member, std::string detail);
    void resolve(const ReadingMembers& members, Reading& reading);
    [[nodiscard]] std::optional<ReadingFault>& fault() { return fault_; }

    [[nodiscard]] std::optional<UtcTime> time_of(std::string_view text, std::string_view member);
    /// The handle of a source that was checked to be an id.
    [[nodiscard]] std::uint16_t source_of(std::string_view name);

  private:
    bool resolve_time(const ReadingMembers& members, Reading& reading);
    bool resolve_point(std::string_view id, grid::Quantity quantity, grid::Phase phase, Reading& reading);
    [[nodiscard]] std::optional<UtcTime> start_of(const ReadingMembers& members);

    PointRegistry& registry_;
    JsonDecoderOptions options_;
    std::uint16_t default_source_;
    DecodeContext context_;
    std::optional<ReadingFault> fault_;  // of the reading at hand
    std::string last_time_text_;         // neighbours share their time
    UtcTime last_time_{};
    std::string last_source_name_;  // and their source
    std::uint16_t last_source_ = 0;
};

}  // namespace headroom::telemetry
