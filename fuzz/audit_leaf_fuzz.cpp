// Reads any bytes as an entry. Holds: the log's own one-pass check and the JSON library agree on what is
// canonical; what is read writes the same bytes again.

#include "audit/entry.hpp"
#include "audit/leaf_check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace headroom;
using namespace headroom::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    // The input as a whole entry.
    const Result<LeafView> view = check_leaf(text);
    const Result<Entry> entry = parse_leaf(text);
    HEADROOM_ASSERT(view.has_value() == entry.has_value());
    if (view) {
        HEADROOM_ASSERT(json::parse_canonical(text).has_value());
        HEADROOM_ASSERT(entry->seq == view->seq && entry->ts == view->ts);
        if (const Result<std::string> leaf = write_leaf(*entry)) {
            HEADROOM_ASSERT(*leaf == text);
        }
    }

    // The input as a body: then canonical JSON is all there is to say about it.
    if (size > 0 && text.front() == '{' && size < 60000) {
        std::string leaf = R"({"actor":{"id":"core","kind":"system"},"body":)";
        leaf.append(text).append(
            R"(,"outcome":"ok","seq":5,"ts":"2026-11-20T16:50:00.000Z","type":"clock.tick","v":1})");
        const bool is_canonical = json::parse_canonical(leaf).has_value();
        const bool is_entry = check_leaf(leaf).has_value();
        HEADROOM_ASSERT(!is_entry || is_canonical);
        // An input may also close the body and go on with members of its own, which only the check of entries
        // refuses.
        HEADROOM_ASSERT(is_entry || !is_canonical || !json::parse_canonical(text).has_value());
    }
    return 0;
}
