#include "desk/grid_desk.hpp"

#include "agents/event_steps.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace headroom::desk {
namespace {

/// Of each list in the log's entry; the blob holds the whole file.
constexpr std::size_t ids_told_max = 50;

json::Array first_of(const std::vector<std::string>& ids) {
    json::Array out;
    for (std::size_t i = 0; i < std::min(ids.size(), ids_told_max); ++i) {
        out.emplace_back(ids[i]);
    }
    return out;
}

GridChangeAnswer answer_of(const GridFile& file, const grid::NetworkChange& change, bool applied) {
    return {.source = file.name,
            .sha256 = file.sha256,
            .applied = applied,
            .substations = static_cast<std::int64_t>(file.network.substations().size()),
            .feeders = static_cast<std::int64_t>(file.network.feeders().size()),
            .ders = static_cast<std::int64_t>(file.network.ders().size()),
            .added = change.added,
            .removed = change.removed,
            .changed = change.changed,
            .limits_changed = change.limits_changed};
}

audit::Draft entry_of(const GridFile& file, const grid::NetworkChange& change, json::Value blob,
                      const Caller& caller) {
    json::Object body{{"subject", "grid"},
                      {"source", file.name},
                      {"blob", std::move(blob)},
                      {"added", first_of(change.added)},
                      {"added_count", static_cast<std::int64_t>(change.added.size())},
                      {"removed", first_of(change.removed)},
                      {"removed_count", static_cast<std::int64_t>(change.removed.size())},
                      {"changed", first_of(change.changed)},
                      {"changed_count", static_cast<std::int64_t>(change.changed.size())},
                      {"limits_changed", first_of(change.limits_changed)},
                      {"limits_changed_count", static_cast<std::int64_t>(change.limits_changed.size())},
                      {"reason", caller.reason}};
    return {.type = "config.change",
            .actor = {.id = caller.id, .kind = caller.kind, .ip = caller.ip},
            .body = std::move(body)};
}

}  // namespace

Result<void> check_needed(const agents::FlexOrchestration& orchestration, const grid::Network& to) {
    std::optional<Error> fault;
    const auto need = [&](const agents::EventRecord& record, const std::string& id) {
        fault =
            Error{Errc::conflict, id + " is not in the file any more and event " + record.id().value +
                                      " still needs it. Remedy: wait until the event is over, or cancel it"};
    };
    orchestration.visit([&](const agents::EventRecord& record) {
        if (fault || agents::is_over(record.state)) {
            return;
        }
        if (to.feeder(record.overload.feeder) == nullptr &&
            to.substation(record.overload.feeder) == nullptr) {
            return need(record, record.overload.feeder);
        }
        for (const agents::Assignment& assignment : record.assignments) {
            if (agents::is_live(assignment) && to.der(assignment.der) == nullptr) {
                return need(record, assignment.der);
            }
        }
    });
    return fault ? Result<void>(std::move(*fault)) : Result<void>{};
}

/// The file, when it could take the place of the network.
Awaitable<Result<GridFile>> GridDesk::read() const {
    if (!parts_.read_grid) {
        co_return Error{Errc::unavailable, "the grid of this control room is simulated: it is from no file"};
    }
    std::function<Result<GridFile>()> job = parts_.read_grid;
    Result<GridFile> file = co_await worker_.run(std::move(job));
    if (!file) {
        co_return file;
    }
    const Result<void> possible = check_needed(parts_.orchestration, file->network);
    if (!possible) {
        co_return possible.error();
    }
    co_return file;
}

Awaitable<Result<GridChangeAnswer>> GridDesk::preview() {
    const Result<GridFile> file = co_await read();
    if (!file) {
        co_return file.error();
    }
    co_return answer_of(*file, grid::change_between(parts_.network, file->network), false);
}

Awaitable<Result<GridChangeAnswer>> GridDesk::reload(Caller caller) {
    if (caller.reason.empty()) {
        co_return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    if (std::exchange(is_reloading_, true)) {
        co_return Error{Errc::conflict, "another reload of the grid is on its way"};
    }
    Result<GridChangeAnswer> answer = co_await take_over(std::move(caller));
    is_reloading_ = false;
    co_return answer;
}

Awaitable<Result<GridChangeAnswer>> GridDesk::take_over(Caller caller) {
    Result<GridFile> file = co_await read();
    if (!file) {
        co_return file.error();
    }
    const grid::NetworkChange change = grid::change_between(parts_.network, file->network);
    GridChangeAnswer answer = answer_of(*file, change, true);
    if (change.empty()) {
        co_return answer;
    }
    Result<json::Value> blob = co_await parts_.journal.put_blob(std::move(file->text));
    if (!blob) {
        co_return blob.error();
    }
    std::vector<audit::Draft> drafts;
    drafts.push_back(entry_of(*file, change, std::move(*blob), caller));
    const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(drafts));
    if (!committed) {
        co_return committed.error();
    }
    // An event that began meanwhile with what has gone leaves that out: agents look elements up by id.
    parts_.adopt_grid(std::move(file->network));
    co_return answer;
}

}  // namespace headroom::desk
