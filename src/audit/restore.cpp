#include "audit/restore.hpp"

#include "audit/leaf_check.hpp"
#include "audit/segment.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <vector>

namespace headroom::audit {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t replay_batch = 4096;

Error corrupt(std::string message) {
    return Error{Errc::corrupt, "corrupt: " + std::move(message), ""};
}

/// Feeds the records of the segments, one after the other, into the index.
class Replay {
  public:
    Replay(LogIndex& index, std::string path) : index_(index), path_(std::move(path)) {}

    Result<void> take(const RecordView& record) {
        const Result<LeafView> leaf = check_leaf(record.leaf);
        if (!leaf) {
            return corrupt(path_ + " at offset " + std::to_string(record.offset) + ", entry " +
                           std::to_string(record.index) + ": " + leaf.error().message);
        }
        if (leaf->seq != record.index) {
            return corrupt(path_ + " at offset " + std::to_string(record.offset) + ": entry " +
                           std::to_string(record.index) + " calls itself " + std::to_string(leaf->seq));
        }
        last_ts = leaf->ts;
        opened += leaf->type == "log.open" ? 1 : 0;
        hashes_.push_back({.leaf = leaf_hash(record.leaf), .offset = record.offset, .corr = {}});
        corrs_.emplace_back(leaf->corr);
        if (hashes_.size() == replay_batch) {
            flush();
        }
        return {};
    }

    void flush() {
        for (std::size_t i = 0; i < hashes_.size(); ++i) {
            hashes_[i].corr = corrs_[i];
        }
        index_.append(hashes_);
        hashes_.clear();
        corrs_.clear();
    }

    UtcTime last_ts{};
    std::uint64_t opened = 0;

  private:
    LogIndex& index_;
    std::string path_;
    std::vector<IndexedEntry> hashes_;
    std::vector<std::string> corrs_;
};

class Restorer {
  public:
    Restorer(FileOps& files, const fs::path& dir, const VerifierKey& key, std::uint64_t allocate_step)
        : files_(files), dir_(dir), key_(key), allocate_step_(allocate_step) {
        restored_.index = std::make_unique<LogIndex>();
    }

    Result<Restored> run() {
        const Result<std::vector<std::uint64_t>> segments = list_segments(dir_);
        if (!segments) {
            return segments.error();
        }
        for (const std::uint64_t first_index : *segments) {
            const bool is_newest = first_index == segments->back();
            if (auto read = read_segment(first_index, is_newest); !read) {
                return read.error();
            }
        }
        if (auto compared = compare_checkpoint(); !compared) {
            return compared.error();
        }
        return std::move(restored_);
    }

  private:
    Result<void> read_segment(std::uint64_t first_index, bool is_newest) {
        const fs::path path = dir_ / "seg" / segment_name(first_index);
        const std::string name = path.string();
        if (first_index != restored_.index->size()) {
            return corrupt(name + " begins with entry " + std::to_string(first_index) + ", entry " +
                           std::to_string(restored_.index->size()) + " is missing");
        }
        const Result<File> file = open_file(path, O_RDWR);
        if (!file) {
            return file.error();
        }
        const FileSource source(file->descriptor());
        restored_.index->begin_segment(first_index);
        const Frontier before = restored_.index->frontier();
        Replay replay(*restored_.index, name);
        Result<SegmentScan> scan =
            scan_segment(source, [&replay](const RecordView& record) { return replay.take(record); });
        if (!scan) {
            return scan.error().code == Errc::invalid
                       ? judge_broken_header(source, path, is_newest, scan.error())
                       : Result<void>(scan.error());
        }
        replay.flush();
        if (scan->next_index > first_index) {
            restored_.last_ts = replay.last_ts;
        }
        restored_.opened += replay.opened;
        if (auto fits = check_header(scan->header, before, name); !fits) {
            return fits;
        }
        if (scan->tail == Tail::sealed) {
            return check_sealed(*scan, file->descriptor(), is_newest, name);
        }
        if (!is_newest) {
            return corrupt(name + " is not sealed at offset " + std::to_string(scan->records_end) +
                           " although a newer segment exists: " + scan->reason);
        }
        return take_open(*scan, file->descriptor(), path);
    }

    [[nodiscard]] Result<void> check_header(const SegmentHeader& header, const Frontier& before,
                                            const std::string& name) const {
        if (header.first_index != before.size() || header.before.root() != before.root()) {
            return corrupt(name + " does not begin where the segment before it ended");
        }
        if (header.log_id != log_id_of(key_.name)) {
            return Error{Errc::conflict, name + " belongs to another log than " + key_.name, ""};
        }
        return {};
    }

    Result<void> check_sealed(const SegmentScan& scan, int descriptor, bool is_newest,
                              const std::string& name) {
        const Trailer& trailer = *scan.trailer;
        if (trailer.end_index != scan.next_index ||
            trailer.count != scan.next_index - scan.header.first_index ||
            trailer.end_root != restored_.index->root() || trailer.file_hash != scan.hash.digest()) {
            return corrupt(name + " does not hold what its trailer says");
        }
        const std::uint64_t sealed_end = scan.records_end + trailer_bytes;
        if (scan.data_end != sealed_end) {
            return corrupt(name + " goes on behind its trailer at offset " + std::to_string(sealed_end));
        }
        if (is_newest) {  // a crash between trailer and cut leaves zeros; finish what was begun
            if (const int fault = files_.truncate(descriptor, sealed_end); fault != 0) {
                return file_error("cutting", name, fault);
            }
            if (const int fault = files_.sync(descriptor); fault != 0) {
                return file_error("syncing", name, fault);
            }
        }
        return {};
    }

    Result<void> take_open(SegmentScan& scan, int descriptor, const fs::path& path) {
        if (scan.tail == Tail::corrupt) {
            return corrupt(path.string() + " is damaged at offset " + std::to_string(scan.records_end) +
                           ", entry " + std::to_string(scan.next_index) + ": " + scan.reason);
        }
        if (auto covered = check_rolled_back(); !covered) {
            return covered;  // before anything is cut
        }
        if (scan.tail == Tail::torn) {
            if (auto mended = quarantine(scan, descriptor, path); !mended) {
                return mended;
            }
        }
        Result<SegmentFile> segment = SegmentFile::resume(files_, path, scan, allocate_step_);
        if (!segment) {
            return segment.error();
        }
        restored_.segment = std::move(*segment);
        return {};
    }

    /// Keeps a copy of the torn bytes, then overwrites them with zeros.
    Result<void> quarantine(const SegmentScan& scan, int descriptor, const fs::path& path) {
        std::string torn(scan.data_end - scan.records_end, '\0');
        const Result<std::size_t> got =
            FileSource(descriptor).read_at(scan.records_end, torn.data(), torn.size());
        if (!got) {
            return got.error();
        }
        torn.resize(*got);
        const std::string hash = sha256_hex(torn);
        const fs::path folder = dir_ / "quarantine";
        std::error_code fault;
        fs::create_directories(folder, fault);
        if (fault) {
            return file_error("creating", folder, fault.value());
        }
        const fs::path copy = folder / (path.stem().string() + "-" + std::to_string(scan.records_end) + "-" +
                                        hash.substr(0, 16));
        bool is_sync_fault = false;
        if (const int error = replace_file(files_, copy, torn, is_sync_fault); error != 0) {
            return file_error("writing", copy, error);
        }
        const std::string zeros(torn.size(), '\0');
        if (const int error = write_all(files_, descriptor, zeros, scan.records_end); error != 0) {
            return file_error("clearing the torn tail of", path, error);
        }
        if (const int error = files_.sync(descriptor); error != 0) {
            return file_error("syncing", path, error);
        }
        restored_.dropped = DroppedTail{.bytes = torn.size(), .sha256 = hash};
        return {};
    }

    /// A newest segment that never got a header or a record is put aside; a new one will be made.
    Result<void> judge_broken_header(const ByteSource& source, const fs::path& path, bool is_newest,
                                     const Error& why) {
        const Result<bool> holds = holds_any_record(source);
        if (!holds) {
            return holds.error();
        }
        if (!is_newest || *holds) {
            return corrupt(path.string() + ": " + why.message);
        }
        const fs::path folder = dir_ / "quarantine";
        std::error_code fault;
        fs::create_directories(folder, fault);
        if (fault) {
            return file_error("creating", folder, fault.value());
        }
        if (const int error = files_.rename(path, folder / (path.filename().string() + "-header"));
            error != 0) {
            return file_error("putting aside", path, error);
        }
        for (const fs::path& changed : {folder, path.parent_path()}) {
            if (const int error = sync_directory(files_, changed); error != 0) {
                return file_error("syncing", changed, error);
            }
        }
        return {};
    }

    Result<void> read_checkpoint() {
        const fs::path path = dir_ / "checkpoint";
        const Result<std::string> note = read_file(path, note_bytes_max);
        if (!note) {
            return note.error().code == Errc::not_found ? Result<void>() : Result<void>(note.error());
        }
        Result<SignedCheckpoint> checkpoint = verify_checkpoint(*note, std::span(&key_, 1));
        if (!checkpoint) {
            return corrupt(path.string() + ": " + checkpoint.error().message);
        }
        if (checkpoint->checkpoint.origin != key_.name) {
            return corrupt(path.string() + " is of the log " + checkpoint->checkpoint.origin);
        }
        restored_.checkpoint = std::move(*checkpoint);
        return {};
    }

    Result<void> check_rolled_back() {
        if (!restored_.checkpoint) {
            if (auto read = read_checkpoint(); !read) {
                return read;
            }
        }
        if (restored_.checkpoint && restored_.index->size() < restored_.checkpoint->checkpoint.size) {
            return Error{
                Errc::corrupt,
                "rolled_back: " + dir_.string() + " holds " + std::to_string(restored_.index->size()) +
                    " entries, but its checkpoint was signed at " +
                    std::to_string(restored_.checkpoint->checkpoint.size) +
                    "; entries that were acknowledged are gone. Restore the directory from its archive",
                ""};
        }
        return {};
    }

    Result<void> compare_checkpoint() {
        if (auto covered = check_rolled_back(); !covered) {
            return covered;
        }
        if (!restored_.checkpoint) {
            return {};
        }
        const Checkpoint& checkpoint = restored_.checkpoint->checkpoint;
        if (*restored_.index->root_at(checkpoint.size) != checkpoint.root) {
            return corrupt(dir_.string() + " does not have the root that its checkpoint of size " +
                           std::to_string(checkpoint.size) + " was signed for");
        }
        return {};
    }

    FileOps& files_;
    const fs::path& dir_;
    const VerifierKey& key_;
    std::uint64_t allocate_step_;
    Restored restored_;
};

}  // namespace

Result<std::vector<std::uint64_t>> list_segments(const fs::path& dir) {
    std::vector<std::uint64_t> segments;
    std::error_code fault;
    for (fs::directory_iterator at(dir / "seg", fault), end; !fault && at != end; at.increment(fault)) {
        if (const Result<std::uint64_t> first_index = parse_segment_name(at->path().filename().string())) {
            segments.push_back(*first_index);
        }
    }
    if (fault) {
        return file_error("listing", dir / "seg", fault.value());
    }
    std::ranges::sort(segments);
    return segments;
}

Result<Restored> restore(FileOps& files, const fs::path& dir, const VerifierKey& key,
                         std::uint64_t allocate_step) {
    Restorer restorer(files, dir, key, allocate_step);
    return restorer.run();
}

}  // namespace headroom::audit
