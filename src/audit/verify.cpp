#include "audit/verify.hpp"

#include "audit/checkpoint.hpp"
#include "audit/files.hpp"
#include "audit/leaf_check.hpp"
#include "audit/restore.hpp"
#include "audit/segment.hpp"
#include "audit/segment_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <system_error>

namespace headroom::audit {

namespace {

namespace fs = std::filesystem;

/// A root that the log must have had at some size.
struct ExpectedRoot {
    Checkpoint checkpoint;
    std::string from;  ///< file, for the message
    bool is_older = false;
};

class Verification {
  public:
    explicit Verification(const VerifyRequest& request) : request_(request) {}

    VerifyReport run() {
        if (read_identity() && collect_checkpoints() && read_segments() && check_all_reached()) {
            report_.code = VerifyCode::ok;
        }
        report_.entries = tree_.size();
        report_.root = tree_.root();
        return std::move(report_);
    }

  private:
    bool fail(VerifyCode code, std::string message) {
        report_.code = code;
        report_.message = std::move(message);
        return false;
    }

    bool fail_at(VerifyCode code, std::uint64_t offset, std::string message) {
        report_.segment = segment_;
        report_.offset = offset;
        report_.index = tree_.size();
        return fail(code, segment_ + " at offset " + std::to_string(offset) + ", entry " +
                              std::to_string(tree_.size()) + ": " + message);
    }

    bool fail_reading(const Error& error) {
        return fail(error.code == Errc::invalid ? VerifyCode::format : VerifyCode::missing, error.message);
    }

    bool read_identity() {
        const Result<std::string> origin = read_file(request_.dir / "origin", 4096);
        if (!origin) {
            return fail_reading(origin.error());
        }
        report_.origin = origin->substr(0, origin->find('\n'));
        if (!is_key_name(report_.origin) || *origin != report_.origin + "\n") {
            return fail(VerifyCode::format, "the file origin does not hold one line with a key name");
        }
        keys_ = request_.keys;
        if (keys_.empty()) {
            const Result<std::string> text = read_file(request_.dir / "vkey", 4096);
            if (!text) {
                return fail_reading(text.error());
            }
            const Result<VerifierKey> key = parse_vkey(*text);
            if (!key) {
                return fail(VerifyCode::format, "the file vkey: " + key.error().message);
            }
            keys_.push_back(*key);
            report_.warnings.emplace_back(
                "checked with the key that lies beside the log; give a key from elsewhere to rule out a "
                "forged log");
        }
        return true;
    }

    bool add_checkpoint(std::string_view note, const std::string& from, bool is_older) {
        const Result<SignedCheckpoint> checked = verify_checkpoint(note, keys_);
        if (!checked) {
            const bool is_signature = checked.error().code == Errc::denied;
            return fail(is_signature ? VerifyCode::signature : VerifyCode::format,
                        from + ": " + checked.error().message);
        }
        const Checkpoint& checkpoint = checked->checkpoint;
        if (checkpoint.origin != report_.origin) {
            return fail(is_older ? VerifyCode::inconsistent : VerifyCode::mismatch,
                        from + " is of the log " + checkpoint.origin + ", not " + report_.origin);
        }
        expected_.push_back({.checkpoint = checkpoint, .from = from, .is_older = is_older});
        return true;
    }

    // Before the segments are read, so that a writer cannot sign meanwhile what is not read any more.
    bool collect_checkpoints() {
        const Result<std::string> newest = read_file(request_.dir / "checkpoint", note_bytes_max);
        if (newest) {
            if (!add_checkpoint(*newest, "checkpoint", false)) {
                return false;
            }
        } else if (newest.error().code == Errc::not_found) {
            report_.warnings.emplace_back(
                "there is no signed checkpoint, so a cut at the end cannot be seen");
        } else {
            return fail_reading(newest.error());
        }
        if (request_.older_note && !add_checkpoint(*request_.older_note, "the older checkpoint", true)) {
            return false;
        }
        if (!collect_given()) {
            return false;
        }
        std::ranges::stable_sort(expected_, {}, [](const ExpectedRoot& e) { return e.checkpoint.size; });
        return true;
    }

    bool collect_given() {
        std::error_code fault;
        const fs::path folder = request_.dir / "checkpoints";
        for (fs::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault)) {
            const std::string name = at->path().filename().string();
            const Result<std::uint64_t> size = parse_segment_name(name + ".seg");
            if (!size) {
                continue;  // tokens and the like lie here too
            }
            const Result<std::string> note = read_file(at->path(), note_bytes_max);
            if (!note) {
                return fail_reading(note.error());
            }
            if (!add_checkpoint(*note, "checkpoints/" + name, false)) {
                return false;
            }
            if (expected_.back().checkpoint.size != *size) {
                return fail(VerifyCode::mismatch, "checkpoints/" + name + " is of size " +
                                                      std::to_string(expected_.back().checkpoint.size));
            }
        }
        return true;
    }

    /// Compares the roots that are expected at the present size.
    bool compare_roots() {
        while (next_expected_ < expected_.size() &&
               expected_[next_expected_].checkpoint.size == tree_.size()) {
            const ExpectedRoot& expected = expected_[next_expected_];
            if (expected.checkpoint.root != tree_.root()) {
                report_.index = tree_.size();
                return fail(expected.is_older ? VerifyCode::inconsistent : VerifyCode::mismatch,
                            expected.from + " commits to the root " + to_hex(expected.checkpoint.root) +
                                " of size " + std::to_string(tree_.size()) + ", the log has " +
                                to_hex(tree_.root()));
            }
            ++next_expected_;
            ++report_.checkpoints;
        }
        return true;
    }

    bool take(const RecordView& record) {
        const Result<LeafView> leaf = check_leaf(record.leaf);
        if (!leaf) {
            return fail_at(VerifyCode::format, record.offset, leaf.error().message);
        }
        if (leaf->seq != record.index) {
            return fail_at(VerifyCode::mismatch, record.offset,
                           "the entry calls itself number " + std::to_string(leaf->seq));
        }
        if (record.position != 0 && record.position != previous_position_ + 1) {
            return fail_at(VerifyCode::format, record.offset,
                           "its place in the batch is " + std::to_string(record.position) + " after " +
                               std::to_string(previous_position_));
        }
        previous_position_ = record.position;
        if (tree_.size() > 0 && leaf->ts < previous_ts_ - clock_tolerance && leaf->type != "clock.step") {
            return fail_at(VerifyCode::format, record.offset,
                           "its time " + format_utc(leaf->ts) +
                               " is more than 5 s before that of the entry before, " +
                               format_utc(previous_ts_) + ", and no clock.step says so");
        }
        previous_ts_ = leaf->ts;
        tree_.append(leaf_hash(record.leaf));
        return compare_roots();
    }

    bool read_segments() {
        const Result<std::vector<std::uint64_t>> segments = list_segments(request_.dir);
        if (!segments) {
            return fail_reading(segments.error());
        }
        if (segments->empty()) {
            return fail(VerifyCode::missing, "there is no segment in " + (request_.dir / "seg").string());
        }
        if (!compare_roots()) {
            return false;
        }
        for (const std::uint64_t first_index : *segments) {
            if (!read_segment(first_index, first_index == segments->back())) {
                return false;
            }
            ++report_.segments;
        }
        return true;
    }

    bool read_segment(std::uint64_t first_index, bool is_newest) {
        segment_ = segment_name(first_index);
        if (first_index != tree_.size()) {
            const bool is_gap = first_index > tree_.size();
            return fail_at(is_gap ? VerifyCode::missing : VerifyCode::mismatch, 0,
                           is_gap ? "the entries before this segment are missing"
                                  : "the segment begins before the one before it ends");
        }
        const Result<File> file = open_file(request_.dir / "seg" / segment_, O_RDONLY);
        if (!file) {
            return fail_reading(file.error());
        }
        const FileSource source(file->descriptor());
        const Frontier before = tree_;
        previous_position_ = 0;
        const Result<SegmentScan> scan =
            scan_segment(source, [this](const RecordView& record) -> Result<void> {
                return take(record) ? Result<void>() : Error{Errc::corrupt, report_.message, ""};
            });
        if (!scan && scan.error().code == Errc::invalid) {
            return fail_at(VerifyCode::format, 0, scan.error().message);
        }
        if (!scan) {
            return report_.code == VerifyCode::ok
                       ? fail(VerifyCode::missing, segment_ + ": " + scan.error().message)
                       : false;
        }
        if (scan->header.first_index != first_index) {
            return fail_at(VerifyCode::format, 0, "the header's first index is not that of the file's name");
        }
        if (scan->header.before.root() != before.root()) {
            return fail_at(VerifyCode::mismatch, 0, "the start root is not the root of the entries before");
        }
        if (scan->header.log_id != log_id_of(report_.origin)) {
            return fail_at(VerifyCode::mismatch, 0,
                           "the segment belongs to another log than " + report_.origin);
        }
        return scan->tail == Tail::sealed ? check_sealed(*scan) : check_open(*scan, is_newest);
    }

    bool check_sealed(const SegmentScan& scan) {
        const Trailer& trailer = *scan.trailer;
        const auto compare = [&](bool is_equal, const char* what) {
            return is_equal || fail_at(VerifyCode::mismatch, scan.records_end, what);
        };
        report_.is_sealed = true;
        return compare(trailer.end_index == scan.next_index,
                       "the trailer's end index is not that of the records") &&
               compare(trailer.count == scan.next_index - scan.header.first_index,
                       "the trailer's count is not that of the records") &&
               compare(trailer.end_root == tree_.root(), "the trailer's root is not that of the records") &&
               compare(trailer.file_hash == scan.hash.digest(),
                       "the trailer's hash is not that of the file") &&
               (scan.data_end == scan.records_end + trailer_bytes ||
                fail_at(VerifyCode::format, scan.records_end + trailer_bytes, "bytes follow the trailer"));
    }

    bool check_open(const SegmentScan& scan, bool is_newest) {
        report_.is_sealed = false;
        if (scan.tail == Tail::corrupt) {
            return fail_at(VerifyCode::mismatch, scan.records_end, scan.reason);
        }
        if (!is_newest) {
            const bool is_cut = scan.tail == Tail::clean;
            return fail_at(
                is_cut ? VerifyCode::missing : VerifyCode::mismatch, scan.records_end,
                is_cut ? "the segment ends without a trailer, but a newer one follows" : scan.reason);
        }
        if (scan.tail == Tail::torn) {
            torn_at_ = scan.records_end;
            report_.warnings.push_back(segment_ + " ends in " +
                                       std::to_string(scan.data_end - scan.records_end) +
                                       " bytes at offset " + std::to_string(scan.records_end) +
                                       " that are no whole record: " + scan.reason);
        }
        return true;
    }

    bool check_all_reached() {
        if (next_expected_ == expected_.size()) {
            return true;
        }
        const ExpectedRoot& expected = expected_[next_expected_];
        const std::string message = expected.from + " commits to " +
                                    std::to_string(expected.checkpoint.size) + " entries, the log holds " +
                                    std::to_string(tree_.size());
        if (torn_at_) {
            return fail_at(VerifyCode::missing, *torn_at_, message);
        }
        report_.index = tree_.size();
        return fail(VerifyCode::missing, message);
    }

    const VerifyRequest& request_;
    VerifyReport report_;
    std::vector<VerifierKey> keys_;
    std::vector<ExpectedRoot> expected_;
    std::size_t next_expected_ = 0;
    Frontier tree_;
    std::string segment_;
    std::uint16_t previous_position_ = 0;
    UtcTime previous_ts_{};
    std::optional<std::uint64_t> torn_at_;
};

}  // namespace

std::string_view to_string(VerifyCode code) {
    switch (code) {
        case VerifyCode::ok:
            return "ok";
        case VerifyCode::mismatch:
            return "mismatch";
        case VerifyCode::usage:
            return "usage";
        case VerifyCode::signature:
            return "signature";
        case VerifyCode::inconsistent:
            return "inconsistent";
        case VerifyCode::missing:
            return "missing";
        case VerifyCode::format:
            return "format";
    }
    return "";
}

VerifyReport verify(const VerifyRequest& request) {
    Verification verification(request);
    return verification.run();
}

json::Object to_json(const VerifyReport& report) {
    json::Object object;
    object.set("ok", report.code == VerifyCode::ok)
        .set("code", static_cast<int>(report.code))
        .set("result", to_string(report.code))
        .set("origin", report.origin)
        .set("entries", report.entries)
        .set("segments", report.segments)
        .set("sealed", report.is_sealed)
        .set("root", to_base64(report.root))
        .set("checkpoints", report.checkpoints);
    if (report.code != VerifyCode::ok) {
        object.set("message", report.message).set("index", report.index);
    }
    if (!report.segment.empty()) {
        object.set("segment", report.segment).set("offset", report.offset);
    }
    json::Array warnings;
    for (const std::string& warning : report.warnings) {
        warnings.emplace_back(warning);
    }
    return object.set("warnings", std::move(warnings));
}

}  // namespace headroom::audit
