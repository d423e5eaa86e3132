#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace headroom::telemetry {

/// What an unpacked stream may become, so that a small body cannot keep anyone busy for long.
struct GunzipLimits {
    std::uint64_t bytes_max = 16ULL * 1024 * 1024 * 1024;
    std::uint64_t ratio_max = 200;                   ///< of unpacked to packed bytes …
    std::uint64_t ratio_after = 8ULL * 1024 * 1024;  ///< … once so much has come out
};

/// Unpacks gzip that arrives in pieces, of one member or several. Holds one block of 64 KiB however much
/// comes out. One thread. Source: RFC 1952; zlib.
class Gunzip {
  public:
    explicit Gunzip(GunzipLimits limits = {});
    ~Gunzip();
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;

    /// The next packed piece; the one before has been used up by `next`.
    void put(std::string_view piece);
    /// The next unpacked block, valid until the next call; empty when another piece is needed.
    /// Errors: `invalid` for what is no gzip or is damaged, or when a limit is passed.
    Result<std::string_view> next();
    /// Whether everything that was begun has ended. Errors: `invalid` when the stream is cut off.
    [[nodiscard]] Result<void> finish() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace headroom::telemetry
