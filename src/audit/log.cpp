#include "audit/log.hpp"

#include "audit/log_engine.hpp"
#include "audit/log_index.hpp"
#include "audit/restore.hpp"
#include "audit/segment.hpp"
#include "audit/segment_file.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <future>
#include <system_error>

namespace headroom::audit {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t read_window_bytes = 1U << 20U;

Result<void> make_folders(const fs::path& dir) {
    for (const fs::path& folder : {dir / "seg", dir / "checkpoints"}) {
        std::error_code fault;
        fs::create_directories(folder, fault);
        if (fault) {
            return file_error("creating", folder, fault.value());
        }
    }
    return {};
}

/// One process at a time; the lock goes with the descriptor, so a killed process leaves none.
Result<File> lock_directory(const fs::path& dir) {
    Result<File> file = open_file(dir / "lock", O_RDWR | O_CREAT);
    if (file && ::flock(file->descriptor(), LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK
                   ? Error{Errc::conflict, "the audit log in " + dir.string() + " is open in another process",
                           ""}
                   : file_error("locking", dir / "lock", errno);
    }
    return file;
}

/// Keeps `line` in a file of its own, or sees to it that it is the one that stands there.
Result<void> keep_line(FileOps& files, const fs::path& path, const std::string& line) {
    const Result<std::string> kept = read_file(path, 4096);
    if (kept) {
        return *kept == line + "\n"
                   ? Result<void>()
                   : Error{Errc::conflict,
                           path.string() + " is not " + line +
                               ": the log was begun under another name or key. Remedy: put "
                               "keys/audit.key back from a backup; a log never changes its key",
                           ""};
    }
    if (kept.error().code != Errc::not_found) {
        return kept.error();
    }
    bool is_sync_fault = false;
    const int fault = replace_file(files, path, line + "\n", is_sync_fault);
    return fault == 0 ? Result<void>() : file_error("writing", path, fault);
}

Error gone(std::uint64_t seq, const std::string& why) {
    return Error{Errc::corrupt, "entry " + std::to_string(seq) + " cannot be read back: " + why, ""};
}

}  // namespace

std::string_view to_string(LogState state) {
    switch (state) {
        case LogState::running:
            return "running";
        case LogState::read_only:
            return "read_only";
        case LogState::failed:
            return "failed";
        case LogState::closed:
            return "closed";
    }
    return "";
}

Log::Log(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(LogOptions options) {
    if (!is_key_name(options.origin)) {
        return Error{Errc::invalid, "the audit log's origin \"" + options.origin + "\" is no key name",
                     "/origin"};
    }
    FileOps& files = options.files != nullptr ? *options.files : system_files();
    if (auto made = make_folders(options.dir); !made) {
        return made.error();
    }
    Result<File> lock = lock_directory(options.dir);
    if (!lock) {
        return lock.error();
    }
    VerifierKey verifier = make_verifier_key(options.origin, options.key.public_key());
    if (auto kept = keep_line(files, options.dir / "origin", options.origin); !kept) {
        return kept.error();
    }
    if (auto kept = keep_line(files, options.dir / "vkey", format_vkey(verifier)); !kept) {
        return kept.error();
    }
    Result<Restored> restored = restore(files, options.dir, verifier, options.allocate_step);
    if (!restored) {
        return restored.error();
    }
    auto engine = std::make_unique<Engine>(std::move(options), std::move(verifier), std::move(*lock),
                                           std::move(*restored));
    if (auto started = engine->start(); !started) {
        return started.error();
    }
    return std::unique_ptr<Log>(new Log(std::move(engine)));
}

void Log::append(const std::vector<Draft>& drafts, AppendDone done) {
    engine_->append(drafts, std::move(done));
}

void Log::append_all(std::vector<Append> appends) {
    engine_->append_all(std::move(appends));
}

Result<Committed> Log::append_wait(std::vector<Draft> drafts) {
    std::promise<Result<Committed>> promise;
    std::future<Result<Committed>> answer = promise.get_future();
    append(drafts, [&promise](Result<Committed> committed) { promise.set_value(std::move(committed)); });
    return answer.get();
}

Result<std::string> Log::read_leaf(std::uint64_t seq) const {
    const Result<EntryPlace> place = engine_->index().place(seq);
    if (!place) {
        return place.error();
    }
    const Result<File> file =
        open_file(engine_->options().dir / "seg" / segment_name(place->segment), O_RDONLY);
    if (!file) {
        return gone(seq, file.error().message);
    }
    std::string bytes(record_bytes_max, '\0');
    const Result<std::size_t> got =
        FileSource(file->descriptor()).read_at(place->offset, bytes.data(), bytes.size());
    if (!got) {
        return got.error();
    }
    const Result<RecordView> record = decode_record(std::string_view(bytes).substr(0, *got));
    if (!record) {
        return gone(seq, record.error().message);
    }
    if (record->index != seq) {
        return gone(seq, "its place holds entry " + std::to_string(record->index));
    }
    return std::string(record->leaf);
}

Result<Entry> Log::read(std::uint64_t seq) const {
    const Result<std::string> leaf = read_leaf(seq);
    if (!leaf) {
        return leaf.error();
    }
    Result<Entry> entry = parse_leaf(*leaf);
    return entry ? std::move(entry) : gone(seq, entry.error().message);
}

Result<void> Log::scan(std::uint64_t from, const std::function<Result<void>(const Entry&)>& each) const {
    const std::uint64_t end = durable_size();
    std::string window(read_window_bytes, '\0');
    for (std::uint64_t seq = from; seq < end;) {
        const EntryPlace begin = *engine_->index().place(seq);
        const Result<File> file =
            open_file(engine_->options().dir / "seg" / segment_name(begin.segment), O_RDONLY);
        if (!file) {
            return gone(seq, file.error().message);
        }
        const FileSource source(file->descriptor());
        std::string_view bytes;
        for (; seq < end; ++seq) {
            const EntryPlace place = *engine_->index().place(seq);
            if (place.segment != begin.segment) {
                break;
            }
            if (bytes.size() < record_bytes_max) {
                const Result<std::size_t> got = source.read_at(place.offset, window.data(), window.size());
                if (!got) {
                    return got.error();
                }
                bytes = std::string_view(window).substr(0, *got);
            }
            const Result<RecordView> record = decode_record(bytes);
            if (!record || record->index != seq) {
                return gone(seq, record ? "its place holds another entry" : record.error().message);
            }
            const Result<Entry> entry = parse_leaf(record->leaf);
            if (!entry) {
                return gone(seq, entry.error().message);
            }
            if (auto taken = each(*entry); !taken) {
                return taken;
            }
            bytes.remove_prefix(record_overhead + record->leaf.size());
        }
    }
    return {};
}

std::vector<std::uint64_t> Log::find_corr(std::string_view event) const {
    return engine_->index().find_corr(event);
}

std::uint64_t Log::durable_size() const {
    return engine_->writer().durable_size();
}

Hash Log::root() const {
    return engine_->index().root();
}

Result<Proof> Log::inclusion(std::uint64_t index, std::uint64_t size) const {
    return engine_->index().inclusion(index, size);
}

Result<Proof> Log::consistency(std::uint64_t from, std::uint64_t to) const {
    return engine_->index().consistency(from, to);
}

Result<SignedCheckpoint> Log::checkpoint() {
    std::promise<Result<SignedCheckpoint>> promise;
    std::future<Result<SignedCheckpoint>> answer = promise.get_future();
    checkpoint_async([&promise](Result<SignedCheckpoint> made) { promise.set_value(std::move(made)); });
    return answer.get();
}

void Log::checkpoint_async(CheckpointDone done) {
    engine_->checkpoint(std::move(done));
}

std::optional<SignedCheckpoint> Log::latest_checkpoint() const {
    return engine_->writer().latest_checkpoint();
}

Result<std::string> Log::checkpoint_at(std::uint64_t size) const {
    Result<std::string> note = read_file(
        engine_->options().dir / "checkpoints" / fs::path(segment_name(size)).stem(), note_bytes_max);
    if (!note && note.error().code == Errc::not_found) {
        return Error{Errc::not_found, "no checkpoint of size " + std::to_string(size) + " was given out", ""};
    }
    return note;
}

Result<std::string> Log::entry_proof(std::uint64_t seq) const {
    const std::optional<SignedCheckpoint> newest = latest_checkpoint();
    const std::uint64_t size = newest ? newest->checkpoint.size : 0;
    if (seq >= size) {
        return Error{Errc::not_found,
                     "the newest checkpoint covers " + std::to_string(size) + " entries, not yet entry " +
                         std::to_string(seq),
                     ""};
    }
    Result<Proof> proof = inclusion(seq, size);
    if (!proof) {
        return proof.error();
    }
    return format_entry_proof({.index = seq, .hashes = std::move(*proof), .checkpoint_note = newest->note});
}

LogState Log::state() const {
    return engine_->writer().state();
}

LogStatus Log::status() const {
    const Writer& writer = engine_->writer();
    const std::optional<SignedCheckpoint> newest = writer.latest_checkpoint();
    return {.state = writer.state(),
            .durable_size = writer.durable_size(),
            .checkpoint_size = newest ? newest->checkpoint.size : 0,
            .queued = engine_->queued(),
            .batches = writer.batches(),
            .last_commit_ms = writer.last_commit_ms()};
}

const VerifierKey& Log::verifier_key() const {
    return engine_->verifier();
}

const std::string& Log::origin() const {
    return engine_->options().origin;
}

void Log::wake() {
    engine_->wake();
}

Result<void> Log::seal_and_close() {
    return engine_->seal_and_close();
}

}  // namespace headroom::audit
