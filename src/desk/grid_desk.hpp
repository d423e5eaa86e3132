#pragma once

#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/reflect.hpp"
#include "desk/parts.hpp"
#include "grid/network_change.hpp"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// What a reading of the grid file would change, or has changed.
struct GridChangeAnswer {
    std::string source;
    std::string sha256;
    bool applied = false;
    std::int64_t substations = 0;
    std::int64_t feeders = 0;
    std::int64_t ders = 0;
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<std::string> changed;
    std::vector<std::string> limits_changed;
};

/// Why `to` cannot take the place of the network now: an event that is not over needs an element that it
/// lacks. Errors: `conflict`.
[[nodiscard]] Result<void> check_needed(const agents::FlexOrchestration& orchestration,
                                        const grid::Network& to);

/// The grid file read again while the room runs: feeders, resources and limits appear, change and go; what is
/// known of the others stays. The file is the truth: the next start reads the same.
class GridDesk {
  public:
    /// `worker` reads the file. Both outlive this.
    GridDesk(const Parts& parts, Worker& worker) : parts_(parts), worker_(worker) {}

    /// What a reload would do. Errors: `unavailable` when this room's grid is from no file or the file cannot
    /// be read, `invalid` for a file with faults, `conflict` when an open event needs what would go.
    Awaitable<Result<GridChangeAnswer>> preview();
    /// Written down (`config.change`, the file as a blob), then in force. A file that changes nothing writes
    /// nothing. Errors: as above; `conflict` also while another reload is on its way.
    Awaitable<Result<GridChangeAnswer>> reload(Caller caller);

  private:
    Awaitable<Result<GridFile>> read() const;
    Awaitable<Result<GridChangeAnswer>> take_over(Caller caller);

    const Parts& parts_;
    Worker& worker_;
    bool is_reloading_ = false;
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::GridChangeAnswer> {
    using T = desk::GridChangeAnswer;
    static constexpr std::string_view name = "GridChange";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("source", &T::source, "Name of the grid file.", {.example = R"("grid.csv")"}),
                    field("sha256", &T::sha256, "Of the file as it was read."),
                    field("applied", &T::applied, "In force now; false for a dry run."),
                    field("substations", &T::substations, "In the file."),
                    field("feeders", &T::feeders, "In the file."), field("ders", &T::ders, "In the file."),
                    field("added", &T::added, "Ids that are new.", {.example = R"(["F-0131"])"}),
                    field("removed", &T::removed, "Ids that go."),
                    field("changed", &T::changed, "Ids with another place, rating or ability."),
                    field("limits_changed", &T::limits_changed, "Assets in both whose limits differ."));
};

}  // namespace headroom
