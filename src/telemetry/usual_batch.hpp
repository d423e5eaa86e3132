#pragma once

#include "telemetry/decode_report.hpp"
#include "telemetry/json_usual.hpp"
#include "telemetry/reading_builder.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::telemetry {

/// Turns readings of the usual shape into readings, in their order. Each waits for a few others, so that the
/// memory in which its point is found is there when it is looked for. What is not plainly right is resolved
/// by the builder, as from any other form, with the same fault for the same text.
class UsualBatch {
  public:
    UsualBatch(ReadingBuilder& builder, DecodeReport& report) : builder_(builder), report_(report) {}

    /// Where the next reading is to be read into; not to be kept.
    [[nodiscard]] UsualReading& next() { return waiting_[put_ % depth].members; }
    /// Takes what was read into `next`. The text it stands in must stay until `drain` or `forget`.
    void take(ReadingPlace place, std::vector<Reading>& out);
    /// Finishes those that still wait.
    void drain(std::vector<Reading>& out);
    void forget() { looked_ = taken_ = put_; }

  private:
    static constexpr std::size_t depth = 32;
    static constexpr std::size_t first_look = 16;  // readings after which a point is looked for a first time
    struct Waiting {
        UsualReading members;
        PointQuery query;
        Reading reading;
        ReadingPlace place;
        bool is_plain = false;
    };

    [[nodiscard]] bool read_plainly(const UsualReading& members, Waiting& waiting);
    [[nodiscard]] bool time_of(std::string_view text, UtcTime& out);
    [[nodiscard]] bool other_time_of(std::string_view text, UtcTime& out);
    [[nodiscard]] bool is_source(std::string_view text);
    void look(Waiting& waiting);
    void finish(Waiting& waiting, std::vector<Reading>& out);
    void resolve(const Waiting& waiting, std::vector<Reading>& out);

    ReadingBuilder& builder_;
    DecodeReport& report_;
    std::array<Waiting, depth> waiting_{};
    std::size_t put_ = 0;
    std::size_t looked_ = 0;
    std::size_t taken_ = 0;
    std::array<char, 20> last_time_text_{};  // 2026-11-20T17:00:00Z
    UtcTime last_time_{};
    std::array<char, 64> last_source_{};  // an id
    std::size_t last_source_size_ = 0;
};

}  // namespace headroom::telemetry
