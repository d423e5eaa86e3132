#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "store/records.hpp"

#include <compare>
#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <string>

namespace headroom::agents {

/// The kind under which every Beckn message is kept, as its bytes crossed the wire, with what was made of it.
inline constexpr const char* evidence_kind = "beckn_message";

/// Where a message stands among others: a request before its callback, also within one millisecond.
struct EvidencePlace {
    UtcTime at{};
    bool is_in = false;
    std::string id;
    std::strong_ordering operator<=>(const EvidencePlace&) const = default;
};

struct EvidenceLine {
    EvidencePlace place;
    bool is_refused = false;  ///< its sender could not show who he is
    std::string line;         ///< as beckn/capture.hpp says, without the newline
};
/// Errors: `corrupt` for a record that is none of ours.
[[nodiscard]] Result<EvidenceLine> evidence_line(const store::Record& record);

struct EvidenceQuery {
    std::string event;          ///< empty: of every event, and of none
    bool with_refused = false;  ///< also what was refused for its signature
};
/// Writes the evidence in a data directory as lines of JSON, oldest first; answers how many. Beside a running
/// server too, whose newest messages stand in the file ahead of the store: it is read, never written.
/// Errors: `not_found` when there is no data directory, `corrupt`, `unavailable`.
[[nodiscard]] Result<std::size_t> export_evidence(const std::filesystem::path& data_dir,
                                                  const EvidenceQuery& query, std::ostream& out);

}  // namespace headroom::agents
