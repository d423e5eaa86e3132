#include "audit/blob_store.hpp"

#include "core/digest.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <system_error>

namespace headroom::audit {

namespace {

namespace fs = std::filesystem;

bool is_hash(std::string_view text) {
    return text.size() == 64 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

fs::path path_of(const fs::path& dir, std::string_view hash) {
    return dir / hash.substr(0, 2) / hash;
}

/// Of its own for each call, so that two threads may store the same bytes at once.
std::string temporary_suffix() {
    static std::atomic<std::uint64_t> calls{0};
    return "." + std::to_string(::getpid()) + "." + std::to_string(calls.fetch_add(1)) + ".tmp";
}

}  // namespace

Result<BlobStore> BlobStore::open(fs::path dir, FileOps& files) {
    std::error_code fault;
    fs::create_directories(dir, fault);
    if (fault) {
        return file_error("creating", dir, fault.value());
    }
    return BlobStore(std::move(dir), files);
}

Result<std::string> BlobStore::put(std::string_view bytes) {
    if (bytes.size() > bytes_max) {
        return Error{Errc::invalid, "a blob of " + std::to_string(bytes.size()) + " bytes is above 256 MiB",
                     ""};
    }
    std::string hash = sha256_hex(bytes);
    const fs::path path = path_of(dir_, hash);
    std::error_code fault;
    fs::create_directories(path.parent_path(), fault);
    if (fault) {
        return file_error("creating", path.parent_path(), fault.value());
    }
    if (!get(hash)) {  // missing, or damaged and mended by this
        bool is_sync_fault = false;
        if (const int error = replace_file(*files_, path, bytes, is_sync_fault, 0640, temporary_suffix());
            error != 0) {
            return Error{Errc::unavailable, file_error("storing", path, error).message, ""};
        }
    }
    // Also for a blob that was there: another thread may be between its rename and its sync.
    for (const fs::path& folder : {path.parent_path(), dir_}) {
        if (const int error = sync_directory(*files_, folder); error != 0) {
            return file_error("syncing", folder, error);
        }
    }
    return hash;
}

Result<std::string> BlobStore::get(std::string_view sha256) const {
    if (!is_hash(sha256)) {
        return Error{Errc::invalid, "a blob is named by 64 lower-case hexadecimal digits", ""};
    }
    Result<std::string> bytes = read_file(path_of(dir_, sha256), bytes_max);
    if (!bytes) {
        return bytes.error().code == Errc::not_found
                   ? Error{Errc::not_found, "there is no blob " + std::string(sha256), ""}
                   : bytes.error();
    }
    if (sha256_hex(*bytes) != sha256) {
        return Error{Errc::corrupt, "the blob " + std::string(sha256) + " is not what its name says", ""};
    }
    return bytes;
}

}  // namespace headroom::audit
