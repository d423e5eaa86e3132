#pragma once

#include "core/time.hpp"
#include "store/series.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::store {

/// What became of what a sink was given; given = written + rejected + dropped + queued, always. In lines.
struct SinkCounts {
    std::uint64_t given = 0;
    std::uint64_t written = 0;
    std::uint64_t rejected = 0;  ///< the other side would not have them
    std::uint64_t dropped = 0;   ///< no room any more
    std::uint64_t queued = 0;    ///< waiting, or on their way
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;
    bool is_away = false;
    std::string fault;  ///< the newest
};

/// A place outside that gets a copy of everything that is stored. Any thread; nobody who gives waits.
class SeriesSink {
  public:
    virtual ~SeriesSink() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    virtual void give(const std::vector<SeriesBlock>& blocks) = 0;
    virtual void give(const std::vector<Measurement>& measurements) = 0;
    [[nodiscard]] virtual SinkCounts counts() const = 0;
    /// Waits until what was given before has been answered for. False when that took longer.
    virtual bool drain(milliseconds longest) = 0;
};

}  // namespace headroom::store
