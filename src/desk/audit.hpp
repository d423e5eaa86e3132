#pragma once

#include "agents/journal.hpp"
#include "core/async.hpp"
#include "core/reflect.hpp"
#include "desk/page.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct CheckpointAnswer {
    std::string origin = {};
    std::int64_t size = 0;
    std::string root = {};
    std::string note = {};
    std::string verifier_key = {};
};

struct InclusionAnswer {
    std::int64_t index = 0;
    std::int64_t size = 0;
    std::string leaf_hash = {};
    std::vector<std::string> hashes = {};
};

struct ConsistencyAnswer {
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::vector<std::string> hashes = {};
};

/// The audit log for readers with questions: entries, checkpoints and proofs. Waits for the disk off the io
/// thread.
class AuditDesk {
  public:
    AuditDesk(agents::Journal& journal, Worker& worker) : log_(journal.log()), worker_(worker) {}

    /// A signed checkpoint of everything durable. Errors: `unavailable`.
    Awaitable<Result<CheckpointAnswer>> checkpoint();
    /// Entries from number `from` on, or from the cursor's place, members as in the leaf. Errors: as
    /// `audit::Log::read`, `invalid` for a cursor that is none.
    Awaitable<Result<Page<json::Object>>> entries(std::uint64_t from, PageRequest page);
    /// Errors: `not_found` for a size that the log does not have, `invalid` for an index not below it.
    Awaitable<Result<InclusionAnswer>> inclusion(std::uint64_t index, std::optional<std::uint64_t> size);
    Awaitable<Result<ConsistencyAnswer>> consistency(std::uint64_t from, std::optional<std::uint64_t> to);

  private:
    audit::Log& log_;
    Worker& worker_;
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::CheckpointAnswer> {
    using T = desk::CheckpointAnswer;
    static constexpr std::string_view name = "Checkpoint";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("origin", &T::origin, "Name of the log.",
                          {.example = R"("headroom.example/control-room/audit-1")"}),
                    field("size", &T::size, "Entries that it covers."),
                    field("root", &T::root, "Root of the tree, hexadecimal."),
                    field("note", &T::note, "The signed note (C2SP tlog-checkpoint)."),
                    field("verifier_key", &T::verifier_key, "Public key that signed it (C2SP signed-note)."));
};

template <>
struct Fields<desk::InclusionAnswer> {
    using T = desk::InclusionAnswer;
    static constexpr std::string_view name = "InclusionProof";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("index", &T::index, "The entry."),
        field("size", &T::size, "The tree that it is proven to be in."),
        field("leaf_hash", &T::leaf_hash, "SHA-256(0x00 || leaf), hexadecimal."),
        field("hashes", &T::hashes, "RFC 6962 audit path, nearest to the leaf first, hexadecimal."));
};

template <>
struct Fields<desk::ConsistencyAnswer> {
    using T = desk::ConsistencyAnswer;
    static constexpr std::string_view name = "ConsistencyProof";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("from", &T::from, "The older size."), field("to", &T::to, "The newer size."),
                    field("hashes", &T::hashes, "RFC 6962 consistency proof, hexadecimal."));
};

}  // namespace headroom
