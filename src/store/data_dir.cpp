#include "store/data_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>

namespace headroom::store {
namespace {

namespace fs = std::filesystem;

constexpr mode_t folder_mode = 0750;
constexpr mode_t file_mode = 0640;
constexpr mode_t keys_mode = 0700;
constexpr std::size_t small_file_bytes = 64;  // FORMAT and LOCK hold one number

/// A descriptor that closes itself.
class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    [[nodiscard]] int get() const { return value_; }
    [[nodiscard]] int give() { return std::exchange(value_, -1); }

  private:
    int value_;
};

int open_retrying(const fs::path& path, int flags, mode_t mode = 0) {
    int descriptor = -1;
    do {
        descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/// All bytes; 0 or an errno value.
int write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

/// What a small file holds, cut; nothing when it cannot be read (errno then says why).
std::optional<std::string> read_small(int descriptor) {
    std::array<char, small_file_bytes> buffer{};
    const ssize_t count = ::pread(descriptor, buffer.data(), buffer.size(), 0);
    if (count < 0) {
        return std::nullopt;
    }
    return std::string(buffer.data(), static_cast<std::size_t>(count));
}

/// The number that the text is, with an optional line break behind it.
std::optional<int> as_number(std::string_view text) {
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    int number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size() || number <= 0) {
        return std::nullopt;
    }
    return number;
}

Result<void> sync_folder(const fs::path& folder) {
    const Descriptor descriptor(open_retrying(folder, O_RDONLY | O_DIRECTORY));
    if (descriptor.get() < 0 || ::fsync(descriptor.get()) != 0) {
        return file_fault("sync", folder, errno);
    }
    return {};
}

/// Replaces `path` in one step that survives a power cut.
Result<void> replace_file(const fs::path& path, std::string_view bytes) {
    fs::path unfinished = path;
    unfinished += ".tmp";
    {
        const Descriptor descriptor(
            open_retrying(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, file_mode));
        if (descriptor.get() < 0) {
            return file_fault("write", unfinished, errno);
        }
        int fault = write_all(descriptor.get(), bytes);
        if (fault == 0 && ::fsync(descriptor.get()) != 0) {
            fault = errno;
        }
        if (fault != 0) {
            ::unlink(unfinished.c_str());
            return file_fault("write", unfinished, fault);
        }
    }
    if (::rename(unfinished.c_str(), path.c_str()) != 0) {
        const int fault = errno;
        ::unlink(unfinished.c_str());
        return file_fault("replace", path, fault);
    }
    return sync_folder(path.parent_path());
}

Result<void> make_folder(const fs::path& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) == 0) {
        return {};
    }
    if (errno != EEXIST) {
        return file_fault("make the folder", path, errno);
    }
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return file_fault("look at", path, errno);
    }
    if (!S_ISDIR(status.st_mode)) {
        return Error{Errc::invalid, path.string() +
                                        " is not a folder. Remedy: move it away, or name another data "
                                        "folder with --data-dir"};
    }
    return {};
}

}  // namespace

Error file_fault(std::string_view doing, const fs::path& path, int errno_value) {
    Error error{Errc::unavailable, "cannot " + std::string(doing) + " " + path.string() + ": " +
                                       std::generic_category().message(errno_value)};
    switch (errno_value) {
        case ENOSPC:
        case EDQUOT:
            error.message += " (disk full). Remedy: make room, or name another data folder with --data-dir";
            break;
        case EROFS:
        case EACCES:
        case EPERM:
            error.code = Errc::denied;
            error.message +=
                ". Remedy: give this user the right to write there, or name another data folder with "
                "--data-dir";
            break;
        case ENOENT:
            error.code = Errc::not_found;
            break;
        default:
            break;
    }
    return error;
}

Result<std::unique_ptr<DataDir>> DataDir::open(const fs::path& path) {
    if (path.empty()) {
        return Error{Errc::invalid, "the data folder has no name. Remedy: name one with --data-dir"};
    }
    std::error_code fault;
    const fs::path absolute = fs::absolute(path, fault);
    if (fault) {
        return file_fault("find", path, fault.value());
    }
    fs::create_directories(absolute.parent_path(), fault);
    if (fault) {
        return file_fault("make the folder", absolute.parent_path(), fault.value());
    }
    if (Result<void> made = make_folder(absolute, folder_mode); !made) {
        return made.error();
    }
    std::unique_ptr<DataDir> data(new DataDir(fs::canonical(absolute, fault)));
    if (fault) {
        return file_fault("find", absolute, fault.value());
    }
    Result<void> done = data->lock();
    if (done) {
        done = data->check_format();
    }
    if (done) {
        done = data->make_folders();
    }
    if (done && ::unlink(data->endpoint().c_str()) != 0 && errno != ENOENT) {
        done = file_fault("remove", data->endpoint(), errno);
    }
    if (!done) {
        return done.error();
    }
    return data;
}

DataDir::~DataDir() {
    if (has_endpoint_) {
        ::unlink(endpoint().c_str());
    }
    if (lock_descriptor_ >= 0) {
        // The file stays: removing it would let two processes lock two files of one name.
        const int emptied = ::ftruncate(lock_descriptor_, 0);
        static_cast<void>(emptied);  // a stale number is told apart by the lock, which ends here either way
        ::close(lock_descriptor_);
    }
}

Result<void> DataDir::lock() {
    const fs::path file = root_ / "LOCK";
    Descriptor descriptor(open_retrying(file, O_RDWR | O_CREAT | O_NOFOLLOW, file_mode));
    if (descriptor.get() < 0) {
        return file_fault("write", file, errno);
    }
    int locked = -1;
    do {
        locked = ::flock(descriptor.get(), LOCK_EX | LOCK_NB);
    } while (locked != 0 && errno == EINTR);
    if (locked != 0) {
        if (errno != EWOULDBLOCK) {
            return file_fault("lock", file, errno);
        }
        const std::optional<std::string> text = read_small(descriptor.get());
        const std::optional<int> holder = text ? as_number(*text) : std::nullopt;
        return Error{Errc::unavailable,
                     "the data folder " + root_.string() + " is in use by " +
                         (holder ? "process " + std::to_string(*holder) : std::string("another process")) +
                         ". Remedy: stop that process, or name another data folder with --data-dir"};
    }
    const std::string number = std::to_string(::getpid()) + "\n";
    int fault = ::ftruncate(descriptor.get(), 0) == 0 ? 0 : errno;
    fault = fault == 0 ? write_all(descriptor.get(), number) : fault;
    if (fault != 0) {
        return file_fault("write", file, fault);
    }
    lock_descriptor_ = descriptor.give();
    return {};
}

Result<void> DataDir::check_format() {
    const fs::path file = root_ / "FORMAT";
    const Descriptor descriptor(open_retrying(file, O_RDONLY));
    if (descriptor.get() < 0) {
        if (errno != ENOENT) {
            return file_fault("read", file, errno);
        }
        std::error_code fault;
        if (fs::exists(records_db(), fault) || fs::exists(audit(), fault)) {
            return Error{Errc::corrupt,
                         "the data folder " + root_.string() +
                             " holds data but no FORMAT file. Remedy: put it back from a backup, or "
                             "name another data folder with --data-dir"};
        }
        return replace_file(file, std::to_string(format) + "\n");
    }
    const std::optional<std::string> text = read_small(descriptor.get());
    if (!text) {
        return file_fault("read", file, errno);
    }
    const std::optional<int> found = as_number(*text);
    if (!found) {
        return Error{Errc::corrupt, file.string() +
                                        " does not hold a version number. Remedy: put it back from a "
                                        "backup, or name another data folder with --data-dir"};
    }
    if (*found > format) {
        return Error{Errc::unsupported, "the data folder " + root_.string() + " has format " +
                                            std::to_string(*found) + ", this build knows formats up to " +
                                            std::to_string(format) +
                                            ". Remedy: run the newer Headroom that wrote it, or name another "
                                            "data folder with --data-dir"};
    }
    return {};
}

Result<void> DataDir::make_folders() {
    for (const fs::path& folder : {audit(), blobs(), models(), snapshots(), cache()}) {
        if (Result<void> made = make_folder(folder, folder_mode); !made) {
            return made;
        }
    }
    if (Result<void> made = make_folder(keys(), keys_mode); !made) {
        return made;
    }
    // Whatever it was made with before: nobody else reads our keys.
    if (::chmod(keys().c_str(), keys_mode) != 0) {
        return file_fault("protect", keys(), errno);
    }
    return sync_folder(root_);
}

Result<void> DataDir::write_endpoint(const json::Value& value) {
    Result<void> written = replace_file(endpoint(), json::write_pretty(value));
    has_endpoint_ = has_endpoint_ || written.has_value();
    return written;
}

Result<std::uint64_t> DataDir::free_bytes() const {
    struct statvfs status {};
    int answered = -1;
    do {
        answered = ::statvfs(root_.c_str(), &status);
    } while (answered != 0 && errno == EINTR);
    if (answered != 0) {
        return file_fault("measure", root_, errno);
    }
    return static_cast<std::uint64_t>(status.f_bavail) * static_cast<std::uint64_t>(status.f_frsize);
}

}  // namespace headroom::store
