#include "telemetry/gunzip.hpp"

#include <zlib.h>

#include <array>
#include <new>
#include <string>

namespace headroom::telemetry {
namespace {

constexpr std::size_t block_bytes = 64UL * 1024;
constexpr int gzip_only = 16 + MAX_WBITS;

}  // namespace

struct Gunzip::State {
    GunzipLimits limits;
    z_stream stream{};
    std::array<char, block_bytes> block{};
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    bool is_inside = false;  // of a member that has not ended
    bool has_begun = false;
};

Gunzip::Gunzip(GunzipLimits limits) : state_(std::make_unique<State>()) {
    state_->limits = limits;
    if (inflateInit2(&state_->stream, gzip_only) != Z_OK) {
        throw std::bad_alloc();
    }
}

Gunzip::~Gunzip() {
    inflateEnd(&state_->stream);
}

void Gunzip::put(std::string_view piece) {
    HEADROOM_ASSERT(state_->stream.avail_in == 0);
    // zlib only reads there, but says so with a cast of its own.
    state_->stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    state_->stream.avail_in = static_cast<uInt>(piece.size());
    state_->in += piece.size();
}

Result<std::string_view> Gunzip::next() {
    z_stream& stream = state_->stream;
    stream.next_out = reinterpret_cast<Bytef*>(state_->block.data());
    stream.avail_out = block_bytes;
    while (stream.avail_out > 0) {
        if (stream.avail_in == 0 && !state_->is_inside) {
            break;
        }
        const uInt in_before = stream.avail_in;
        const uInt out_before = stream.avail_out;
        state_->is_inside = state_->has_begun = true;
        const int code = inflate(&stream, Z_NO_FLUSH);
        if (code == Z_STREAM_END) {
            state_->is_inside = false;
            inflateReset(&stream);
            continue;
        }
        if (code != Z_OK && code != Z_BUF_ERROR) {
            return Error{Errc::invalid, std::string("the body is no gzip, or is damaged: ") +
                                            (stream.msg != nullptr ? stream.msg : "unknown form")};
        }
        if (stream.avail_in == in_before && stream.avail_out == out_before) {
            break;  // waits for more
        }
    }
    const std::size_t size = block_bytes - stream.avail_out;
    state_->out += size;
    const GunzipLimits& limits = state_->limits;
    if (state_->out > limits.bytes_max ||
        (state_->out > limits.ratio_after && state_->out / limits.ratio_max > state_->in)) {
        return Error{Errc::invalid, "the body unpacks to more than is taken: " + std::to_string(state_->out) +
                                        " bytes of " + std::to_string(state_->in)};
    }
    return std::string_view(state_->block.data(), size);
}

Result<void> Gunzip::finish() const {
    if (state_->is_inside || !state_->has_begun) {
        return Error{Errc::invalid, "the gzip body is cut off"};
    }
    return {};
}

}  // namespace headroom::telemetry
