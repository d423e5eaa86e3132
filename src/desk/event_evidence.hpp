#pragma once

#include "agents/journal.hpp"
#include "audit/entry.hpp"
#include "core/async.hpp"
#include "desk/replay_event.hpp"
#include "store/records.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace headroom::desk {

/// One entry of an event as the pages need it: without the states that it carries along and with what stood
/// in blobs; `text` is its sentence.
struct EvidenceEntry {
    audit::Entry entry;
    std::string text;
};

/// What the log and the store know of one event.
struct EventEvidence {
    std::vector<std::shared_ptr<const EvidenceEntry>> entries;  ///< in the order of the log
    std::vector<store::Record> contracts;
};

/// Reads events from the audit log, off the io thread. What was read of the events asked for lately is kept,
/// so that a page that asks again costs its new entries only.
class EventReader {
  public:
    /// `worker` is joined before this goes.
    EventReader(agents::Journal& journal, Worker& worker) : journal_(journal), worker_(worker) {}

    Awaitable<Result<EventEvidence>> read(std::string event);
    /// Where what was read is worked on.
    [[nodiscard]] Worker& worker() { return worker_; }
    /// Whole entries, as replays need them.
    Awaitable<Result<std::vector<audit::Entry>>> read_whole(std::string event);
    /// Makes every decision of the event again. Errors: `corrupt`, `unavailable`.
    Awaitable<Result<std::vector<ReplayedDecision>>> replay(std::string event);

  private:
    struct Kept {
        std::string event;
        std::vector<std::shared_ptr<const EvidenceEntry>> entries;
    };
    [[nodiscard]] Result<std::vector<std::shared_ptr<const EvidenceEntry>>> read_entries(
        const std::string& event);
    [[nodiscard]] Result<std::vector<audit::Entry>> read_all(const std::string& event) const;

    agents::Journal& journal_;
    Worker& worker_;
    std::list<Kept> kept_;  // on the worker only; newest use first
};

}  // namespace headroom::desk
