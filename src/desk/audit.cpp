#include "desk/audit.hpp"

#include "core/digest.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace headroom::desk {
namespace {

std::vector<std::string> hex_of(const audit::Proof& proof) {
    std::vector<std::string> out;
    out.reserve(proof.size());
    for (const audit::Hash& hash : proof) {
        out.push_back(to_hex(hash));
    }
    return out;
}

std::int64_t signed_of(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

}  // namespace

Awaitable<Result<CheckpointAnswer>> AuditDesk::checkpoint() {
    auto job = [this]() -> Result<CheckpointAnswer> {
        const Result<audit::SignedCheckpoint> made = log_.checkpoint();
        if (!made) {
            return made.error();
        }
        return CheckpointAnswer{.origin = made->checkpoint.origin,
                                .size = signed_of(made->checkpoint.size),
                                .root = to_hex(made->checkpoint.root),
                                .note = made->note,
                                .verifier_key = audit::format_vkey(log_.verifier_key())};
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<Page<json::Object>>> AuditDesk::entries(std::uint64_t from, PageRequest request) {
    if (!request.cursor.empty()) {
        const char* const end = request.cursor.data() + request.cursor.size();
        const auto [read, fault] = std::from_chars(request.cursor.data(), end, from);
        if (fault != std::errc{} || read != end) {
            co_return bad_cursor();
        }
    }
    auto job = [this, from, limit = request.limit]() -> Result<Page<json::Object>> {
        const std::uint64_t size = log_.durable_size();
        Page<json::Object> page;
        std::uint64_t seq = from;
        for (; seq < size && page.items.size() < limit; ++seq) {
            const Result<audit::Entry> entry = log_.read(seq);
            if (!entry) {
                return entry.error();
            }
            json::Object leaf = audit::to_json(*entry);
            leaf.set("v", std::int64_t{1});  // whole as hashed, so that a reader can check it
            page.items.push_back(std::move(leaf));
        }
        if (seq < size) {
            page.next = std::to_string(seq);
        }
        return page;
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<InclusionAnswer>> AuditDesk::inclusion(std::uint64_t index,
                                                        std::optional<std::uint64_t> size) {
    auto job = [this, index, size]() -> Result<InclusionAnswer> {
        const std::uint64_t tree = size.value_or(log_.durable_size());
        const Result<audit::Proof> proof = log_.inclusion(index, tree);
        const Result<std::string> leaf = proof ? log_.read_leaf(index) : Result<std::string>(proof.error());
        if (!leaf) {
            Error error = leaf.error();
            error.pointer = error.code == Errc::not_found ? "/size" : "/index";
            return error;
        }
        return InclusionAnswer{.index = signed_of(index),
                               .size = signed_of(tree),
                               .leaf_hash = to_hex(audit::leaf_hash(*leaf)),
                               .hashes = hex_of(*proof)};
    };
    co_return co_await worker_.run(std::move(job));
}

Awaitable<Result<ConsistencyAnswer>> AuditDesk::consistency(std::uint64_t from,
                                                            std::optional<std::uint64_t> to) {
    auto job = [this, from, to]() -> Result<ConsistencyAnswer> {
        const std::uint64_t newer = to.value_or(log_.durable_size());
        const Result<audit::Proof> proof = log_.consistency(from, newer);
        if (!proof) {
            Error error = proof.error();
            error.pointer = error.code == Errc::not_found ? "/to" : "/from";
            return error;
        }
        return ConsistencyAnswer{.from = signed_of(from), .to = signed_of(newer), .hashes = hex_of(*proof)};
    };
    co_return co_await worker_.run(std::move(job));
}

}  // namespace headroom::desk
