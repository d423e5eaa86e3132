#include "desk/identity/principals_file.hpp"

#include "audit/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace headroom::desk::identity {
namespace {

constexpr unsigned owner_only = 0600;

Error in_file(const std::filesystem::path& file, const Error& error) {
    return {error.code, file.string() + ": " + error.message, error.pointer};
}

/// Held while the file is changed; given back by closing.
Result<audit::File> take_lock(const std::filesystem::path& file) {
    std::filesystem::path path = file;
    path.replace_extension(".lock");
    Result<audit::File> lock = audit::open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, owner_only);
    if (!lock) {
        return lock;
    }
    int locked = -1;
    do {
        locked = ::flock(lock->descriptor(), LOCK_EX);
    } while (locked != 0 && errno == EINTR);
    if (locked != 0) {
        return audit::file_error("locking", path, errno);
    }
    return lock;
}

}  // namespace

std::filesystem::path principals_path(const std::filesystem::path& data_dir) {
    return data_dir / "keys" / "identity.json";
}

Result<Principals> load_principals(const std::filesystem::path& file) {
    const Result<audit::File> opened = audit::open_file(file, O_RDONLY);
    if (!opened) {
        return opened.error().code == Errc::not_found ? Result<Principals>(Principals{}) : opened.error();
    }
    struct stat status {};
    if (::fstat(opened->descriptor(), &status) != 0) {
        return audit::file_error("examining", file, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return Error{Errc::invalid, file.string() + " is no regular file"};
    }
    if ((status.st_mode & 077U) != 0) {
        return Error{
            Errc::denied,
            file.string() + " can be read by its group or by others. Remedy: chmod 600 " + file.string()};
    }
    const Result<std::string> text = audit::read_file(file, principals_bytes_max);
    if (!text) {
        return text.error().code == Errc::not_found ? Result<Principals>(Principals{}) : text.error();
    }
    Result<Principals> principals = parse_principals(*text);
    return principals ? std::move(principals) : in_file(file, principals.error());
}

Result<Principals> edit_principals(const std::filesystem::path& file,
                                   const std::function<Result<Principals>(Principals)>& change) {
    const Result<audit::File> lock = take_lock(file);
    if (!lock) {
        return lock.error();
    }
    Result<Principals> before = load_principals(file);
    if (!before) {
        return before;
    }
    Result<Principals> after = change(std::move(*before));
    if (!after) {
        return after;
    }
    bool is_sync_fault = false;
    const int fault =
        audit::replace_file(audit::system_files(), file, write_principals(*after), is_sync_fault, owner_only);
    if (fault != 0) {
        return audit::file_error("writing", file, fault);
    }
    return after;
}

FileMark mark_of(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        return {};
    }
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return {.inode = status.st_ino,
            .changed_ns = status.st_mtim.tv_sec * ns_per_s + status.st_mtim.tv_nsec,
            .bytes = status.st_size};
}

}  // namespace headroom::desk::identity
