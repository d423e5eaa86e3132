#include "core/digest.hpp"
#include "monitor/snapshot_format.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace headroom::monitor {
namespace {

constexpr std::string_view remedy =
    "; move the file away to start without it: the state is then built anew from the series store and the "
    "source";

struct FrameHead {
    std::uint32_t length = 0;
    std::uint32_t sum = 0;  // CRC-32C of kind and payload
    std::uint8_t kind = 0;
    std::array<std::uint8_t, 7> zero{};
};
static_assert(sizeof(FrameHead) == 16);

std::uint32_t sum_of(std::uint8_t kind, std::string_view payload) {
    return crc32c(payload, crc32c({reinterpret_cast<const char*>(&kind), 1}));
}

}  // namespace

SnapshotFile::SnapshotFile(std::filesystem::path file) : file_(std::move(file)), temporary_(file_) {
    temporary_ += ".tmp";
}

SnapshotFile::~SnapshotFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
        ::unlink(temporary_.c_str());
    }
}

Error SnapshotFile::fault(std::string_view doing) const {
    return {Errc::unavailable, fmt::format("snapshot {} could not be {}: {}", temporary_.string(), doing,
                                           std::generic_category().message(errno))};
}

Result<void> SnapshotFile::open() {
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return descriptor_ < 0 ? Result<void>(fault("made")) : write(snapshot_magic);
}

Result<void> SnapshotFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return fault("written");
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> SnapshotFile::frame(FrameKind kind, std::string_view payload) {
    HEADROOM_ASSERT(payload.size() <= frame_bytes_max);
    const auto code = static_cast<std::uint8_t>(kind);
    const FrameHead head{
        .length = static_cast<std::uint32_t>(payload.size()), .sum = sum_of(code, payload), .kind = code};
    if (Result<void> written = write({reinterpret_cast<const char*>(&head), sizeof head}); !written) {
        return written;
    }
    return write(payload);
}

Result<void> SnapshotFile::commit() {
    if (::fsync(descriptor_) != 0) {
        return fault("made durable");
    }
    ::close(std::exchange(descriptor_, -1));
    if (::rename(temporary_.c_str(), file_.c_str()) != 0) {
        const Error error = fault("renamed");
        ::unlink(temporary_.c_str());
        return error;
    }
    const std::filesystem::path folder = file_.has_parent_path() ? file_.parent_path() : ".";
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return fault("made durable");
    }
    const bool is_durable = ::fsync(descriptor) == 0;
    ::close(descriptor);
    return is_durable ? Result<void>() : fault("made durable");
}

SnapshotReader::~SnapshotReader() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<void> SnapshotReader::open(const std::filesystem::path& file) {
    file_ = file;
    descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
        return Error{errno == ENOENT ? Errc::not_found : Errc::unavailable,
                     fmt::format("snapshot {} could not be opened: {}", file.string(),
                                 std::generic_category().message(errno))};
    }
    std::array<char, snapshot_magic.size()> magic{};
    const Result<void> got = read(magic.data(), magic.size());
    if (!got || std::string_view(magic.data(), magic.size()) != snapshot_magic) {
        return Error{Errc::unsupported,
                     fmt::format("{} is no snapshot of the monitor{}", file.string(), remedy)};
    }
    return {};
}

Result<void> SnapshotReader::read(char* to, std::size_t size) {
    while (size > 0) {
        const ssize_t count = ::read(descriptor_, to, size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return Error{Errc::corrupt,
                         fmt::format("snapshot {} ends at byte {}, in the middle of something{}",
                                     file_.string(), position_, remedy)};
        }
        to += count;
        size -= static_cast<std::size_t>(count);
        position_ += static_cast<std::uint64_t>(count);
    }
    return {};
}

Result<SnapshotReader::Frame> SnapshotReader::next(std::string& buffer) {
    FrameHead head;
    const std::uint64_t start = position_;
    if (Result<void> got = read(reinterpret_cast<char*>(&head), sizeof head); !got) {
        return got.error();
    }
    const auto damaged = [&](std::string_view what) {
        return Error{Errc::corrupt,
                     fmt::format("snapshot {}, frame at byte {}: {}{}", file_.string(), start, what, remedy)};
    };
    if (head.length > frame_bytes_max || head.kind < 1 || head.kind > frame_kind_max) {
        return damaged("its head is damaged");
    }
    if (buffer.size() < head.length) {
        buffer.resize(head.length);
    }
    if (Result<void> got = read(buffer.data(), head.length); !got) {
        return got.error();
    }
    const std::string_view payload(buffer.data(), head.length);
    if (sum_of(head.kind, payload) != head.sum) {
        return damaged("its sum does not fit");
    }
    return Frame{static_cast<FrameKind>(head.kind), payload};
}

SnapshotAhead::SnapshotAhead(SnapshotReader& reader) : reader_(reader), thread_([this] { read(); }) {}

SnapshotAhead::~SnapshotAhead() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void SnapshotAhead::read() {
    for (std::size_t place = 0;; place = (place + 1) % buffers_.size()) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return is_over_ || ready_.size() < depth; });
            if (is_over_) {
                return;
            }
        }
        Result<SnapshotReader::Frame> frame = reader_.next(buffers_[place]);
        const bool is_last = !frame || frame->kind == FrameKind::end;
        {
            const std::lock_guard lock(mutex_);
            ready_.push_back(std::move(frame));
        }
        changed_.notify_all();
        if (is_last) {
            return;
        }
    }
}

Result<SnapshotReader::Frame> SnapshotAhead::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !ready_.empty(); });
    Result<SnapshotReader::Frame> frame = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return frame;
}

}  // namespace headroom::monitor
