#include "audit/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headroom::audit {

namespace {

template <class Call>
int until_done(Call call) {
    while (call() != 0) {
        if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

}  // namespace

int FileOps::write_at(int descriptor, std::string_view bytes, std::uint64_t offset, std::size_t& written) {
    const ssize_t count = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    written = count < 0 ? 0 : static_cast<std::size_t>(count);
    return count < 0 ? errno : 0;
}

int FileOps::sync_data(int descriptor) {
    return ::fdatasync(descriptor) == 0 ? 0 : errno;  // never again, not even after EINTR
}

int FileOps::sync(int descriptor) {
    return ::fsync(descriptor) == 0 ? 0 : errno;
}

int FileOps::allocate(int descriptor, std::uint64_t offset, std::uint64_t length) {
    int fault = 0;
    do {
        fault = ::posix_fallocate(descriptor, static_cast<off_t>(offset), static_cast<off_t>(length));
    } while (fault == EINTR);
    return fault;
}

int FileOps::truncate(int descriptor, std::uint64_t size) {
    return until_done([=] { return ::ftruncate(descriptor, static_cast<off_t>(size)); });
}

int FileOps::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

FileOps& system_files() {
    static FileOps files;
    return files;
}

File& File::operator=(File&& other) noexcept {
    if (this != &other) {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

void File::close() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
        descriptor_ = -1;
    }
}

Error file_error(std::string_view doing, const std::filesystem::path& path, int errno_value) {
    Errc code = Errc::unavailable;
    if (errno_value == ENOENT || errno_value == ENOTDIR) {
        code = Errc::not_found;
    } else if (errno_value == EACCES || errno_value == EPERM || errno_value == EROFS) {
        code = Errc::denied;
    } else if (errno_value == EEXIST) {
        code = Errc::conflict;
    }
    return Error{code, std::string(doing) + " " + path.string() + ": " + std::strerror(errno_value), ""};
}

bool is_full(int errno_value) {
    return errno_value == ENOSPC || errno_value == EDQUOT || errno_value == EFBIG;
}

Result<File> open_file(const std::filesystem::path& path, int flags, unsigned mode) {
    int descriptor = -1;
    do {
        descriptor = ::open(path.c_str(), flags | O_CLOEXEC, static_cast<mode_t>(mode));
    } while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0) {
        return file_error("opening", path, errno);
    }
    return File(descriptor);
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
    const Result<File> file = open_file(path, O_RDONLY);
    if (!file) {
        return file.error();
    }
    std::string bytes;
    std::string piece(64UL * 1024, '\0');
    while (true) {
        const ssize_t got = ::read(file->descriptor(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return file_error("reading", path, errno);
        }
        if (got == 0) {
            return bytes;
        }
        bytes.append(piece, 0, static_cast<std::size_t>(got));
        if (bytes.size() > max_bytes) {
            return Error{Errc::invalid,
                         path.string() + " has more than " + std::to_string(max_bytes) + " bytes", ""};
        }
    }
}

int write_all(FileOps& files, int descriptor, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        std::size_t written = 0;
        const int fault = files.write_at(descriptor, bytes, offset, written);
        if (fault != 0 && fault != EINTR) {
            return fault;
        }
        if (fault == 0 && written == 0) {
            return ENOSPC;
        }
        bytes.remove_prefix(written);
        offset += written;
    }
    return 0;
}

int sync_directory(FileOps& files, const std::filesystem::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return errno;
    }
    const File owner(descriptor);
    return files.sync(descriptor);
}

int replace_file(FileOps& files, const std::filesystem::path& path, std::string_view bytes,
                 bool& is_sync_fault, unsigned mode, std::string_view suffix) {
    is_sync_fault = false;
    std::filesystem::path temporary = path;
    temporary += suffix;
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode));
    if (descriptor < 0) {
        return errno;
    }
    const File owner(descriptor);
    if (const int fault = write_all(files, descriptor, bytes, 0); fault != 0) {
        ::unlink(temporary.c_str());
        return fault;
    }
    if (const int fault = files.sync(descriptor); fault != 0) {
        is_sync_fault = true;
        return fault;
    }
    if (const int fault = files.rename(temporary, path); fault != 0) {
        return fault;
    }
    const int fault = sync_directory(files, path.parent_path());
    is_sync_fault = fault != 0;
    return fault;
}

}  // namespace headroom::audit
