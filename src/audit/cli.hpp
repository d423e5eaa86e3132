#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>
#include "audit/entry.hpp"
#include "core/result.hpp"

namespace headroom::audit {

// The verbs of `headroom audit`. Each takes `<data>` or `<data>/audit`, works beside a running server, never
// writes, prints its answer to `out` and what is wrong to `err`, and answers the process's exit code (see
// `VerifyCode`).

struct VerifyCommand {
    std::filesystem::path dir;
    std::filesystem::path vkey_file;   ///< empty: the log's own
    std::filesystem::path older_file;  ///< a checkpoint that was kept elsewhere; empty: none
    bool is_json = false;
};

/// `headroom audit verify`
[[nodiscard]] int run_verify(const VerifyCommand& command, std::ostream& out, std::ostream& err);
/// `headroom audit prove SEQ`: the entry's proof against the newest checkpoint (C2SP tlog-proof); with JSON
/// the entry too.
[[nodiscard]] int run_prove(const std::filesystem::path& dir, std::uint64_t seq, bool is_json,
                            std::ostream& out, std::ostream& err);
/// `headroom audit show EVENT`: the event's entries, oldest first, one line each, or a JSON array.
[[nodiscard]] int run_show(const std::filesystem::path& dir, const std::string& event, bool is_json,
                           std::ostream& out, std::ostream& err);
/// The entries of an event, oldest first. Errors: `not_found` when there are none; `corrupt`, `unavailable`
/// as the scan.
[[nodiscard]] Result<std::vector<Entry>> read_event(const std::filesystem::path& dir,
                                                    const std::string& event);
/// The entries of a type ("scenario.run"), oldest first; empty when there are none. Errors: as above.
[[nodiscard]] Result<std::vector<Entry>> read_type(const std::filesystem::path& dir, std::string_view type);
/// `headroom audit export`: every entry as one line of JSON, oldest first.
[[nodiscard]] int run_export(const std::filesystem::path& dir, std::ostream& out, std::ostream& err);
/// `headroom audit checkpoint`: the newest signed checkpoint.
[[nodiscard]] int run_checkpoint(const std::filesystem::path& dir, bool is_json, std::ostream& out,
                                 std::ostream& err);

}  // namespace headroom::audit
