#pragma once

#include "core/result.hpp"

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace headroom::app {

/// This program once more, in a process of its own, for benches with two sides. It is asked to stop when the
/// object goes.
class BenchChild {
  public:
    /// Starts `headroom <arguments>` and waits for its first line on stdout.
    /// Errors: `unavailable` when it cannot be started or ends without a line.
    [[nodiscard]] static Result<BenchChild> start(const std::vector<std::string>& arguments);
    BenchChild(BenchChild&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)), line_(std::move(other.line_)) {}
    BenchChild& operator=(BenchChild&&) = delete;
    BenchChild(const BenchChild&) = delete;
    BenchChild& operator=(const BenchChild&) = delete;
    ~BenchChild();

    [[nodiscard]] const std::string& first_line() const { return line_; }
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    BenchChild() = default;
    pid_t pid_ = -1;
    std::string line_;
};

}  // namespace headroom::app
