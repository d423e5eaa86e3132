#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace headroom::agents {

/// Which numbers of a sender's sequence have come, as far back as matters: counts those that are missing.
/// A number that comes late, by at most `reach`, is taken off the count again; a repeated one changes
/// nothing; one further back means that the sender began anew.
class SeqWindow {
  public:
    static constexpr std::uint64_t reach = 1024;

    /// Takes in a number; 0 means that the sender gives none. Answers by how much the count of missing
    /// numbers changed: -1, 0, or the width of a gap.
    std::int64_t take(std::uint64_t seq);

  private:
    [[nodiscard]] bool has(std::uint64_t seq) const;
    void mark(std::uint64_t seq);
    void clear(std::uint64_t seq);

    std::uint64_t newest_ = 0;  // 0: nothing yet
    std::uint64_t first_ = 0;   // of this run: nothing before it is missing
    std::array<std::uint64_t, reach / 64> bits_{};
};

}  // namespace headroom::agents
