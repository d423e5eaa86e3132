#include "agents/projection.hpp"

#include "core/json.hpp"

#include <map>
#include <utility>

namespace headroom::agents {
namespace {

/// Records being changed by a run of entries: later entries see what earlier ones made.
class Changes {
  public:
    explicit Changes(const RecordReader& read) : read_(read) {}

    void put(store::Record record) { changed_[{record.kind, record.id}] = std::move(record); }
    std::optional<store::Record> get(const std::string& kind, const std::string& id) const {
        const auto found = changed_.find({kind, id});
        return found != changed_.end() ? std::optional(found->second) : read_(kind, id);
    }
    std::vector<store::Record> take() {
        std::vector<store::Record> records;
        records.reserve(changed_.size());
        for (auto& [key, record] : changed_) {
            records.push_back(std::move(record));
        }
        return records;
    }

  private:
    const RecordReader& read_;
    std::map<std::pair<std::string, std::string>, store::Record> changed_;
};

Error lacks(const audit::Entry& entry, std::string_view member) {
    return {
        Errc::corrupt,
        "audit entry " + std::to_string(entry.seq) + " (" + entry.type + ") has no " + std::string(member),
        "/body/" + std::string(member)};
}

std::string text_of(const json::Object& body, std::string_view key, std::string_view otherwise = "") {
    const json::Value* value = body.find(key);
    const std::string* text = value != nullptr ? value->as_string() : nullptr;
    return text != nullptr ? *text : std::string(otherwise);
}

store::Record whole(const audit::Entry& entry, std::string kind, std::string id, std::string state,
                    const json::Value& json) {
    return {.kind = std::move(kind),
            .id = std::move(id),
            .corr = entry.corr,
            .state = std::move(state),
            .json = json::write(json),
            .applied_seq = entry.seq};
}

/// Zero-padded, so that lists by id are lists by time.
std::string alarm_id(std::uint64_t seq) {
    const std::string digits = std::to_string(seq);
    return "alarm-" + std::string(digits.size() < 12 ? 12 - digits.size() : 0, '0') + digits;
}

/// An instruction's record is made by its intent; later entries set its state.
Result<void> set_instruction_state(const audit::Entry& entry, std::string_view state, Changes& changes) {
    const std::string id = text_of(entry.body, "order");
    if (id.empty()) {
        return lacks(entry, "order");
    }
    std::optional<store::Record> record = changes.get("instruction", id);
    if (!record) {
        return {};  // its intent was never durable here: an ack for somebody else's order, kept in the log
                    // only
    }
    if (record->applied_seq > entry.seq) {
        return {};
    }
    Result<json::Value> parsed = json::parse(record->json);
    if (!parsed || parsed->as_object() == nullptr) {
        return Error{Errc::corrupt, "the record of instruction " + id + " is not a JSON object"};
    }
    parsed->as_object()->set("state", std::string(state));
    if (const json::Value* attempt = entry.body.find("attempt")) {
        parsed->as_object()->set("attempt", *attempt);
    }
    record->json = json::write(*parsed);
    record->state = std::string(state);
    record->applied_seq = entry.seq;
    changes.put(std::move(*record));
    return {};
}

/// A plan of the shelf that was used: later entries set what became of it, the first one has the plan.
void put_shelf_use(const audit::Entry& entry, Changes& changes) {
    if (text_of(entry.body, "at").empty()) {
        return;  // of before these records were made
    }
    const std::string id = text_of(entry.body, "element") + "/" + text_of(entry.body, "at");
    json::Object body = entry.body;
    const std::optional<store::Record> before = changes.get("shelf_use", id);
    const Result<json::Value> known = before ? json::parse(before->json) : Result<json::Value>(json::Value());
    const bool has_plan = body.find("plan") != nullptr || body.find("plan_blob") != nullptr;
    for (const char* part : {"plan", "plan_blob"}) {
        const json::Value* kept = known && !has_plan ? known->get(part) : nullptr;
        if (kept != nullptr) {
            body.set(part, *kept);
        }
    }
    changes.put(whole(entry, "shelf_use", id, text_of(body, "carried_out"), json::Value(body)));
}

/// A state that an entry carries: in its body, or read from a blob that the body names.
struct Carried {
    const json::Value* value = nullptr;  ///< null when the entry carries none
    json::Value read = {};
};

/// What stands under `name` in the body, or in the blob that `name`_blob refers to.
Result<void> find_carried(const json::Object& body, const std::string& name, const BlobReader& blob,
                          Carried& carried) {
    carried.value = body.find(name);
    if (carried.value != nullptr) {
        return {};
    }
    const json::Value* reference = body.find(name + "_blob");
    const std::string sha256 = reference != nullptr ? reference->text("/sha256") : std::string();
    if (sha256.empty()) {
        return {};
    }
    const Result<std::string> bytes = blob(sha256);
    if (!bytes) {
        return bytes.error();
    }
    Result<json::Value> parsed = json::parse(*bytes);
    if (!parsed) {
        return parsed.error();
    }
    carried.read = std::move(*parsed);
    carried.value = &carried.read;
    return {};
}

Result<void> apply(const audit::Entry& entry, Changes& changes, const BlobReader& blob) {
    const json::Object& body = entry.body;
    // Entries of the flexibility agent carry the event as it stands after them.
    Carried event;
    Carried contract;
    if (Result<void> found = find_carried(body, "event_after", blob, event); !found) {
        return found;
    }
    if (Result<void> found = find_carried(body, "contract_after", blob, contract); !found) {
        return found;
    }
    if (event.value != nullptr) {
        changes.put(whole(entry, "event", entry.corr, event.value->text("/state"), *event.value));
    }
    if (contract.value != nullptr) {
        changes.put(whole(entry, "contract", contract.value->text("/transaction"),
                          contract.value->text("/state"), *contract.value));
    }
    if (entry.type == "dispatch.order.intent") {
        const std::string id = text_of(body, "order");
        const json::Value* instruction = body.find("instruction");
        if (id.empty() || instruction == nullptr) {
            return lacks(entry, id.empty() ? "order" : "instruction");
        }
        changes.put(whole(entry, "instruction", id, "intent", *instruction));
        return {};
    }
    static const std::map<std::string, std::string_view, std::less<>> instruction_states{
        {"dispatch.order.sent", "sent"},       {"dispatch.order.ack", "acked"},
        {"dispatch.order.nack", "nacked"},     {"dispatch.order.timeout", "timeout"},
        {"dispatch.order.expired", "expired"}, {"dispatch.order.cancel", "cancelled"},
    };
    if (const auto state = instruction_states.find(entry.type); state != instruction_states.end()) {
        return set_instruction_state(entry, state->second, changes);
    }
    if (entry.type == "settlement.record" || entry.type == "settlement.correction") {
        const json::Value* statement = body.find("statement");
        if (statement == nullptr) {
            return lacks(entry, "statement");
        }
        changes.put(whole(entry, "statement", statement->text("/id"), statement->text("/state"), *statement));
        Carried delivered;
        if (Result<void> found = find_carried(body, "delivered", blob, delivered); !found) {
            return found;
        }
        if (delivered.value != nullptr) {
            changes.put(whole(entry, "delivery", entry.corr, statement->text("/state"), *delivered.value));
        }
        return {};
    }
    if (entry.type == "need.settled") {
        Carried delivered;
        if (Result<void> found = find_carried(body, "delivered", blob, delivered); !found) {
            return found;
        }
        if (delivered.value != nullptr) {
            changes.put(whole(entry, "delivery", text_of(body, "transaction"), "settled", *delivered.value));
        }
        return {};
    }
    if (entry.type == "authority.grant" || entry.type == "authority.revoke") {
        const json::Value* envelope = body.find("envelope");
        if (envelope == nullptr) {
            return lacks(entry, "envelope");
        }
        changes.put(whole(entry, "authority", text_of(body, "id"),
                          entry.type == "authority.grant" ? "granted" : "revoked", *envelope));
        return {};
    }
    if (entry.type == "feeder.takeover" || entry.type == "feeder.handback" || entry.type == "state.change") {
        const json::Value* state = body.find("entry");
        if (state == nullptr) {
            return lacks(entry, "entry");
        }
        changes.put(whole(entry, "feeder_state", text_of(body, "element"), text_of(body, "state"), *state));
        return {};
    }
    if (entry.type == "shelf.used") {
        put_shelf_use(entry, changes);
        return {};
    }
    if (entry.type == "stop.all") {
        const json::Value* stopped = body.find("stopped");
        const bool is_stop = stopped != nullptr && stopped->as_bool().value_or(false);
        changes.put(whole(entry, "stop", text_of(body, "area", "everywhere"), is_stop ? "stopped" : "lifted",
                          json::Value(body)));
        return {};
    }
    if (entry.type == "role.change") {
        changes.put(whole(entry, "principal", text_of(body, "kind") + ":" + text_of(body, "principal"),
                          text_of(body, "change") == "removed" ? "removed" : "standing", json::Value(body)));
        return {};
    }
    if (entry.type == "trust.incident.opened" || entry.type == "trust.incident.closed") {
        const json::Value* incident = body.find("incident");
        if (incident == nullptr) {
            return lacks(entry, "incident");
        }
        changes.put(whole(entry, "trust_incident", incident->text("/id"),
                          entry.type == "trust.incident.opened" ? "open" : "closed", *incident));
        return {};
    }
    if (entry.type == "trust.correction.applied" || entry.type == "trust.correction.reverted") {
        const json::Value* correction = body.find("correction");
        if (correction == nullptr) {
            return lacks(entry, "correction");
        }
        changes.put(whole(entry, "trust_correction", correction->text("/id"),
                          entry.type == "trust.correction.applied" ? "applied" : "reverted", *correction));
        return {};
    }
    if (entry.type == "programme.set" || entry.type == "enrolment.set") {
        const std::string kind = entry.type.substr(0, entry.type.find('.'));
        const json::Value* value = body.find(kind);
        if (value == nullptr) {
            return lacks(entry, kind);
        }
        changes.put(whole(entry, kind, text_of(body, "id"), text_of(body, "change"), *value));
        return {};
    }
    if (entry.type == "alarm.raised" || entry.type == "guard.refused") {
        changes.put(
            whole(entry, "alarm", alarm_id(entry.seq), text_of(body, "kind", "guard"), json::Value(body)));
        return {};
    }
    return {};
}

}  // namespace

Result<store::Batch> project(const std::vector<audit::Entry>& entries, const RecordReader& read,
                             const BlobReader& blob) {
    Changes changes(read);
    store::Batch batch;
    for (const audit::Entry& entry : entries) {
        const Result<void> applied = apply(entry, changes, blob);
        if (!applied) {
            return applied.error();
        }
        batch.applied_seq = entry.seq + 1;
    }
    batch.puts = changes.take();
    return batch;
}

Result<std::uint64_t> catch_up(const std::function<Result<audit::Entry>(std::uint64_t)>& entry,
                               std::uint64_t durable_size, store::Records& records, const BlobReader& blob) {
    const Result<std::uint64_t> position = records.applied_seq();
    if (!position) {
        return position.error();
    }
    if (*position > durable_size) {
        return Error{Errc::corrupt, "the record store has applied " + std::to_string(*position) +
                                        " audit entries, but the log holds only " +
                                        std::to_string(durable_size)};
    }
    const RecordReader read = [&records](const std::string& kind,
                                         const std::string& id) -> std::optional<store::Record> {
        Result<store::Record> found = records.get(kind, id);
        return found ? std::optional(std::move(*found)) : std::nullopt;
    };
    constexpr std::uint64_t run_length = 256;
    std::uint64_t applied = 0;
    for (std::uint64_t seq = *position; seq < durable_size;) {
        std::vector<audit::Entry> run;
        for (; seq < durable_size && run.size() < run_length; ++seq) {
            Result<audit::Entry> next = entry(seq);
            if (!next) {
                return next.error();
            }
            run.push_back(std::move(*next));
        }
        applied += run.size();
        const Result<store::Batch> batch = project(run, read, blob);
        if (!batch) {
            return batch.error();
        }
        const Result<void> written = records.write(*batch);
        if (!written) {
            return written.error();
        }
    }
    return applied;
}

}  // namespace headroom::agents
