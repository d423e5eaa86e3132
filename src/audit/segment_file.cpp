#include "audit/segment_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace headroom::audit {

namespace {

constexpr std::string_view suffix = ".seg";
constexpr std::size_t name_digits = 16;
constexpr std::string_view prepared_name = "next.tmp";
constexpr std::uint64_t smallest_reserve = 64UL * 1024;
constexpr std::uint64_t zeros_at_once = 256UL * 1024;  // about a millisecond
constexpr std::uint64_t zeros_left_min = 128UL * 1024;

}  // namespace

std::string segment_name(std::uint64_t first_index) {
    std::array<char, name_digits> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), first_index, 16).ptr;
    const auto length = static_cast<std::size_t>(end - digits.begin());
    std::string name(name_digits - length, '0');
    return name.append(digits.data(), length).append(suffix);
}

Result<std::uint64_t> parse_segment_name(std::string_view name) {
    std::uint64_t first_index = 0;
    if (name.size() == name_digits + suffix.size()) {
        std::from_chars(name.data(), name.data() + name_digits, first_index, 16);
        if (segment_name(first_index) == name) {
            return first_index;
        }
    }
    return Error{Errc::invalid, "\"" + std::string(name) + "\" is no segment name of 16 hexadecimal digits",
                 ""};
}

WriteOutcome SegmentFile::fault(std::string_view doing, int errno_value) const {
    return {.kind = is_full(errno_value) ? WriteOutcome::Kind::full : WriteOutcome::Kind::failed,
            .message = file_error(doing, path_, errno_value).message};
}

WriteOutcome SegmentFile::prepare(FileOps& files, const std::filesystem::path& directory,
                                  std::uint64_t allocate_step) {
    files_ = &files;
    path_ = directory / prepared_name;
    allocate_step_ = allocate_step;
    const int descriptor = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (descriptor < 0) {
        return fault("creating", errno);
    }
    file_ = File(descriptor);
    WriteOutcome room = make_room(std::max<std::uint64_t>(allocate_step_, header_bytes_max));
    if (!room.is_done()) {
        discard();
    }
    return room;
}

void SegmentFile::discard() {
    file_.close();
    ::unlink(path_.c_str());
}

WriteOutcome SegmentFile::begin(const SegmentHeader& header) {
    header_ = header;
    const std::string bytes = encode(header);
    if (const int error = write_all(*files_, file_.descriptor(), bytes, 0); error != 0) {
        return fault("writing the header of", error);
    }
    if (const int error = files_->sync(file_.descriptor()); error != 0) {
        return {.kind = WriteOutcome::Kind::failed, .message = fault("syncing", error).message};
    }
    const std::filesystem::path directory = path_.parent_path();
    const std::filesystem::path path = directory / segment_name(header.first_index);
    if (const int error = files_->rename(path_, path); error != 0) {
        return fault("renaming", error);
    }
    path_ = path;
    if (const int error = sync_directory(*files_, directory); error != 0) {
        return {.kind = WriteOutcome::Kind::failed,
                .message = fault("syncing the directory of", error).message};
    }
    end_ = bytes.size();
    count_ = 0;
    hash_ = HashStream();
    hash_.update(bytes);
    return {};
}

Result<SegmentFile> SegmentFile::resume(FileOps& files, const std::filesystem::path& path,
                                        const SegmentScan& scan, std::uint64_t allocate_step) {
    Result<File> file = open_file(path, O_RDWR);
    if (!file) {
        return file.error();
    }
    const off_t size = ::lseek(file->descriptor(), 0, SEEK_END);
    if (size < 0) {
        return file_error("measuring", path, errno);
    }
    SegmentFile segment;
    segment.files_ = &files;
    segment.path_ = path;
    segment.file_ = std::move(*file);
    segment.header_ = scan.header;
    segment.allocate_step_ = allocate_step;
    segment.end_ = scan.records_end;
    segment.allocated_ = static_cast<std::uint64_t>(size);
    segment.count_ = scan.next_index - scan.header.first_index;
    segment.hash_ = scan.hash;
    return segment;
}

WriteOutcome SegmentFile::make_room(std::uint64_t bytes) {
    if (end_ + bytes <= allocated_ || !can_allocate_) {
        return {};
    }
    const std::uint64_t wanted = std::max(allocate_step_, end_ + bytes - allocated_);
    const int error = files_->allocate(file_.descriptor(), allocated_, wanted);
    if (error == EOPNOTSUPP || error == EINVAL) {
        can_allocate_ = false;
        return {};
    }
    if (error != 0) {
        return fault("reserving space for", error);
    }
    allocated_ += wanted;
    return {};
}

WriteOutcome SegmentFile::append(std::string_view records, std::uint64_t count) {
    if (WriteOutcome room = make_room(records.size()); !room.is_done()) {
        return room;
    }
    if (const int error = write_all(*files_, file_.descriptor(), records, end_); error != 0) {
        WriteOutcome outcome = fault("writing", error);
        if (outcome.kind == WriteOutcome::Kind::full) {
            // Nothing of the batch may stay behind: a shorter one is going to stand in its place.
            if (const int again = files_->truncate(file_.descriptor(), end_); again != 0) {
                outcome = {.kind = WriteOutcome::Kind::failed, .message = fault("cutting", again).message};
            }
            allocated_ = end_;
            zeroed_ = end_;
        }
        return outcome;
    }
    if (const int error = files_->sync_data(file_.descriptor()); error != 0) {
        return {.kind = WriteOutcome::Kind::failed, .message = fault("syncing", error).message};
    }
    hash_.update(records);
    end_ += records.size();
    allocated_ = std::max(allocated_, end_);
    count_ += count;
    return {};
}

std::uint64_t SegmentFile::reserve(std::uint64_t bytes) {
    for (std::uint64_t wanted = bytes; wanted >= smallest_reserve; wanted /= 2) {
        const std::uint64_t from = std::max(allocated_, end_);
        if (files_->allocate(file_.descriptor(), from, wanted) == 0) {
            allocated_ = from + wanted;
            return wanted;
        }
    }
    return 0;
}

bool SegmentFile::wants_zeros() const {
    const std::uint64_t from = std::max(zeroed_, end_);
    return is_open() && from < allocated_ && from - end_ < zeros_left_min;
}

WriteOutcome SegmentFile::zero_ahead() {
    const std::uint64_t from = std::max(zeroed_, end_);
    const std::uint64_t to = std::min(from + zeros_at_once, allocated_);
    const std::string zeros(static_cast<std::size_t>(to - from), '\0');
    if (const int error = write_all(*files_, file_.descriptor(), zeros, from); error != 0) {
        zeroed_ = allocated_;  // without them, then: records meet the fault themselves
        return fault("writing zeros into", error);
    }
    if (const int error = files_->sync_data(file_.descriptor()); error != 0) {
        return {.kind = WriteOutcome::Kind::failed, .message = fault("syncing", error).message};
    }
    zeroed_ = to;
    return {};
}

WriteOutcome SegmentFile::reserve_step() {
    return make_room(allocate_step_);
}

WriteOutcome SegmentFile::seal(const Hash& end_root) {
    const std::string trailer = encode(Trailer{.end_index = header_.first_index + count_,
                                               .end_root = end_root,
                                               .count = count_,
                                               .file_hash = hash_.digest()});
    if (const int error = write_all(*files_, file_.descriptor(), trailer, end_); error != 0) {
        WriteOutcome outcome = fault("sealing", error);
        if (outcome.kind == WriteOutcome::Kind::full) {
            if (const int again = files_->truncate(file_.descriptor(), end_); again != 0) {
                outcome = {.kind = WriteOutcome::Kind::failed, .message = fault("cutting", again).message};
            }
            allocated_ = end_;
        }
        return outcome;
    }
    if (const int error = files_->truncate(file_.descriptor(), end_ + trailer.size()); error != 0) {
        return {.kind = WriteOutcome::Kind::failed, .message = fault("cutting", error).message};
    }
    if (const int error = files_->sync(file_.descriptor()); error != 0) {
        return {.kind = WriteOutcome::Kind::failed, .message = fault("syncing", error).message};
    }
    if (const int error = sync_directory(*files_, path_.parent_path()); error != 0) {
        return {.kind = WriteOutcome::Kind::failed,
                .message = fault("syncing the directory of", error).message};
    }
    file_.close();
    return {};
}

}  // namespace headroom::audit
