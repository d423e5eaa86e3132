#pragma once

#include "audit/entry.hpp"
#include "dispatch/guard/guard.hpp"
#include "dispatch/instruction.hpp"

#include <cstdint>
#include <string>

namespace headroom::agents {

// The audit entries of an instruction's life (docs/formats/audit.md). Bodies hold whole numbers and known
// keys only; what is sent twice has two `dispatch.order.sent`.

/// The guard's rules as they are kept for replays: `bytes` in a blob, which entries name by `blob`.
struct KeptRules {
    std::string name;   ///< "guard-default@1"
    std::string bytes;  ///< canonical JSON
    json::Value blob;   ///< {"sha256":…, "size":…}
};
[[nodiscard]] KeptRules kept_rules(const dispatch::guard::GuardRules& rules);

/// `dispatch.order.intent`: the order, the guard's question and the rules it passed, so that the answer can
/// be given again from log and blobs. `instruction.state` is intent.
[[nodiscard]] audit::Draft intent_entry(const dispatch::guard::GuardQuestion& question,
                                        const KeptRules& rules, const std::string& protocol);
/// `guard.refused`, an alarm.
[[nodiscard]] audit::Draft refused_entry(const dispatch::guard::GuardQuestion& question,
                                         const KeptRules& rules, const dispatch::guard::GuardAnswer& answer);
/// `dispatch.release`: a release that is sent although its intent could not be made durable.
[[nodiscard]] audit::Draft release_entry(const dispatch::Instruction& instruction, const std::string& reason);
[[nodiscard]] audit::Draft sent_entry(const dispatch::Instruction& instruction, const std::string& protocol);
/// `dispatch.order.ack` or `dispatch.order.nack`, by the device. `latency_us` is on the steady clock.
[[nodiscard]] audit::Draft answer_entry(const dispatch::Instruction& instruction, const dispatch::Ack& ack,
                                        std::int64_t latency_us);
/// `dispatch.order.nack` by the transport.
[[nodiscard]] audit::Draft transport_refused_entry(const dispatch::Instruction& instruction,
                                                   const std::string& detail);
/// `dispatch.order.timeout`, `dispatch.order.expired`, `dispatch.order.cancel`.
[[nodiscard]] audit::Draft ended_entry(std::string type, const dispatch::Instruction& instruction,
                                       const std::string& detail);
/// An answer that came when the instruction had timed out already: kept as evidence, changes nothing.
[[nodiscard]] audit::Draft late_entry(const dispatch::Instruction& instruction, const dispatch::Ack& ack);

}  // namespace headroom::agents
