#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <unistd.h>

namespace headroom::net {

/// How often a wait for a socket asks whether it is to stop.
inline constexpr milliseconds stop_look_every{100};

/// A descriptor that is closed with its owner.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_ = -1;
};

/// A connected socket, non-blocking, without delay of small packets. Ends in time, or as soon as `is_stopped`
/// says so, which is asked whenever `wake_fd` becomes readable (its count is taken) and ten times a second.
/// Errors: `unavailable`, with the reason: an unknown name, a refused connection, no answer in time.
[[nodiscard]] Result<Descriptor> tcp_connect(const std::string& host, std::uint16_t port,
                                             milliseconds timeout, int wake_fd,
                                             const std::function<bool()>& is_stopped);

}  // namespace headroom::net
