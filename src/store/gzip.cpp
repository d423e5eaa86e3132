#include "store/gzip.hpp"

#include <zlib.h>

namespace headroom::store {

Result<std::string> gzip(std::string_view bytes) {
    constexpr int window_and_gzip = 15 + 16;
    constexpr int memory = 8;
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_and_gzip, memory, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        return Error{Errc::invalid, "zlib cannot be started"};
    }
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    // zlib does not write through it.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (ended != Z_STREAM_END) {
        return Error{Errc::invalid, "zlib could not compress " + std::to_string(bytes.size()) + " bytes"};
    }
    return out;
}

}  // namespace headroom::store
