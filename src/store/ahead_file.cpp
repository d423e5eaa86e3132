#include "store/ahead_file.hpp"

#include "core/digest.hpp"
#include "core/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

namespace headroom::store {
namespace {

constexpr std::size_t head_bytes = 8;  // length and CRC-32C of what follows
constexpr std::size_t frame_bytes_max = 64UL << 20U;
constexpr std::size_t buffer_kept_max = 1UL << 20U;
constexpr std::size_t room_bytes = 1UL << 20U;  // written once, so that batches need no new blocks
constexpr std::size_t room_at_once = 64UL * 1024;
constexpr const char* mark_kind = "ahead_file";
constexpr const char* mark_id = "followed";

void append_number(std::string& out, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
    }
}

void append_text(std::string& out, std::string_view text) {
    append_number(out, text.size(), 4);
    out.append(text);
}

/// Reads what `append_framed` wrote; once something is missing, everything after it is empty.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t number(std::size_t bytes) {
        std::uint64_t value = 0;
        const std::string_view raw = take(bytes);
        for (std::size_t i = 0; i < raw.size(); ++i) {
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(raw[i])) << (8 * i);
        }
        return value;
    }
    std::string text() {
        const std::uint64_t size = number(4);
        return std::string(take(static_cast<std::size_t>(size)));
    }
    [[nodiscard]] bool is_whole() const { return !is_short_; }
    [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

  private:
    std::string_view take(std::size_t bytes) {
        if (is_short_ || bytes > rest_.size()) {
            is_short_ = true;
            return {};
        }
        const std::string_view taken = rest_.substr(0, bytes);
        rest_.remove_prefix(bytes);
        return taken;
    }

    std::string_view rest_;
    bool is_short_ = false;
};

std::optional<FramedBatch> read_payload(std::string_view payload) {
    Reader reader(payload);
    FramedBatch framed;
    Batch& batch = framed.batch;
    for (std::uint64_t left = reader.number(4); left > 0 && reader.is_whole(); --left) {
        Record record;
        record.kind = reader.text();
        record.id = reader.text();
        record.corr = reader.text();
        record.state = reader.text();
        record.json = reader.text();
        record.applied_seq = reader.number(8);
        batch.puts.push_back(std::move(record));
    }
    for (std::uint64_t left = reader.number(4); left > 0 && reader.is_whole(); --left) {
        std::string kind = reader.text();
        std::string id = reader.text();
        batch.removes.emplace_back(std::move(kind), std::move(id));
    }
    if (reader.is_whole() && !reader.is_at_end()) {
        framed.number = reader.number(8);
    }
    if (!reader.is_whole() || !reader.is_at_end()) {
        return std::nullopt;
    }
    return framed;
}

Result<std::string> read_all(int descriptor, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        const ssize_t count = ::pread(descriptor, bytes.data() + got, size - got, static_cast<off_t>(got));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return Error{Errc::unavailable, std::generic_category().message(errno)};
        }
        if (count == 0) {
            break;
        }
        got += static_cast<std::size_t>(count);
    }
    bytes.resize(got);
    return bytes;
}

}  // namespace

void append_framed(std::string& out, const Batch& batch, std::uint64_t number) {
    const std::size_t start = out.size();
    out.append(head_bytes, '\0');
    append_number(out, batch.puts.size(), 4);
    for (const Record& record : batch.puts) {
        for (const std::string* text :
             {&record.kind, &record.id, &record.corr, &record.state, &record.json}) {
            append_text(out, *text);
        }
        append_number(out, record.applied_seq, 8);
    }
    append_number(out, batch.removes.size(), 4);
    for (const auto& [kind, id] : batch.removes) {
        append_text(out, kind);
        append_text(out, id);
    }
    append_number(out, number, 8);
    const std::string_view payload = std::string_view(out).substr(start + head_bytes);
    std::string head;
    append_number(head, payload.size(), 4);
    append_number(head, crc32c(payload), 4);
    out.replace(start, head_bytes, head);
}

std::optional<FramedBatch> take_framed(std::string_view& bytes, std::uint64_t predecessor) {
    Reader head(bytes);
    const auto size = static_cast<std::size_t>(head.number(4));
    const std::uint64_t sum = head.number(4);
    if (!head.is_whole() || size > frame_bytes_max || size > bytes.size() - head_bytes) {
        return std::nullopt;
    }
    const std::string_view payload = bytes.substr(head_bytes, size);
    if (crc32c(payload) != sum) {
        return std::nullopt;
    }
    std::optional<FramedBatch> framed = read_payload(payload);
    if (!framed || (predecessor != 0 && framed->number != predecessor + 1)) {
        return std::nullopt;
    }
    bytes.remove_prefix(head_bytes + size);
    return framed;
}

Record AheadFile::followed(std::uint64_t number) {
    return {.kind = mark_kind,
            .id = mark_id,
            .corr = {},
            .state = {},
            .json = std::to_string(number),
            .applied_seq = 0};
}

Error AheadFile::fault(const std::string& doing, int errno_value) const {
    return Error{Errc::unavailable, doing + " " + file_.string() + ": " +
                                        (errno_value == ENOSPC || errno_value == EDQUOT
                                             ? std::string("disk full")
                                             : std::generic_category().message(errno_value))};
}

Result<std::unique_ptr<AheadFile>> AheadFile::open(const std::filesystem::path& file, Records& records) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    std::unique_ptr<AheadFile> ahead(new AheadFile(file, descriptor));
    struct stat about {};
    if (descriptor < 0 || ::fstat(descriptor, &about) != 0) {
        return ahead->fault("opening", errno);
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    const Result<std::string> bytes = read_all(descriptor, size);
    if (!bytes) {
        return Error{Errc::unavailable, "reading " + file.string() + ": " + bytes.error().message};
    }
    if (const Result<void> taken = ahead->take_over(*bytes, records); !taken) {
        return taken.error();
    }
    ahead->make_room(size);
    return ahead;
}

Result<void> AheadFile::take_over(std::string_view bytes, Records& records) {
    std::uint64_t has_followed = 0;
    if (const Result<Record> mark = records.get(mark_kind, mark_id); mark) {
        const std::string& text = mark->json;
        if (std::from_chars(text.data(), text.data() + text.size(), has_followed).ec != std::errc{}) {
            return Error{Errc::corrupt, "the store's mark of " + file_.string() + " is no number: " + text};
        }
    } else if (mark.error().code != Errc::not_found) {
        return mark.error();
    }
    std::uint64_t last = 0;
    std::int64_t batches = 0;
    while (std::optional<FramedBatch> framed = take_framed(bytes, last)) {
        last = framed->number;
        if (last != 0 && last <= has_followed) {
            continue;
        }
        framed->batch.puts.push_back(followed(last));
        if (Result<void> written = records.write(framed->batch); !written) {
            return written;
        }
        ++batches;
    }
    if (batches > 0) {
        log::info("records that a former process left on their way are in the store", {{"batches", batches}});
    }
    next_ = std::max(has_followed, last) + 1;
    return {};
}

/// Best effort: without it, appending makes the file longer. In pieces, since ext4 keeps in memory as one
/// block what was written at once, and goes through all of its pages whenever a few bytes of it are written
/// over.
void AheadFile::make_room(std::size_t size) const {
    const std::string nothing(room_at_once, '\0');
    while (size < room_bytes) {
        const std::size_t count = std::min(room_at_once, room_bytes - size);
        if (::pwrite(descriptor_, nothing.data(), count, static_cast<off_t>(size)) !=
            static_cast<ssize_t>(count)) {
            log::warn("no room could be made in advance", {{"file", file_.string()}});
            return;
        }
        size += count;
    }
}

AheadFile::~AheadFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<std::uint64_t> AheadFile::append(const Batch& batch) {
    HEADROOM_ASSERT(!batch.applied_seq);
    buffer_.clear();
    append_framed(buffer_, batch, next_);
    std::size_t done = 0;
    while (done < buffer_.size()) {
        const ssize_t count = ::pwrite(descriptor_, buffer_.data() + done, buffer_.size() - done,
                                       static_cast<off_t>(size_ + done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            // What was written is no whole batch, and the next one takes its place.
            return fault("writing", count < 0 ? errno : ENOSPC);
        }
        done += static_cast<std::size_t>(count);
    }
    size_ += buffer_.size();
    if (buffer_.capacity() > buffer_kept_max) {
        std::string().swap(buffer_);
    }
    return next_++;
}

}  // namespace headroom::store
