#pragma once

#include "audit/entry.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headroom::desk::identity {

/// A refused attempt.
struct Denial {
    std::string type;  ///< auth.denied: who it is was not shown. api.denied: it was, and did not suffice
    audit::Actor actor;
    std::string reason;  ///< "wrong name or password", "needs role approver"
    std::string route;   ///< "POST /api/v1/stop", the pattern, never the target itself
};

/// The log's entry of `count` such attempts.
[[nodiscard]] audit::Draft draft_of(const Denial& denial, std::uint64_t count);

/// Bounds how many entries refused attempts make: the first of a kind is written at once, those that follow
/// within `window` are counted and written as one at its end. Kinds beyond `kinds` share one. One thread, no
/// clock.
class Denials {
  public:
    explicit Denials(milliseconds window = seconds{10}, std::size_t kinds = 16)
        : window_(window), kinds_(kinds) {}

    /// The entry to write now, if any.
    [[nodiscard]] std::optional<audit::Draft> add(Denial denial, UtcTime now);
    /// Entries of the windows that are over by `now`; of all with `UtcTime::max()`.
    [[nodiscard]] std::vector<audit::Draft> due(UtcTime now);
    /// Nothing is counted that is not written yet and no window is open.
    [[nodiscard]] bool empty() const { return open_.empty(); }
    [[nodiscard]] milliseconds window() const { return window_; }

  private:
    struct Window {
        Denial denial;
        std::uint64_t count = 0;  // not written yet
        UtcTime until{};
    };
    milliseconds window_;
    std::size_t kinds_;
    std::map<std::string, Window> open_;
};

}  // namespace headroom::desk::identity
