#pragma once

#include "core/log.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace headroom::dispatch {

/// Counts what devices send that cannot be used. The first is logged, then every thousandth: a broken device
/// must not fill the log.
class DropCounter {
  public:
    explicit DropCounter(std::string transport) : transport_(std::move(transport)) {}

    void add(const std::string& why) {
        if (count_++ % 1'000 == 0) {
            log::warn("a device's message was dropped",
                      {{"transport", transport_}, {"why", why}, {"dropped", count_}});
        }
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }

  private:
    std::string transport_;
    std::uint64_t count_ = 0;
};

}  // namespace headroom::dispatch
