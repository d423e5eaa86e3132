#include "store/ahead_file.hpp"

#include "core/digest.hpp"
#include "core/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace headroom::store {
namespace {

constexpr std::size_t head_bytes = 8;  // length and CRC-32C of what follows
constexpr std::size_t frame_bytes_max = 64UL << 20U;
constexpr std::size_t buffer_kept_max = 1UL << 20U;

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

std::optional<Batch> read_payload(std::string_view payload) {
    Reader reader(payload);
    Batch batch;
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
    if (!reader.is_whole() || !reader.is_at_end()) {
        return std::nullopt;
    }
    return batch;
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

void append_framed(std::string& out, const Batch& batch) {
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
    const std::string_view payload = std::string_view(out).substr(start + head_bytes);
    std::string head;
    append_number(head, payload.size(), 4);
    append_number(head, crc32c(payload), 4);
    out.replace(start, head_bytes, head);
}

std::optional<Batch> take_framed(std::string_view& bytes) {
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
    std::optional<Batch> batch = read_payload(payload);
    if (batch) {
        bytes.remove_prefix(head_bytes + size);
    }
    return batch;
}

Error AheadFile::fault(const std::string& doing, int errno_value) const {
    return Error{Errc::unavailable, doing + " " + file_.string() + ": " +
                                        (errno_value == ENOSPC || errno_value == EDQUOT
                                             ? std::string("disk full")
                                             : std::generic_category().message(errno_value))};
}

Result<std::unique_ptr<AheadFile>> AheadFile::open(const std::filesystem::path& file, Records& records) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    std::unique_ptr<AheadFile> ahead(new AheadFile(file, descriptor));
    struct stat about {};
    if (descriptor < 0 || ::fstat(descriptor, &about) != 0) {
        return ahead->fault("opening", errno);
    }
    ahead->size_ = static_cast<std::size_t>(about.st_size);
    const Result<std::string> bytes = read_all(descriptor, ahead->size_);
    if (!bytes) {
        return Error{Errc::unavailable, "reading " + file.string() + ": " + bytes.error().message};
    }
    std::string_view rest = *bytes;
    std::int64_t batches = 0;
    while (std::optional<Batch> batch = take_framed(rest)) {
        if (const Result<void> written = records.write(*batch); !written) {
            return written.error();
        }
        ++batches;
    }
    if (batches > 0) {
        log::info("records that a former process left on their way are in the store",
                  {{"batches", batches}, {"cut_off_bytes", static_cast<std::int64_t>(rest.size())}});
    }
    if (const Result<void> cleared = ahead->clear(); !cleared) {
        return cleared.error();
    }
    return ahead;
}

AheadFile::~AheadFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<void> AheadFile::append(const Batch& batch) {
    HEADROOM_ASSERT(!batch.applied_seq);
    buffer_.clear();
    append_framed(buffer_, batch);
    std::size_t done = 0;
    while (done < buffer_.size()) {
        const ssize_t count = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            const int why = count < 0 ? errno : ENOSPC;
            // Half a batch would hide every later one from a restart.
            if (::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) {
                log::error("a cut-off batch could not be taken back", {{"file", file_.string()}});
            }
            return fault("writing", why);
        }
        done += static_cast<std::size_t>(count);
    }
    size_ += buffer_.size();
    if (buffer_.capacity() > buffer_kept_max) {
        std::string().swap(buffer_);
    }
    return {};
}

Result<void> AheadFile::clear() {
    if (size_ > 0 && ::ftruncate(descriptor_, 0) != 0) {
        return fault("emptying", errno);
    }
    size_ = 0;
    return {};
}

}  // namespace headroom::store
