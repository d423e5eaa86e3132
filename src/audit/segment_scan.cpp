#include "audit/entry.hpp"
#include "audit/segment.hpp"
#include "core/big_endian.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace headroom::audit {

namespace {

constexpr std::size_t window_bytes = 256UL * 1024;
static_assert(record_bytes_max > trailer_bytes && record_bytes_max > header_bytes_max);

/// A piece of a source that moves forward with its reader.
class Window {
  public:
    explicit Window(const ByteSource& source) : source_(source) {}

    /// At least `count` bytes from `offset`, fewer only at the end of the source. Valid until the next call.
    Result<std::string_view> at(std::uint64_t offset, std::size_t count) {
        const bool is_inside = offset >= begin_ && offset - begin_ <= bytes_.size();
        if (!is_inside || (offset - begin_ + count > bytes_.size() && !is_at_end_)) {
            if (auto moved = move_to(offset, std::max(count, window_bytes)); !moved) {
                return moved.error();
            }
        }
        return std::string_view(bytes_).substr(offset - begin_);
    }

    /// The next `at` reads the source anew.
    void forget() {
        bytes_.clear();
        is_at_end_ = false;
    }

  private:
    Result<void> move_to(std::uint64_t offset, std::size_t count) {
        std::string next;
        if (offset >= begin_ && offset < begin_ + bytes_.size()) {
            next = bytes_.substr(offset - begin_);
        }
        const std::size_t kept = next.size();
        next.resize(std::max(count, kept));
        std::size_t filled = kept;
        if (filled < next.size()) {
            const Result<std::size_t> got =
                source_.read_at(offset + filled, next.data() + filled, next.size() - filled);
            if (!got) {
                return got.error();
            }
            filled += *got;
        }
        is_at_end_ = filled < next.size();
        next.resize(filled);
        bytes_ = std::move(next);
        begin_ = offset;
        return {};
    }

    const ByteSource& source_;
    std::uint64_t begin_ = 0;
    std::string bytes_;
    bool is_at_end_ = false;  // of the source, as it was when it was read
};

/// One pass over a segment; see `scan_segment`.
class Scanner {
  public:
    Scanner(const ByteSource& source, const std::function<Result<void>(const RecordView&)>& each)
        : window_(source), each_(each) {}

    Result<SegmentScan> run() {
        if (auto read = read_header(); !read) {
            return read.error();
        }
        while (true) {
            if (auto read = read_records(); !read) {
                return read.error();
            }
            if (scan_.trailer) {
                scan_.tail = Tail::sealed;
                return std::move(scan_);
            }
            const Result<bool> later = find_later_batch();
            if (!later) {
                return later.error();
            }
            if (!*later) {
                scan_.tail = scan_.data_end == scan_.records_end ? Tail::clean : Tail::torn;
                return std::move(scan_);
            }
            // A writer may have synced the missing batch, and then that later one, between the two readings.
            window_.forget();
            const Result<bool> grown = has_next_record();
            if (!grown) {
                return grown.error();
            }
            if (!*grown) {
                scan_.tail = Tail::corrupt;
                return std::move(scan_);
            }
        }
    }

  private:
    Result<void> read_header() {
        const Result<std::string_view> bytes = window_.at(0, header_bytes_max);
        if (!bytes) {
            return bytes.error();
        }
        Result<SegmentHeader> header = decode_header(*bytes);
        if (!header) {
            return header.error();
        }
        scan_.header = std::move(*header);
        scan_.next_index = scan_.header.first_index;
        scan_.records_end = header_bytes(scan_.header.first_index);
        scan_.hash.update(bytes->substr(0, scan_.records_end));
        return {};
    }

    /// Takes good records as long as there are any; then `trailer` or `reason` is set.
    Result<void> read_records() {
        while (true) {
            const Result<std::string_view> bytes = window_.at(scan_.records_end, record_bytes_max);
            if (!bytes) {
                return bytes.error();
            }
            Result<RecordView> record = decode_record(*bytes);
            if (record && record->index != scan_.next_index) {
                scan_.reason = "the record's index is " + std::to_string(record->index) + " instead of " +
                               std::to_string(scan_.next_index);
                return {};
            }
            if (!record) {
                scan_.reason = record.error().message;
                if (Result<Trailer> trailer = decode_trailer(*bytes); trailer) {
                    scan_.trailer = *trailer;
                    scan_.reason.clear();
                    return find_data_end(scan_.records_end + trailer_bytes);
                }
                return {};
            }
            record->offset = scan_.records_end;
            const std::size_t length = record_overhead + record->leaf.size();
            scan_.hash.update(bytes->substr(0, length));
            if (auto taken = each_(*record); !taken) {
                return taken.error();
            }
            scan_.records_end += length;
            ++scan_.next_index;
        }
    }

    Result<bool> has_next_record() {
        const Result<std::string_view> bytes = window_.at(scan_.records_end, record_bytes_max);
        if (!bytes) {
            return bytes.error();
        }
        const Result<RecordView> record = decode_record(*bytes);
        return record.has_value() && record->index == scan_.next_index;
    }

    Result<void> find_data_end(std::uint64_t from) {
        scan_.data_end = from;
        for (std::uint64_t offset = from;;) {
            const Result<std::string_view> bytes = window_.at(offset, 1);
            if (!bytes) {
                return bytes.error();
            }
            if (bytes->empty()) {
                return {};
            }
            const std::size_t last = bytes->find_last_not_of('\0');
            if (last != std::string_view::npos) {
                scan_.data_end = offset + last + 1;
            }
            offset += bytes->size();
        }
    }

    /// Whether some offset behind the last good record holds an intact record whose batch began after the
    /// expected index. Text cannot be mistaken for one: a head begins with two zero bytes.
    Result<bool> find_later_batch() {
        if (auto found = find_data_end(scan_.records_end); !found) {
            return found.error();
        }
        const std::uint64_t expected = scan_.next_index;
        const std::uint64_t end = scan_.data_end;
        const std::uint64_t index_limit = expected + (end - scan_.records_end) / (record_overhead + 1) + 1;
        for (std::uint64_t offset = scan_.records_end; offset + record_overhead < end; ++offset) {
            const Result<std::string_view> bytes = window_.at(offset, record_bytes_max);
            if (!bytes) {
                return bytes.error();
            }
            if (bytes->size() < record_overhead) {
                return false;
            }
            const auto length = get_big_endian<std::uint32_t>(*bytes, 0);
            const auto index = get_big_endian<std::uint64_t>(*bytes, 4);
            const auto position = get_big_endian<std::uint16_t>(*bytes, 12);
            const bool is_candidate = length != 0 && length <= max_leaf_bytes && index > expected &&
                                      index < index_limit && index - expected > position;
            if (is_candidate && decode_record(*bytes)) {
                scan_.reason += "; at offset " + std::to_string(offset) + " record " + std::to_string(index) +
                                " of a later batch is intact";
                return true;
            }
        }
        return false;
    }

    Window window_;
    const std::function<Result<void>(const RecordView&)>& each_;
    SegmentScan scan_;
};

}  // namespace

Result<std::size_t> MemorySource::read_at(std::uint64_t offset, char* to, std::size_t count) const {
    if (offset >= bytes_.size()) {
        return std::size_t{0};
    }
    const std::string_view piece = bytes_.substr(offset, count);
    std::memcpy(to, piece.data(), piece.size());
    return piece.size();
}

Result<std::size_t> FileSource::read_at(std::uint64_t offset, char* to, std::size_t count) const {
    std::size_t done = 0;
    while (done < count) {
        const ssize_t got = ::pread(descriptor_, to + done, count - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return Error{
                Errc::unavailable,
                std::string("reading at offset ") + std::to_string(offset) + ": " + std::strerror(errno), ""};
        }
        if (got == 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return done;
}

std::string_view to_string(Tail tail) {
    switch (tail) {
        case Tail::sealed:
            return "sealed";
        case Tail::clean:
            return "ok";
        case Tail::torn:
            return "torn";
        case Tail::corrupt:
            return "corrupt";
    }
    return "";
}

Result<bool> holds_any_record(const ByteSource& source) {
    Window window(source);
    for (std::uint64_t offset = 0;; ++offset) {
        const Result<std::string_view> bytes = window.at(offset, record_bytes_max);
        if (!bytes) {
            return bytes.error();
        }
        if (bytes->size() <= record_overhead) {
            return false;
        }
        if (get_big_endian<std::uint16_t>(*bytes, 0) == 0 && decode_record(*bytes)) {
            return true;
        }
    }
}

Result<SegmentScan> scan_segment(const ByteSource& source,
                                 const std::function<Result<void>(const RecordView&)>& each) {
    Scanner scanner(source, each);
    return scanner.run();
}

}  // namespace headroom::audit
