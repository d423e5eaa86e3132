#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <string>

namespace headroom::app {

/// A line on stderr that says how far a replay is, written over itself; silent where stderr is no terminal.
class IngestProgress {
  public:
    explicit IngestProgress(bool is_shown) : is_shown_(is_shown) {}

    /// At most five times a second something is written. `done` from 0 to 1.
    void show(double done, std::uint64_t readings, SteadyTime now);
    /// Clears the line.
    void end();

    /// "[######----]  60 %  1,234,567 readings  812,000/s"
    [[nodiscard]] static std::string line(double done, std::uint64_t readings, double per_s);

  private:
    bool is_shown_;
    bool is_dirty_ = false;
    SteadyTime begun_{};
    SteadyTime last_{};
};

/// "1,234,567"
[[nodiscard]] std::string with_commas(std::uint64_t number);

}  // namespace headroom::app
