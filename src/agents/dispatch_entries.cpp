#include "agents/dispatch_entries.hpp"

#include "agents/journal.hpp"
#include "core/digest.hpp"
#include "core/json_object.hpp"

#include <utility>

namespace headroom::agents {

namespace {

json::Object about(const dispatch::Instruction& instruction) {
    return json::object(
        {{"order", instruction.id.value}, {"der", instruction.der}, {"attempt", instruction.attempt}});
}

audit::Draft draft(std::string type, const dispatch::Instruction& instruction, json::Object body,
                   std::string outcome = "ok") {
    audit::Draft made;
    made.type = std::move(type);
    made.actor = system_actor();
    made.body = std::move(body);
    made.corr = instruction.event.value;
    made.caus = instruction.id.value;
    made.outcome = std::move(outcome);
    return made;
}

audit::Actor device_actor(const std::string& der) {
    audit::Actor actor;
    actor.id = der;
    actor.kind = "device";
    return actor;
}

}  // namespace

KeptRules kept_rules(const dispatch::guard::GuardRules& rules) {
    Result<std::string> bytes = json::write_canonical(dispatch::guard::to_json(rules));
    HEADROOM_ASSERT(bytes.has_value());  // whole numbers and names of ours
    json::Object blob = json::object({{"sha256", sha256_hex(*bytes)}, {"size", bytes->size()}});
    return {.name = rules.id + "@" + std::to_string(rules.version),
            .bytes = std::move(*bytes),
            .blob = std::move(blob)};
}

audit::Draft intent_entry(const dispatch::guard::GuardQuestion& question, const KeptRules& rules,
                          const std::string& protocol) {
    const dispatch::Instruction& instruction = question.instruction;
    json::Object body = json::object({{"attempt", instruction.attempt},
                                      {"ack_by", format_utc(instruction.ack_by)},
                                      {"change_w", instruction.change.value},
                                      {"der", instruction.der},
                                      {"expires", format_utc(instruction.expires)},
                                      {"feeder", question.feeder},
                                      {"fence", instruction.fence},
                                      {"guard", dispatch::guard::to_json(question)},
                                      {"guard_rules", rules.name},
                                      {"guard_rules_blob", rules.blob},
                                      {"instruction", dispatch::to_json(instruction)},
                                      {"kind", dispatch::to_string(instruction.kind)},
                                      {"order", instruction.id.value},
                                      {"protocol", protocol},
                                      {"setpoint_w", instruction.value.value},
                                      {"start", format_utc(instruction.start)},
                                      {"transaction", instruction.transaction}});
    audit::Draft made = draft("dispatch.order.intent", instruction, std::move(body));
    made.caus.clear();
    return made;
}

audit::Draft refused_entry(const dispatch::guard::GuardQuestion& question, const KeptRules& rules,
                           const dispatch::guard::GuardAnswer& answer) {
    json::Object body = about(question.instruction);
    body.set("rule", answer.rule);
    body.set("detail", answer.detail);
    body.set("feeder", question.feeder);
    body.set("guard", dispatch::guard::to_json(question));
    body.set("guard_rules", rules.name);
    body.set("guard_rules_blob", rules.blob);
    return draft("guard.refused", question.instruction, std::move(body), "denied");
}

audit::Draft release_entry(const dispatch::Instruction& instruction, const std::string& reason) {
    json::Object body = about(instruction);
    body.set("reason", reason);
    return draft("dispatch.release", instruction, std::move(body));
}

audit::Draft sent_entry(const dispatch::Instruction& instruction, const std::string& protocol) {
    json::Object body = about(instruction);
    body.set("protocol", protocol);
    return draft("dispatch.order.sent", instruction, std::move(body));
}

audit::Draft answer_entry(const dispatch::Instruction& instruction, const dispatch::Ack& ack,
                          std::int64_t latency_us) {
    const bool is_refused = ack.result == dispatch::AckResult::refused;
    json::Object body = about(instruction);
    body.set("accepted", !is_refused);
    body.set("result", dispatch::to_string(ack.result));
    body.set("latency_us", latency_us);
    body.set("device_ts", format_utc(ack.ts));
    if (is_refused) {
        body.set("reason", ack.reason);
    }
    audit::Draft made = draft(is_refused ? "dispatch.order.nack" : "dispatch.order.ack", instruction,
                              std::move(body), is_refused ? "denied" : "ok");
    made.actor = device_actor(instruction.der);
    return made;
}

audit::Draft transport_refused_entry(const dispatch::Instruction& instruction, const std::string& detail) {
    json::Object body = about(instruction);
    body.set("reason", "transport");
    body.set("detail", detail);
    return draft("dispatch.order.nack", instruction, std::move(body), "denied");
}

audit::Draft ended_entry(std::string type, const dispatch::Instruction& instruction,
                         const std::string& detail) {
    json::Object body = about(instruction);
    body.set("detail", detail);
    const bool is_timeout = type == "dispatch.order.timeout";
    return draft(std::move(type), instruction, std::move(body), is_timeout ? "timeout" : "ok");
}

audit::Draft late_entry(const dispatch::Instruction& instruction, const dispatch::Ack& ack) {
    json::Object body = about(instruction);
    body.set("detail", "answered after it had timed out");
    body.set("late_result", dispatch::to_string(ack.result));
    audit::Draft made = draft("dispatch.order.timeout", instruction, std::move(body), "timeout");
    made.actor = device_actor(instruction.der);
    return made;
}

}  // namespace headroom::agents
