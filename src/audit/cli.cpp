#include "audit/cli.hpp"

#include "audit/checkpoint.hpp"
#include "audit/entry.hpp"
#include "audit/files.hpp"
#include "audit/leaf_check.hpp"
#include "audit/restore.hpp"
#include "audit/segment.hpp"
#include "audit/segment_file.hpp"
#include "audit/verify.hpp"

#include <fcntl.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <system_error>

namespace headroom::audit {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t summary_length_max = 160;

int code_of(VerifyCode code) {
    return static_cast<int>(code);
}

int complain(std::ostream& err, VerifyCode code, std::string_view message) {
    err << "headroom audit: " << message << "\n";
    return code_of(code);
}

VerifyCode code_of(const Error& error) {
    switch (error.code) {
        case Errc::denied:
            return VerifyCode::signature;
        case Errc::corrupt:
            return VerifyCode::mismatch;
        case Errc::invalid:
        case Errc::unsupported:
            return VerifyCode::format;
        case Errc::not_found:
        case Errc::conflict:
        case Errc::unavailable:
        case Errc::timeout:
            return VerifyCode::missing;
    }
    return VerifyCode::missing;
}

/// Says what to do when there is no log at all, which is mostly a wrong --data-dir.
Result<void> need_log(const fs::path& folder) {
    std::error_code ignored;
    if (fs::exists(folder / "seg", ignored) || fs::exists(folder / "origin", ignored)) {
        return {};
    }
    return Error{Errc::not_found, "there is no audit log in " + folder.string() +
                                      ". Remedy: name the data directory that holds it with --data-dir"};
}

fs::path audit_folder(const fs::path& dir) {
    std::error_code ignored;
    return !fs::exists(dir / "seg", ignored) && fs::exists(dir / "audit" / "seg", ignored) ? dir / "audit"
                                                                                           : dir;
}

Result<VerifierKey> read_vkey(const fs::path& path) {
    const Result<std::string> text = read_file(path, 4096);
    if (!text) {
        return text.error();
    }
    return parse_vkey(*text);
}

Result<SignedCheckpoint> read_checkpoint(const fs::path& dir) {
    const Result<VerifierKey> key = read_vkey(dir / "vkey");
    if (!key) {
        return key.error();
    }
    const Result<std::string> note = read_file(dir / "checkpoint", note_bytes_max);
    if (!note) {
        return note.error();
    }
    return verify_checkpoint(*note, std::span(&*key, 1));
}

/// Every good record of the log, in order.
Result<void> scan_directory(const fs::path& dir, const std::function<Result<void>(const RecordView&)>& each) {
    const Result<std::vector<std::uint64_t>> segments = list_segments(dir);
    if (!segments) {
        return segments.error();
    }
    std::uint64_t next = 0;
    for (const std::uint64_t first_index : *segments) {
        const std::string name = segment_name(first_index);
        if (first_index != next) {
            return Error{Errc::corrupt, name + " does not follow entry " + std::to_string(next), ""};
        }
        const Result<File> file = open_file(dir / "seg" / name, O_RDONLY);
        if (!file) {
            return file.error();
        }
        const Result<SegmentScan> scan = scan_segment(FileSource(file->descriptor()), each);
        if (!scan) {
            return scan.error();
        }
        if (scan->tail == Tail::corrupt) {
            return Error{Errc::corrupt, name + ": " + scan->reason, ""};
        }
        next = scan->next_index;
    }
    return {};
}

json::Value hash_list(const Proof& proof) {
    json::Array list;
    for (const Hash& hash : proof) {
        list.emplace_back(to_base64(hash));
    }
    return list;
}

/// `der=bess-77 setpoint_w=-180000 …`, cut to a line.
std::string summary(const json::Object& body) {
    std::string line;
    for (const auto& [key, value] : body.members()) {
        if (!line.empty()) {
            line += ' ';
        }
        const std::string* text = value.as_string();
        const bool is_word =
            text != nullptr && !text->empty() && text->find_first_of(" \t\n\"") == std::string::npos;
        line += key + "=" + (is_word ? *text : json::write(value));
    }
    if (line.size() > summary_length_max) {
        std::size_t end = summary_length_max;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) {
            --end;  // not within a character
        }
        line.resize(end);
        line += " …";
    }
    return line;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

void print_line(std::ostream& out, const Entry& entry) {
    out << format_utc(entry.ts) << "  " << padded("#" + std::to_string(entry.seq), 8) << " "
        << padded(entry.type, 24) << " " << padded(entry.actor.id, 16) << " ";
    if (entry.outcome != "ok") {
        out << entry.outcome << ": ";
    }
    out << summary(entry.body) << "\n";
}

void print(std::ostream& out, const json::Value& value) {
    out << json::write_pretty(value);
}

}  // namespace

int run_verify(const VerifyCommand& command, std::ostream& out, std::ostream& err) {
    VerifyRequest request{.dir = audit_folder(command.dir), .keys = {}};
    if (!command.vkey_file.empty()) {
        const Result<VerifierKey> key = read_vkey(command.vkey_file);
        if (!key) {
            return complain(err, VerifyCode::usage, command.vkey_file.string() + ": " + key.error().message);
        }
        request.keys.push_back(*key);
    }
    if (!command.older_file.empty()) {
        Result<std::string> note = read_file(command.older_file, note_bytes_max);
        if (!note) {
            return complain(err, VerifyCode::usage, note.error().message);
        }
        request.older_note = std::move(*note);
    }
    if (const Result<void> log = need_log(request.dir); !log && !command.is_json) {
        return complain(err, VerifyCode::missing, "missing: " + log.error().message);
    }
    const VerifyReport report = verify(request);
    if (command.is_json) {
        print(out, to_json(report));
        return code_of(report.code);
    }
    for (const std::string& warning : report.warnings) {
        err << "note: " << warning << "\n";
    }
    if (report.code != VerifyCode::ok) {
        return complain(err, report.code, std::string(to_string(report.code)) + ": " + report.message);
    }
    out << "ok: " << report.entries << " entries in " << report.segments << " segments of " << report.origin
        << ", " << report.checkpoints << " checkpoints\nroot " << to_base64(report.root) << "\n";
    return code_of(VerifyCode::ok);
}

int run_prove(const fs::path& dir, std::uint64_t seq, bool is_json, std::ostream& out, std::ostream& err) {
    const fs::path folder = audit_folder(dir);
    if (const Result<void> log = need_log(folder); !log) {
        return complain(err, code_of(log.error()), log.error().message);
    }
    const Result<SignedCheckpoint> newest = read_checkpoint(folder);
    if (!newest) {
        return complain(err, code_of(newest.error()), newest.error().message);
    }
    const Checkpoint& checkpoint = newest->checkpoint;
    if (seq >= checkpoint.size) {
        return complain(err, VerifyCode::missing,
                        "the newest checkpoint covers " + std::to_string(checkpoint.size) +
                            " entries, not yet entry " + std::to_string(seq));
    }
    LeafTree tree;
    std::string leaf;
    const Result<void> scanned = scan_directory(folder, [&](const RecordView& record) -> Result<void> {
        if (record.index < checkpoint.size) {
            tree.append(leaf_hash(record.leaf));
        }
        if (record.index == seq) {
            leaf = record.leaf;
        }
        return {};
    });
    if (!scanned) {
        return complain(err, code_of(scanned.error()), scanned.error().message);
    }
    if (tree.size() < checkpoint.size) {
        return complain(err, VerifyCode::missing, "the log holds fewer entries than its checkpoint");
    }
    if (tree.root() != checkpoint.root) {
        return complain(err, VerifyCode::mismatch, "the log does not have the root of its checkpoint");
    }
    const EntryProof proof{
        .index = seq, .hashes = *tree.inclusion(seq, checkpoint.size), .checkpoint_note = newest->note};
    if (!is_json) {
        out << format_entry_proof(proof);
        return code_of(VerifyCode::ok);
    }
    json::Object object;
    object.set("seq", seq)
        .set("leaf", leaf)
        .set("leaf_hash", to_base64(tree.leaf(seq)))
        .set("size", checkpoint.size)
        .set("root", to_base64(checkpoint.root))
        .set("hashes", hash_list(proof.hashes))
        .set("proof", format_entry_proof(proof));
    print(out, std::move(object));
    return code_of(VerifyCode::ok);
}

namespace {

/// The entries that `is_wanted` picks, oldest first.
Result<std::vector<Entry>> read_where(const fs::path& dir,
                                      const std::function<bool(const LeafView&)>& is_wanted) {
    if (const Result<void> log = need_log(audit_folder(dir)); !log) {
        return log.error();
    }
    std::vector<Entry> entries;
    const Result<void> scanned =
        scan_directory(audit_folder(dir), [&](const RecordView& record) -> Result<void> {
            const Result<LeafView> view = check_leaf(record.leaf);
            if (!view) {
                return view.error();
            }
            if (!is_wanted(*view)) {
                return {};
            }
            Result<Entry> entry = parse_leaf(record.leaf);
            if (!entry) {
                return entry.error();
            }
            entries.push_back(std::move(*entry));
            return {};
        });
    if (!scanned) {
        return scanned.error();
    }
    return entries;
}

}  // namespace

Result<std::vector<Entry>> read_type(const fs::path& dir, std::string_view type) {
    return read_where(dir, [type](const LeafView& view) { return view.type == type; });
}

Result<std::vector<Entry>> read_event(const fs::path& dir, const std::string& event) {
    Result<std::vector<Entry>> entries =
        read_where(dir, [&event](const LeafView& view) { return view.corr == event; });
    if (!entries) {
        return entries;
    }
    if (entries->empty()) {
        return Error{Errc::not_found, "the log holds no entry of event " + event};
    }
    return entries;
}

int run_export(const fs::path& dir, std::ostream& out, std::ostream& err) {
    if (const Result<void> log = need_log(audit_folder(dir)); !log) {
        return complain(err, code_of(log.error()), log.error().message);
    }
    const Result<void> scanned =
        scan_directory(audit_folder(dir), [&](const RecordView& record) -> Result<void> {
            // The leaf is canonical JSON: it is its own line.
            out << record.leaf << '\n';
            return {};
        });
    return scanned ? code_of(VerifyCode::ok)
                   : complain(err, code_of(scanned.error()), scanned.error().message);
}

int run_show(const fs::path& dir, const std::string& event, bool is_json, std::ostream& out,
             std::ostream& err) {
    const Result<std::vector<Entry>> entries = read_event(dir, event);
    if (!entries) {
        return complain(err, code_of(entries.error()), entries.error().message);
    }
    if (is_json) {
        json::Array list;
        for (const Entry& entry : *entries) {
            list.emplace_back(to_json(entry));
        }
        print(out, std::move(list));
        return code_of(VerifyCode::ok);
    }
    for (const Entry& entry : *entries) {
        print_line(out, entry);
    }
    return code_of(VerifyCode::ok);
}

int run_checkpoint(const fs::path& dir, bool is_json, std::ostream& out, std::ostream& err) {
    if (const Result<void> log = need_log(audit_folder(dir)); !log) {
        return complain(err, code_of(log.error()), log.error().message);
    }
    const Result<SignedCheckpoint> newest = read_checkpoint(audit_folder(dir));
    if (!newest) {
        return complain(err, code_of(newest.error()), newest.error().message);
    }
    if (!is_json) {
        out << newest->note;
        return code_of(VerifyCode::ok);
    }
    json::Object object;
    object.set("origin", newest->checkpoint.origin)
        .set("size", newest->checkpoint.size)
        .set("root", to_base64(newest->checkpoint.root))
        .set("note", newest->note);
    print(out, std::move(object));
    return code_of(VerifyCode::ok);
}

}  // namespace headroom::audit
