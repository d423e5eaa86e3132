#include "telemetry/file_reader.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

namespace headroom::telemetry {
namespace {

gzFile gz(void* handle) {
    return static_cast<gzFile>(handle);
}

Error system_error_of(const std::string& name, int number) {
    const std::string why = name + ": " + std::generic_category().message(number);
    switch (number) {
        case ENOENT:
        case ENOTDIR:
            return Error{Errc::not_found, why};
        case EACCES:
        case EPERM:
            return Error{Errc::denied, why};
        default:
            return Error{Errc::unavailable, why};
    }
}

}  // namespace

void FileReader::Close::operator()(void* handle) const {
    gzclose(gz(handle));
}

Result<FileReader> FileReader::open(const std::filesystem::path& file) {
    const std::string name = file.string();
    std::error_code fault;
    if (std::filesystem::is_directory(file, fault)) {
        return Error{Errc::invalid, name + " is a folder, not a file"};
    }
    errno = 0;
    gzFile handle = gzopen(name.c_str(), "rb");
    if (handle == nullptr) {
        return system_error_of(name, errno == 0 ? ENOMEM : errno);
    }
    gzbuffer(handle, file_chunk_bytes);
    return FileReader(handle, file.filename().string());
}

Result<std::size_t> FileReader::read(std::span<char> into) {
    const auto room = static_cast<unsigned>(
        std::min<std::size_t>(into.size(), static_cast<std::size_t>(std::numeric_limits<int>::max())));
    errno = 0;
    const int count = gzread(gz(handle_.get()), into.data(), room);
    const int number = errno;
    int code = Z_OK;
    const char* message = gzerror(gz(handle_.get()), &code);
    if (code == Z_ERRNO) {
        return system_error_of(name_, number);
    }
    // A stream that ends early gives its bytes first and says so at the next call.
    if (count < 0 || (count == 0 && code != Z_OK)) {
        return Error{Errc::corrupt, name_ + ": the compressed data cannot be read: " +
                                        (code == Z_BUF_ERROR ? "it ends before its end" : message)};
    }
    return static_cast<std::size_t>(count);
}

std::uint64_t FileReader::offset() const {
    const z_off_t offset = gzoffset(gz(handle_.get()));
    return offset < 0 ? 0 : static_cast<std::uint64_t>(offset);
}

}  // namespace headroom::telemetry
