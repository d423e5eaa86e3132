#include "audit/entry.hpp"

#include "audit/leaf_check.hpp"
#include "core/json_write.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace headroom::audit {

namespace {

// Sorted, so that a search can halve. A new type is added here and in docs/formats/audit.md.
constexpr std::array<std::string_view, 75> types{
    "ai.proposal",
    "ai.rejected",
    "alarm.raised",
    "api.denied",
    "archive.failed",
    "archive.uploaded",
    "auth.denied",
    "auth.login",
    "auth.logout",
    "authority.grant",
    "authority.revoke",
    "beckn.received",
    "beckn.sent",
    "clock.step",
    "clock.tick",
    "config.change",
    "constraint.raised",
    "copilot.exchange",
    "dispatch.approve",
    "dispatch.order.ack",
    "dispatch.order.cancel",
    "dispatch.order.expired",
    "dispatch.order.intent",
    "dispatch.order.nack",
    "dispatch.order.sent",
    "dispatch.order.timeout",
    "dispatch.override",
    "dispatch.plan",
    "dispatch.reject",
    "dispatch.release",
    "dispatch.replace",
    "enrolment.set",
    "event.closed",
    "event.state",
    "export.made",
    "feeder.handback",
    "feeder.takeover",
    "forecast.model.promoted",
    "forecast.model.refused",
    "forecast.model.reverted",
    "forecast.published",
    "guard.refused",
    "key.rotate",
    "log.open",
    "log.recovered",
    "log.seal",
    "need.cleared",
    "need.closed",
    "need.published",
    "need.settled",
    "need.withdrawn",
    "order.activated",
    "order.contracted",
    "order.ended",
    "order.judged",
    "programme.set",
    "reservation.made",
    "reservation.released",
    "role.change",
    "rules.cited",
    "scenario.run",
    "settlement.correction",
    "settlement.record",
    "shelf.evidence",
    "shelf.first_command",
    "shelf.plan",
    "shelf.used",
    "state.change",
    "stop.all",
    "telemetry.window",
    "trust.correction.applied",
    "trust.correction.reverted",
    "trust.incident.closed",
    "trust.incident.opened",
    "trust.verdict",
};

constexpr std::array<std::string_view, 17> stopping_types{
    "api.denied",
    "auth.denied",
    "authority.revoke",
    "dispatch.order.ack",
    "dispatch.order.cancel",
    "dispatch.order.expired",
    "dispatch.order.nack",
    "dispatch.order.timeout",
    "dispatch.reject",
    "dispatch.release",
    "event.closed",
    "feeder.takeover",
    "guard.refused",
    "need.withdrawn",
    "order.ended",
    "reservation.released",
    "stop.all",
};

static_assert(std::ranges::is_sorted(types) && std::ranges::is_sorted(stopping_types));

constexpr std::size_t id_bytes_max = 256;
constexpr std::size_t head_reserve = 1024;
constexpr std::size_t reference_bytes_max = 128;
// What append_leaf adds besides the head and the type: 16 digits, ,"ts":"…", ,"type":"…","v":1}
constexpr std::size_t rest_bytes_max = 16 + 7 + 24 + 10 + 8;

Error refuse_member(std::string_view pointer, std::string why) {
    return Error{Errc::invalid, std::move(why), std::string(pointer)};
}

bool is_reference(std::string_view text) {
    return text.size() <= reference_bytes_max &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; });
}

json::Object to_json(const Actor& actor) {
    json::Object object;
    object.set("id", actor.id).set("kind", actor.kind);
    if (actor.epoch) {
        object.set("epoch", *actor.epoch);
    }
    if (!actor.ip.empty()) {
        object.set("ip", actor.ip);
    }
    if (!actor.via.empty()) {
        object.set("via", actor.via);
    }
    return object;
}

Result<void> append_member(std::string& out, std::string_view member, const json::Object& object) {
    Result<void> written = json::append_canonical(out, object);
    if (!written) {
        return Error{Errc::invalid, std::string(member) + ": " + written.error().message,
                     "/" + std::string(member) + written.error().pointer};
    }
    return written;
}

Result<void> check_common(const Draft& draft) {
    if (draft.actor.id.empty() || draft.actor.id.size() > id_bytes_max) {
        return refuse_member(
            "/actor/id", "an entry " + draft.type + " has an actor without id, or of more than 256 bytes");
    }
    constexpr std::array<std::string_view, 5> kinds{"system", "user", "apikey", "device", "peer"};
    if (std::ranges::find(kinds, draft.actor.kind) == kinds.end()) {
        return refuse_member("/actor/kind", "actor kind \"" + draft.actor.kind +
                                                "\" is none of system, user, apikey, device and peer");
    }
    constexpr std::array<std::string_view, 4> outcomes{"ok", "denied", "error", "timeout"};
    if (std::ranges::find(outcomes, draft.outcome) == outcomes.end()) {
        return refuse_member("/outcome",
                             "outcome \"" + draft.outcome + "\" is none of ok, denied, error and timeout");
    }
    if (!is_reference(draft.corr)) {
        return refuse_member("/corr",
                             "corr \"" + draft.corr + "\" is not up to 128 printable ASCII characters");
    }
    if (!is_reference(draft.caus)) {
        return refuse_member("/caus",
                             "caus \"" + draft.caus + "\" is not up to 128 printable ASCII characters");
    }
    return {};
}

/// Everything of the leaf that stands before the number of `seq`.
Result<std::string> write_head(const Draft& draft) {
    if (auto checked = check_common(draft); !checked) {
        return checked.error();
    }
    std::string head;
    head.reserve(head_reserve);
    head.append(R"({"actor":)");
    if (auto actor = append_member(head, "actor", to_json(draft.actor)); !actor) {
        return actor.error();
    }
    head.append(R"(,"body":)");
    if (auto body = append_member(head, "body", draft.body); !body) {
        return body.error();
    }
    if (!draft.caus.empty()) {
        head.append(R"(,"caus":")").append(draft.caus).append(1, '"');
    }
    if (!draft.corr.empty()) {
        head.append(R"(,"corr":")").append(draft.corr).append(1, '"');
    }
    head.append(R"(,"outcome":")").append(draft.outcome).append(R"(","seq":)");
    return head;
}

void append_rest(std::string& out, std::uint64_t seq, std::string_view ts, std::string_view type) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), seq).ptr;
    out.append(digits.begin(), end);
    out.append(R"(,"ts":")").append(ts).append(R"(","type":")").append(type).append(R"(","v":1})");
}

Error too_long(std::string_view type, std::size_t bytes) {
    return refuse_member("",
                         "an entry " + std::string(type) + " would have " + std::to_string(bytes) +
                             " bytes, 65535 are allowed; store the payload as a blob and name its SHA-256");
}

}  // namespace

std::span<const std::string_view> entry_types() {
    return types;
}

bool is_known_type(std::string_view type) {
    return std::ranges::binary_search(types, type);
}

bool is_stopping_type(std::string_view type) {
    return std::ranges::binary_search(stopping_types, type);
}

std::size_t PreparedDraft::leaf_bytes_max() const {
    return head.size() + type.size() + rest_bytes_max;
}

Result<PreparedDraft> prepare(const Draft& draft) {
    const auto type = std::ranges::lower_bound(types, std::string_view(draft.type));
    if (type == types.end() || *type != draft.type) {
        return refuse_member("/type", "entry type \"" + draft.type + "\" is not known");
    }
    Result<std::string> head = write_head(draft);
    if (!head) {
        return head.error();
    }
    PreparedDraft prepared{.head = std::move(*head), .type = *type, .corr = draft.corr};
    if (prepared.leaf_bytes_max() > max_leaf_bytes) {
        return too_long(draft.type, prepared.leaf_bytes_max());
    }
    return prepared;
}

void append_leaf(std::string& out, const PreparedDraft& draft, std::uint64_t seq, std::string_view ts) {
    out.append(draft.head);
    append_rest(out, seq, ts, draft.type);
}

Result<std::string> write_leaf(const Entry& entry) {
    if (!is_reference(entry.type) || entry.type.empty()) {
        return refuse_member("/type", "entry type \"" + entry.type + "\" is not printable ASCII");
    }
    Result<std::string> leaf = write_head({.type = entry.type,
                                           .actor = entry.actor,
                                           .body = entry.body,
                                           .corr = entry.corr,
                                           .caus = entry.caus,
                                           .outcome = entry.outcome});
    if (!leaf) {
        return leaf;
    }
    append_rest(*leaf, entry.seq, format_utc(entry.ts), entry.type);
    if (leaf->size() > max_leaf_bytes) {
        return too_long(entry.type, leaf->size());
    }
    return leaf;
}

Result<Entry> parse_leaf(std::string_view leaf) {
    const Result<LeafView> view = check_leaf(leaf);
    if (!view) {
        return view.error();
    }
    Result<json::Value> value = json::parse(leaf);
    if (!value) {
        return value.error();
    }
    Entry entry;
    entry.seq = view->seq;
    entry.ts = view->ts;
    entry.type = value->text("/type");
    entry.actor.id = value->text("/actor/id");
    entry.actor.kind = value->text("/actor/kind");
    entry.actor.ip = value->text("/actor/ip");
    entry.actor.via = value->text("/actor/via");
    if (const json::Value* epoch = value->at("/actor/epoch")) {
        entry.actor.epoch = epoch->as_int();
    }
    entry.corr = value->text("/corr");
    entry.caus = value->text("/caus");
    entry.outcome = value->text("/outcome");
    json::Object* members = value->as_object();
    HEADROOM_ASSERT(members != nullptr && members->find("body") != nullptr);
    entry.body = std::move(*members->find("body")->as_object());
    return entry;
}

json::Object to_json(const Entry& entry) {
    json::Object object;
    object.set("seq", entry.seq)
        .set("ts", format_utc(entry.ts))
        .set("type", entry.type)
        .set("actor", to_json(entry.actor))
        .set("body", entry.body);
    if (!entry.caus.empty()) {
        object.set("caus", entry.caus);
    }
    if (!entry.corr.empty()) {
        object.set("corr", entry.corr);
    }
    return object.set("outcome", entry.outcome);
}

}  // namespace headroom::audit
