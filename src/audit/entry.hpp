#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace headroom::audit {

/// The longest leaf that a record holds, in bytes.
inline constexpr std::size_t max_leaf_bytes = 65535;

/// The time of an entry may lie this far before that of the last one without a word.
inline constexpr milliseconds clock_tolerance = seconds{5};

/// Who did what is recorded.
struct Actor {
    std::string id;    ///< "op-17", "core", a device or peer id; never empty
    std::string kind;  ///< system | user | apikey | device | peer
    std::string ip;    ///< empty when none applies
    std::string via;   ///< how the identity was shown ("oidc", "demo"); empty when none applies
    std::optional<std::int64_t> epoch = std::nullopt;  ///< process epoch of a system actor

    bool operator==(const Actor&) const = default;
};

/// An entry before the log gives it its number and time.
struct Draft {
    std::string type;  ///< one of `entry_types()`
    Actor actor;
    json::Object body;           ///< integers only; keys [a-z][a-z0-9_]{0,31}
    std::string corr = {};       ///< event id; empty when none applies
    std::string caus = {};       ///< the order or entry that this one reacts to; empty when none applies
    std::string outcome = "ok";  ///< ok | denied | error | timeout
};

/// One entry of the log.
struct Entry {
    std::uint64_t seq = 0;  ///< index of the leaf
    UtcTime ts{};           ///< wall time at which the log took it
    std::string type;
    Actor actor;
    json::Object body;
    std::string corr;
    std::string caus;
    std::string outcome;

    bool operator==(const Entry&) const = default;
};

/// Every type the writer takes, sorted. The list stands in docs/formats/audit.md.
[[nodiscard]] std::span<const std::string_view> entry_types();
[[nodiscard]] bool is_known_type(std::string_view type);
/// Whether entries of `type` end or refuse an action, or report its end: these are still written, from the
/// reserve, when the disk is full. Fail closed for starting, never for stopping.
[[nodiscard]] bool is_stopping_type(std::string_view type);

/// A draft that has been checked and brought to canonical form, all but its number and time.
struct PreparedDraft {
    std::string head;       ///< {"actor":…,"outcome":"ok","seq":
    std::string_view type;  ///< in `entry_types()`
    std::string corr;

    /// Upper bound of the leaf's length.
    [[nodiscard]] std::size_t leaf_bytes_max() const;
};

/// Checks a draft and writes what can be written without its number. Any thread.
/// Errors: `invalid` with the pointer of the member that does not fit: unknown type or outcome, an actor
/// without id or of unknown kind, a body outside the canonical profile, a leaf above 65535 bytes.
[[nodiscard]] Result<PreparedDraft> prepare(const Draft& draft);
/// Appends the leaf's bytes to `out`. `ts` is the time in the form of `format_utc`.
void append_leaf(std::string& out, const PreparedDraft& draft, std::uint64_t seq, std::string_view ts);

/// The canonical leaf of an entry. Errors: as `prepare`.
[[nodiscard]] Result<std::string> write_leaf(const Entry& entry);
/// Reads a leaf; types that are not known here are taken.
/// Errors: `invalid` when it is not canonical or a common member is missing, unknown or of the wrong kind.
[[nodiscard]] Result<Entry> parse_leaf(std::string_view leaf);
/// An entry as JSON for screens and tools, members as in the leaf.
[[nodiscard]] json::Object to_json(const Entry& entry);

}  // namespace headroom::audit
