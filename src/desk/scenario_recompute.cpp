#include "desk/scenario_recompute.hpp"

#include "scenario/run_input.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::size_t digits_min = 8;
constexpr std::size_t named_max = 5;

std::string input_of(const audit::Entry& entry) {
    return json::Value(entry.body).text("/input_sha256");
}

/// "run-3 (London, heatwave), run-2 (…)": the newest ones.
std::string named(const std::vector<audit::Entry>& entries) {
    std::string text;
    std::size_t count = 0;
    for (auto entry = entries.rbegin(); entry != entries.rend() && count < named_max; ++entry, ++count) {
        const json::Value body(entry->body);
        text += (text.empty() ? "" : ", ") + body.text("/run") + " (" + body.text("/place") + ", " +
                body.text("/event") + ")";
    }
    return text;
}

}  // namespace

Result<const audit::Entry*> find_run(const std::vector<audit::Entry>& entries, std::string_view name) {
    const auto of_id = std::find_if(entries.rbegin(), entries.rend(), [&](const audit::Entry& entry) {
        return json::Value(entry.body).text("/run") == name;
    });
    if (of_id != entries.rend()) {
        return &*of_id;
    }
    const audit::Entry* found = nullptr;
    std::set<std::string> inputs;
    if (name.size() >= digits_min) {
        for (const audit::Entry& entry : entries) {
            const std::string input = input_of(entry);
            if (input.starts_with(name)) {
                found = &entry;
                inputs.insert(input);
            }
        }
    }
    if (inputs.size() > 1) {
        return Error{Errc::conflict, std::string(name) + " fits several inputs: give more digits"};
    }
    if (found == nullptr) {
        return Error{Errc::not_found,
                     "the log holds no run " + std::string(name) +
                         (entries.empty() ? ", nor any other" : "; the newest are " + named(entries))};
    }
    return found;
}

Result<RecomputedRun> recompute(const audit::Entry& entry, const BlobReader& blob) {
    const json::Value body(entry.body);
    RecomputedRun out{.seq = entry.seq,
                      .at = entry.ts,
                      .run_id = body.text("/run"),
                      .recorded_sha256 = body.text("/result_sha256"),
                      .recomputed_sha256 = {},
                      .detail = {},
                      .run = nullptr};
    const std::string kept = body.text("/input/sha256");
    if (kept.empty()) {
        return Error{Errc::not_found, "the input of " + out.run_id +
                                          " was too large to be kept: the log holds its hash alone"};
    }
    const auto unreadable = [&](const Error& error) {
        return Error{Errc::corrupt, "the input of " + out.run_id + ": " + error.message};
    };
    const Result<std::string> bytes = blob(kept);
    if (!bytes) {
        return unreadable(bytes.error());
    }
    const Result<json::Value> value = json::parse(*bytes);
    Result<scenario::RunInput> input =
        value ? scenario::run_input_from_json(*value) : Result<scenario::RunInput>(value.error());
    if (!input) {
        return unreadable(input.error());
    }
    Result<MadeRun> made = make_run(std::move(*input), {});
    if (!made) {
        return made.error();
    }
    out.recomputed_sha256 = made->result_sha256;
    const json::Value risks(logged_risks(made->run->result));
    if (made->run->input_sha256 != input_of(entry)) {
        out.detail = "the stored input is not the one that the log names";
    } else if (out.recorded_sha256.empty()) {
        out.same = risks == *body.get("risks");
        out.detail = out.same ? "its risks by level; the log kept no hash of the result yet"
                              : "its risks by level are others";
    } else {
        out.same = out.recorded_sha256 == out.recomputed_sha256;
        out.detail = out.same
                         ? "load, rating and hot spot of every asset in every half-hour, risks and remedies"
                         : "the result has another hash";
    }
    out.run = std::move(made->run);
    return out;
}

}  // namespace headroom::desk
