#include "audit/key_file.hpp"

#include "audit/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace headroom::audit {

namespace {

constexpr std::size_t file_bytes = 65;

Result<Ed25519KeyPair> load(const std::filesystem::path& path) {
    const Result<File> file = open_file(path, O_RDONLY);
    if (!file) {
        return file.error();
    }
    struct stat status {};
    if (::fstat(file->descriptor(), &status) != 0) {
        return file_error("examining", path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return Error{Errc::invalid, path.string() + " is no regular file", ""};
    }
    if ((status.st_mode & 077U) != 0) {
        return Error{Errc::denied,
                     "the key " + path.string() +
                         " can be used by its group or by others. Remedy: chmod 600 " + path.string(),
                     ""};
    }
    std::string text(file_bytes + 1, '\0');
    const ssize_t got = ::read(file->descriptor(), text.data(), text.size());
    if (got < 0) {
        return file_error("reading", path, errno);
    }
    text.resize(static_cast<std::size_t>(got));
    const bool is_line = text.size() == file_bytes && text.back() == '\n';
    const Result<std::string> seed = from_hex(std::string_view(text).substr(0, is_line ? file_bytes - 1 : 0));
    if (!is_line || !seed) {
        return Error{Errc::invalid,
                     "the key " + path.string() +
                         " is not a line of 64 hexadecimal digits. Remedy: put it back from a backup",
                     ""};
    }
    return Ed25519KeyPair::from_secret(*seed);
}

/// Writes `key`, or answers the one that another process has written meanwhile.
Result<Ed25519KeyPair> create(const std::filesystem::path& path, const Ed25519KeyPair& key) {
    std::error_code fault;
    if (path.has_parent_path() && std::filesystem::create_directories(path.parent_path(), fault)) {
        std::filesystem::permissions(path.parent_path(), std::filesystem::perms::owner_all, fault);
    }
    if (fault) {
        return file_error("creating", path.parent_path(), fault.value());
    }
    const std::string seed = key.seed();
    const std::string line = to_hex({reinterpret_cast<const std::uint8_t*>(seed.data()), seed.size()}) + "\n";
    // Each process has its own temporary file, and `link` never replaces: of two that start at once, one key
    // wins.
    std::filesystem::path temporary = path;
    temporary += "." + std::to_string(::getpid()) + ".tmp";
    const Result<File> file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!file) {
        return file.error();
    }
    int error = write_all(system_files(), file->descriptor(), line, 0);
    error = error == 0 ? system_files().sync(file->descriptor()) : error;
    if (error == 0 && ::link(temporary.c_str(), path.c_str()) != 0) {
        error = errno;
    }
    ::unlink(temporary.c_str());
    if (error == EEXIST) {
        return load(path);
    }
    error = error == 0 ? sync_directory(system_files(), path.has_parent_path() ? path.parent_path() : ".")
                       : error;
    if (error != 0) {
        return file_error("keeping the key in", path, error);
    }
    return key;
}

}  // namespace

Result<Ed25519KeyPair> load_or_create_key(const std::filesystem::path& path) {
    Result<Ed25519KeyPair> key = load(path);
    if (!key && key.error().code == Errc::not_found) {
        return create(path, Ed25519KeyPair::generate());
    }
    return key;
}

Result<void> keep_key(const std::filesystem::path& path, const Ed25519KeyPair& key) {
    Result<Ed25519KeyPair> kept = load(path);
    if (!kept && kept.error().code == Errc::not_found) {
        kept = create(path, key);
    }
    if (!kept) {
        return kept.error();
    }
    if (kept->public_key() != key.public_key()) {
        return Error{Errc::conflict, path.string() + " holds another key, which is not replaced", ""};
    }
    return {};
}

}  // namespace headroom::audit
